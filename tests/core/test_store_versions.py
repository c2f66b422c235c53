"""Earlier versions of a label: seen, told apart, restored; none is ever lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from model import label_png
from petseg_gui.core.store import PhotoState, Project, Provenance, StoreError

BY_HAND = Provenance("starter", 3)


def mask(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 4, (6, 9), np.uint8)


def every_mask(root: Path) -> list[bytes]:
    return [label_png.read(path).tobytes() for path in root.rglob("*.png")]


def test_versions_say_when_and_from_what_they_come(project: Project) -> None:
    name, saved = "img1.jpg", []
    for seed in range(3):
        project.save_label(name, mask(seed), Provenance(f"m{seed}", seed), accept=seed == 1)
        saved.append(project.record(name).saved)
    versions = project.versions(name)
    assert [version.provenance for version in versions] == [
        Provenance("m0", 0),
        Provenance("m1", 1),
    ]
    assert [version.saved for version in versions] == saved[:2]
    assert [version.accepted for version in versions] == [False, True]
    assert [version.path for version in versions] == project.label_versions(name)
    for seed, version in enumerate(versions):
        np.testing.assert_array_equal(project.read_version(name, version.id, (6, 9)), mask(seed))
    with pytest.raises(StoreError, match="9×6 pixels"):
        project.read_version(name, versions[0].id, (5, 5))


def test_a_version_without_our_text_or_damaged_is_listed_all_the_same(project: Project) -> None:
    project.save_label("img1.jpg", mask(), BY_HAND, accept=True)
    folder = project.root / "history" / "img1"
    folder.mkdir()
    (folder / "20250301T100000.000000Z.png").write_bytes(label_png.encode(mask(1)))
    (folder / "20250301T100000.000000Z-2.png").write_bytes(b"damaged")
    (folder / "mine.png").write_bytes(label_png.encode(mask(2)))
    versions = {version.id: version for version in project.versions("img1.jpg")}
    plain = versions["20250301T100000.000000Z"]
    assert (plain.saved, plain.provenance) == ("2025-03-01T10:00:00.000000+00:00", None)
    assert versions["20250301T100000.000000Z-2"].saved == plain.saved
    assert versions["mine"].saved == ""
    with pytest.raises(StoreError, match="Choose another version"):
        project.restore_version("img1.jpg", "20250301T100000.000000Z-2")
    project.restore_version("img1.jpg", "mine")
    assert project.record("img1.jpg").state is PhotoState.EDITED


@pytest.mark.parametrize("version", ["../../labels/img1", "/etc/x", "", "..", "missing", "a\0b"])
def test_a_version_is_one_of_the_photo_s_own(project: Project, version: str) -> None:
    project.save_label("img1.jpg", mask(), BY_HAND, accept=True)
    for call in (project.read_version, project.restore_version):
        with pytest.raises(StoreError, match="no version"):
            call("img1.jpg", version)
        with pytest.raises(StoreError, match="no label"):
            call("img2.jpg", version)
    assert project.versions("img2.jpg") == []


def test_a_restored_version_is_the_newest_and_nothing_is_lost(project: Project) -> None:
    name = "img1.jpg"
    project.save_label(name, mask(1), Provenance("one", 1), accept=True)
    project.save_label(name, mask(2), Provenance("two", 2), accept=True)
    project.write_draft(name, mask(3), BY_HAND)
    (first,) = project.versions(name)
    path = project.restore_version(name, first.id)
    np.testing.assert_array_equal(project.read_label(name), mask(1))
    assert path == project.root / "labels" / "img1.png"
    assert project.label_provenance(name) == Provenance("one", 1)
    assert project.read_draft(name) is None
    assert project.record(name).state is PhotoState.ACCEPTED
    assert set(every_mask(project.root)) == {mask(seed).tobytes() for seed in (1, 2, 3)}
    assert project.log(name)[-1].what == "restored"
    assert project.log(name)[-1].detail == first.id


def test_what_was_not_accepted_is_not_so_when_restored(project: Project) -> None:
    project.save_label("img1.jpg", mask(1), BY_HAND, accept=False)
    project.save_label("img1.jpg", mask(2), BY_HAND, accept=True)
    (version,) = project.versions("img1.jpg")
    held_out = project.record("img1.jpg").held_out
    project.restore_version("img1.jpg", version.id)
    assert project.record("img1.jpg").state is PhotoState.EDITED
    assert project.record("img1.jpg").held_out == held_out
    assert project.accepted() == []


def test_taking_acceptance_back_keeps_a_version(project: Project) -> None:
    project.save_label("img1.jpg", mask(1), BY_HAND, accept=True)
    project.unaccept("img1.jpg")
    (version,) = project.versions("img1.jpg")
    assert version.accepted
    assert project.record("img1.jpg").state is PhotoState.EDITED
    project.restore_version("img1.jpg", version.id)
    assert project.record("img1.jpg").state is PhotoState.ACCEPTED
    assert [entry.what for entry in project.log("img1.jpg")] == [
        "accepted",
        "unaccepted",
        "restored",
    ]
    assert all(entry.at.endswith("+00:00") for entry in project.log("img1.jpg"))
