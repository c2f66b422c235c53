from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.labels import Label
from petseg_gui.core.exchange.classes import parse_mapping
from petseg_gui.core.exchange.common import ExchangeError
from petseg_gui.core.exchange.entries import ImportOptions
from petseg_gui.core.exchange.importing import plan_import, run_import
from petseg_gui.core.store import Project

from .conftest import SIZES, mask, shape_of
from .samples import (
    DOG,
    HEIGHT,
    WIDTH,
    coco_file,
    labelme_file,
    shape,
    the_mask,
    the_reason,
    write_png,
)

# -- pictures ---------------------------------------------------------------------------


def test_values_are_mapped_to_classes(fresh: Project, tmp_path: Path) -> None:
    values = np.zeros((HEIGHT, WIDTH), np.uint8)
    values[2:9, 3:12], values[9, 3:12], values[0] = 15, 255, 8
    write_png(tmp_path / "m" / "dog 1.png", values)
    options = ImportOptions(parse_mapping(["0=background", "15=pet", "255=border"]))
    plan = plan_import(fresh, tmp_path / "m", "index", options)
    assert "no class is known for the value 8. Say which class it is, for example" in the_reason(
        plan
    )
    options = ImportOptions({**options.mapping, "8": None})
    found = the_mask(plan_import(fresh, tmp_path / "m", "index", options))
    expected = np.full_like(values, 2)
    expected[2:9, 3:12], expected[9, 3:12], expected[0] = 1, 3, 0
    np.testing.assert_array_equal(found, expected)


def test_sixteen_bit_values_are_read(fresh: Project, tmp_path: Path) -> None:
    values = np.full((HEIGHT, WIDTH), 1000, np.uint16)
    values[3:5] = 2000
    write_png(tmp_path / "m" / "dog 1.png", values)
    options = ImportOptions(parse_mapping(["1000=background", "2000=pet"]))
    found = the_mask(plan_import(fresh, tmp_path / "m", "index", options))
    np.testing.assert_array_equal(found, np.where(values == 2000, 1, 2))


