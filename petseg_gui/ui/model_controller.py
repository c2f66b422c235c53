"""Which model is in use: brings another one into use, by the menu or after a fine-tune."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from petseg_gui.core.records import StoreError
from petseg_gui.core.store import Project
from petseg_gui.services.ports import Services
from petseg_gui.ui.actions import Actions
from petseg_gui.ui.model_menu import ModelMenu
from petseg_gui.ui.review_controller import ReviewController

if TYPE_CHECKING:
    from model.registry import Version

PRIORITY = -15
"""The list of models is needed when its menu opens, later than everything on screen."""


class ModelController(QObject):
    """Keeps the menu of models up to date, carries out what is chosen in it, opens their dialog.

    Signals:
        modelChanged: id of the model that is in use from now on.
    """

    modelChanged = Signal(str)  # noqa: N815 - Qt's spelling of signals

    def __init__(
        self,
        actions: Actions,
        services: Services,
        review: ReviewController,
        menu: ModelMenu,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._action = actions["actionModels"]
        self._services = services
        self._review = review
        self._menu = menu
        self._versions: Sequence[Version] = ()
        menu.chosen.connect(self._chosen)
        menu.aboutToShow.connect(self.refresh)
        review.folderOpened.connect(self.refresh)
        for signal in (review.folderOpened, review.projectClosed):
            signal.connect(self._follow)
        self._action.triggered.connect(self._open_dialog)
        self._follow()

    def refresh(self) -> None:
        """Read anew, off the UI thread, which models the project has."""
        project = self._review.project
        if project is None:
            return
        models = self._services.models
        self._services.reader.run(
            lambda _state: models.versions(project),
            partial(self._listed, project),
            priority=PRIORITY,
        )

    def use(self, model_id: str) -> bool:
        """Bring a model into use; unreviewed photos are predicted anew.

        Returns:
            Whether it is in use; if not, the user has been told why.
        """
        project = self._review.project
        if project is None:
            return False
        try:
            model = self._services.models.find(project, model_id)
        except LookupError:
            self._services.messages.error(
                f"The files of the model {model_id} are gone. The model in use has not changed."
            )
            return False
        try:
            project.set_model_in_use(model.id)
        except StoreError as error:
            self._services.messages.error(str(error))
            return False
        self._services.inference.use_model(model.id, model.path)
        self._review.use_model(model.id)
        self.modelChanged.emit(model.id)
        self.refresh()
        return True

    def _follow(self, *_: object) -> None:
        self._action.setEnabled(self._review.project is not None)

    def _open_dialog(self, _checked: bool = False) -> None:
        from petseg_gui.ui.models_acts import ModelsActs  # later than the first photo

        project = self._review.project
        if project is None:
            return
        in_use = self._review.model or self._services.models.in_use(project).id
        acts = ModelsActs(project, self._services, self.use, in_use, self._window)
        acts.changed.connect(self.refresh)
        self.modelChanged.connect(acts.mark)

    def _chosen(self, model_id: str) -> None:
        if model_id == self._review.model:
            return
        if self._services.finetuning.running:
            # The candidate is compared with the model that was in use at its start.
            self._services.messages.warning(
                "Fine-tuning is running. Cancel it, or wait, before you choose another model."
            )
        else:
            self.use(model_id)
        self._show()  # whatever came of it, the check mark is at the model in use

    def _listed(self, project: Project, versions: Sequence[Version]) -> None:
        if project is self._review.project:
            self._versions = versions
            self._show()

    def _show(self) -> None:
        self._menu.show_versions(self._versions, self._review.model or "")
