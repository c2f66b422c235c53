"""The icons' font: of the twelve that qtawesome brings, the one that is used here."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

PREFIX = "mdi6"
_FONT, _NAMES = "materialdesignicons6-webfont-*.ttf", "materialdesignicons6-*charmap*.json"


@cache
def icon_font() -> Any:
    """The font, as ``qtawesome.IconicFont``; costs an import the first time.

    ``qtawesome.icon`` would check and load all twelve, in which the window stands still for a
    tenth of a second.
    """
    import qtawesome
    from qtawesome.iconic_font import IconicFont

    folder = Path(qtawesome.__file__).parent / "fonts"
    (font,), (names,) = folder.glob(_FONT), folder.glob(_NAMES)
    return IconicFont((PREFIX, font.name, names.name, str(folder)))