def test_pictures_in_colour_are_no_index_pictures(fresh: Project, tmp_path: Path) -> None:
    write_png(tmp_path / "m" / "dog 1.png", np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    assert "are colours" in the_reason(plan_import(fresh, tmp_path / "m", "index"))


@pytest.mark.parametrize("form", ["L", "RGB", "1", "P", "I;16"])
def test_a_mask_is_light_where_the_pet_is(fresh: Project, tmp_path: Path, form: str) -> None:
    region = mask(4, (HEIGHT, WIDTH)) == 1
    grey = np.where(region, 200, 90).astype(np.uint8)
    if form == "I;16":
        write_png(tmp_path / "m" / "dog 1.png", grey.astype(np.uint16) << 8)
    else:
        (tmp_path / "m").mkdir()
        source = Image.fromarray(np.where(region, 255, 0).astype(np.uint8) if form == "1" else grey)
        source.convert(form).save(tmp_path / "m" / "dog 1.png")
    found = the_mask(plan_import(fresh, tmp_path / "m", "binary"))
    np.testing.assert_array_equal(found, np.where(region, 1, 2))


def test_the_threshold_and_both_classes_of_a_mask_are_chosen(
    fresh: Project, tmp_path: Path
) -> None:
    grey = np.tile(np.arange(WIDTH, dtype=np.uint8), (HEIGHT, 1))
    write_png(tmp_path / "m" / "dog 1.png", grey)
    options = ImportOptions(threshold=9, foreground=Label.BORDER, rest=Label.UNLABELLED)
    found = the_mask(plan_import(fresh, tmp_path / "m", "binary", options))
    np.testing.assert_array_equal(found, np.where(grey >= 9, 3, 0))


# -- labelme ----------------------------------------------------------------------------


def test_labelme_shapes_are_painted_in_their_order(fresh: Project, tmp_path: Path) -> None:
    path = labelme_file(
        tmp_path / "any name.json",
        shape("Dog", "polygon", (2, 2), (20, 2), (20, 12), (2, 12)),
        shape("hole", "rectangle", (9, 8), (5, 4)),
        shape("border", "circle", (26, 8), (26, 11)),
        shape("collar", "line", (0, 0), (5, 5)),
    )
    options = ImportOptions(parse_mapping(["hole=background"]), rest=Label.UNLABELLED)
    plan = plan_import(fresh, path, "labelme", options)
    assert plan.left_out == {"collar": 1}
    assert "left out: 1 shapes called 'collar'. To use them, say for example" in plan.text()
    rows, columns = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    expected = np.zeros((HEIGHT, WIDTH), np.uint8)
    expected[2:12, 2:20] = 1
    expected[4:8, 5:9] = 2
    expected[np.hypot(columns - 26, rows - 8) < 3] = 3
    np.testing.assert_array_equal(the_mask(plan), expected)


def test_what_no_shape_covers_is_background(fresh: Project, tmp_path: Path) -> None:
    shapes = [shape("pet", "rectangle", (2, 2), (9, 9))]
    path = labelme_file(tmp_path / "a.json", *shapes)
    assert set(np.unique(the_mask(plan_import(fresh, path, "labelme")))) == {1, 2}
    labelme_file(path, *shapes, shape("background", "rectangle", (20, 0), (30, 9)))
    found = plan_import(fresh, path, "labelme").items[0].entry
    assert found.path == path
    options = ImportOptions(accept=True)
    run_import(plan_import(fresh, path, "labelme", options), overwrite=True)
    label = fresh.read_label(DOG)
    assert label is not None
    assert set(np.unique(label)) == {0, 1, 2}, "with a shape for it, the rest is not labelled"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"imageWidth": HEIGHT, "imageHeight": WIDTH}, "width and height are exchanged"),
        ({"shapes": []}, "no shape whose name stands for a class"),
        ({"shapes": 3}, "not labelme's"),
        ({"shapes": [3]}, "shape 1 is none"),
        ({"shapes": [shape("pet", "polygon", (0, 0), (1, 1))]}, "a polygon of 2 points"),
        ({"shapes": [shape("pet", "polygon", (0, 0), (1, 1e300), (2, 2))]}, "are no numbers"),
        ({"imagePath": "../../etc/passwd"}, "no photo is called passwd"),
    ],
)
def test_a_labelme_file_that_does_not_fit_is_refused_with_the_reason(
    fresh: Project, tmp_path: Path, change: dict[str, object], reason: str
) -> None:
    path = labelme_file(tmp_path / "a.json", shape("pet", "rectangle", (0, 0), (9, 9)), **change)
    assert reason in the_reason(plan_import(fresh, path, "labelme"))


# -- COCO -------------------------------------------------------------------------------


def counts_of(region: np.ndarray) -> list[int]:
    """Run lengths down the columns, by their definition."""
    counts, last, run = [], False, 0
    for value in region.T.ravel():
        if value != last:
            counts.append(run)
            last, run = value, 0
        run += 1
    return [*counts, run]


def test_coco_polygons_and_both_run_length_encodings(fresh: Project, tmp_path: Path) -> None:
    region = mask(4, (HEIGHT, WIDTH)) == 1
    plain = {"size": [HEIGHT, WIDTH], "counts": counts_of(region)}
    import pycocotools.mask

    packed = pycocotools.mask.encode(np.asfortranarray(np.roll(region, 3, 1), np.uint8))
    packed = {"size": packed["size"], "counts": packed["counts"].decode()}
    polygons = [[0, 0, 6, 0, 6, 5, 0, 5], [8, 8, 12, 8, 12, 12, 8, 12]]
    path = coco_file(tmp_path / "c.json", plain, packed, polygons)
    found = the_mask(plan_import(fresh, path, "coco"))
    expected = region | np.roll(region, 3, 1)
    expected[0:5, 0:6] = expected[8:12, 8:12] = True
    np.testing.assert_array_equal(found, np.where(expected, 1, 2))


