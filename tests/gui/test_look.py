"""Light and dark, and that every text can be read in both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QToolBar, QToolButton
from pytestqt.qtbot import QtBot

from petseg_gui.ui.action_specs import VIEW_ACTIONS
from petseg_gui.ui.marks import COLOURS, Mark
from petseg_gui.ui.theme import DARK, LIGHT, Tones, apply_scheme, is_dark, palette_of
from tests.gui.harness import Harness


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    palette, sheet = qapp.palette(), qapp.styleSheet()
    yield qapp
    qapp.setPalette(palette)
    qapp.setStyleSheet(sheet)


def luminance(colour: QColor) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    parts = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str | QColor, other: str | QColor) -> float:
    lighter, darker = sorted((luminance(QColor(one)), luminance(QColor(other))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("tones", [LIGHT, DARK], ids=["light", "dark"])
def test_texts_stand_out(tones: Tones) -> None:
    for ground in (tones.window, tones.base, tones.raised, tones.chosen):
        assert contrast(tones.text, ground) >= 4.5
    assert contrast(tones.quiet_text, tones.window) >= 4.5
    assert contrast(tones.accent_text, tones.accent) >= 4.5


@pytest.mark.parametrize("mark", list(Mark))
def test_the_white_sign_of_a_mark_stands_out(mark: Mark) -> None:
    assert contrast("#ffffff", COLOURS[mark]) >= 3


def test_the_window_follows_a_change_between_light_and_dark(
    harness: Harness, app: QApplication, qtbot: QtBot
) -> None:
    harness.window.show()
    apply_scheme(app, Qt.ColorScheme.Light)
    assert not is_dark(harness.window.palette())
    icon = harness.window._actions["actionOpenFolder"].icon()
    apply_scheme(app, Qt.ColorScheme.Dark)
    assert is_dark(harness.window.palette())
    # The icons are drawn anew in the other colour.
    qtbot.waitUntil(
        lambda: harness.window._actions["actionOpenFolder"].icon().cacheKey() != icon.cacheKey()
    )
    image = harness.window._actions["actionOpenFolder"].icon().pixmap(18).toImage()
    solid = [
        image.pixelColor(x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() > 250
    ]
    assert solid
    assert all(colour.lightness() > 200 for colour in solid)


def test_only_the_decision_is_filled(harness: Harness, app: QApplication) -> None:
    apply_scheme(app, Qt.ColorScheme.Light)
    accent = harness.window.palette().color(QPalette.ColorRole.Highlight)
    assert accent == QColor(LIGHT.accent)
    sheet = app.styleSheet()
    filled = [line for line in sheet.splitlines() if f"background: {LIGHT.accent};" in line]
    assert len(filled) == 1
    assert "primaryButton" in filled[0]


def test_the_toolbar_fits_the_usual_and_the_smallest_window(
    harness: Harness, app: QApplication, qtbot: QtBot
) -> None:
    apply_scheme(app, Qt.ColorScheme.Light)
    harness.window.show()
    bar = harness.window.findChild(QToolBar, "toolbar")
    assert bar is not None
    extension = bar.findChild(QToolButton, "qt_toolbar_ext_button")
    assert extension is not None
    for width in (1280, harness.window.minimumWidth()):
        harness.window.resize(width, 800)
        qtbot.waitUntil(lambda w=width: harness.window.width() == w)
        QApplication.processEvents()
        assert not extension.isVisible(), width
        assert bar.sizeHint().width() <= width


def test_no_name_of_a_view_is_cut_off(harness: Harness, app: QApplication) -> None:
    apply_scheme(app, Qt.ColorScheme.Light)
    harness.window.show()
    button = harness.window.findChild(QToolButton, "viewButton")
    assert button is not None
    for name in VIEW_ACTIONS.values():
        harness.window._actions[name].setChecked(True)
        assert button.sizeHint().width() <= button.width(), button.text()


@pytest.mark.parametrize("tones", [LIGHT, DARK], ids=["light", "dark"])
def test_keys_beside_the_tools_can_be_read(tones: Tones) -> None:
    role, palette = QPalette.ColorRole, palette_of(tones)
    assert contrast(palette.color(role.PlaceholderText), tones.window) >= 4.5
    assert contrast(palette.color(role.ButtonText), tones.chosen) >= 4.5
