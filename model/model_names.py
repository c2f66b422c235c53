"""What people call their models and note about them: a small file beside the models.

It is apart from the models' own files, so that weights are never written again for a name.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.files import write_atomically

NAMES_FILE = "names.json"
DAMAGED_FILE = "names-damaged.json"
MAX_TITLE = 80
"""Characters of a title."""
MAX_NOTE = 2000
"""Characters of a note."""
_FORMAT = "petseg-model-names/1"
_MAX_BYTES = 4 * 1024 * 1024
_JOINERS = "\u200c\u200d"
"""Not printable by themselves, but parts of words and emoji."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a person calls a model, and what they noted about it; empty: nothing."""

    title: str = ""
    note: str = ""


class Names:
    """Titles and notes of the models in one folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAMES_FILE

    def read(self) -> dict[str, Named]:
        """By the models' ids; a damaged or unreadable file counts as empty."""
        try:
            return self._read()[0]
        except OSError:
            return {}

    def put(self, version: str, named: Named) -> None:
        """Keep title and note of a model, in place of those before; a damaged file is kept aside.

        Raises:
            OSError: the file cannot be read or written; it is as it was.
        """
        names, whole = self._read()
        names.pop(version, None)
        if named != Named():
            names[version] = named
        elif not self._path.exists():
            return
        if not whole:
            os.replace(self._path, self._path.with_name(DAMAGED_FILE))  # noqa: PTH105 - overwrites
        models = {key: {"title": value.title, "note": value.note} for key, value in names.items()}
        text = json.dumps({"format": _FORMAT, "models": models}, ensure_ascii=False, indent=1)
        self._path.parent.mkdir(exist_ok=True)
        write_atomically(self._path, text.encode())

    def _read(self) -> tuple[dict[str, Named], bool]:
        """What the file says, and whether all of it could be understood."""
        try:
            with self._path.open("rb") as file:
                data = file.read(_MAX_BYTES + 1)
        except FileNotFoundError:
            return {}, True
        if len(data) > _MAX_BYTES:
            return {}, False
        try:
            found = json.loads(data)
        except (ValueError, RecursionError):
            return {}, False
        models = found.get("models") if isinstance(found, dict) else None
        if not isinstance(models, dict) or found.get("format") != _FORMAT:
            return {}, False
        named = {key: _named(value) for key, value in models.items()}
        good = {key: value for key, value in named.items() if value is not None}
        return good, len(good) == len(named)


def clean_title(text: str) -> str:
    """A title on one line, without what cannot be seen.

    Raises:
        ValueError: it is too long.
    """
    title = " ".join(_visible(text).split())
    if len(title) > MAX_TITLE:
        raise ValueError(f"A name has at most {MAX_TITLE} characters, this one has {len(title)}.")
    return title


def clean_note(text: str) -> str:
    """A note without what cannot be seen; line breaks stay.

    Raises:
        ValueError: it is too long.
    """
    note = "\n".join(_visible(line).rstrip() for line in text.splitlines()).strip()
    if len(note) > MAX_NOTE:
        raise ValueError(f"A note has at most {MAX_NOTE:,} characters, this one has {len(note):,}.")
    return note


def _visible(text: str) -> str:
    return "".join(c if c.isprintable() or c in _JOINERS else " " for c in text)


def _named(value: Any) -> Named | None:
    if not isinstance(value, Mapping):
        return None
    title, note = value.get("title", ""), value.get("note", "")
    if not isinstance(title, str) or not isinstance(note, str):
        return None
    try:
        return Named(clean_title(title), clean_note(note))
    except ValueError:
        return None
