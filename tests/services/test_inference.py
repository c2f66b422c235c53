from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from model.device import one_at_a_time
from model.predict import Predictor
from petseg_gui.core.photos import read_photo
from petseg_gui.core.store import PhotoState, Project
from petseg_gui.services.inference import InferenceService

MODEL = "tiny-1"


class Heard:
    """What the service said, in order."""

    def __init__(self, service: InferenceService) -> None:
        self.predicted: list[str] = []
        self.failed: list[tuple[str, str]] = []
        self.progress: list[tuple[int, int]] = []
        self.loaded: list[tuple[str, str]] = []
        service.predicted.connect(self.predicted.append)
        service.failed.connect(lambda *pair: self.failed.append(pair))
        service.progressed.connect(lambda *pair: self.progress.append(pair))
        service.modelLoaded.connect(lambda *pair: self.loaded.append(pair))


@pytest.fixture
def service(qtbot: QtBot) -> Iterator[InferenceService]:
    service = InferenceService()
    yield service
    service.stop()


def test_photos_are_predicted_in_order_each_once(
    service: InferenceService, project: Project, tiny_model_file: Path, qtbot: QtBot
) -> None:
    heard = Heard(service)
    (project.folder / "pet2.jpg").write_bytes(b"damaged")
    service.open_project(project)
    service.use_model(MODEL, tiny_model_file)
    service.request(["pet3.jpg", "pet2.jpg", "pet1.jpg"])
    service.start()
    qtbot.waitUntil(lambda: (3, 3) in heard.progress, timeout=60_000)
    assert heard.predicted == ["pet3.jpg", "pet1.jpg"]
    ((name, reason),) = heard.failed  # once, and the rest went on
    assert name == "pet2.jpg"
    assert "pet2.jpg" in reason
    assert heard.progress == [(1, 3), (2, 3), (3, 3)]
    ((model, device),) = heard.loaded
    assert model == MODEL
    assert device.startswith(("CPU, ", "GPU: "))
    found = project.read_prediction("pet1.jpg", MODEL)
    expected = Predictor.load(tiny_model_file).mask(read_photo(project.photo_path("pet1.jpg")))
    assert found is not None
    assert (found == expected).mean() > 0.999
    likely = project.predictions.read_probabilities("pet1.jpg", MODEL)
    assert likely is not None
    assert likely.shape == (64, 64, 3)
    np.testing.assert_array_equal(likely.sum(-1, dtype=int), 255)

    service.request(["pet1.jpg", "pet4.jpg"])  # the first has its prediction already
    qtbot.waitUntil(lambda: heard.progress[-1] == (2, 2), timeout=60_000)
    assert heard.predicted == ["pet3.jpg", "pet1.jpg", "pet4.jpg"]


def test_predictions_wait_while_a_network_is_traced(
    service: InferenceService, project: Project, tiny_model_file: Path, qtbot: QtBot
) -> None:
    heard = Heard(service)
    service.open_project(project)
    service.use_model(MODEL, tiny_model_file)
    with one_at_a_time():
        service.request(["pet1.jpg"])
        service.start()
        qtbot.waitUntil(lambda: bool(heard.loaded), timeout=60_000)
        qtbot.wait(300)
        assert heard.predicted == []
    qtbot.waitUntil(lambda: heard.predicted == ["pet1.jpg"], timeout=60_000)


def test_a_photo_with_a_mask_alone_gets_its_probabilities(
    service: InferenceService, project: Project, tiny_model_file: Path, qtbot: QtBot
) -> None:
    heard = Heard(service)
    old = np.full((60, 70), 2, np.uint8)
    project.write_prediction("pet1.jpg", MODEL, old)
    service.open_project(project)
    service.use_model(MODEL, tiny_model_file)
    service.start()
    service.request(["pet1.jpg"])
    qtbot.waitUntil(lambda: heard.predicted == ["pet1.jpg"], timeout=60_000)
    assert project.predictions.read_probabilities("pet1.jpg", MODEL) is not None
    assert project.record("pet1.jpg").state is PhotoState.ACCEPTED  # as it was


def test_a_bad_model_is_told_once_and_a_good_one_helps(
    service: InferenceService, project: Project, tiny_model_file: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    heard = Heard(service)
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"no model")
    service.start()
    service.open_project(project)
    service.use_model("bad", bad)
    service.request(["pet1.jpg"])
    qtbot.waitUntil(lambda: bool(heard.failed), timeout=60_000)
    service.request(["pet1.jpg"])
    service.use_model(MODEL, tiny_model_file)
    service.request(["pet1.jpg"])
    qtbot.waitUntil(lambda: heard.predicted == ["pet1.jpg"], timeout=60_000)
    ((name, reason),) = heard.failed
    assert name == ""
    assert "bad.safetensors" in reason
    assert project.has_prediction("pet1.jpg", MODEL)
    assert not project.has_prediction("pet1.jpg", "bad")


def test_stop_leaves_no_thread(
    service: InferenceService, project: Project, tiny_model_file: Path
) -> None:
    service.start()
    service.open_project(project)
    service.use_model(MODEL, tiny_model_file)
    service.request(project.names())
    thread = service._thread
    assert thread is not None
    service.stop()
    assert thread.isFinished()
    service.stop()
