"""Names, keys, menus and toolbar, and the list of keys."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QMenu, QToolBar, QToolButton
from pytestqt.qtbot import QtBot

from petseg_gui.core.history import Gesture, History
from petseg_gui.ui.action_specs import SPECS, TOOL_ACTIONS, VIEW_ACTIONS, Spec
from petseg_gui.ui.actions import Actions
from petseg_gui.ui.canvas.looks import MODES
from petseg_gui.ui.icon_font import icon_font
from petseg_gui.ui.shortcuts_dialog import ShortcutsDialog, all_sections, in_columns
from tests.gui.harness import Harness

WITH_ICON = [spec for spec in SPECS if spec.icon]


def menus(harness: Harness) -> list[QMenu]:
    found = [action.menu() for action in harness.window.menuBar().actions()]
    assert all(isinstance(menu, QMenu) for menu in found)
    return found


def test_no_key_does_two_things() -> None:
    keys = Counter(QKeySequence(key).toString() for spec in SPECS for key in spec.keys)
    assert [key for key, times in keys.items() if times > 1] == []


def test_the_agreed_keys() -> None:
    first = {spec.name: spec.keys[0] for spec in SPECS if spec.keys}
    assert "".join(first[name] for name in TOOL_ACTIONS.values()) == "BELPRFS"
    assert "".join(first[name] for name in VIEW_ACTIONS.values()) == "O56789XM"
    assert [first[f"actionClass{n}"] for n in (1, 2, 3)] == ["1", "2", "3"]
    assert first["actionRestore"] == "4"
    assert first["actionWipe"] == "W"
    assert first["actionKeepBorder"] == "Shift+B"
    assert first["actionLayBorder"] == "Ctrl+B"
    assert first["actionCleanUp"] == "C"
    assert first["actionResetPhoto"] == "Ctrl+R"
    assert first["actionZoomFit"] == "0"


def test_every_view_and_every_tool_has_an_action(harness: Harness) -> None:
    assert tuple(VIEW_ACTIONS) == MODES
    canvas = harness.window._parts.canvas
    for tool in TOOL_ACTIONS:
        canvas.set_tool(tool)  # raises for a tool that is not there


@pytest.mark.parametrize("spec", WITH_ICON, ids=lambda spec: spec.name)
def test_every_icon_exists(spec: Spec, qapp: QApplication) -> None:
    assert not icon_font().icon(spec.icon).pixmap(18).isNull()


def test_whatever_has_a_key_is_in_a_menu(harness: Harness) -> None:
    listed = {action.objectName() for menu in menus(harness) for action in menu.actions()}
    assert {spec.name for spec in SPECS if spec.keys} - listed == set()


def test_no_letter_of_a_menu_opens_two_entries(harness: Harness) -> None:
    for menu in menus(harness):
        texts = [action.text() for action in menu.actions() if not action.isSeparator()]
        letters = [text[text.index("&") + 1].lower() for text in texts if "&" in text]
        twice = [letter for letter, times in Counter(letters).items() if times > 1]
        assert twice == [], menu.title()


def test_undo_and_redo_say_what_they_do(harness: Harness) -> None:
    actions = harness.window._actions
    undo, redo = actions["actionUndo"], actions["actionRedo"]
    history = History()
    actions.follow(history, any_photo=True, any_folder=True)
    assert (undo.text(), undo.isEnabled()) == ("&Undo", False)
    assert "last change" in undo.toolTip()
    history.push(Gesture("brush stroke", ()))
    actions.follow(history, any_photo=True, any_folder=True)
    assert (undo.text(), undo.isEnabled()) == ("&Undo brush stroke", True)
    assert undo.toolTip() == "Undo brush stroke (Ctrl+Z)"
    assert not redo.isEnabled()
    history.undo()
    actions.follow(history, any_photo=True, any_folder=True)
    assert (redo.text(), redo.isEnabled()) == ("&Redo brush stroke", True)
    assert redo.toolTip().startswith("Redo brush stroke (")
    assert undo.text() == "&Undo"


def test_without_a_photo_nothing_can_be_done_to_its_mask(harness: Harness) -> None:
    actions = harness.window._actions
    for name in ("actionLayBorder", "actionCleanUp", "actionResetPhoto", "actionUndo"):
        assert not actions[name].isEnabled(), name


def test_the_view_button_names_the_view_in_use(harness: Harness) -> None:
    button = harness.window.findChild(QToolButton, "viewButton")
    assert button is not None
    assert button.text() == "Overlay"
    harness.window._parts.canvas.set_view_mode("models")
    assert button.text() == "Two models"
    harness.window._parts.canvas.set_view_mode("cutout")
    assert button.text() == "Cut-out"
    assert button.accessibleName() == "View: Cut-out"
    assert [action.objectName() for action in button.menu().actions()] == [*VIEW_ACTIONS.values()]


def test_enter_on_a_button_of_the_toolbar_presses_that_button(
    harness: Harness, folder: Path, qtbot: QtBot
) -> None:
    harness.open(folder)
    bar = harness.window.findChild(QToolBar, "toolbar")
    assert bar is not None
    button = bar.widgetForAction(harness.window._actions["actionWipe"])
    button.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(button, Qt.Key.Key_Return)
    assert harness.window._parts.canvas.wipe
    assert harness.window.windowTitle().startswith("pet_1")


def test_the_list_of_keys_has_them_all_and_fits_the_screen(qtbot: QtBot) -> None:
    dialog = ShortcutsDialog()
    qtbot.addWidget(dialog)
    listed = {what for _, rows in all_sections() for what, _ in rows}
    assert {spec.text.replace("&", "") for spec in SPECS if spec.keys} <= listed
    room = dialog.screen().availableGeometry()
    assert dialog.width() <= room.width()
    assert dialog.height() <= room.height()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_columns_of_keys_keep_the_order_and_are_similar_in_height(count: int) -> None:
    sections = all_sections()
    columns = in_columns(sections, count)
    assert len(columns) == count
    assert [section for column in columns for section in column] == sections
    heights = [sum(len(rows) + 2 for _, rows in column) for column in columns]
    assert max(heights) - min(heights) <= 2 * max(len(rows) + 2 for _, rows in sections)


def test_actions_are_found_by_name(qtbot: QtBot, harness: Harness) -> None:
    actions = harness.window._actions
    assert isinstance(actions, Actions)
    for spec in SPECS:
        assert harness.window.findChild(QAction, spec.name) is actions[spec.name]
