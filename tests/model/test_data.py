from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model import label_png, oxford
from model.augment import FLIP_ONLY, Augmentation
from model.data import (
    DataError,
    Example,
    FolderSource,
    TfdsSource,
    WithoutBorder,
    open_source,
    split_ids,
)
from model.labels import Label
from model.pipeline import chained, evaluation_batches, prepared, training_batches

# -- a folder in Oxford's layout ------------------------------------------------------------


def trimap(folder: Path, name: str) -> Path:
    return folder / "annotations" / "trimaps" / f"{name}.png"


def test_a_folder_yields_what_its_list_names(oxford_folder: Path) -> None:
    source = FolderSource(oxford_folder)
    assert source.name == "oxford:trainval"
    assert source.ids() == tuple(f"pet_{n}" for n in range(1, 9))
    example = next(iter(source.examples()))
    assert example.id == "pet_1"
    assert example.photo.shape == (60, 70, 3)
    np.testing.assert_array_equal(example.mask, label_png.read(trimap(oxford_folder, "pet_1")))
    assert FolderSource(oxford_folder, "test").ids() == ("pet_9", "pet_10")


def test_chosen_photos_come_in_the_lists_order(oxford_folder: Path) -> None:
    chosen = FolderSource(oxford_folder).examples(["pet_5", "pet_2"])
    assert [example.id for example in chosen] == ["pet_2", "pet_5"]


def test_comments_blank_lines_repeats_and_photos_without_trimap_are_passed_over(
    oxford_folder: Path,
) -> None:
    listing = oxford_folder / "annotations" / "trainval.txt"
    listing.write_text("# a comment\n\npet_3 1 1 1\n  pet_1\npet_3\nabsent_7 2 1 1\n")
    assert FolderSource(oxford_folder).ids() == ("pet_3", "pet_1")


def test_without_a_list_every_trimap_counts(oxford_folder: Path) -> None:
    (oxford_folder / "annotations" / "trimaps" / "._pet_1.png").write_bytes(b"")  # macOS leaves it
    assert len(FolderSource(oxford_folder, "list").ids()) == 10


def test_another_layout_is_refused(tmp_path: Path, oxford_folder: Path) -> None:
    with pytest.raises(DataError, match="images and annotations/trimaps"):
        FolderSource(tmp_path)
    (oxford_folder / "annotations" / "trainval.txt").write_text("# nothing\n")
    with pytest.raises(DataError, match="names no labelled photo"):
        FolderSource(oxford_folder)


def test_a_photo_that_is_missing_is_named(oxford_folder: Path) -> None:
    (oxford_folder / "images" / "pet_2.jpg").unlink()
    with pytest.raises(DataError, match=r"pet_2\.jpg cannot be used"):
        list(FolderSource(oxford_folder).examples())


def test_a_damaged_trimap_is_named(oxford_folder: Path) -> None:
    trimap(oxford_folder, "pet_2").write_bytes(b"no")
    with pytest.raises(DataError, match="pet_2"):
        list(FolderSource(oxford_folder).examples())


def test_a_trimap_of_another_size_is_refused(oxford_folder: Path) -> None:
    trimap(oxford_folder, "pet_2").write_bytes(label_png.encode(np.ones((60, 71), np.uint8)))
    with pytest.raises(DataError, match="pet_2: the photo is 70×60 pixels, its label 71×60"):
        list(FolderSource(oxford_folder).examples())


def test_photos_are_turned_as_their_exif_says(oxford_folder: Path) -> None:
    path = oxford_folder / "images" / "pet_1.jpg"
    with Image.open(path) as image:
        exif = image.getexif()
        exif[0x0112] = 6  # turned by 90°: it looks 60 wide and 70 high
        image.save(path, exif=exif)
    trimap(oxford_folder, "pet_1").write_bytes(label_png.encode(np.ones((70, 60), np.uint8)))
    assert next(iter(FolderSource(oxford_folder).examples())).photo.shape == (70, 60, 3)


def test_of_approximate_masks_the_border_is_not_learned(oxford_folder: Path) -> None:
    plain = FolderSource(oxford_folder)
    rough = WithoutBorder(plain)
    assert rough.ids() == plain.ids()
    assert rough.name == f"{plain.name} without border"
    for before, after in zip(plain.examples(["pet_2"]), rough.examples(["pet_2"]), strict=True):
        border = before.mask == Label.BORDER
        assert border.any()
        assert (after.mask[border] == Label.UNLABELLED).all()
        assert (after.mask[~border] == before.mask[~border]).all()
        assert after.mask.dtype == np.uint8
        assert (after.photo == before.photo).all()


