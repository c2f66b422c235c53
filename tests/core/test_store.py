from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from model import label_png
from petseg_gui.core.store import PhotoState, Project, Provenance, StoreError

from .conftest import OpenProject

BY_HAND = Provenance(None, 3)


def mask(seed: int = 0, shape: tuple[int, int] = (6, 9)) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 4, shape, np.uint8)


def text_of(path: Path) -> dict[str, object]:
    _mask, text = label_png.decode(path.read_bytes())
    content = json.loads(text["petseg"])
    assert isinstance(content, dict)
    return content


def test_a_new_project_lies_beside_its_photos_and_knows_nothing_yet(
    project: Project, folder: Path
) -> None:
    assert project.root == folder / "petseg"
    assert project.names()[:3] == ["img1.jpg", "img2.jpg", "img3.jpg"]
    assert {record.state for record in project.records().values()} == {PhotoState.NEW}
    assert list(project.records()) == project.names()
    assert project.model_in_use() is None
    assert project.read_label("img1.jpg") is None
    assert project.read_draft("img1.jpg") is None
    assert project.label_provenance("img1.jpg") is None
    assert project.label_versions("img1.jpg") == []
    assert project.notices == []
    assert project.models_dir.is_dir()
    assert project.photo_path("img1.jpg") == folder / "img1.jpg"


