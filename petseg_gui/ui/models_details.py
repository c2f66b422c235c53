"""What there is to know of one model: lineage, photos, settings, scores, note, curves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QHBoxLayout, QTextBrowser, QWidget

from model import facts
from model.registry import Version
from petseg_gui.ui import model_words

if TYPE_CHECKING:
    from petseg_gui.ui.models_curves import ModelCurves


class ModelDetails(QWidget):
    """Shows one model.

    Attributes:
        text: everything in words.
        curves: how it learned; None: its file does not say.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = QTextBrowser()
        self.text.setObjectName("modelDetails")
        self.text.setAccessibleName("About the model")
        self.text.setOpenLinks(False)
        self.text.setTabChangesFocus(True)
        self.curves: ModelCurves | None = None
        self._version: Version | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.text, 1)

    def show_version(
        self,
        version: Version | None,
        known: Mapping[str, Version],
        deleted: Mapping[str, Version],
    ) -> None:
        """Show a model; None: none is chosen.

        Args:
            version: the model.
            known: the project's models by id, for the lineage.
            deleted: those that can be brought back, by id.
        """
        self._version = version
        self.text.setHtml(_html(version, known, deleted) if version is not None else "")
        self._draw()

    def say(self, text: str) -> None:
        """Show a sentence in the place of a model."""
        self._version = None
        self.text.setPlainText(text)
        self._draw()

    def close_curves(self) -> None:
        """The diagrams are about to go."""
        if self.curves is not None:
            self._row.removeWidget(self.curves)
            self.curves.close()
            self.curves.deleteLater()
            self.curves = None

    def changeEvent(self, event: QEvent) -> None:
        """Draw the curves in the colours of the moment."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.curves is not None:
            # Not now: Qt is going through all widgets, and must find the old ones alive.
            QTimer.singleShot(0, self, self._draw_again)

    def _draw_again(self) -> None:
        if self.curves is not None:
            self._draw()

    def _draw(self) -> None:
        self.close_curves()
        history = facts.history(self._version.about) if self._version is not None else {}
        if history:
            from petseg_gui.ui.models_curves import ModelCurves

            self.curves = ModelCurves(history, self.palette())
            self._row.addWidget(self.curves, 1)


def _html(version: Version, known: Mapping[str, Version], deleted: Mapping[str, Version]) -> str:
    parts = [
        f"<p><b>{escape(model_words.name(version))}</b><br>"
        f"{escape(model_words.description(version))}</p>"
    ]
    if version.note:
        lines = "<br>".join(escape(line) for line in version.note.splitlines())
        parts.append(f"<p><i>{lines}</i></p>")
    plain = [("Lineage", model_words.lineage(version, known, deleted))]
    plain += model_words.photos(version)
    parts.append(_table("", plain))
    for where, score in facts.scores(version.about).items():
        measured = [
            (words, model_words.percent(getattr(score, measure)))
            for measure, words in model_words.MEASURES.items()
            if getattr(score, measure) is not None
        ]
        group = model_words.GROUPS.get(where, where)
        of = "of " if where == "own" else ""
        many = f"{score.photos} {of}" if score.photos is not None else ""
        parts.append(_table(f"On {many}{group} kept aside", measured))
    chosen = facts.settings(version.about)
    parts.append(
        _table(
            "Settings",
            [
                (model_words.SETTINGS.get(key, key), model_words.setting(value))
                for key, value in chosen.items()
            ],
        )
    )
    return "".join(parts)


def _table(title: str, rows: Iterable[tuple[str, str]]) -> str:
    lines = "".join(
        f"<tr><td>{escape(what)}&nbsp;&nbsp;</td><td>{escape(value)}</td></tr>"
        for what, value in rows
    )
    if not lines:
        return ""
    head = f"<p style='margin-bottom: 2px'><b>{escape(title)}</b></p>" if title else ""
    return f"{head}<table cellspacing='0' cellpadding='1'>{lines}</table>"
