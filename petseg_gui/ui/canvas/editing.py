"""What changes the mask: the document, the tool with its options, and drags.

Nothing here knows the mouse; the canvas hands over touches in photo coordinates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from model.labels import Label, MaskArray
from petseg_gui.core.mask import Rect
from petseg_gui.core.session import EditSession
from petseg_gui.core.tool_options import ToolOptions
from petseg_gui.ui.canvas import hints
from petseg_gui.ui.canvas.brush_size import BrushSize
from petseg_gui.ui.canvas.gesture import Drag
from petseg_gui.ui.canvas.pyramid import PhotoPyramid, PixelArray
from petseg_gui.ui.canvas.surface import PhotoSurface, check_label
from petseg_gui.ui.canvas.tools import (
    BrushTool,
    EraserTool,
    SmartTool,
    Tool,
    ToolContext,
    Touch,
    find_tool,
)

if TYPE_CHECKING:
    from petseg_gui.core.predictions import Prediction

NO_PREDICTION = "No prediction of this photo yet"
NOTHING_TO_PAINT_OVER = "'Paint only over' allows no class: nothing can be painted"
_REACH = 8.0
"""Widget pixels within which a click hits the first corner of a polygon."""


class EditingSurface(PhotoSurface):
    """The photo, its mask, and the tools that change it.

    Signals:
        gestureCommitted(): something that changed the mask has ended: a drag, a fill, a command.
        maskChanged(Rect): the canvas changed the mask inside this rectangle of the photo.
        brushDiameterChanged(float): photo pixels.
        toolChanged(str): another tool is in use.
        hintChanged(str): what buttons and keys do has changed.
        refused(str): a gesture did nothing, and why, in plain words.
        selectionAsked(SmartStroke): the smart tool ended a click, a stroke or a box.
    """

    gestureCommitted = Signal()  # noqa: N815
    maskChanged = Signal(object)  # noqa: N815
    brushDiameterChanged = Signal(float)  # noqa: N815
    toolChanged = Signal(str)  # noqa: N815
    hintChanged = Signal(str)  # noqa: N815
    refused = Signal(str)
    selectionAsked = Signal(object)  # noqa: N815

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session: EditSession | None = None
        self._tool: type[Tool] = BrushTool
        self._options = ToolOptions()
        self._brush = BrushSize()
        self._label = int(Label.PET)
        self._restoring = False
        self._locked = ""
        self._drag: Drag | None = None
        self._last_end: tuple[float, float] | None = None
        self._hint = self._describe()

    # The document

    @property
    def has_document(self) -> bool:
        """Whether a photo is shown."""
        return self._session is not None

    @property
    def photo(self) -> PixelArray | None:
        """The photo on show: uint8 (H, W, 3), RGB, not copied; None when there is none."""
        return None if self._photo is None else self._photo._levels[0]

    def set_document(self, photo: PixelArray | PhotoPyramid, session: EditSession) -> None:
        """Show a photo and edit its mask.

        What is pending on the photo before it is settled first, a drag committed.

        Args:
            photo: uint8 (H, W, 3), RGB, kept and not copied; or a pyramid of it that was
                prepared elsewhere, which spares this thread the work for a large photo.
            session: of the same size.

        Raises:
            ValueError: not a photo, or the sizes differ; what is shown stays.
        """
        pyramid = photo if isinstance(photo, PhotoPyramid) else PhotoPyramid(photo)
        _check_size(pyramid, session)
        self.settle()
        self._session = session
        self._last_end = None
        self._show_photo(pyramid, session.view())
        self._state_changed()

    def set_session(self, session: EditSession) -> None:
        """Edit another mask of the photo that is shown; zoom and place stay.

        A drag is committed to the mask before it.

        Raises:
            ValueError: no photo is shown, or the sizes differ.
        """
        if self._photo is None:
            raise ValueError("there is no photo that this mask could belong to")
        _check_size(self._photo, session)
        self._end_drag()
        self._session = session
        self._show_mask(session.view())
        self._state_changed()

    def clear_document(self) -> None:
        """Show no photo; what is pending is settled."""
        self.settle()
        self._session = None
        self._last_end = None
        self._show_photo(None, self.mask()[:0, :0])
        self._state_changed()

    def refresh(self, rect: Rect | None = None) -> None:
        """Redraw what was changed from elsewhere (undo, redo): this rectangle, or everything."""
        self._mask_changed(rect)

    def set_prediction(self, prediction: Prediction | None) -> None:
        """Give the prediction of the model in use for the photo on show; see the surface."""
        super().set_prediction(prediction)
        self._state_changed()

    # Tools

    @property
    def tool(self) -> str:
        """The name of the tool in use."""
        return self._tool.name

    def set_tool(self, name: str) -> None:
        """Use a tool from the next drag on; what is pending with another one is settled.

        Raises:
            ValueError: there is no such tool.
        """
        tool = find_tool(name)
        if tool is self._tool:
            return
        self.settle()
        self._tool = tool
        self._state_changed()
        self.toolChanged.emit(name)

    @property
    def tool_options(self) -> ToolOptions:
        """The options of the tools."""
        return self._options

    def set_tool_options(self, options: ToolOptions) -> None:
        """Set the options of the tools, from the next gesture on."""
        self._options = options
        self._brush.set_on_screen(options.size_on_screen)
        self._state_changed()

    @property
    def label(self) -> int:
        """The chosen class: 1 pet, 2 background, 3 border."""
        return self._label

    def set_label(self, value: int) -> None:
        """Choose the class to paint, from the next drag on.

        Raises:
            ValueError: ``value`` is not 1, 2 or 3.
        """
        check_label(value)
        self._label = int(value)
        self.set_probability_label(self._label)

    @property
    def restoring(self) -> bool:
        """Whether the model's prediction takes the place of the chosen class."""
        return self._restoring

    def set_restoring(self, restoring: bool) -> None:
        """Paint what the model predicts in place of the chosen class, or that class again."""
        self._restoring = restoring
        self._state_changed()

    @property
    def brush_diameter(self) -> float:
        """Photo pixels."""
        return self._brush.diameter

    def set_brush_diameter(self, photo_pixels: float) -> None:
        """Set the brush's diameter, clamped to 1..2000 photo pixels; at once, even in a drag.

        Raises:
            ValueError: not a number.
        """
        before = self._brush.diameter
        self._brush.set(photo_pixels)
        self._size_changed(before)

    @property
    def hint(self) -> str:
        """What buttons and keys do now, in one line."""
        return self._hint

    # Drags

    def settle(self) -> None:
        """Finish what is under way, because the user turns elsewhere: a drag is committed."""
        self._end_drag()

    @property
    def _can_paint(self) -> bool:
        """Whether the tool in use would change anything by its main button."""
        return self._session is not None and not self._refusal(self._tool(self._context()))

    def set_locked(self, reason: str) -> None:
        """Let nothing change the mask, and say why, in plain words; '' lets it be changed again."""
        self.settle()
        self._locked = reason
        self._state_changed()

    def _refusal(self, tool: Tool) -> str:
        """Why a gesture can do nothing, in plain words; '' if it can."""
        if self._locked:
            return self._locked
        if tool.value is None and self._predicted is None:
            return NO_PREDICTION
        return "" if self._options.only_over else NOTHING_TO_PAINT_OVER

    @property
    def _predicted(self) -> MaskArray | None:
        return None if self.prediction is None else self.prediction.mask

    def _context(self, *, secondary: bool = False, erasing: bool = False) -> ToolContext:
        assert self._session is not None
        assert self.photo is not None
        return ToolContext(
            options=self._options,
            mask=self._session.view(),
            photo=self.photo,
            diameter=self._brush.diameter,
            label=self._label,
            restoring=self._restoring,
            secondary=secondary,
            erasing=erasing,
            reach=_REACH / self._widget_scale,
            last=self._last_end,
        )

    @property
    def _widget_scale(self) -> float:
        """Widget pixels per photo pixel."""
        return self._view.scale / self._view.ratio

    def _begin(self, touch: Touch, *, secondary: bool, erasing: bool) -> None:
        """A button is down on the photo."""
        # The eraser's end of a pen erases, whatever brush is in use.
        tool_type = EraserTool if erasing and self._tool.ring else self._tool
        tool = tool_type(self._context(secondary=secondary, erasing=erasing))
        refusal = self._refusal(tool)
        if refusal:
            self.refused.emit(refusal)
            return
        self._start(tool, touch)

    def _start(self, tool: Tool, touch: Touch) -> None:
        """A tool's gesture begins."""
        assert self._session is not None
        self._drag = Drag(self._session, tool, None if tool.value else self._predicted)
        self._edited(self._drag.press(touch))

    def _go_on(self, touch: Touch) -> None:
        """The pointer moved during a drag."""
        if self._drag is not None:
            self._edited(self._drag.move(touch))

    def _end_drag(self) -> None:
        """Commit the drag in progress, if any: whatever takes the pointer away loses no stroke."""
        if self._drag is None:
            return
        drag, self._drag = self._drag, None
        rects, committed = drag.finish()
        for rect in rects:
            self._edited(rect)
        if isinstance(drag.tool, BrushTool):
            self._last_end = drag.tool.end
        if committed:
            self.gestureCommitted.emit()
        if isinstance(drag.tool, SmartTool):
            self.selectionAsked.emit(drag.tool.asked())

    def _abort_drag(self) -> None:
        if self._drag is not None:
            drag, self._drag = self._drag, None
            self._edited(drag.abort())

    def _edited(self, rect: Rect | None) -> None:
        if rect is not None:
            self._mask_changed(rect)
            self.maskChanged.emit(rect)

    # What follows a change

    def _view_changed(self) -> None:
        super()._view_changed()
        before = self._brush.diameter
        self._brush.follow(self._widget_scale)
        self._size_changed(before)

    def _size_changed(self, before: float) -> None:
        diameter = self._brush.diameter
        if diameter != before:
            if self._drag is not None:
                self._drag.tool.context.diameter = diameter
            self._pointer_changed()
            self.brushDiameterChanged.emit(diameter)

    def _pointer_changed(self) -> None:
        """What is drawn at the pointer may look different now."""

    def _state_changed(self) -> None:
        """Tool, options or document are others: so may be the hint, and what the pointer shows."""
        hint = self._describe()
        if hint != self._hint:
            self._hint = hint
            self.hintChanged.emit(hint)
        self._pointer_changed()

    def _describe(self) -> str:
        return hints.hint_for(self._tool.name, self._options, restoring=self._restoring)


def _check_size(photo: PhotoPyramid, session: EditSession) -> None:
    if photo.shape != session.shape:
        raise ValueError(f"the photo has {photo.shape} rows and columns, its mask {session.shape}")