def test_photos_are_never_touched(project: Project, folder: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.jpg")}
    project.write_draft("img1.jpg", mask(), BY_HAND)
    project.save_label("img1.jpg", mask(), BY_HAND, accept=True)
    assert {path.name: path.stat().st_mtime_ns for path in folder.glob("*.jpg")} == before


def test_a_saved_label_reads_back_and_says_where_it_comes_from(
    project: Project, open_project: OpenProject
) -> None:
    path = project.save_label("img1.jpg", mask(), Provenance("starter", 7), accept=True)
    assert path == project.root / "labels" / "img1.png"
    content = text_of(path)
    assert content["photo"] == "img1.jpg"
    assert (content["model"], content["gestures"], content["state"]) == ("starter", 7, "accepted")
    assert str(content["saved"]).endswith("+00:00")
    project.close()
    again = open_project()
    saved = again.read_label("img1.jpg")
    assert saved is not None
    np.testing.assert_array_equal(saved, mask())
    assert again.label_provenance("img1.jpg") == Provenance("starter", 7)
    record = again.record("img1.jpg")
    assert (record.state, record.label, record.model) == (
        PhotoState.ACCEPTED,
        "img1.png",
        "starter",
    )
    assert again.records()["img1.jpg"] == record


def test_the_state_of_a_photo_from_new_to_accepted_and_back(project: Project) -> None:
    def state() -> PhotoState:
        assert project.records()[name] == project.record(name)
        return project.record(name).state

    name = "img2.jpg"
    project.write_prediction(name, "starter", mask())
    assert state() == PhotoState.NEW, "no model is in use yet"
    project.set_model_in_use("starter")
    assert state() == PhotoState.PREDICTED
    assert project.record(name).model == "starter"
    project.write_draft(name, mask(1), BY_HAND)
    assert state() == PhotoState.EDITED
    assert project.record(name).has_draft
    project.discard_draft(name)
    project.discard_draft(name)
    assert state() == PhotoState.PREDICTED
    project.save_label(name, mask(1), BY_HAND, accept=False)
    assert state() == PhotoState.EDITED
    project.save_label(name, mask(2), BY_HAND, accept=True)
    assert state() == PhotoState.ACCEPTED
    project.save_label(name, mask(3), BY_HAND, accept=False)
    assert state() == PhotoState.ACCEPTED, "saving does not take acceptance back"
    project.write_draft(name, mask(4), BY_HAND)
    assert state() == PhotoState.EDITED
    project.discard_draft(name)
    project.unaccept(name)
    assert state() == PhotoState.EDITED
    project.unaccept(name)
    project.unaccept("img3.jpg")
    (project.root / "labels" / "img2.png").unlink()
    assert state() == PhotoState.PREDICTED
    assert project.read_label(name) is None


def test_the_model_in_use_is_remembered(project: Project, open_project: OpenProject) -> None:
    project.set_model_in_use("starter")
    project.write_prediction("img1.jpg", "starter", mask())
    project.close()
    again = open_project()
    assert again.model_in_use() == "starter"
    assert again.record("img1.jpg").state == PhotoState.PREDICTED


def test_saving_keeps_every_earlier_version(project: Project) -> None:
    for seed in range(4):
        project.save_label("img1.jpg", mask(seed), BY_HAND, accept=True)
    versions = project.label_versions("img1.jpg")
    assert len(versions) == 3
    assert {path.parent for path in versions} == {project.root / "history" / "img1"}
    for seed, path in enumerate(versions):
        np.testing.assert_array_equal(label_png.read(path), mask(seed))


def test_earlier_versions_are_kept_where_files_cannot_be_linked(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    for seed in range(2):
        project.save_label("img1.jpg", mask(seed), BY_HAND, accept=True)
    (version,) = project.label_versions("img1.jpg")
    np.testing.assert_array_equal(label_png.read(version), mask(0))


def test_every_fifth_photo_accepted_is_held_out_for_good(project: Project) -> None:
    names = project.names()[:11]
    for name in names:
        project.save_label(name, mask(), BY_HAND, accept=False)
        assert not project.record(name).held_out
    for name in reversed(names):
        project.save_label(name, mask(), BY_HAND, accept=True)
    held_out = [label.name for label in project.accepted() if label.held_out]
    assert held_out == ["img2.jpg", "img7.jpg"]
    project.unaccept("img2.jpg")
    assert "img2.jpg" not in [label.name for label in project.accepted()]
    project.save_label("img12.jpg", mask(), BY_HAND, accept=True)
    project.save_label("img2.jpg", mask(), BY_HAND, accept=True)
    assert [label.name for label in project.accepted() if label.held_out] == held_out


def test_a_prediction_accepted_as_it_was_is_told_from_a_corrected_label(project: Project) -> None:
    project.save_label("img1.jpg", mask(), Provenance("starter", 0), accept=True)
    project.save_label("img2.jpg", mask(), Provenance("starter", 1), accept=True)
    assert [label.corrected for label in project.accepted()] == [False, True]


def test_only_accepted_labels_with_their_photos_are_offered_for_training(
    project: Project, open_project: OpenProject, folder: Path
) -> None:
    for name in ("img3.jpg", "img1.jpg", "img10.jpg", "img4.jpg"):
        project.save_label(name, mask(), BY_HAND, accept=name != "img4.jpg")
    project.write_draft("img5.jpg", mask(), BY_HAND)
    project.write_draft("img3.jpg", mask(9), BY_HAND)
    (folder / "img10.jpg").unlink()
    project.close()
    labels = open_project().accepted()
    assert [label.name for label in labels] == ["img1.jpg", "img3.jpg"]
    assert labels[1].photo == folder / "img3.jpg"
    np.testing.assert_array_equal(label_png.read(labels[1].label), mask())


def test_photos_of_the_same_stem_never_share_a_label(
    open_project: OpenProject, folder: Path
) -> None:
    for name in ("cat.jpg", "Cat.png", "cat.png.webp", "dog.jpg"):
        (folder / name).touch()
    project = open_project()
    names = ["dog.jpg", "cat.png.webp", "cat.jpg", "Cat.png"]
    labels = [
        project.save_label(name, mask(number), BY_HAND, accept=True).name
        for number, name in enumerate(names)
    ]
    assert labels == ["dog.png", "cat.png.png", "cat.jpg.png", "Cat.png (2).png"]
    for number, name in enumerate(names):
        saved = project.read_label(name)
        assert saved is not None
        np.testing.assert_array_equal(saved, mask(number))


def test_a_label_keeps_its_name_when_a_photo_of_the_same_stem_joins(
    project: Project, open_project: OpenProject, folder: Path
) -> None:
    project.save_label("img1.jpg", mask(1), BY_HAND, accept=True)
    project.write_draft("img2.jpg", mask(5), BY_HAND)
    project.close()
    for name in ("img1.png", "img2.png"):
        (folder / name).touch()
    again = open_project()
    assert again.save_label("img1.png", mask(2), BY_HAND, accept=True).name == "img1.png.png"
    assert again.save_label("img1.jpg", mask(3), BY_HAND, accept=True).name == "img1.png"
    assert again.record("img2.jpg").has_draft
    assert not again.record("img2.png").has_draft


def test_a_draft_outlives_the_process_and_a_save_ends_it(
    project: Project, open_project: OpenProject
) -> None:
    project.write_draft("img1.jpg", mask(1), Provenance("starter", 2))
    project.write_draft("img1.jpg", mask(2), Provenance("starter", 3))
    second = open_project()  # as after a crash: the first was never closed
    draft = second.read_draft("img1.jpg")
    assert draft is not None
    np.testing.assert_array_equal(draft, mask(2))
    assert second.draft_provenance("img1.jpg") == Provenance("starter", 3)
    second.save_label("img1.jpg", mask(2), BY_HAND, accept=True)
    assert second.read_draft("img1.jpg") is None
    assert second.draft_provenance("img1.jpg") is None
    assert list((second.root / "drafts").iterdir()) == []


def test_a_draft_left_behind_by_a_crash_after_the_save_is_not_taken_for_newer(
    project: Project, open_project: OpenProject
) -> None:
    project.write_draft("img1.jpg", mask(1), BY_HAND)
    left = project.root / "drafts" / "img1.jpg.png"
    content = left.read_bytes()
    project.save_label("img1.jpg", mask(2), BY_HAND, accept=True)
    left.write_bytes(content)
    project.close()
    again = open_project()
    assert again.record("img1.jpg").state == PhotoState.ACCEPTED
    assert again.read_draft("img1.jpg") is None
    again.write_draft("img1.jpg", mask(3), BY_HAND)
    again.close()
    assert open_project().record("img1.jpg").has_draft


def test_a_damaged_draft_is_reported_and_not_dropped(
    project: Project, open_project: OpenProject
) -> None:
    project.save_label("img1.jpg", mask(), BY_HAND, accept=True)
    project.write_draft("img1.jpg", mask(1), BY_HAND)
    draft = project.root / "drafts" / "img1.jpg.png"
    draft.write_bytes(b"damaged")
    project.close()
    again = open_project()
    assert again.draft_provenance("img1.jpg") is None
    with pytest.raises(StoreError, match=r"img1\.jpg\.png.*Delete it"):
        again.read_draft("img1.jpg")
    assert draft.exists()


def test_predictions_are_kept_by_model_and_a_damaged_one_counts_as_none(
    project: Project, open_project: OpenProject
) -> None:
    project.write_prediction("img1.jpg", "one", mask(1))
    assert project.has_prediction("img1.jpg", "one")
    assert not project.has_prediction("img1.jpg", "two")
    assert project.read_prediction("img1.jpg", "two") is None
    project.close()
    again = open_project()
    prediction = again.read_prediction("img1.jpg", "one")
    assert prediction is not None
    np.testing.assert_array_equal(prediction, mask(1))
    (again.root / "predictions" / "one" / "img1.jpg.png").write_bytes(b"damaged")
    assert again.read_prediction("img1.jpg", "one") is None
    assert not again.has_prediction("img1.jpg", "one"), "so that it is made again"


@pytest.mark.parametrize("name", ["../img1.jpg", "/etc/passwd", "..", ".", "", "a/b.jpg", "a\0b"])
def test_names_that_lead_out_of_the_folder_are_refused(project: Project, name: str) -> None:
    for call in (
        lambda: project.photo_path(name),
        lambda: project.record(name),
        lambda: project.read_label(name),
        lambda: project.save_label(name, mask(), BY_HAND, accept=True),
        lambda: project.unaccept(name),
        lambda: project.write_draft(name, mask(), BY_HAND),
        lambda: project.read_draft(name),
        lambda: project.discard_draft(name),
        lambda: project.write_prediction(name, "m", mask()),
        lambda: project.read_prediction(name, "m"),
    ):
        with pytest.raises(StoreError, match="no photo of this folder"):
            call()


@pytest.mark.parametrize("model", ["../x", "a/b", "", ".", "..", "a\\b"])
def test_model_ids_that_lead_out_of_the_folder_are_refused(project: Project, model: str) -> None:
    with pytest.raises(StoreError, match="no name for a model"):
        project.write_prediction("img1.jpg", model, mask())
    with pytest.raises(StoreError, match="no name for a model"):
        project.set_model_in_use(model)


def test_a_label_of_another_size_or_damaged_is_reported(project: Project) -> None:
    path = project.save_label("img1.jpg", mask(), BY_HAND, accept=True)
    assert project.read_label("img1.jpg", (6, 9)) is not None
    with pytest.raises(StoreError, match="9×6 pixels, but its photo has 6×9"):
        project.read_label("img1.jpg", (9, 6))
    path.write_bytes(b"damaged")
    with pytest.raises(StoreError, match=r"labels/img1\.png.*history"):
        project.read_label("img1.jpg")


def test_what_is_no_mask_is_never_saved(project: Project) -> None:
    with pytest.raises(ValueError, match="a mask is"):
        project.save_label("img1.jpg", np.full((2, 2), 9, np.uint8), BY_HAND, accept=True)
    assert project.record("img1.jpg").state == PhotoState.NEW


@pytest.mark.skipif(os.name == "nt", reason="file names are Unicode there")
def test_names_that_are_not_utf8_work(open_project: OpenProject, folder: Path) -> None:
    names = [os.fsdecode(b"caf\xe9\\x.jpg"), "back\\slash\\xe9.jpg", "käse.jpg"]
    try:
        for name in names:
            (folder / name).touch()
    except OSError:
        pytest.skip("this file system wants UTF-8")
    project = open_project()
    for number, name in enumerate(names):
        project.save_label(name, mask(number), BY_HAND, accept=True)
    project.close()
    (project.root / "project.sqlite").unlink()
    again = open_project()
    for number, name in enumerate(names):
        saved = again.read_label(name)
        assert saved is not None
        np.testing.assert_array_equal(saved, mask(number))
        assert again.record(name).state == PhotoState.ACCEPTED


def test_any_thread_may_call(project: Project) -> None:
    def work(number: int) -> None:
        for _ in range(3):
            name = f"img{number}.jpg"
            project.write_draft(name, mask(number), BY_HAND)
            project.save_label(name, mask(number), BY_HAND, accept=True)
            project.write_prediction(name, "m", mask())
            project.records()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(1, 7)))
    assert len(project.accepted()) == 6
    assert sum(label.held_out for label in project.accepted()) == 1


