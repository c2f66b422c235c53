"""The tool panel: tools, and the options of the one in use alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QSlider, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from petseg_gui.core.settings import MAX_BRUSH_DIAMETER, MIN_BRUSH_DIAMETER
from petseg_gui.core.tool_options import ToolOptions
from petseg_gui.ui.action_specs import SPECS, TOOL_ACTIONS
from petseg_gui.ui.tool_options_panel import STEPS, ToolOptionsPanel, diameter_of, position_of
from tests.gui.harness import Harness

OWN = {"brush": "_brush", "eraser": "_brush", "fill": "_fill", "smart": "_smart"}
LEFT = Qt.MouseButton.LeftButton


class Listener:
    """A panel and what it asked for."""

    def __init__(self, qtbot: QtBot) -> None:
        self.panel = ToolOptionsPanel()
        qtbot.addWidget(self.panel)
        self.qtbot = qtbot
        self.options: list[ToolOptions] = []
        self.diameters: list[float] = []
        self.panel.optionsChosen.connect(self.options.append)
        self.panel.diameterChosen.connect(self.diameters.append)

    def click(self, name: str) -> None:
        """Click the button that is called so."""
        button = next(
            b for b in self.panel.findChildren(QAbstractButton) if b.accessibleName() == name
        )
        button.click()

    def slider(self, name: str) -> QSlider:
        return next(s for s in self.panel.findChildren(QSlider) if s.accessibleName() == name)


@pytest.fixture
def listener(qtbot: QtBot) -> Listener:
    return Listener(qtbot)


@pytest.mark.parametrize("tool", list(TOOL_ACTIONS))
def test_only_the_options_of_the_tool_in_use_are_there(listener: Listener, tool: str) -> None:
    panel = listener.panel
    panel.set_tool(tool)
    shown = {name for name in OWN.values() if not getattr(panel, name).isHidden()}
    assert shown == ({OWN[tool]} if tool in OWN else set())
    assert not panel._keep_border.isHidden()
    assert not panel._over[1].isHidden()


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("Shape: Square", {"square_brush": True}),
        ("Size on: Screen", {"size_on_screen": True}),
        ("Pen pressure sets size", {"pressure": False}),
        ("Fill by: Colour", {"fill_by_colour": True}),
        ("Select by: Box", {"smart_box": True}),
        ("Decide the border too", {"smart_border": False}),
        ("Keep the border", {"keep_border": True}),
        ("Paint over border", {"only_over": frozenset({0, 1, 2})}),
    ],
)
def test_a_click_changes_one_option_and_a_second_one_is_heard_too(
    listener: Listener, name: str, changed: dict[str, object]
) -> None:
    listener.click(name)
    assert listener.options == [replace(ToolOptions(), **changed)]
    listener.click("Paint over pet")
    last = listener.options[-1]
    assert 1 not in last.only_over
    for option, value in changed.items():
        if option != "only_over":
            assert getattr(last, option) == value


def test_options_from_elsewhere_are_shown_and_not_chosen_anew(listener: Listener) -> None:
    options = ToolOptions(
        square_brush=True,
        size_on_screen=True,
        pressure=False,
        fill_by_colour=True,
        fill_tolerance=99,
        smart_box=True,
        smart_border=False,
        only_over=frozenset({0, 2}),
        keep_border=True,
    )
    listener.panel.set_options(options)
    listener.panel.set_diameter(120)
    assert listener.options == []
    assert listener.diameters == []
    on = {b.accessibleName() for b in listener.panel.findChildren(QAbstractButton) if b.isChecked()}
    assert on == {
        "Shape: Square",
        "Size on: Screen",
        "Fill by: Colour",
        "Select by: Box",
        "Paint over background",
        "Keep the border",
    }
    assert listener.slider("Colour tolerance").value() == 99
    assert listener.slider("Brush size").accessibleDescription() == "120 pixels of the photo"
    # An option that is not shown as changed is kept when another one is.
    listener.click("Shape: Round")
    assert listener.options == [replace(options, square_brush=False)]


def test_the_tolerance_is_there_for_colours_only(listener: Listener) -> None:
    panel = listener.panel
    panel.set_tool("fill")
    assert panel._tolerance.isHidden()
    listener.click("Fill by: Colour")
    assert not panel._tolerance.isHidden()
    listener.slider("Colour tolerance").setValue(60)
    assert listener.options[-1] == ToolOptions(fill_by_colour=True, fill_tolerance=60)


def test_some_class_can_always_be_painted_over(listener: Listener) -> None:
    for name in ("pet", "background", "border"):
        listener.click(f"Paint over {name}")
    assert listener.options[-1].only_over == frozenset({0, 3})
    assert len(listener.options) == 2
    assert listener.panel._over[3].isChecked()
    assert listener.panel._over_caption.text() == "Painting only over"
    listener.click("Paint over pet")
    listener.click("Paint over background")
    assert listener.options[-1] == ToolOptions()
    assert listener.panel._over_caption.text() == "Paint only over"


def test_the_size_slider_covers_the_whole_range(listener: Listener) -> None:
    assert diameter_of(0) == MIN_BRUSH_DIAMETER
    assert diameter_of(STEPS) == pytest.approx(MAX_BRUSH_DIAMETER)
    assert [position_of(diameter_of(step)) for step in range(STEPS + 1)] == [*range(STEPS + 1)]
    slider = listener.slider("Brush size")
    slider.setValue(STEPS)
    assert listener.diameters == [pytest.approx(2000)]
    assert listener.panel._size.value.text() == "2000 px"


def test_every_control_can_be_reached_by_keyboard_and_has_a_name(harness: Harness) -> None:
    for name in ("toolPanel", "classPanel"):
        panel = harness.window.findChild(QWidget, name)
        assert panel is not None
        controls: list[QWidget] = [
            *panel.findChildren(QAbstractButton),
            *panel.findChildren(QSlider),
        ]
        for control in controls:
            said = control.accessibleName()
            if not said and isinstance(control, QToolButton | QCheckBox):
                said = control.text()
            assert said, control
            assert control.focusPolicy() == Qt.FocusPolicy.TabFocus, said


def test_the_tools_show_name_and_key_and_say_what_they_do(harness: Harness) -> None:
    buttons = {b.text(): b for b in harness.window._parts.tools.findChildren(QToolButton)}
    for spec in SPECS:
        if spec.group == "tool":
            button = buttons[spec.text.replace("&", "")]
            assert button._key == spec.keys[0]
            assert button.toolTip() == f"{spec.tip} ({spec.keys[0]})"
            assert button.width() >= button.minimumSizeHint().width()


def test_at_800_pixels_nothing_of_the_tools_has_to_be_scrolled(
    harness: Harness, qtbot: QtBot
) -> None:
    harness.window.show()
    harness.window._parts.show_review(True)
    harness.window.resize(1280, 800)
    qtbot.waitUntil(lambda: harness.window.height() == 800)
    tools = harness.window._parts.tools
    width = tools.width()
    for tool in TOOL_ACTIONS:
        harness.window._parts.canvas.set_tool(tool)
        tools.options.set_options(ToolOptions(fill_by_colour=True))
        qtbot.wait(0)
        area = tools.options.parentWidget().parentWidget()
        holder = tools.options.parentWidget()
        assert holder.minimumSizeHint().height() <= area.height(), tool
        assert holder.minimumSizeHint().width() <= area.width(), tool
        assert tools.width() == width