def test_open_source_names_folders_and_lists(oxford_folder: Path) -> None:
    assert open_source(str(oxford_folder), "train").name == "oxford:trainval"
    assert open_source(str(oxford_folder), "test").name == "oxford:test"


# -- the split ------------------------------------------------------------------------------

IDS = [f"Abyssinian_{n}" for n in range(2000)]


def test_the_split_is_disjoint_complete_and_about_the_share() -> None:
    train, held_out = split_ids(IDS, 0.1, seed=0)
    assert not set(train) & set(held_out)
    assert sorted([*train, *held_out]) == sorted(IDS)
    assert 150 < len(held_out) < 250


def test_the_split_depends_on_seed_and_name_alone() -> None:
    held_out = set(split_ids(IDS, 0.1, seed=0)[1])
    assert set(split_ids(reversed(IDS), 0.1, seed=0)[1]) == held_out
    assert set(split_ids(IDS[:500], 0.1, seed=0)[1]) == held_out & set(IDS[:500])
    assert set(split_ids(IDS, 0.1, seed=1)[1]) != held_out
    assert held_out < set(split_ids(IDS, 0.2, seed=0)[1])  # a larger share only adds


def test_the_ends_of_the_share() -> None:
    assert split_ids(IDS, 0.0, seed=0) == (IDS, [])
    assert split_ids(IDS, 1.0, seed=0) == ([], IDS)


# -- batches --------------------------------------------------------------------------------


def numbered(count: int) -> Iterator[Example]:
    """Photos of one colour each: their number."""
    for number in range(count):
        photo = np.full((40, 30, 3), number, np.uint8)
        yield Example(str(number), photo, np.full((40, 30), number % 3 + 1, np.uint8))


def epochs(
    seed: int, *, count: int = 7, how: Augmentation | None = None, passes: int = 2
) -> list[list[int]]:
    """The order in which the photos come, per epoch."""
    batches = training_batches(
        prepared(lambda: numbered(count), 32),
        size=32,
        count=count,
        batch_size=3,
        augmentation=how or Augmentation(),
        seed=seed,
    )
    return [
        [int(photo[0, 0, 0]) for photos, _ in batches.as_numpy_iterator() for photo in photos]
        for _ in range(passes)
    ]


def test_an_epoch_has_every_photo_once_in_a_new_order() -> None:
    first, second = epochs(seed=0, count=20)
    assert sorted(first) == sorted(second) == list(range(20))
    assert first != second
    assert first != sorted(first)


def test_the_seed_repeats_the_order() -> None:
    assert epochs(seed=4) == epochs(seed=4)
    assert epochs(seed=4, count=20) != epochs(seed=5, count=20)


def test_training_batches_have_their_shapes_and_length() -> None:
    batches = training_batches(
        prepared(lambda: numbered(7), 40),
        size=32,
        count=7,
        batch_size=3,
        augmentation=FLIP_ONLY,
        seed=0,
    )
    assert int(batches.cardinality()) == 3
    found = list(batches.as_numpy_iterator())
    assert [photos.shape for photos, _ in found] == [(n, 32, 32, 3) for n in (3, 3, 1)]
    assert [masks.shape for _, masks in found] == [(n, 32, 32) for n in (3, 3, 1)]
    assert found[0][0].dtype == np.float32
    assert found[0][1].dtype == np.uint8
    for photos, masks in found:  # photo and mask are still of one example
        np.testing.assert_array_equal(masks[:, 0, 0], np.round(photos[:, 0, 0, 0]) % 3 + 1)


def test_augmentation_draws_anew_in_every_epoch_and_repeats_for_a_seed() -> None:
    # Of middling grey, which no change of brightness takes to the end of the scale.
    grey = Example("grey", np.full((40, 30, 3), 128, np.uint8), np.ones((40, 30), np.uint8))

    def passes(seed: int) -> list[np.ndarray]:
        batches = training_batches(
            prepared(lambda: iter([grey]), 32),
            size=32,
            count=1,
            batch_size=1,
            augmentation=Augmentation(brightness=0.4),
            seed=seed,
        )
        return [next(iter(batches.as_numpy_iterator()))[0] for _ in range(3)]

    first, second, third = passes(1)
    assert not np.array_equal(first, second)
    assert not np.array_equal(second, third)
    for one, other in zip((first, second, third), passes(1), strict=True):
        np.testing.assert_array_equal(one, other)


