"""The menu 'Model in use': what it lists, and what choosing does."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QAction

from model.registry import Version
from petseg_gui.ui.model_menu import ModelMenu
from tests.gui.harness import Harness

TUNED = Version(
    "tuned-001",
    Path("tuned-001.safetensors"),
    "starter",
    "2026-11-23T16:20:00+00:00",
    {"own_photos": ["a.png", "b.png"], "oxford_photos": 20},
)


@pytest.fixture
def opened(harness: Harness, folder: Path) -> Harness:
    """A folder whose project has one fine-tuned model beside the starter."""
    harness.models.known.add("tuned-001")
    harness.models.tuned.append(TUNED)
    harness.open(folder)
    harness.settle()
    return harness


def entries(harness: Harness) -> dict[str, QAction]:
    menu = harness.window.findChild(ModelMenu, "modelMenu")
    assert menu is not None
    return {action.data(): action for action in menu.actions()}


def test_without_a_folder_there_is_nothing_to_choose(harness: Harness) -> None:
    menu = harness.window.findChild(ModelMenu, "modelMenu")
    assert menu is not None
    assert not menu.isEnabled()


def test_it_lists_the_starter_and_every_fine_tuned_model(opened: Harness) -> None:
    assert list(entries(opened)) == ["starter", "tuned-001"]
    assert [action.isChecked() for action in entries(opened).values()] == [True, False]
    tip = entries(opened)["tuned-001"].toolTip()
    assert tip.startswith("Fine-tuned from starter, 23 Nov 2026")
    assert tip.endswith("on 2 of your photos and 20 Oxford photos")


def test_choosing_a_model_predicts_the_unreviewed_photos_anew(opened: Harness) -> None:
    entries(opened)["tuned-001"].trigger()
    opened.settle()
    assert opened.inference.model == "tuned-001"
    assert opened.review.project is not None
    assert opened.review.project.model_in_use() == "tuned-001"
    assert set(opened.inference.requests[-1]) == {f"pet_{n}.png" for n in (1, 2, 3, 4)}
    assert entries(opened)["tuned-001"].isChecked()


def test_a_model_whose_file_is_gone_is_told_and_not_used(opened: Harness) -> None:
    opened.models.known.remove("tuned-001")
    entries(opened)["tuned-001"].trigger()
    assert opened.inference.model == "starter"
    assert "are gone" in opened.messages[-1].text
    assert entries(opened)["starter"].isChecked()


def test_no_other_model_while_a_fine_tune_runs(opened: Harness) -> None:
    opened.finetuning.running = True
    entries(opened)["tuned-001"].trigger()
    assert opened.inference.model == "starter"
    assert "Fine-tuning is running" in opened.messages[-1].text
    assert entries(opened)["starter"].isChecked()


def test_a_new_model_is_in_the_menu_when_it_opens(opened: Harness) -> None:
    opened.models.tuned.append(Version("tuned-002", Path("x"), "tuned-001", "", {}))
    menu = opened.window.findChild(ModelMenu, "modelMenu")
    assert menu is not None
    menu.aboutToShow.emit()
    opened.settle()
    assert list(entries(opened)) == ["starter", "tuned-001", "tuned-002"]
