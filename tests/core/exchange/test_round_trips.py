"""What is exported and imported into a project that knows nothing comes back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model import label_png
from model.labels import Label
from petseg_gui.core.exchange.entries import ImportOptions
from petseg_gui.core.exchange.exporting import ExportOptions, plan_export, run_export
from petseg_gui.core.exchange.importing import plan_import, run_import
from petseg_gui.core.photos import photo_size, read_photo
from petseg_gui.core.store import PhotoState, Project

from .conftest import BY_HAND, make_photos, mask


def export(project: Project, target: Path, kind: str, **options: object) -> None:
    report = run_export(plan_export(project, target, kind, ExportOptions(**options)))  # type: ignore[arg-type]
    assert report.failed == []
    assert report.photos == project.names()


def bring_in(project: Project, source: Path, kind: str, options: ImportOptions) -> None:
    plan = plan_import(project, source, kind, options)
    assert plan.refused == ()
    assert plan.missing == ()
    report = run_import(plan)
    assert (report.saved, report.failed) == ([item.photo for item in plan.items], [])


@pytest.mark.parametrize(
    ("kind", "back"),
    [
        ("oxford", ("oxford", ".")),
        ("palette", ("index", ".")),
        ("coco", ("coco", "annotations.json")),
    ],
)
def test_every_pixel_comes_back(
    labelled: Project, fresh: Project, tmp_path: Path, kind: str, back: tuple[str, str]
) -> None:
    export(labelled, tmp_path / "out", kind)
    bring_in(fresh, tmp_path / "out" / back[1], back[0], ImportOptions(accept=True))
    for name in labelled.names():
        np.testing.assert_array_equal(fresh.read_label(name), labelled.read_label(name))
        assert fresh.record(name).state == PhotoState.ACCEPTED


def test_yolo_loses_only_what_is_not_labelled(
    labelled: Project, fresh: Project, tmp_path: Path
) -> None:
    export(labelled, tmp_path / "out", "yolo")
    bring_in(fresh, tmp_path / "out", "yolo", ImportOptions())
    for name in labelled.names():
        truth = labelled.read_label(name)
        assert truth is not None
        expected = np.where(truth == Label.UNLABELLED, Label.BACKGROUND, truth)
        np.testing.assert_array_equal(fresh.read_label(name), expected)
        assert fresh.record(name).state == PhotoState.EDITED
    text = (tmp_path / "out" / "data.yaml").read_text()
    assert "0: pet" in text
    assert "1: border" in text


@pytest.mark.parametrize("border", [None, Label.BACKGROUND])
def test_a_binary_mask_keeps_pet_and_not_pet(
    labelled: Project, fresh: Project, tmp_path: Path, border: Label | None
) -> None:
    export(labelled, tmp_path / "out", "binary", border=border)
    bring_in(fresh, tmp_path / "out", "binary", ImportOptions())
    for name in labelled.names():
        truth = labelled.read_label(name)
        assert truth is not None
        pet = (truth == 1) | ((truth == 3) & (border is None))
        np.testing.assert_array_equal(fresh.read_label(name), np.where(pet, 1, 2))


def test_the_oxford_layout_keeps_the_held_out_photos_for_the_test(tmp_path: Path) -> None:
    folder = make_photos(tmp_path / "many")
    for number in range(8):
        Image.new("RGB", (9, 6), (number, 0, 0)).save(folder / f"p{number}.png")
    project = Project.open(folder)
    for seed, name in enumerate(project.names()):
        width, height = photo_size(folder / name)
        project.save_label(name, mask(seed, (height, width)), BY_HAND, accept=True)
    out = tmp_path / "out"
    export(project, out, "oxford")
    held_out = [name for name, record in project.records().items() if record.held_out]
    assert held_out

    def listed(name: str) -> list[str]:
        lines = (out / "annotations" / f"{name}.txt").read_text().splitlines()
        return [line.split()[0] for line in lines if not line.startswith("#")]

    assert len(listed("test")) == len(held_out)
    assert sorted(listed("test") + listed("trainval")) == sorted(listed("list"))
    assert sorted(listed("list")) == sorted(p.stem for p in (out / "images").iterdir())
    assert {"cat.jpg", "cat.png", "dog_1", "turned"} < set(listed("list"))
    project.close()


def test_exported_photos_look_the_same_to_readers_that_know_no_exif(
    labelled: Project, tmp_path: Path
) -> None:
    export(labelled, tmp_path / "out", "oxford")
    images = tmp_path / "out" / "images"
    assert (images / "cat.jpg.jpg").read_bytes() == labelled.photo_path("cat.jpg").read_bytes()
    for stem, name in (("turned", "turned.jpg"), ("cat.png", "cat.png")):
        with Image.open(images / f"{stem}.jpg") as image:
            assert 0x0112 not in image.getexif()
            error = np.abs(
                np.asarray(image).astype(int) - read_photo(labelled.photo_path(name)).astype(int)
            )
        assert error.mean() < 5, "noise, encoded anew"
    with Image.open(tmp_path / "out" / "annotations" / "trimaps" / "turned.png") as trimap:
        assert trimap.mode == "L", "TensorFlow's PNG reader would turn a palette into colours"
        assert trimap.size == (18, 24)


def test_a_cut_out_has_the_photo_where_the_pet_is_and_nothing_elsewhere(
    labelled: Project, tmp_path: Path
) -> None:
    export(labelled, tmp_path / "out", "cutouts", border=Label.BACKGROUND)
    for stem, name in (("turned", "turned.jpg"), ("cat.jpg", "cat.jpg")):
        truth = labelled.read_label(name)
        with Image.open(tmp_path / "out" / f"{stem}.png") as image:
            assert image.mode == "RGBA"
            found = np.asarray(image)
        np.testing.assert_array_equal(found[..., 3] == 255, truth == 1)
        np.testing.assert_array_equal(found[..., 3] == 0, truth != 1)
        photo = read_photo(labelled.photo_path(name))
        np.testing.assert_array_equal(found[truth == 1][:, :3], photo[truth == 1])
        assert not found[truth != 1].any()


def test_the_palette_shows_the_classes_in_their_colours(labelled: Project, tmp_path: Path) -> None:
    export(labelled, tmp_path / "out", "palette")
    found, _text = label_png.decode((tmp_path / "out" / "turned.png").read_bytes())
    np.testing.assert_array_equal(found, labelled.read_label("turned.jpg"))


# pycocotools' own arrays do not know of numpy 2's copy argument.
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning")
def test_coco_is_what_pycocotools_reads(labelled: Project, tmp_path: Path) -> None:
    import pycocotools.mask

    export(labelled, tmp_path / "out", "coco")
    content = json.loads((tmp_path / "out" / "annotations.json").read_text())
    names = {image["id"]: image["file_name"] for image in content["images"]}
    assert sorted(names.values()) == sorted(labelled.names())
    ids = [annotation["id"] for annotation in content["annotations"]]
    assert ids == list(range(1, len(ids) + 1))
    for annotation in content["annotations"]:
        truth = labelled.read_label(names[annotation["image_id"]])
        region = truth == annotation["category_id"]
        np.testing.assert_array_equal(
            pycocotools.mask.decode(annotation["segmentation"]).astype(bool), region
        )
        assert annotation["area"] == region.sum()
        box = pycocotools.mask.toBbox(annotation["segmentation"]).tolist()
        assert annotation["bbox"] == box
