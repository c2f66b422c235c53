"""What is read from a model's card, also when the card is not as it should be."""

from __future__ import annotations

from typing import Any

import pytest

from model import facts

ROW = {
    "where": "own",
    "photos": 4,
    "old_accuracy": 0.8,
    "new_accuracy": 0.9,
    "old_mean_iou": 0.6,
    "new_mean_iou": 0.7,
    "old_pet_iou": 0.65,
    "new_pet_iou": 0.75,
}


def test_a_card_as_it_should_be() -> None:
    about = {
        "comparison": [ROW, {**ROW, "where": "oxford", "new_pet_iou": float("nan")}],
        "settings": {"epochs": 5, "freeze_encoder": True, "learning_rate": 1e-4},
        "own_photos": ["a.png", "b.png"],
        "held_out_photos": [],
        "oxford_photos": 20,
        "history": [
            {"step": 2, "loss": 0.5, "held_out": {"own": {"mean_iou": 0.7, "loss": None}}},
            {"step": 1, "loss": 0.9, "accuracy": 0.6},
        ],
    }
    assert facts.scores(about)["own"] == facts.Score("own", 4, 0.9, 0.7, 0.75)
    assert facts.scores(about)["oxford"].pet_iou is None
    assert facts.scores(about, "old")["own"] == facts.Score("own", 4, 0.8, 0.6, 0.65)
    assert facts.settings(about) == about["settings"]
    assert facts.photos(about) == {"own": 2, "held_out": 0, "oxford": 20}
    assert facts.history(about) == {
        "loss": [(1, 0.9), (2, 0.5)],
        "accuracy": [(1, 0.6)],
        "own_iou": [(2, 0.7)],
    }


@pytest.mark.parametrize(
    "about",
    [
        {},
        {"comparison": 5, "settings": [], "own_photos": "text", "history": {"step": 1}},
        {"comparison": [5, None, {}, {"where": []}], "settings": {"x": [1]}, "history": [[], "a"]},
        {"history": [{"step": "1", "loss": 2}, {"step": 1, "loss": float("inf")}]},
        {"history": [{"step": 10**400, "loss": 1}], "oxford_photos": 10**400},
        {"history": [{"step": 1, "held_out": 3}, {"step": 1, "held_out": {"own": []}}]},
        {"oxford_photos": -1, "own_photos": True},
    ],
)
def test_what_is_not_as_expected_is_left_out(about: dict[str, Any]) -> None:
    assert facts.scores(about) == {}
    assert facts.settings(about) == {}
    assert facts.photos(about) == {}
    assert facts.history(about) == {}


def test_a_model_that_was_trained_has_a_recipe_for_settings() -> None:
    about = {"recipe": {"epochs": 24, "augmentation": {"flip": True}, "optimizer": "adamw"}}
    assert facts.settings(about) == {"epochs": 24, "optimizer": "adamw"}
    assert facts.settings({"recipe": "none"}) == {}


def test_a_share_above_1_is_no_score() -> None:
    (score,) = facts.scores({"comparison": [{**ROW, "new_mean_iou": 70, "photos": "4"}]}).values()
    assert score == facts.Score("own", None, 0.9, None, 0.75)
