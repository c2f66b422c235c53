"""The models of a project: the starter and what was fine-tuned from it, with their lineage.

Each fine-tuned model is a file ``<id>.safetensors`` in the project's folder ``models``; its
header says what it came from.  Nothing here needs TensorFlow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model import weights

if TYPE_CHECKING:
    import keras

_NUMBERED = re.compile(r"tuned-(\d+)")


@dataclass(frozen=True, slots=True)
class Version:
    """One model.

    Attributes:
        id: its name in the project; the file's name without suffix.
        path: of its file.
        parent: id of the model that it was fine-tuned from; None for the starter.
        created: UTC, ISO 8601; empty for the starter.
        about: what else its file says: settings, scores, photos.
    """

    id: str
    path: Path
    parent: str | None
    created: str
    about: Mapping[str, Any]


class Registry:
    """The starter model and the fine-tuned ones of one project.

    Args:
        folder: the project's models; made when the first one is added.
        starter: file of the starter model, which is never written.
    """

    def __init__(self, folder: Path, starter: Path) -> None:
        self.folder = folder
        self.starter = starter

    @property
    def starter_id(self) -> str:
        """The starter's id."""
        return self.starter.stem

    def path(self, version: str) -> Path:
        """The file of a model.

        Raises:
            KeyError: there is no such model.
        """
        if version == self.starter_id:
            return self.starter
        path = self.folder / f"{version}{weights.SUFFIX}"
        if not _NUMBERED.fullmatch(version) or not path.is_file():
            raise KeyError(version)
        return path

    def versions(self) -> list[Version]:
        """The starter, then the fine-tuned models by number; unreadable files are left out."""
        found = [Version(self.starter_id, self.starter, None, "", {})]
        for path in sorted(self.folder.glob(f"tuned-*{weights.SUFFIX}"), key=_number):
            if not _NUMBERED.fullmatch(path.stem):
                continue
            try:
                about = weights.read_card(path).about
            except weights.ModelFileError:
                continue
            found.append(
                Version(path.stem, path, about.get("parent"), str(about.get("created", "")), about)
            )
        return found

    def add(self, model: keras.Model, parent: str, about: Mapping[str, Any]) -> str:
        """Keep a fine-tuned model; returns its new id.

        Args:
            model: the network.
            parent: id of the model that it was fine-tuned from.
            about: plain values: settings, scores, photos.

        Raises:
            OSError: the file could not be written; nothing was added.
        """
        numbers = [_number(p) for p in self.folder.glob(f"tuned-*{weights.SUFFIX}")]
        version = f"tuned-{max(numbers, default=0) + 1:03d}"
        network = weights.read_card(self.path(parent)).network
        created = datetime.now(UTC).isoformat(timespec="seconds")
        card = weights.ModelCard(network, {**about, "parent": parent, "created": created})
        weights.save(model, self.folder / f"{version}{weights.SUFFIX}", card)
        return version


def _number(path: Path) -> int:
    match = _NUMBERED.fullmatch(path.stem)
    return int(match.group(1)) if match else 0
