"""One drag of a tool on a session: begun, painted, committed or aborted as one undo entry."""

from __future__ import annotations

from petseg_gui.core.mask import Patch, Rect
from petseg_gui.core.session import EditSession
from petseg_gui.ui.canvas.tools import Point, Tool, ToolContext


class Gesture:
    """The drag in progress.

    Args:
        session: the photo being edited; its gesture begins here.
        tool: the kind of tool.
        context: the tool's options; only the diameter may change during the drag.
    """

    def __init__(self, session: EditSession, tool: type[Tool], context: ToolContext) -> None:
        self.context = context
        self._session = session
        self._tool = tool(context)
        session.begin(tool.gesture_name)

    def press(self, point: Point) -> Rect | None:
        """Start at a photo point; returns what changed."""
        return self._paint(self._tool.press(point))

    def move(self, point: Point) -> Rect | None:
        """Go on to a photo point; returns what changed."""
        return self._paint(self._tool.move(point))

    def finish(self) -> tuple[Rect | None, bool]:
        """End it: what the release itself changed, and whether the gesture changed anything."""
        rect = self._paint(self._tool.release())
        return rect, self._session.commit()

    def abort(self) -> Rect | None:
        """Take everything back; returns what changed."""
        return self._session.abort()

    def _paint(self, patch: Patch | None) -> Rect | None:
        return None if patch is None else self._session.paint(patch)
