"""Which models a project has, and which of them is in use."""

from __future__ import annotations

import logging
from pathlib import Path

from model.registry import Listing, Registry, RegistryError, Version
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

    def listing(self, project: Project) -> Listing:
        """Every model, those that were deleted, and what cannot be read."""
        return self.registry(project).listing()

    # -- what people do with models: each may take a while, so it is done in a worker -------

    def export(self, project: Project, model_id: str, path: Path) -> None:
        """See :meth:`model.registry.Registry.export`."""
        self.registry(project).export(model_id, path)

    def import_file(self, project: Project, path: Path) -> str:
        """See :meth:`model.registry.Registry.import_model`."""
        return self._changing(project).import_model(path)

    def rename(self, project: Project, model_id: str, title: str) -> None:
        """See :meth:`model.registry.Registry.rename`."""
        self._changing(project).rename(model_id, title)

    def set_note(self, project: Project, model_id: str, note: str) -> None:
        """See :meth:`model.registry.Registry.set_note`."""
        self._changing(project).set_note(model_id, note)

    def delete(self, project: Project, model_id: str) -> None:
        """See :meth:`model.registry.Registry.delete`."""
        self._changing(project).delete(model_id, in_use=self.in_use(project).id)

    def restore(self, project: Project, model_id: str) -> None:
        """See :meth:`model.registry.Registry.restore`."""
        self._changing(project).restore(model_id)

    def _changing(self, project: Project) -> Registry:
        if project.read_only:
            raise RegistryError(
                "Another window has this folder open: the models can only be looked at here."
            )
        return self.registry(project)
