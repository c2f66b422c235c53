"""Which models a project has, and which of them is in use."""

from __future__ import annotations

import logging
from pathlib import Path

from model.registry import Registry, Version
from petseg_gui.core.store import Project
from petseg_gui.services.ports import ModelRef

_log = logging.getLogger(__name__)


class ProjectModels:
    """The starter weights that come with the program, and the models that projects grew.

    Args:
        starter: file of the starter model; its name without suffix is the model's id.
    """

    def __init__(self, starter: Path) -> None:
        self._starter = starter

    def registry(self, project: Project) -> Registry:
        """The registry of a project."""
        return Registry(project.models_dir, self._starter)

    def in_use(self, project: Project) -> ModelRef:
        """The model that ``project`` uses; the starter if it chose none or its file is gone."""
        chosen = project.model_in_use()
        if chosen is not None:
            try:
                return self.find(project, chosen)
            except LookupError:
                _log.warning("the model %s is gone; the starter model is used", chosen)
        return ModelRef(self._starter.stem, self._starter)

    def find(self, project: Project, model_id: str) -> ModelRef:
        """The model with this id.

        Raises:
            LookupError: neither the project nor the program has it.
        """
        return ModelRef(model_id, self.registry(project).path(model_id))

    def versions(self, project: Project) -> list[Version]:
        """The starter and every fine-tuned model of the project, oldest first."""
        return self.registry(project).versions()
