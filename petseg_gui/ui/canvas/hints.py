"""One line for the status bar: what the buttons and keys do with the tool in use."""

from __future__ import annotations

from petseg_gui.core.tool_options import ToolOptions

_PAINT = "Drag to {what}, right button to {other}. Shift-click: line; Shift+wheel: size."


def hint_for(tool: str, options: ToolOptions, *, restoring: bool = False) -> str:
    """What a tool does by its buttons and keys.

    Args:
        tool: its name.
        options: some tools do another thing by them.
        restoring: the chosen class is the model's mask.
    """
    chosen = "bring back the model's mask" if restoring else "paint"
    if tool == "brush":
        return _PAINT.format(what=chosen, other="erase" if restoring else "paint the other class")
    if tool == "eraser":
        return _PAINT.format(what="erase", other=chosen)
    if tool == "smart":
        how = "Drag a box round it" if options.smart_box else "Click it, or draw roughly over it"
        return f"{how}; right button or Alt takes away. Enter accepts, Escape drops."
    fill = "bring the model's mask back in it" if restoring else "fill it"
    if tool == "fill":
        kind = "an area of one colour" if options.fill_by_colour else "an area of one class"
        return f"Click {kind} to {fill}; the right button fills with the other class."
    area = {
        "lasso": f"Drag round an area to {fill}; right button: the other class. Escape drops it.",
        "polygon": f"Click point after point round an area to {fill}; right button: the other.",
        "rectangle": f"Drag a rectangle to {fill}, with Shift a square; right button: the other.",
    }
    return area[tool]


POLYGON_HINT = (
    "Click the first point, or Enter, fills. Backspace takes the last point back, Escape all."
)
KEPT_HINT = (
    "Enter accepts, Escape drops. Clicks add, right ones take away; Ctrl+Z takes the last back."
)
PREVIEW_HINT = "This is a preview. Enter applies it, Escape drops it."