def test_photos_are_read_once_however_many_epochs() -> None:
    opened: list[int] = []

    def counted() -> Iterator[Example]:
        opened.append(1)
        yield from numbered(2)

    batches = training_batches(
        prepared(counted, 32), size=32, count=2, batch_size=2, augmentation=FLIP_ONLY, seed=0
    )
    for _ in range(3):
        list(batches.as_numpy_iterator())
    assert len(opened) == 1


def test_evaluation_batches_come_in_order_and_unchanged() -> None:
    batches = evaluation_batches(prepared(lambda: numbered(5), 32), count=5, batch_size=2)
    assert int(batches.cardinality()) == 3
    found = list(batches.as_numpy_iterator())
    assert [int(p[0, 0, 0]) for photos, _ in found for p in photos] == [0, 1, 2, 3, 4]
    assert found[0][0].dtype == np.float32


def test_chained_sources_follow_one_another(oxford_folder: Path) -> None:
    train, test = FolderSource(oxford_folder), FolderSource(oxford_folder, "test")
    examples = chained([(train, ["pet_2"]), (test, ["pet_10"])])
    assert [e.id for e in examples()] == ["pet_2", "pet_10"]
    assert [e.id for e in examples()] == ["pet_2", "pet_10"]  # opened anew


# -- TensorFlow Datasets --------------------------------------------------------------------


def test_without_the_data_set_the_remedy_is_named() -> None:
    with pytest.raises(DataError, match="petseg data download"):
        TfdsSource("train", download=False)


@pytest.mark.shared
def test_the_real_data_set(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFDS_DATA_DIR", str(shared / "data" / "tensorflow_datasets"))
    train, test = (TfdsSource(split, download=False) for split in ("train", "test"))
    assert train.name == "oxford_iiit_pet:4.0.0:train"
    assert (len(train.ids()), len(test.ids())) == (330, 297)
    assert not set(train.ids()) & set(test.ids())
    chosen = [train.ids()[i] for i in (329, 7, 100)]
    examples = list(train.examples(chosen))
    assert [e.id for e in examples] == [train.ids()[i] for i in (7, 100, 329)]
    for example in examples:
        assert example.photo.shape == (*example.mask.shape, 3)
        assert set(np.unique(example.mask)) == {1, 2, 3}
        assert (example.mask[0] == 2).mean() > 0.5  # the top row is background: 2, not border


TRAIN = "oxford_iiit_pet-train.tfrecord-00000-of-00001"


@pytest.fixture
def copied(shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The real data set's folder, in which a test may spoil what it likes."""
    real = next((shared / "data" / "tensorflow_datasets" / "oxford_iiit_pet").iterdir())
    folder = tmp_path / "tfds" / "oxford_iiit_pet" / real.name
    folder.mkdir(parents=True)
    for path in real.iterdir():
        (folder / path.name).symlink_to(path)
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "tfds"))
    return folder


@pytest.mark.shared
def test_only_a_whole_data_set_is_present(copied: Path) -> None:
    assert oxford.is_present()
    copied.rename(copied.with_name("4.0.0.incompleteK3Q7"))  # TFDS was killed while it wrote it
    assert not oxford.is_present()


@pytest.mark.shared
@pytest.mark.parametrize("left", [None, b""])
def test_a_missing_file_is_named_with_the_remedy(copied: Path, left: bytes | None) -> None:
    (copied / TRAIN).unlink()
    if left is not None:
        (copied / TRAIN).write_bytes(left)
    kept = sorted(copied.iterdir())
    for download in (False, True):
        with pytest.raises(DataError, match=rf"{TRAIN} is missing. Delete that folder"):
            TfdsSource("train", download=download)
    assert sorted(copied.iterdir()) == kept
    assert oxford.is_present() is (left is not None)
    assert TfdsSource("test", download=False).ids()


@pytest.mark.shared
@pytest.mark.parametrize("cut", [True, False])
def test_a_damaged_file_is_named_with_the_remedy(copied: Path, cut: bool) -> None:
    content = bytearray((copied / TRAIN).read_bytes()[: 3_000_000 if cut else None])
    if not cut:
        content[2_000_000] ^= 0xFF
    (copied / TRAIN).unlink()
    (copied / TRAIN).write_bytes(content)
    with pytest.raises(DataError, match=r"4\.0\.0 are damaged. Delete that folder"):
        list(TfdsSource("train", download=False).examples())
