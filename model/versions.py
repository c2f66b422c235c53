"""What is known of one model of a project, and of all of them, as it is listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model import weights
from model.model_names import Named

STARTER = "starter"
FINE_TUNED = "fine-tuned"
IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class Version:
    """One model.

    Attributes:
        id: its name in the project; the file's name without suffix.
        path: of its file.
        parent: id of the model that it was fine-tuned from; None for the starter, and for a model
            from elsewhere.
        created: UTC, ISO 8601; empty for the starter.
        about: what else its file says: settings, scores, photos (see :mod:`model.facts`).
        title: what a person calls it; empty: nothing.
        note: what a person noted about it.
        size: of its file, in bytes.
        origin: :data:`STARTER`, :data:`FINE_TUNED` or :data:`IMPORTED`.
    """

    id: str
    path: Path
    parent: str | None
    created: str
    about: Mapping[str, Any]
    title: str = ""
    note: str = ""
    size: int = 0
    origin: str = FINE_TUNED


@dataclass(frozen=True, slots=True)
class Listing:
    """The models of a project.

    Attributes:
        versions: the starter, then the others by number.
        deleted: those that can be brought back, the latest first.
        problems: a sentence for each file that cannot be read.
    """

    versions: list[Version]
    deleted: list[Version]
    problems: list[str]


def read_version(path: Path, named: Named) -> tuple[Version | None, str]:
    """A model, or the sentence that says why there is none."""
    try:
        about = weights.read_card(path).about
        size = path.stat().st_size
    except weights.ModelFileError as error:
        return None, str(error)
    except OSError as error:  # it went away meanwhile
        return None, f"{path}: {error.strerror}"
    parent, created = about.get("parent"), about.get("created")
    imported = about.get("origin") == IMPORTED
    version = Version(
        path.stem,
        path,
        parent if isinstance(parent, str) and not imported else None,
        created if isinstance(created, str) else "",
        about,
        named.title,
        named.note,
        size,
        IMPORTED if imported else FINE_TUNED,
    )
    return version, ""


def as_starter(found: Version) -> Version:
    """The same model as the one that comes with the program, whatever its file says."""
    return Version(
        found.id, found.path, None, "", found.about, found.title, found.note, found.size, STARTER
    )
