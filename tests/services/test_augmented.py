"""Photos as the model sees them while it is trained."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from petseg_gui.core.store import Project
from petseg_gui.services.augmented import SIDE, augmented


def test_twelve_pictures_come_from_few_photos_each_changed_anew(project: Project) -> None:
    labels = [replace(label, held_out=False) for label in project.accepted()]
    assert 0 < len(labels) < 12
    found = augmented(labels, 12, seed=1)
    assert len(found) == 12
    for one in found:
        assert one.photo.shape == (SIDE, SIDE, 3)
        assert one.photo.dtype == one.mask.dtype == np.uint8
        assert set(np.unique(one.mask)) <= {0, 1, 2, 3}
    same = found[0], found[len(labels)]
    assert not np.array_equal(same[0].photo, same[1].photo)


def test_held_out_and_unreadable_labels_are_not_shown(project: Project) -> None:
    labels = project.accepted()
    assert augmented([replace(label, held_out=True) for label in labels], 4) == []
    labels[0].photo.unlink()
    assert augmented([replace(labels[0], held_out=False)], 4) == []
