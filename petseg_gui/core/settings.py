"""What the program remembers between two runs: a small JSON file.

A file that cannot be understood is set aside, and a field that makes no sense gets its
default, alone: settings never keep the program from starting.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from model.files import write_atomically
from model.labels import CLASSES, Label
from petseg_gui.core.tool_options import ALL_LABELS, ToolOptions

MAX_RECENT_FOLDERS = 10
MIN_BRUSH_DIAMETER, MAX_BRUSH_DIAMETER = 1.0, 2000.0
MAX_FILL_TOLERANCE = 255
MOST_MEGAPIXELS = 10_000
"""Nobody's photos are larger, but what damaged files say of theirs."""

Scalar = bool | int | float | str


@dataclass(slots=True)
class Settings:
    """What is remembered.

    Attributes:
        recent_folders: photo folders, the latest first, at most ``MAX_RECENT_FOLDERS``.
        brush_diameter: in photo pixels.
        overlay_opacity: of the mask over the photo, 0 (invisible) to 1.
        hidden_labels: label values that are not shown, of 1, 2 and 3.
        max_megapixels: photos of more are not shown; 0: as the program has it by itself.
        window_geometry: what the window system restores the window from, in hexadecimal digits;
            empty: nothing.
        finetune: the fine-tune panel's choices by name.
        tools: the options of the tools.
    """

    recent_folders: list[str] = field(default_factory=list)
    brush_diameter: float = 40.0
    overlay_opacity: float = 0.5
    # Background is what remains: tinted as well, the photo itself would be nowhere to be seen.
    hidden_labels: list[int] = field(default_factory=lambda: [int(Label.BACKGROUND)])
    max_megapixels: float = 0.0
    window_geometry: str = ""
    finetune: dict[str, Scalar] = field(default_factory=dict)
    tools: ToolOptions = field(default_factory=ToolOptions)

    def add_recent_folder(self, folder: Path) -> None:
        """Put a folder in front of the recent ones."""
        name = str(folder)
        others = [other for other in self.recent_folders if other != name]
        self.recent_folders = [name, *others][:MAX_RECENT_FOLDERS]


def load_settings(path: Path) -> Settings:
    """The settings in a file.

    A missing or unreadable file gives the defaults.  One that is no JSON object is kept as
    ``<name>.bad`` and gives the defaults as well.
    """
    try:
        content = json.loads(path.read_bytes())
    except OSError:
        return Settings()
    except (ValueError, RecursionError):  # no JSON, or no UTF-8
        return _set_aside(path)
    if not isinstance(content, dict):
        return _set_aside(path)
    settings = Settings()
    for name, understand in _FIELDS.items():
        if name in content:
            with suppress(ValueError):
                setattr(settings, name, understand(content[name]))
    return settings


def save_settings(path: Path, settings: Settings) -> None:
    """Write the settings, whole or not at all; the folder is made if need be.

    Raises:
        OSError: they could not be written; the old file is what it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Sets, which JSON does not know, become sorted lists.
    content = json.dumps(asdict(settings), indent=2, default=sorted)
    write_atomically(path, f"{content}\n".encode())


def _set_aside(path: Path) -> Settings:
    with suppress(OSError):
        path.replace(path.with_name(f"{path.name}.bad"))
    return Settings()


def _number(low: float, high: float) -> Callable[[object], float]:
    def understand(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError("not a number")
        if not low <= value <= high:  # not a number, and infinite ones, as well
            raise ValueError(f"not in {low}..{high}")
        return float(value)

    return understand


def _folders(value: object) -> list[str]:
    if not isinstance(value, list):
        raise ValueError("not a list")
    names = [name for name in value if isinstance(name, str) and name]
    return list(dict.fromkeys(names))[:MAX_RECENT_FOLDERS]


def _labels(value: object) -> list[int]:
    if not isinstance(value, list):
        raise ValueError("not a list")
    known = {int(label) for label in CLASSES}
    return sorted({item for item in value if type(item) is int and item in known})


def _hexadecimal(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")
    bytes.fromhex(value)
    return value


def _choices(value: object) -> dict[str, Scalar]:
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return {
        str(name): choice
        for name, choice in value.items()
        if isinstance(choice, bool | int | str)
        or (isinstance(choice, float) and math.isfinite(choice))
    }


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value


def _tolerance(value: object) -> int:
    if type(value) is not int or not 0 <= value <= MAX_FILL_TOLERANCE:
        raise ValueError(f"not in 0..{MAX_FILL_TOLERANCE}")
    return value


def _only_over(value: object) -> frozenset[int]:
    if not isinstance(value, list):
        raise ValueError("not a list")
    known = {item for item in value if type(item) is int and item in ALL_LABELS}
    if not known & {int(label) for label in CLASSES}:
        raise ValueError("tools that change nothing")
    return frozenset(known)


def _tools(value: object) -> ToolOptions:
    if not isinstance(value, dict):
        raise ValueError("not an object")
    understood: dict[str, Any] = {}
    for option in fields(ToolOptions):
        if option.name in value:
            understand = _TOOL_OPTIONS.get(option.name, _switch)
            with suppress(ValueError):
                understood[option.name] = understand(value[option.name])
    return ToolOptions(**understood)


_TOOL_OPTIONS: Mapping[str, Callable[[object], object]] = {
    "fill_tolerance": _tolerance,
    "only_over": _only_over,
}
"""Options that are not switches."""

_FIELDS: Mapping[str, Callable[[object], object]] = {
    "recent_folders": _folders,
    "brush_diameter": _number(MIN_BRUSH_DIAMETER, MAX_BRUSH_DIAMETER),
    "overlay_opacity": _number(0.0, 1.0),
    "hidden_labels": _labels,
    "max_megapixels": _number(0.0, MOST_MEGAPIXELS),
    "window_geometry": _hexadecimal,
    "finetune": _choices,
    "tools": _tools,
}
