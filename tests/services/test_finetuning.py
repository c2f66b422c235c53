from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from model import label_png
from petseg_gui.core.store import Project
from petseg_gui.services.finetune_request import (
    STATE_FOLDER,
    FineTuneRequest,
    build_request,
    discard_unfinished,
    read_unfinished,
)
from petseg_gui.services.finetuning import FineTuningService
from petseg_gui.services.models import ProjectModels
from petseg_gui.services.ports import ModelRef
from tests.model.finetune_rig import small_and_short, write_model

PATIENCE = 120_000  # ms: TensorFlow's import and tracing on a busy machine


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with small_and_short(steps=3):
        yield write_model(tmp_path_factory.mktemp("models"))


@pytest.fixture
def models(starter: Path) -> ProjectModels:
    return ProjectModels(starter)


@pytest.fixture
def request_(project: Project, models: ProjectModels) -> FineTuneRequest:
    """A run of three steps on two labels, measured on the third."""
    settings = {"epochs": 1, "batch_size": 1, "oxford_share": 0.0, "oxford": "none"}
    request = build_request(project, models.registry(project), models.in_use(project), settings)
    labels = [
        replace(label, held_out=i == 2, corrected=True) for i, label in enumerate(request.labels)
    ]
    return replace(request, labels=labels)


class Heard:
    """How a run ended, and its steps."""

    def __init__(self, service: FineTuningService) -> None:
        self.ends: list[object] = []
        self.steps: list[int] = []
        self.plans: list[object] = []
        self.notices: list[str] = []
        service.finished.connect(self.ends.append)
        service.failed.connect(self.ends.append)
        service.cancelled.connect(lambda: self.ends.append("cancelled"))
        service.stopped.connect(lambda: self.ends.append("stopped"))
        service.noticed.connect(self.notices.append)
        service.stepped.connect(lambda report: self.steps.append(report.step))
        service.prepared.connect(self.plans.append)


@pytest.fixture
def service(qtbot: QtBot) -> Iterator[FineTuningService]:
    service = FineTuningService()
    yield service
    service.stop()


def test_a_run_ends_with_a_candidate_in_the_registry(
    service: FineTuningService,
    request_: FineTuneRequest,
    models: ProjectModels,
    project: Project,
    qtbot: QtBot,
) -> None:
    heard = Heard(service)
    service.start(request_)
    assert service.running
    with pytest.raises(RuntimeError, match="under way"):
        service.start(request_)
    qtbot.waitUntil(lambda: bool(heard.ends), timeout=PATIENCE)
    (outcome,) = heard.ends
    assert not service.running
    assert heard.steps == [1, 2, 3]
    (plan,) = heard.plans
    assert (plan.own, plan.own_held_out, plan.oxford, plan.steps) == (2, 1, 0, 3)  # type: ignore[attr-defined]
    assert outcome.candidate == "tuned-001"  # type: ignore[attr-defined]
    (row,) = outcome.rows  # type: ignore[attr-defined]
    assert (row.where, row.photos) == ("Your photos", 1)
    version = models.versions(project)[-1]
    assert (version.id, version.parent) == ("tuned-001", "tiny-1")
    assert version.about["own_photos"] == ["pet1.jpg", "pet2.jpg"]
    assert version.about["held_out_photos"] == ["pet3.jpg"]
    assert [row["epoch"] for row in version.about["history"]] == [0, 1]
    (side,) = outcome.sides  # type: ignore[attr-defined]
    assert (side.group, side.name, side.photo.shape) == ("own", "pet3.jpg", (60, 70, 3))
    assert side.truth.shape == side.before.shape == side.after.shape == (60, 70)
    assert (outcome.adopted, outcome.sure) == (False, False)  # type: ignore[attr-defined]
    assert not (project.models_dir / STATE_FOLDER).exists()
    assert models.in_use(project).id == "tiny-1"  # adopting is the window's decision
    assert models.find(project, "tuned-001").path == version.path


def test_cancel_ends_the_run_within_a_step_and_leaves_nothing(
    service: FineTuningService, request_: FineTuneRequest, project: Project, qtbot: QtBot
) -> None:
    heard = Heard(service)
    long = replace(request_, settings=replace(request_.settings, epochs=1000))
    service.stepped.connect(lambda _report: service.cancel())
    service.start(long)
    qtbot.waitUntil(lambda: bool(heard.ends), timeout=PATIENCE)
    assert heard.ends == ["cancelled"]
    assert len(heard.steps) <= 2  # the one that was heard, and the one that ran meanwhile
    assert not service.running
    assert list(project.models_dir.iterdir()) == []


def wrong_size(request: FineTuneRequest) -> None:
    request.labels[0].label.write_bytes(label_png.encode(np.ones((5, 5), np.uint8)))


def no_label(request: FineTuneRequest) -> None:
    request.labels[0].label.unlink()


def no_photo(request: FineTuneRequest) -> None:
    request.labels[1].photo.unlink()


def no_model(request: FineTuneRequest) -> None:
    request.registry.starter = request.model.path.with_name("absent.safetensors")
    object.__setattr__(request, "model", ModelRef("absent", request.registry.starter))


