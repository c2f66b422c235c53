"""Cards of the fine-tune panel: what came of a run, and that one was interrupted."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout

from petseg_gui.ui.fine_tune_reports import OutcomeLike, comparison_html, title_of
from petseg_gui.ui.widgets import heading

USE, KEEP = "Use the new model", "Keep the previous model"
_SHORT_KEEP = "Keep previous"


class _Card(QFrame):
    """A frame with a title and a text."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("resultCard")
        self.title = heading("")
        self.title.setWordWrap(True)
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.rows = QVBoxLayout(self)
        self.rows.setContentsMargins(8, 6, 8, 8)
        self.rows.setSpacing(4)
        self.rows.addWidget(self.title)
        self.rows.addWidget(self.text)
        self.hide()


class ResultCard(_Card):
    """The end of a run, in short.

    Attributes:
        outcome: what is on show; None: a text.
        previous: id of the model that the run began from.
        decided: the person chose one of the models, or the comparison did.

    Signals:
        adoptRequested: id of the model that the user wants to use.
        reportRequested: show everything that is known of it.
    """

    adoptRequested = Signal(str)  # noqa: N815 - Qt's spelling of signals
    reportRequested = Signal()  # noqa: N815

    def __init__(self) -> None:
        super().__init__()
        self.outcome: OutcomeLike | None = None
        self.decided = False
        self.previous = ""
        self._table = QLabel()
        self._table.setTextFormat(Qt.TextFormat.RichText)
        self._table.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.use = QPushButton(USE)
        self.use.setObjectName("adoptButton")
        self.keep = QPushButton(_SHORT_KEEP)
        self.keep.setAccessibleName(KEEP)
        self.keep.setObjectName("keepButton")
        self.report = QPushButton("Show the report")
        self.report.setObjectName("showReport")
        self.report.setToolTip("Both models side by side, on every photo that was kept aside")
        self.use.clicked.connect(lambda: self._choose(self.candidate))
        self.keep.clicked.connect(lambda: self._choose(self.previous))
        self.report.clicked.connect(self.reportRequested)
        choice = QHBoxLayout()
        choice.addWidget(self.use)
        choice.addWidget(self.keep)
        self.rows.addWidget(self._table)
        self.rows.addLayout(choice)
        self.rows.addWidget(self.report)

    @property
    def candidate(self) -> str:
        """Id of the new model; '' when there is none."""
        return self.outcome.candidate if self.outcome is not None else ""

    def show_text(self, title: str, text: str) -> None:
        """A run ended without a candidate."""
        self.outcome = None
        self._fill(title, text)

    def show_outcome(self, outcome: OutcomeLike, previous: str) -> None:
        """A run that began from the model ``previous`` ended with a candidate."""
        self.outcome, self.previous = outcome, previous
        self.decided = outcome.sure
        self._table.setText(comparison_html(outcome.rows))
        self._fill(title_of(outcome), outcome.reason)
        self.use.setEnabled(not outcome.adopted)
        # Where nobody can tell, keeping the previous one is a decision as well.
        self.keep.setEnabled(outcome.adopted or not outcome.sure)
        self.use.setToolTip(f"Use {outcome.candidate}")
        self.keep.setToolTip(f"{KEEP}: {previous}")

    def show_in_use(self, model: str) -> None:
        """``model`` is in use: the other one is offered from now on."""
        if self.isHidden() or self.outcome is None:
            return
        if model not in (self.candidate, self.previous):
            self.hide()  # it speaks of two models, and neither is in use
            return
        self.decided = True
        usual = self.candidate if self.outcome.adopted else self.previous
        decided = model != usual or not self.outcome.sure
        self.title.setText("Your choice is in use" if decided else title_of(self.outcome))
        self.use.setEnabled(model != self.candidate)
        self.keep.setEnabled(model != self.previous)

    def _choose(self, model: str) -> None:
        if model:
            self.adoptRequested.emit(model)

    def _fill(self, title: str, text: str) -> None:
        self.title.setText(title)
        self.text.setText(text)
        for widget in (self._table, self.use, self.keep, self.report):
            widget.setVisible(self.outcome is not None)
        self.show()


class UnfinishedCard(_Card):
    """A run was interrupted.

    Signals:
        goOnRequested, discardRequested: what to do with it.
    """

    goOnRequested = Signal()  # noqa: N815 - Qt's spelling of signals
    discardRequested = Signal()  # noqa: N815

    def __init__(self) -> None:
        super().__init__()
        self.title.setText("A run was interrupted")
        self.go_on = QPushButton("Go on")
        self.go_on.setObjectName("goOnFineTune")
        self.go_on.setToolTip("Take it up where it was; labels that are new since are learnt too")
        self.discard = QPushButton("Discard")
        self.discard.setObjectName("discardFineTune")
        self.discard.setToolTip("Throw away what it had learnt")
        self.go_on.clicked.connect(self.goOnRequested)
        self.discard.clicked.connect(self.discardRequested)
        choice = QHBoxLayout()
        choice.addWidget(self.go_on)
        choice.addWidget(self.discard)
        self.rows.addLayout(choice)

    def tell(self, text: str, *, may_go_on: bool) -> None:
        """Say what is known of it."""
        self.text.setText(text)
        self.go_on.setVisible(may_go_on)
        self.discard.setEnabled(True)
        self.show()