def test_categories_are_mapped_by_name_or_number(fresh: Project, tmp_path: Path) -> None:
    square = [[0, 0, 6, 0, 6, 6, 0, 6]]
    path = coco_file(tmp_path / "c.json", square, categories=[{"id": 3, "name": "chair"}])
    plan = plan_import(fresh, path, "coco")
    assert plan.left_out == {"chair": 1}
    assert "Say which categories are which" in the_reason(plan)
    for entry in ("chair=pet", "3=pet"):
        options = ImportOptions(parse_mapping([entry]))
        assert len(plan_import(fresh, path, "coco", options).items) == 1
    ignored = plan_import(fresh, path, "coco", ImportOptions(parse_mapping(["chair=ignore"])))
    assert ignored.left_out == {}


@pytest.mark.parametrize(
    ("segmentation", "reason"),
    [
        ({"size": [HEIGHT, WIDTH], "counts": [5, HEIGHT * WIDTH]}, "do not add up"),
        ({"size": [HEIGHT, WIDTH], "counts": [-5, HEIGHT * WIDTH + 5]}, "not whole numbers"),
        ({"size": [HEIGHT, WIDTH], "counts": [HEIGHT * WIDTH / 2.01] * 2}, "not whole numbers"),
        ({"size": [HEIGHT, WIDTH], "counts": "oooooooooooooooo0"}, "too large"),
        ({"size": [HEIGHT, WIDTH], "counts": "PPPP"}, "end too early"),
        ({"size": [HEIGHT, WIDTH], "counts": "é"}, "mean nothing"),
        ({"size": [HEIGHT, WIDTH], "counts": ""}, "mean nothing"),
        ({"size": [HEIGHT, WIDTH], "counts": None}, "no counts"),
        ({"size": [WIDTH, HEIGHT], "counts": [HEIGHT * WIDTH]}, "is of size"),
        ({"size": [10**9, 10**9], "counts": [10**18]}, "is of size"),
        ([[1, 2, 3, 4]], "three points at least"),
        ([[0, 0, 5, 0, 5, True]], "no numbers"),
        ("all", "neither polygons nor"),
        ([], "no annotation with a mask"),
    ],
)
def test_damaged_annotations_are_refused_with_the_reason(
    fresh: Project, tmp_path: Path, segmentation: object, reason: str
) -> None:
    path = coco_file(tmp_path / "c.json", segmentation)
    assert reason in the_reason(plan_import(fresh, path, "coco"))


def test_annotations_of_nothing_are_named(fresh: Project, tmp_path: Path) -> None:
    path = coco_file(
        tmp_path / "c.json",
        annotations=[{"image_id": 7, "category_id": 99}],
        images=[{"id": 7}],
    )
    plan = plan_import(fresh, path, "coco")
    assert len(plan.refused) == 2
    assert plan.missing == tuple(SIZES) or sorted(plan.missing) == sorted(SIZES)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"[" * 100_000, "nested too deep|no JSON"),
        (b'{"images": ' + b"[" * 100 + b"]" * 100 + b"}", "nested too deep"),
        (b'{"images": [NaN]}', "NaN is no number"),
        (b'{"images": ' + b"9" * 5000 + b"}", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[]", "not an object"),
        (b"{}", "no list of categories"),
        (b'{"categories": [{}], "images": [], "annotations": []}', "has no id"),
    ],
)
def test_files_that_are_no_coco_are_told(
    fresh: Project, tmp_path: Path, content: bytes, reason: str
) -> None:
    (tmp_path / "c.json").write_bytes(content)
    with pytest.raises(ExchangeError, match=rf"c\.json: .*({reason})"):
        plan_import(fresh, tmp_path / "c.json", "coco")


def test_files_beyond_the_limit_are_not_read(
    fresh: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from petseg_gui.core.exchange import reading

    monkeypatch.setattr(reading, "MAX_JSON", 1000)
    monkeypatch.setattr(reading, "MAX_PICTURE", 10)
    (tmp_path / "c.json").write_bytes(b" " * 1001)
    with pytest.raises(ExchangeError, match="larger than"):
        plan_import(fresh, tmp_path / "c.json", "coco")
    write_png(tmp_path / "m" / "dog 1.png", mask(9, shape_of(DOG)))
    assert "larger than" in the_reason(plan_import(fresh, tmp_path / "m", "oxford"))