def test_opening_thousands_of_photos_looks_at_none_of_them(
    open_project: OpenProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = tmp_path / "many"
    (many / "petseg" / "predictions" / "starter").mkdir(parents=True)
    for number in range(1000):
        (many / f"IMG_{number}.jpg").touch()
        (many / "petseg" / "predictions" / "starter" / f"IMG_{number}.jpg.png").touch()
    first = open_project(many)
    first.set_model_in_use("starter")
    first.close()
    looks: list[object] = []
    for module, name in ((os, "stat"), (os, "lstat"), (os, "open")):
        real = getattr(module, name)

        def counted(path: object, *rest: object, real: object = real, **options: object) -> object:
            looks.append(path)
            return real(path, *rest, **options)  # type: ignore[operator]

        monkeypatch.setattr(module, name, counted)
    project = open_project(many)
    records = project.records()
    project.close()
    assert {record.state for record in records.values()} == {PhotoState.PREDICTED}
    assert len(looks) < 100, "folders are listed, files are not looked at one by one"


def test_the_records_of_all_photos_are_one_query(
    open_project: OpenProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = open_project()
    for name in project.names():
        project.save_label(name, mask(), BY_HAND, accept=True)
        project.set_tags(name, ["a", "b"])
    queries: list[str] = []
    project._index._connection.set_trace_callback(queries.append)
    monkeypatch.setattr(Path, "stat", lambda *_args, **_options: pytest.fail("looked at a file"))
    records = project.records()
    project._index._connection.set_trace_callback(None)
    monkeypatch.undo()
    assert len([query for query in queries if not query.startswith("--")]) == 1
    assert {record.tags for record in records.values()} == {("a", "b")}
