"""The options of the tool in use, and what holds for all tools."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QLabel, QVBoxLayout, QWidget

from model.labels import CLASSES, NAMES
from petseg_gui.core.settings import MAX_BRUSH_DIAMETER, MAX_FILL_TOLERANCE, MIN_BRUSH_DIAMETER
from petseg_gui.core.tool_options import ALL_LABELS, ToolOptions
from petseg_gui.ui.choices import Choice, NamedSlider
from petseg_gui.ui.widgets import keep_keys, quiet, separator, swatch

STEPS = 200
"""Positions of the size slider; each is the same ratio, as the eye sees sizes."""
BRUSHES = ("brush", "eraser")


def diameter_of(position: int) -> float:
    """The brush diameter, in photo pixels, at a slider position 0..STEPS."""
    ratio = MAX_BRUSH_DIAMETER / MIN_BRUSH_DIAMETER
    return float(MIN_BRUSH_DIAMETER * ratio ** (position / STEPS))


def position_of(diameter: float) -> int:
    """The slider position nearest to ``diameter`` photo pixels."""
    bounded = min(max(diameter, MIN_BRUSH_DIAMETER), MAX_BRUSH_DIAMETER)
    ratio = MAX_BRUSH_DIAMETER / MIN_BRUSH_DIAMETER
    return round(STEPS * math.log(bounded / MIN_BRUSH_DIAMETER) / math.log(ratio))


class ToolOptionsPanel(QWidget):
    """Shows the options that matter for the tool in use, no others.

    Signals:
        optionsChosen: the new :class:`ToolOptions`, when the user changes one.
        diameterChosen: brush diameter in photo pixels, when the user moves the slider.
    """

    optionsChosen = Signal(object)  # noqa: N815 - Qt's spelling of signals
    diameterChosen = Signal(float)  # noqa: N815

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("toolOptionsPanel")
        self.setAccessibleName("Tool options")
        self._options = ToolOptions()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self._build_brush()
        self._build_fill()
        self._build_smart()
        self._own_line = separator()
        self._layout.addWidget(self._own_line)
        self._build_common()
        self._layout.addStretch(1)
        self.set_options(self._options)
        self.set_tool("brush")
        keep_keys(self)

    # ------------------------------------------------------------------ what is shown

    def set_tool(self, name: str) -> None:
        """Show the options of this tool; one without options of its own shows the common ones."""
        self._brush.setVisible(name in BRUSHES)
        self._fill.setVisible(name == "fill")
        self._smart.setVisible(name == "smart")
        self._own_line.setVisible(name in (*BRUSHES, "fill", "smart"))

    def set_options(self, options: ToolOptions) -> None:
        """Show options that came from elsewhere."""
        self._options = options
        self._shape.choose(int(options.square_brush))
        self._stays.choose(int(options.size_on_screen))
        self._fill_by.choose(int(options.fill_by_colour))
        self._tolerance.setVisible(options.fill_by_colour)
        self._tolerance.show_position(options.fill_tolerance)
        self._tolerance.show_value(str(options.fill_tolerance), f"{options.fill_tolerance} of 255")
        self._select_by.choose(int(options.smart_box))
        for box, on in (
            (self._pressure, options.pressure),
            (self._smart_border, options.smart_border),
            (self._keep_border, options.keep_border),
            *((box, value in options.only_over) for value, box in self._over.items()),
        ):
            with QSignalBlocker(box):
                box.setChecked(on)
        self._over_caption.setText(
            "Paint only over" if options.only_over >= ALL_LABELS else "Painting only over"
        )
        self._over_caption.setProperty("heading", options.only_over < ALL_LABELS)
        self._over_caption.style().polish(self._over_caption)

    def set_diameter(self, diameter: float) -> None:
        """Show a diameter (photo pixels) that came from elsewhere, without choosing it anew."""
        self._size.show_position(position_of(diameter))
        self._show_diameter(diameter)

    # ------------------------------------------------------------------ what the user does

    def _chosen(self, options: ToolOptions) -> None:
        self.set_options(options)
        self.optionsChosen.emit(options)

    def _size_moved(self, position: int) -> None:
        diameter = diameter_of(position)
        self._show_diameter(diameter)
        self.diameterChosen.emit(diameter)

    def _show_diameter(self, diameter: float) -> None:
        self._size.show_value(f"{diameter:.0f} px", f"{diameter:.0f} pixels of the photo")

    def _over_toggled(self, value: int, on: bool) -> None:
        chosen = self._options.only_over | {value} if on else self._options.only_over - {value}
        if chosen & set(self._over):
            self._chosen(replace(self._options, only_over=frozenset(chosen)))
        else:
            # Tools that can change nothing would look broken: the last box stays on.
            self.set_options(self._options)

    # ------------------------------------------------------------------ construction

    def _build_brush(self) -> None:
        self._size = NamedSlider(
            "Size",
            "Brush size",
            "Brush size in pixels of the photo ([ and ], or Shift+wheel over the photo)",
            STEPS,
        )
        self._size.moved.connect(self._size_moved)
        self._shape = Choice(
            "Shape", (("Round", "A round brush"), ("Square", "A square brush, for straight edges"))
        )
        self._shape.chosen.connect(
            lambda which: self._chosen(replace(self._options, square_brush=which == 1))
        )
        self._stays = Choice(
            "Size on",
            (
                ("Photo", "The brush covers as much of the photo at every zoom"),
                ("Screen", "The brush is as large on the screen at every zoom"),
            ),
        )
        self._stays.chosen.connect(
            lambda which: self._chosen(replace(self._options, size_on_screen=which == 1))
        )
        self._pressure = self._switch(
            "Pen pressure sets size",
            "With a pen, the size is what its full pressure gives",
            lambda on: replace(self._options, pressure=on),
        )
        self._brush = _column(self._size, self._shape, self._stays, self._pressure)
        self._layout.addWidget(self._brush)

    def _build_fill(self) -> None:
        self._fill_by = Choice(
            "Fill by",
            (
                ("Class", "Fill what is connected and of one class in the mask"),
                ("Colour", "Fill what is connected and of similar colour in the photo"),
            ),
        )
        self._fill_by.chosen.connect(
            lambda which: self._chosen(replace(self._options, fill_by_colour=which == 1))
        )
        self._tolerance = NamedSlider(
            "Tolerance",
            "Colour tolerance",
            "How far a colour may differ from the one that is clicked",
            MAX_FILL_TOLERANCE,
        )
        self._tolerance.moved.connect(
            lambda value: self._chosen(replace(self._options, fill_tolerance=value))
        )
        self._fill = _column(self._fill_by, self._tolerance)
        self._layout.addWidget(self._fill)

    def _build_smart(self) -> None:
        self._select_by = Choice(
            "Select by",
            (
                ("Stroke", "Click a part, or draw over it roughly"),
                ("Box", "Draw a box around a part"),
            ),
        )
        self._select_by.chosen.connect(
            lambda which: self._chosen(replace(self._options, smart_box=which == 1))
        )
        self._smart_border = self._switch(
            "Decide the border too",
            "Border that a selection of Pet touches becomes Pet, where the photo says so. "
            "Lay the border anew with Ctrl+B",
            lambda on: replace(self._options, smart_border=on),
        )
        self._smart = _column(self._select_by, self._smart_border)
        self._layout.addWidget(self._smart)

    def _build_common(self) -> None:
        self._over_caption: QLabel = quiet("Paint only over")
        self._layout.addWidget(self._over_caption)
        boxes = []
        self._over: dict[int, QCheckBox] = {}
        for label in CLASSES:
            value, name = int(label), NAMES[label]
            box = QCheckBox(name)
            box.setIcon(swatch(label, 12))
            box.setToolTip(f"Tools may change what is {name.lower()} now")
            box.setAccessibleName(f"Paint over {name.lower()}")
            box.toggled.connect(lambda on, value=value: self._over_toggled(value, on))
            self._over[value] = box
            boxes.append(box)
        self._layout.addWidget(_column(*boxes, spacing=3))
        self._layout.addWidget(separator())
        self._keep_border = self._switch(
            "Keep the border",
            "While you paint, the border follows the pet's outline by itself (Shift+B)",
            lambda on: replace(self._options, keep_border=on),
        )
        self._layout.addWidget(self._keep_border)

    def _switch(self, text: str, tip: str, changed: Callable[[bool], ToolOptions]) -> QCheckBox:
        box = QCheckBox(text)
        box.setToolTip(tip)
        box.setAccessibleName(text)
        box.toggled.connect(lambda on: self._chosen(changed(on)))
        return box


def _column(*widgets: QWidget, spacing: int = 6) -> QWidget:
    holder = QWidget()
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for widget in widgets:
        layout.addWidget(widget)
    return holder
