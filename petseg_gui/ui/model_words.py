"""Models in words: what they are called, where they come from, how good they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape

from model import facts
from model.registry import IMPORTED, STARTER, Version

NOTHING = "–"
"""In the place of a figure that is not known."""
GROUPS = {"own": "your photos", "oxford": "Oxford photos"}
MEASURES = {
    "pet_iou": "Overlap of the pet, border apart",
    "mean_iou": "Mean IoU",
    "accuracy": "Pixels right",
}
SETTINGS = {
    "epochs": "Passes over the photos",
    "learning_rate": "Learning rate",
    "oxford_share": "Share of Oxford photos",
    "freeze_encoder": "Encoder frozen",
    "batch_size": "Photos per step",
    "own_weight": "Weight of own photos",
    "patience": "Rounds without a better one",
    "seed": "Seed",
    # Of a recipe, by which the starter was trained.
    "name": "Recipe",
    "optimizer": "Optimiser",
    "cosine": "Rate falls along a cosine",
    "weight_decay": "Weight decay",
    "dropout": "Dropout",
    "dice_weight": "Weight of the Dice loss",
    "stored_scale": "Photos kept at, times the input size",
    "input_size": "Input size in pixels",
    "decoder": "Decoder",
    "average": "Averages of the weights, kept per step",
}


def name(version: Version) -> str:
    """What a model is called: its title, if a person gave it one, and its id."""
    return f"{version.title} ({version.id})" if version.title else version.id


def menu_text(version: Version) -> str:
    """How a model is called in a menu."""
    if version.title:
        return name(version)
    if version.origin == STARTER:
        return f"{version.id} (comes with PetSeg)"
    return f"{version.id} ({when(version.created)})" if version.created else version.id


def description(version: Version) -> str:
    """Where a model comes from, in a sentence."""
    if version.origin == STARTER:
        return "The model that comes with PetSeg"
    at = f", {when(version.created)}" if version.created else ""
    if version.origin == IMPORTED:
        file = facts.text(version.about, "imported_from")
        return f"Imported from {file or 'a file'}{at}"
    return f"Fine-tuned from {version.parent or 'an unknown model'}{at}{_photos(version)}"


def tooltip(version: Version) -> str:
    """The same for a tooltip, which would take names of files for HTML."""
    text = description(version)
    return f"<span>{escape(text)}</span>" if "<" in text else text


def origin(version: Version) -> str:
    """What a model was made from, in a word or two."""
    if version.origin == STARTER:
        return "comes with PetSeg"
    return "imported" if version.origin == IMPORTED else version.parent or "unknown"


def lineage(version: Version, known: Mapping[str, Version], deleted: Mapping[str, Version]) -> str:
    """The models that it came from, the first one first."""
    steps, seen = [version.id], {version.id}
    parent = version.parent
    while parent is not None and parent not in seen:  # a strange file may be its own ancestor
        seen.add(parent)
        steps.append(parent if parent in known else f"{parent} (deleted)")
        found = known.get(parent) or deleted.get(parent)
        parent = found.parent if found is not None else None
    return " → ".join(reversed(steps))


def when(created: str) -> str:
    """A time in ISO 8601 as people read it, in their own zone."""
    try:
        moment = datetime.fromisoformat(created).astimezone()
    except (ValueError, OverflowError, OSError):  # a file from elsewhere
        return created
    return f"{moment:%d %b %Y, %H:%M}"


def size(count: int) -> str:
    """A file's size."""
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"


def percent(share: float | None) -> str:
    """0.9053 as '90.5 %'."""
    return NOTHING if share is None else f"{100 * share:.1f} %"


def score(version: Version, where: str) -> str:
    """The mean IoU of a model on one group of photos kept aside."""
    found = facts.scores(version.about).get(where)
    return percent(found.mean_iou if found is not None else None)


def setting(value: object) -> str:
    """A setting's value."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def photos(version: Version) -> list[tuple[str, str]]:
    """How many photos a model was made with, by what they were."""
    counts = facts.photos(version.about)
    named = (
        ("Your photos, learned from", "own"),
        ("Your photos, kept aside", "held_out"),
        ("Oxford photos, learned from", "oxford"),
    )
    return [(text, f"{counts[key]:,}") for text, key in named if key in counts]


def _photos(version: Version) -> str:
    counts = facts.photos(version.about)
    if "own" not in counts:
        return ""
    text = f", on {counts['own']} of your photos"
    return f"{text} and {counts['oxford']} Oxford photos" if counts.get("oxford") else text


def known(versions: Sequence[Version]) -> dict[str, Version]:
    """Models by id."""
    return {version.id: version for version in versions}
