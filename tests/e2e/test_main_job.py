"""The main job on real photos, from opening a folder to a better model, as a person does it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QPushButton

from model import gate, weights
from petseg_gui.core.photos import list_photo_names
from petseg_gui.ui.fine_tune_panel import FineTunePanel
from petseg_gui.ui.fine_tune_reports import title_of
from resources import STARTER_MODEL
from tests.e2e.conftest import PHOTOS, Use, hashes
from tests.e2e.person import Mask, Person, painted, provenance, read_png

STARTER = STARTER_MODEL.stem
pytestmark = [
    pytest.mark.shared,
    # The offscreen platform says this of every window and dialog.
    pytest.mark.qt_log_ignore("propagateSizeHints"),
    pytest.mark.timeout(1200),
]


class MainJob:
    """The stages, in order; each begins where the one before ended.

    Attributes:
        names: the photos, in order.
        accepted: what was on the canvas when each label was accepted.
        labels: hashes of the label files after the last acceptance.
        model: the model in use.
    """

    def __init__(self, person: Person) -> None:
        self.person = person
        self.names = list_photo_names(person.folder)
        self.accepted: dict[str, Mask] = {}
        self.labels: dict[str, str] = {}
        self.model = STARTER
        self.unsaved: Mask | None = None

    def open(self) -> None:
        """The first photo shows at once, and what is looked at is predicted first."""
        person, names = self.person, self.names
        person.sees_photo(names[0])
        assert list(person.marks()) == names
        assert len(names) == PHOTOS >= 20
        person.choose_photo(names[10])
        person.sees_photo(names[10])
        assert len(person.log.predicted) == 0, "the photo is there before any prediction"
        person.wait(lambda: len(person.log.predicted) == PHOTOS)
        # One that was under way, then the current photo, its neighbours, and the rest.
        order = [name for name in person.log.predicted if name != names[0]]
        assert order[:6] == [names[place] for place in (10, 11, 9, 12, 13, 8)]
        assert order[6:] == [*names[14:], *names[1:8]]
        assert set(person.marks().values()) == {"predicted"}
        person.sees_prediction(names[10], STARTER)

    def correct(self) -> None:
        """Brush, undo and redo on two photos; the mask is right to the pixel at every step."""
        person, names = self.person, self.names
        for name, points, value in (
            (names[0], [(30.3, 40.2), (90.7, 80.1), (120.5, 60.9)], 3),
            (names[1], [(60.1, 90.4)], 3),
        ):
            person.choose_photo(name)
            predicted = person.sees_prediction(name, STARTER)
            person.drag(points[:1])  # some stroke of the brush as it is, to be taken back
            person.press("Ctrl+Z")
            assert np.array_equal(person.canvas.mask(), predicted)
            once = person.brush(points, value)
            assert np.array_equal(once, painted(predicted, points, value))
            twice = person.stroke_somewhere(0.6)
            person.press("Ctrl+Z")
            assert np.array_equal(person.canvas.mask(), once)
            person.press("Ctrl+Z")
            assert np.array_equal(person.canvas.mask(), predicted)
            person.press("Ctrl+Shift+Z")
            person.press("Ctrl+Shift+Z")
            assert np.array_equal(person.canvas.mask(), twice)
            assert person.marks()[name] == "edited, not accepted"

    def accept_five(self) -> None:
        """Two corrected photos and three good predictions become labels, one key each."""
        person, names = self.person, self.names
        person.choose_photo(names[0])
        for name in names[:5]:
            person.sees_photo(name)
            if name not in names[:2]:
                person.sees_prediction(name, STARTER)
            accepted, mask = person.accept()
            assert accepted == name
            self.accepted[name] = mask
        person.sees_photo(names[5])
        assert person.reads(f"5 of {PHOTOS} accepted")
        for number, (name, mask) in enumerate(self.accepted.items()):
            label = read_png(person.label(name))
            assert label.dtype == np.uint8
            assert np.array_equal(label, mask)
            assert set(np.unique(label)) <= {1, 2, 3}
            says = provenance(person.label(name))
            assert says["photo"] == name
            assert says["model"] == STARTER
            assert says["state"] == "accepted"
            assert says["gestures"] == (2 if name in names[:2] else 0)
            assert says["held_out"] is (number == 4), "every fifth label measures"
        self.labels = hashes(person.project / "labels")
        assert len(self.labels) == 5

    def fine_tune(self) -> None:
        """A run with Oxford photos; the person works on meanwhile."""
        person = self.person
        finetuning = person.log.services.finetuning
        assert person.reads("5 accepted masks to learn from")
        form = person.find(FineTunePanel, "fineTunePanel").form
        person.wait(lambda: form.settings()["oxford"] == "local")
        person.fine_tune()
        person.wait(lambda: person.log.count("stepped") > 0)
        self._work_meanwhile()
        assert finetuning.running, "all of that happened while it trained"
        person.wait(lambda: not finetuning.running)
        assert [kind for kind, _ in person.log.training if kind == "failed"] == []
        plan, outcome = person.log.last("prepared"), person.log.last("finished")
        assert (plan.own, plan.own_held_out) == (4, 0), "the fifth was accepted as predicted"
        assert plan.oxford > 0
        assert plan.oxford_held_out > 0
        assert person.log.count("stepped") == plan.steps
        assert person.log.count("validated") == 2, "before the first round, and after it"
        self._check_candidate(outcome.candidate)
        assert person.reads(title_of(outcome))
        assert person.reads(outcome.reason)
        if not outcome.adopted:
            person.click("adoptButton")
            assert person.reads("Your choice is in use")
        self.model = outcome.candidate
        self._check_new_predictions()

    def _work_meanwhile(self) -> None:
        person, names = self.person, self.names
        name = names[5]
        person.choose_photo(name)
        person.sees_prediction(name, STARTER)
        stroked = person.stroke_somewhere()
        person.press("Ctrl+S")
        person.wait(person.label(name).exists)
        assert np.array_equal(read_png(person.label(name)), stroked)
        assert provenance(person.label(name))["state"] == "edited"
        for following in names[6:9]:
            person.press("Right")
            person.sees_photo(following)
        self.unsaved = person.stroke_somewhere()

    def _check_candidate(self, candidate: str) -> None:
        person = self.person
        assert person.models() == [candidate]
        card = weights.read_card(person.project / "models" / f"{candidate}.safetensors")
        assert card.about["parent"] == STARTER
        assert sorted(card.about["own_photos"]) == self.names[:4]
        assert card.about["held_out_photos"] == []
        rows = [gate.Row(**row) for row in card.about["comparison"]]
        assert {row.where for row in rows} == {"oxford"}
        outcome = person.log.last("finished")
        assert outcome.adopted == card.about["adopted"] == gate.decide(rows).adopt

    def _check_new_predictions(self) -> None:
        """What nobody touched is predicted anew, and nothing else changes."""
        person, names = self.person, self.names
        saved, drawn = names[5], names[8]
        touched = {*self.accepted, saved, drawn}
        untouched = set(names) - touched
        folder = person.project / "predictions" / self.model
        person.wait(lambda: folder.is_dir() and {p.stem for p in folder.iterdir()} >= untouched)
        person.wait(lambda: all(person.marks()[name] == "predicted" for name in untouched))
        # The photo on show has one to compare with; its mask stays the person's.
        person.wait(lambda: {p.stem for p in folder.glob("*.png")} == untouched | {drawn})
        self._check_accepted_labels()
        assert person.photo == drawn
        assert np.array_equal(person.canvas.mask(), self.unsaved)
        person.press("Right")
        person.sees_prediction(names[9], self.model)
        # This one was decoded, with the old prediction, before there was a new one.
        person.choose_photo(names[10])
        person.sees_prediction(names[10], self.model)

    def _check_accepted_labels(self) -> None:
        now = hashes(self.person.project / "labels")
        assert {name: now[name] for name in self.labels} == self.labels

    def cancel_second_run(self) -> None:
        """A cancelled run leaves everything as it was, and the panel ready."""
        person = self.person
        models = hashes(person.project / "models")
        steps = person.log.count("stepped")
        person.fine_tune(rounds=50)
        person.wait(lambda: person.log.count("stepped") > steps)
        person.click("cancelFineTune")
        person.wait(lambda: person.log.count("cancelled") == 1)
        assert not person.log.services.finetuning.running
        assert hashes(person.project / "models") == models
        assert person.reads(f"{self.model} on ")
        assert person.reads("You cancelled it. The model in use has not changed.")
        assert person.find(QPushButton, "startFineTune").isEnabled()

    def close(self) -> None:
        """The strokes that are in no label are asked about, and saved."""
        person = self.person
        assert person.close("Cancel") is False
        assert person.window.isVisible()
        assert person.close("Save")


def test_the_main_job(use: Use, photos: Path, oxford: None) -> None:
    left: list[MainJob] = []

    def first_day(person: Person) -> None:
        job = MainJob(person)
        left.append(job)
        job.open()
        job.correct()
        job.accept_five()
        job.fine_tune()
        job.cancel_second_run()
        job.close()

    use(first_day, photos)
    before = left[0]
    names, project = before.names, photos / "petseg"
    labels = hashes(project / "labels")
    assert len(labels) == 7
    assert np.array_equal(read_png(before.person.label(names[8])), before.unsaved)
    assert not list((project / "drafts").iterdir())
    written = {p: p.stat().st_mtime_ns for p in (project / "predictions").rglob("*.png")}

    def second_day(person: Person) -> None:
        person.sees_photo(names[10])  # where the person was
        person.sees_prediction(names[10], before.model)
        assert person.reads(f"5 of {PHOTOS} accepted")
        saved = [names[5], names[8]]
        expected = dict.fromkeys(names, "predicted")
        expected |= dict.fromkeys(names[:5], "accepted")
        expected |= dict.fromkeys(saved, "edited, not accepted")
        assert person.marks() == expected
        person.wait(lambda: person.log.models == [before.model])
        for name, mask in {**before.accepted, names[8]: before.unsaved}.items():
            person.choose_photo(name)
            person.sees_photo(name)
            assert np.array_equal(person.canvas.mask(), mask)
        assert person.close()  # nothing is unsaved: nothing asks

    log = use(second_day, photos)
    # Every photo is predicted once by each model; those with a label, when they are looked at.
    assert len(set(log.predicted)) == len(log.predicted)
    assert set(log.predicted) <= set(before.accepted), log.predicted
    assert {p: p.stat().st_mtime_ns for p in written} == written
    assert hashes(project / "labels") == labels