def disk_full(request: FineTuneRequest) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    request.registry.add = full  # type: ignore[method-assign, assignment]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (no_model, ("absent.safetensors",)),
        (disk_full, ("No space left", "disk full")),
    ],
)
def test_a_failure_is_told_once_in_words(
    *,
    service: FineTuningService,
    request_: FineTuneRequest,
    project: Project,
    qtbot: QtBot,
    spoil: object,
    says: tuple[str, ...],
) -> None:
    heard = Heard(service)
    spoil(request_)  # type: ignore[operator]
    service.start(request_)
    qtbot.waitUntil(lambda: bool(heard.ends), timeout=PATIENCE)
    (reason,) = heard.ends
    assert isinstance(reason, str)
    assert all(part in reason for part in says)
    assert not service.running
    assert not list(project.models_dir.glob("tuned-*"))


@pytest.mark.parametrize(
    ("spoil", "says", "left"),
    [
        (wrong_size, "pet1.jpg is left out: its label has 5×5 pixels, the photo 70×60", 1),
        (no_label, "pet1.jpg is left out: its label cannot be read", 1),
        (no_photo, "pet2.jpg is left out", 1),
    ],
)
def test_a_photo_that_cannot_be_used_is_left_out_and_named_once(
    *,
    service: FineTuningService,
    request_: FineTuneRequest,
    models: ProjectModels,
    project: Project,
    qtbot: QtBot,
    spoil: object,
    says: str,
    left: int,
) -> None:
    heard = Heard(service)
    spoil(request_)  # type: ignore[operator]
    service.start(request_)
    qtbot.waitUntil(lambda: bool(heard.ends), timeout=PATIENCE)
    assert len(heard.notices) == 1
    assert says in heard.notices[0]
    (plan,) = heard.plans
    assert plan.own == left  # type: ignore[attr-defined]
    assert len(models.versions(project)[-1].about["own_photos"]) == left


def test_without_a_label_that_can_be_used_nothing_is_trained(
    service: FineTuningService, request_: FineTuneRequest, qtbot: QtBot
) -> None:
    heard = Heard(service)
    for label in request_.labels:
        label.label.unlink()
    service.start(request_)
    qtbot.waitUntil(lambda: bool(heard.ends), timeout=PATIENCE)
    assert "no accepted label left" in str(heard.ends[0])


def test_an_interrupted_run_is_gone_on_with(
    service: FineTuningService, request_: FineTuneRequest, project: Project, qtbot: QtBot
) -> None:
    heard = Heard(service)
    service.stepped.connect(lambda report: service.interrupt() if report.step == 1 else None)
    service.start(request_)
    qtbot.waitUntil(lambda: bool(heard.ends), timeout=PATIENCE)
    assert heard.ends == ["stopped"]
    left = read_unfinished(project.models_dir)
    assert left is not None
    assert (left.model, left.photos) == ("tiny-1", ("pet1.jpg", "pet2.jpg"))
    assert left.settings["oxford"] == "none"
    done = heard.steps[-1]
    assert done < 3

    service.start(replace(request_, go_on=True))
    qtbot.waitUntil(lambda: len(heard.ends) == 2, timeout=PATIENCE)
    assert heard.steps == [1, 2, 3] if done == 1 else heard.steps[-1] == 3
    assert read_unfinished(project.models_dir) is None


def test_a_pause_lasts_until_it_is_told_to_go_on(
    service: FineTuningService, request_: FineTuneRequest, project: Project, qtbot: QtBot
) -> None:
    heard = Heard(service)
    said: list[bool] = []
    service.paused.connect(said.append)
    service.stepped.connect(lambda report: service.pause(True) if report.step == 1 else None)
    service.start(request_)
    state = project.models_dir / STATE_FOLDER / "state.safetensors"
    qtbot.waitUntil(lambda: said == [True] and state.exists(), timeout=PATIENCE)
    steps = len(heard.steps)
    qtbot.wait(300)
    assert len(heard.steps) == steps <= 2
    service.pause(False)
    qtbot.waitUntil(lambda: bool(heard.ends), timeout=PATIENCE)
    assert heard.steps == [1, 2, 3]
    assert said == [True, False]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"model": "a", "settings": {"epochs": -1}, "started": "", "photos": []}',
        b'{"model": "a", "settings": {"oxford": "rm -rf"}, "started": "", "photos": []}',
        b'{"model": "a", "settings": 3, "started": "", "photos": 5}',
        b" " * (1 << 21),
    ],
)
def test_what_no_run_left_is_not_gone_on_with(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / STATE_FOLDER
    folder.mkdir()
    (folder / "run.json").write_bytes(content)
    assert read_unfinished(tmp_path) is None
    discard_unfinished(tmp_path)
    assert not folder.exists()


def test_without_oxford_photos_the_remedy_is_named(
    service: FineTuningService, request_: FineTuneRequest, qtbot: QtBot
) -> None:
    heard = Heard(service)
    service.start(replace(request_, oxford="local"))
    qtbot.waitUntil(lambda: bool(heard.ends), timeout=PATIENCE)
    (reason,) = heard.ends
    assert "Oxford-IIIT Pet photos are not on this computer" in str(reason)


def test_stop_ends_a_run_silently(
    service: FineTuningService, request_: FineTuneRequest, qtbot: QtBot
) -> None:
    heard = Heard(service)
    service.start(request_)
    thread = service._thread
    assert thread is not None
    service.stop()
    assert thread.isFinished()
    qtbot.wait(10)  # whatever was still queued
    assert heard.ends == []
    service.stop()


def test_a_chosen_model_whose_file_is_gone_gives_way_to_the_starter(
    project: Project, models: ProjectModels
) -> None:
    project.set_model_in_use("tuned-004")
    assert models.in_use(project).id == "tiny-1"
    with pytest.raises(LookupError):
        models.find(project, "tuned-004")
