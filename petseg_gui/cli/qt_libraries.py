"""Which Debian packages Qt needs; plain Python, so that it can say so when Qt cannot load."""

from __future__ import annotations

import os

BASE = (
    "libdbus-1-3",
    "libegl1",
    "libfontconfig1",
    "libfreetype6",
    "libgl1",
    "libglib2.0-0",
    "libx11-6",
    "libxkbcommon0",
)
"""What Qt's own libraries and its offscreen plugin are linked to."""
DISPLAY = (
    "libx11-xcb1",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-randr0",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-sync1",
    "libxcb-util1",
    "libxcb-xfixes0",
    "libxcb-xkb1",
    "libxkbcommon-x11-0",
    "libwayland-client0",
    "libwayland-cursor0",
    "libwayland-egl1",
)
"""What the plugins for X11 and Wayland are linked to as well."""


def packages() -> str:
    """The packages for the platform in use, as arguments of ``apt-get install``."""
    offscreen = os.environ.get("QT_QPA_PLATFORM") == "offscreen"
    return " ".join(BASE if offscreen else BASE + DISPLAY)


def remedy() -> str:
    """What to do when Qt cannot start, in words."""
    return f"On Debian and Ubuntu:\n\n  sudo apt-get install {packages()}\n"
