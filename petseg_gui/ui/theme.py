"""Colours of the window: light or dark as the system is, quiet beside the photo."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory


@dataclass(frozen=True, slots=True)
class Tones:
    """The colours of one scheme, as ``#rrggbb``.

    ``accent`` fills the one button that decides; ``chosen`` lies behind a chosen tool or class.
    """

    window: str
    base: str
    raised: str
    text: str
    quiet_text: str
    line: str
    accent: str
    accent_text: str
    chosen: str


# Greys without a hue: a tinted surround changes how the photo's colours look.
LIGHT = Tones(
    window="#f0f0f0",
    base="#ffffff",
    raised="#fafafa",
    text="#1c1c1c",
    quiet_text="#5a5a5a",
    line="#cfcfcf",
    accent="#0b66a8",
    accent_text="#ffffff",
    chosen="#cfe2f0",
)
DARK = Tones(
    window="#262626",
    base="#1b1b1b",
    raised="#3a3a3a",
    text="#ececec",
    quiet_text="#a9a9a9",
    line="#454545",
    accent="#4aa3df",
    accent_text="#101010",
    chosen="#24435a",
)


def is_dark(palette: QPalette) -> bool:
    """Whether ``palette`` is one for a dark window."""
    return palette.color(QPalette.ColorRole.Window).lightness() < 128


def palette_of(tones: Tones) -> QPalette:
    """The palette that Fusion paints ``tones`` with."""
    role, palette = QPalette.ColorRole, QPalette()
    for which, colour in (
        (role.Window, tones.window),
        (role.Base, tones.base),
        (role.AlternateBase, tones.raised),
        (role.Button, tones.raised),
        (role.ToolTipBase, tones.raised),
        (role.ToolTipText, tones.text),
        (role.WindowText, tones.text),
        (role.Text, tones.text),
        (role.ButtonText, tones.text),
        (role.BrightText, tones.text),
        (role.PlaceholderText, tones.quiet_text),
        (role.Mid, tones.line),
        (role.Midlight, tones.line),
        (role.Highlight, tones.accent),
        (role.HighlightedText, tones.accent_text),
        (role.Accent, tones.accent),
        (role.Link, tones.accent),
    ):
        palette.setColor(which, QColor(colour))
    faint = QColor(tones.text)
    faint.setAlpha(100)
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, faint)
    return palette


def _style_sheet(tones: Tones) -> str:
    return f"""
    QToolBar {{ border: 0; padding: 4px 6px; spacing: 4px; }}
    QToolBar::separator {{ background: {tones.line}; width: 1px; margin: 6px 7px; }}
    QToolButton {{ padding: 4px 6px; border: 1px solid transparent; border-radius: 5px; }}
    QToolButton:hover:enabled {{ background: {tones.line}; }}
    QToolButton:checked {{ background: {tones.chosen}; border-color: {tones.accent}; }}
    QToolBar QToolButton:checked {{ background: transparent; border-color: {tones.line}; }}
    QToolBar QToolButton:checked:hover:enabled {{ background: {tones.line}; }}
    QToolBar QToolButton:checked:!enabled {{ border-color: transparent; }}
    QToolButton:focus {{ border-color: {tones.accent}; }}
    QToolButton#primaryButton:enabled {{ background: {tones.accent}; color: {tones.accent_text}; }}
    QCheckBox::indicator:unchecked, QRadioButton::indicator:unchecked,
    QListView::indicator:unchecked {{
        width: 12px; height: 12px; border: 1px solid {tones.quiet_text}; background: {tones.base};
    }}
    QCheckBox::indicator:unchecked, QListView::indicator:unchecked {{ border-radius: 2px; }}
    QCheckBox::indicator:indeterminate, QListView::indicator:indeterminate {{
        width: 12px; height: 12px; border: 1px solid {tones.quiet_text}; border-radius: 2px;
        background: qlineargradient(x1:0, y1:0, x2:0, y2:1, stop:0 {tones.base},
            stop:0.34 {tones.base}, stop:0.35 {tones.accent}, stop:0.65 {tones.accent},
            stop:0.66 {tones.base}, stop:1 {tones.base});
    }}
    QRadioButton::indicator:unchecked {{ border-radius: 7px; }}
    QRadioButton::indicator:checked {{
        width: 6px; height: 6px; border: 4px solid {tones.accent}; border-radius: 7px;
        background: {tones.accent_text};
    }}
    QStatusBar::item {{ border: 0; }}
    QLabel[quiet="true"] {{ color: {tones.quiet_text}; }}
    QLabel[heading="true"] {{ font-weight: 600; }}
    QFrame#separator {{ background: {tones.line}; border: 0; }}
    QFrame#dropZone[drop="true"] {{ border: 2px dashed {tones.line}; border-radius: 12px; }}
    QFrame#dropZone[drop="true"][over="true"] {{
        border-color: {tones.accent}; background: {tones.chosen};
    }}
    QFrame#resultCard {{ border: 1px solid {tones.line}; border-radius: 6px; }}
    """


def apply_scheme(app: QApplication, scheme: Qt.ColorScheme) -> None:
    """Give ``app`` the light or the dark colours; an unknown scheme is light."""
    tones = DARK if scheme == Qt.ColorScheme.Dark else LIGHT
    app.setPalette(palette_of(tones))
    app.setStyleSheet(_style_sheet(tones))


def follow_system(app: QApplication) -> None:
    """Use the Fusion style with the system's scheme, now and whenever it changes."""
    style = QStyleFactory.create("Fusion")
    if style is not None:
        app.setStyle(style)
    hints = app.styleHints()
    apply_scheme(app, hints.colorScheme())
    hints.colorSchemeChanged.connect(lambda scheme: apply_scheme(app, scheme))
