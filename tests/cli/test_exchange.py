"""``petseg export`` and ``petseg import``, and that others read what is exported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from petseg_gui.cli import main
from petseg_gui.core.photos import read_photo
from petseg_gui.core.store import PhotoState, Project, Provenance
from tests.conftest import blob

NAMES = [f"pet {number}.jpg" for number in range(1, 7)]


def make_folder(folder: Path) -> Path:
    folder.mkdir()
    for number, name in enumerate(NAMES):
        Image.fromarray(blob(40, 30, number)[0]).save(folder / name, quality=95)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six photos with labels; all but the last are accepted."""
    folder = make_folder(tmp_path / "photos")
    project = Project.open(folder)
    for number, name in enumerate(NAMES):
        label = blob(40, 30, number)[1]
        project.save_label(name, label, Provenance(None, 1), accept=name != NAMES[-1])
    project.close()
    return folder


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """The same photos without labels."""
    return make_folder(tmp_path / "fresh")


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    capsys.readouterr()
    return capsys


def states(folder: Path) -> list[PhotoState]:
    project = Project.open(folder)
    found = [record.state for record in project.records().values()]
    project.close()
    return found


def test_what_is_exported_is_imported(
    folder: Path, fresh: Path, tmp_path: Path, told: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["export", str(folder), "--to", "coco", "--out", str(out)]) == 0
    assert "5 labels in" in (text := told.readouterr().out)
    assert "1 not accepted left out" in text
    source = str(out / "annotations.json")
    assert main(["import", str(fresh), "--from", "coco", source, "--dry-run"]) == 0
    assert "5 new labels" in told.readouterr().out
    assert set(states(fresh)) == {PhotoState.NEW}
    assert main(["import", str(fresh), "--from", "coco", source, "--accept"]) == 0
    assert "5 labels saved" in told.readouterr().out
    assert states(fresh) == [PhotoState.ACCEPTED] * 5 + [PhotoState.NEW]


def test_nothing_is_replaced_unasked(
    folder: Path, tmp_path: Path, told: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    export = ["export", str(folder), "--to", "binary", "--out", str(out), "--all"]
    assert main(export) == 0
    assert "6 labels" in told.readouterr().out
    assert main(export) == 1
    assert "allow files to be replaced" in told.readouterr().err
    assert main([*export, "--overwrite"]) == 0
    bring_in = ["import", str(folder), "--from", "binary", str(out)]
    told.readouterr()
    assert main(bring_in) == 2
    assert "6 photos keep the label that they have" in told.readouterr().out
    assert main([*bring_in, "--overwrite", "--foreground", "border"]) == 0
    assert set(states(folder)) == {PhotoState.EDITED}


def test_names_are_mapped(fresh: Path, tmp_path: Path, told: pytest.CaptureFixture[str]) -> None:
    shape = {"label": "rex", "shape_type": "rectangle", "points": [[2, 2], [9, 9]]}
    content = {"imagePath": NAMES[0], "imageWidth": 40, "imageHeight": 30, "shapes": [shape]}
    path = tmp_path / "a.json"
    path.write_text(json.dumps(content))
    bring_in = ["import", str(fresh), "--from", "labelme", str(path)]
    assert main(bring_in) == 2
    assert "left out: 1 shapes called 'rex'" in told.readouterr().out
    assert main([*bring_in, "--map", "rex"]) == 1
    assert "NAME=CLASS" in told.readouterr().err
    assert main([*bring_in, "--map", "rex=pet"]) == 0
    assert states(fresh)[0] == PhotoState.EDITED


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["export", "absent", "--to", "coco", "--out", "out"], "absent is no folder"),
        (["import", "absent", "--from", "coco", "c.json"], "absent is no folder"),
    ],
)
def test_a_folder_that_is_not_there_is_named_and_not_made(
    arguments: list[str],
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    told: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    assert text in told.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("kind", "back", "source"),
    [
        ("oxford", "oxford", "."),
        ("palette", "index", "."),
        ("coco", "coco", "annotations.json"),
        ("yolo", "yolo", "."),
    ],
)
def test_photos_of_one_name_in_several_folders_keep_their_labels(
    tmp_path: Path, kind: str, back: str, source: str
) -> None:
    names = ["1.jpg", "x/1.jpg", "y/1.jpg"]
    for folder in (tmp_path / "from", tmp_path / "to"):
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(blob(40, 30)[0]).save(folder / name)
    project = Project.open(tmp_path / "from", subfolders=True)
    for seed, name in enumerate(names):
        project.save_label(name, blob(40, 30, seed)[1], Provenance(None, 1), accept=True)
    project.close()
    out = tmp_path / "out"
    export = ["export", str(tmp_path / "from"), "--subfolders", "--to", kind, "--out", str(out)]
    assert main(export) == 0
    bring_in = ["import", str(tmp_path / "to"), "--subfolders", "--from", back, str(out / source)]
    assert main(bring_in) == 0
    project = Project.open(tmp_path / "to", subfolders=True)
    for seed, name in enumerate(names):
        np.testing.assert_array_equal(project.read_label(name), blob(40, 30, seed)[1])
    project.close()


