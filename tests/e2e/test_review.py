"""A reviewer's run over 60 real photos: the most uncertain first, by key, and out to others."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QListWidget, QPushButton

from petseg_gui.cli import main
from petseg_gui.core.photos import list_photo_names
from petseg_gui.core.store import PhotoFlag, PhotoState, Project
from petseg_gui.ui.versions_dialog import VersionsDialog
from resources import STARTER_MODEL
from tests.e2e.conftest import Use, hashes
from tests.e2e.person import Mask, Person, read_png

COUNT, ACCEPTED, FIXED, FLAGGED = 60, 40, 5, 2
STARTER = STARTER_MODEL.stem
pytestmark = [
    pytest.mark.shared,
    # The offscreen platform says this of every window and dialog.
    pytest.mark.qt_log_ignore("propagateSizeHints"),
    pytest.mark.timeout(1200),
]


class Review:
    """The stages, in order; each begins where the one before ended.

    Attributes:
        order: the photos as they are listed, the most uncertain first.
        accepted: what was on the canvas when each label was accepted.
        flagged: photos that were flagged.
        taken_back: the photo whose acceptance was taken back.
        first_version: what the restored photo was when it was accepted for the first time.
    """

    def __init__(self, person: Person) -> None:
        self.person = person
        self.order: list[str] = []
        self.accepted: dict[str, Mask] = {}
        self.flagged: list[str] = []
        self.taken_back = ""
        self.restored = ""

    def sort(self) -> None:
        """When everything is predicted, the least sure come first."""
        person = self.person
        names = list_photo_names(person.folder)
        assert len(names) == COUNT
        person.sees_photo(names[0])
        person.wait(lambda: len(set(person.log.predicted)) == COUNT)
        choose(person.find(QComboBox, "sortBox"), "uncertain")
        person.wait(lambda: list(person.marks()) != names)
        self.order = list(person.marks())
        assert sorted(self.order) == sorted(names)
        review = person.review
        sure = [review.record(name).confidence for name in self.order]
        assert None not in sure
        assert sure == sorted(sure)
        assert len(set(sure)) > COUNT // 2, "they tell photos apart"
        person.choose_photo(self.order[0])
        person.sees_photo(self.order[0])

    def accept(self) -> None:
        """A photo that needs no change takes one key."""
        person = self.person
        for name in self.order[:ACCEPTED]:
            person.sees_prediction(name, STARTER)
            self.accepted[name] = person.mask()
            person.press("Return")
        person.sees_photo(self.order[ACCEPTED])
        person.wait(lambda: list(person.marks().values()).count("accepted") == ACCEPTED)
        assert list(person.marks()) == self.order, "nothing jumps while one works"

    def fix(self) -> None:
        """Five photos get a stroke each before they are accepted."""
        person = self.person
        for name in self.order[ACCEPTED : ACCEPTED + FIXED]:
            person.sees_prediction(name, STARTER)
            self.accepted[name] = person.stroke_somewhere()
            person.press("Return")
        person.sees_photo(self.order[ACCEPTED + FIXED])
        person.wait(lambda: person.reads(f"{ACCEPTED + FIXED} of {COUNT} accepted"))

    def flag(self) -> None:
        """Two photos are flagged, to come back to them."""
        person = self.person
        for name in self.order[ACCEPTED + FIXED :][:FLAGGED]:
            person.sees_photo(name)
            person.press("Q")
            self.flagged.append(name)
            person.press("Right")
        review = person.review
        flags = [PhotoFlag.FLAGGED] * FLAGGED
        person.wait(lambda: [review.record(name).flag for name in self.flagged] == flags)

    def take_back(self) -> None:
        """The last acceptance was a mistake: one key goes back to it and takes it back."""
        person = self.person
        self.taken_back = self.order[ACCEPTED + FIXED - 1]
        person.press("Backspace")
        person.sees_photo(self.taken_back)
        person.wait(lambda: person.marks()[self.taken_back] == "edited, not accepted")
        assert np.array_equal(person.mask(), self.accepted[self.taken_back])
        del self.accepted[self.taken_back]

    def restore(self) -> None:
        """A fixed photo is made worse, saved, and its older version restored."""
        person = self.person
        self.restored = name = self.order[ACCEPTED]
        person.choose_photo(name)
        person.sees_photo(name)
        person.stroke_somewhere(0.55)
        person.press("Ctrl+S")
        worse = person.mask()
        person.wait(lambda: np.array_equal(read_png(person.label(name)), worse))
        restore_oldest(person)
        person.wait(lambda: np.array_equal(person.mask(), self.accepted[name]))
        person.wait(lambda: person.marks()[name] == "accepted")
        assert np.array_equal(read_png(person.label(name)), self.accepted[name])


def choose(box: QComboBox, words: str) -> None:
    """Choose the entry of a box that has these words."""
    place = next(row for row in range(box.count()) if words in box.itemText(row).lower())
    box.setCurrentIndex(place)
    box.activated.emit(place)


def restore_oldest(person: Person) -> None:
    """Open the versions of the photo on show and restore the oldest."""
    person.press("V")
    dialog = person.find(VersionsDialog, "versionsDialog")
    versions = person.find(QListWidget, "versionList")
    person.wait(lambda: versions.count() > 1)
    versions.setCurrentRow(versions.count() - 1)
    button = person.find(QPushButton, "restoreVersion")
    person.wait(button.isEnabled)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not dialog.isVisible()


def test_a_reviewers_run(
    use: Use, make_folder: Callable[[int], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = make_folder(COUNT)
    runs: list[Review] = []

    def first_day(person: Person) -> None:
        review = Review(person)
        runs.append(review)
        for stage in ("sort", "accept", "fix", "flag", "take_back", "restore"):
            getattr(review, stage)()
        assert person.close()

    use(first_day, photos)
    (review,) = runs
    labels = hashes(photos / "petseg" / "labels")
    assert len(labels) == ACCEPTED + FIXED

    def second_day(person: Person) -> None:
        person.sees_photo(review.restored)
        expected = dict.fromkeys(list_photo_names(photos), "predicted")
        expected |= dict.fromkeys(review.accepted, "accepted")
        expected[review.taken_back] = "edited, not accepted"
        assert person.marks() == expected
        assert person.reads(f"{len(review.accepted)} of {COUNT} accepted")
        controller = person.review
        assert [n for n in expected if controller.record(n).flag is PhotoFlag.FLAGGED] == sorted(
            review.flagged, key=list(expected).index
        )
        assert person.close()

    use(second_day, photos)
    assert hashes(photos / "petseg" / "labels") == labels
    for kind in ("oxford", "coco"):
        out = tmp_path / kind
        assert main(["export", str(photos), "--to", kind, "--out", str(out)]) == 0
        _check_export(kind, out, review)
        _check_import(kind, out, photos, review, tmp_path / f"fresh {kind}")
    capsys.readouterr()


def _check_export(kind: str, out: Path, review: Review) -> None:
    stems = {Path(name).stem for name in review.accepted}
    if kind == "coco":
        content = json.loads((out / "annotations.json").read_text())
        assert {Path(image["file_name"]).stem for image in content["images"]} == stems
        return
    trimaps = out / "annotations" / "trimaps"
    assert {path.stem for path in trimaps.glob("*.png")} == stems
    for name, mask in review.accepted.items():
        with Image.open(trimaps / f"{Path(name).stem}.png") as image:
            assert np.array_equal(np.array(image), mask), name
    listed = (out / "annotations" / "list.txt").read_text().splitlines()
    assert {line.split()[0] for line in listed if not line.startswith("#")} == stems


def _check_import(kind: str, source: Path, photos: Path, review: Review, fresh: Path) -> None:
    """Into a new project over copies of the photos: every label is there, to the pixel."""
    fresh.mkdir()
    for name in list_photo_names(photos):
        shutil.copyfile(photos / name, fresh / name)
    labels = source if kind == "oxford" else source / "annotations.json"
    call = ["import", str(fresh), "--from", kind, str(labels), "--accept"]
    assert main([*call, "--dry-run"]) == 0
    project = Project.open(fresh)
    assert {record.state for record in project.records().values()} == {PhotoState.NEW}
    project.close()
    assert main(call) == 0
    project = Project.open(fresh)
    records = project.records()
    accepted = {n for n, record in records.items() if record.state is PhotoState.ACCEPTED}
    assert accepted == set(review.accepted)
    for name, mask in review.accepted.items():
        assert np.array_equal(project.read_label(name), mask), name
    project.close()