def test_subfolders_are_remembered_until_something_else_is_chosen(
    tmp_path: Path, told: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "photos"
    for name in ("1.jpg", "x/2.jpg"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(blob(40, 30)[0]).save(folder / name)
    project = Project.open(folder, subfolders=True)
    for name in project.names():
        project.save_label(name, blob(40, 30)[1], Provenance(None, 1), accept=True)
    project.close()
    for number, (choice, labels) in enumerate(
        (([], 2), (["--no-subfolders"], 1), ([], 1), (["--subfolders"], 2), ([], 2))
    ):
        out = tmp_path / str(number)
        export = ["export", str(folder), *choice, "--to", "binary", "--out", str(out)]
        assert main(export) == 0
        assert f"{labels} labels in" in told.readouterr().out


def test_a_threshold_that_is_none_is_told(fresh: Path, told: pytest.CaptureFixture[str]) -> None:
    arguments = ["import", str(fresh), str(fresh), "--from", "binary", "--threshold", "0"]
    assert main(arguments) == 1
    assert "from 1 to 255" in told.readouterr().err


def test_tensorflow_reads_the_records(folder: Path, tmp_path: Path) -> None:
    import tensorflow as tf

    out = tmp_path / "out"
    assert main(["export", str(folder), "--to", "tfrecord", "--out", str(out)]) == 0
    features = {
        "image": tf.io.FixedLenFeature([], tf.string),
        "segmentation_mask": tf.io.FixedLenFeature([], tf.string),
        "file_name": tf.io.FixedLenFeature([], tf.string),
        "width": tf.io.FixedLenFeature([], tf.int64),
        "height": tf.io.FixedLenFeature([], tf.int64),
    }
    read = {}
    project = Project.open(folder)
    for split in ("train", "test"):
        records = tf.data.TFRecordDataset(str(out / f"petseg-{split}.tfrecord-00000-of-00001"))
        for record in records.as_numpy_iterator():
            found = tf.io.parse_single_example(record, features)
            name = found["file_name"].numpy().decode()
            read[name] = split
            label = project.read_label(name)
            decoded = tf.io.decode_png(found["segmentation_mask"], channels=1).numpy()
            np.testing.assert_array_equal(decoded[..., 0], label)
            photo = tf.io.decode_jpeg(found["image"], dct_method="INTEGER_ACCURATE").numpy()
            assert photo.shape == (found["height"], found["width"], 3)
            error = np.abs(photo.astype(int) - read_photo(folder / name).astype(int))
            assert error.mean() < 1
    held_out = {name for name, record in project.records().items() if record.held_out}
    project.close()
    assert sorted(read) == NAMES[:-1]
    assert {name for name, split in read.items() if split == "test"} == held_out


def test_tensorflow_datasets_opens_the_folder(folder: Path, tmp_path: Path) -> None:
    import tensorflow_datasets as tfds

    out = tmp_path / "out"
    assert main(["export", str(folder), "--to", "tfrecord", "--out", str(out)]) == 0
    builder = tfds.builder_from_directory(out)
    assert {name: split.num_examples for name, split in builder.info.splits.items()} == {
        "train": 4,
        "test": 1,
    }
    project = Project.open(folder)
    for split in ("train", "test"):
        for example in builder.as_dataset(split=split).as_numpy_iterator():
            label = project.read_label(example["file_name"].decode())
            np.testing.assert_array_equal(example["segmentation_mask"][..., 0], label)
            assert example["image"].shape == (30, 40, 3)
    project.close()


def test_an_oxford_folder_can_be_trained_on(folder: Path, tmp_path: Path) -> None:
    from model.data import FolderSource

    out = tmp_path / "out"
    assert main(["export", str(folder), "--to", "oxford", "--out", str(out)]) == 0
    project = Project.open(folder)
    for listing, held_out in (("trainval", False), ("test", True)):
        source = FolderSource(out, listing)
        for example in source.examples():
            name = example.id.replace("_", " ") + ".jpg"
            assert project.record(name).held_out == held_out
            np.testing.assert_array_equal(example.mask, project.read_label(name))
    project.close()
