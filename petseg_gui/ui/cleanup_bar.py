"""The bar under the photo that cleans up a mask: what, how much, and what it would change."""

from __future__ import annotations

from bisect import bisect_left

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from petseg_gui.ui.cleanup_operations import (
    OPERATIONS,
    Operation,
    amounts,
    largest_amount,
    usual_amount,
)
from petseg_gui.ui.widgets import separator

ASK_MS = 120
"""A slider that moves is answered when it rests this long."""
LATE_MS = 250
"""After this long without an answer the bar says that it is at work."""
SLIDER_WIDTH = 72
MARGIN, GAP, SPACING = 12, 8, 4
WIDEST_AMOUNT = 9_999_999
AREA_SUFFIX, RADIUS_SUFFIX = " pixels", " px"
_APPLY = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_OWN = (*_APPLY, Qt.Key.Key_Escape, Qt.Key.Key_Left, Qt.Key.Key_Right)


class CleanUpBar(QWidget):
    """Chooses an operation and its amount; computes nothing and changes nothing itself.

    Enter applies and Escape cancels wherever the focus is in it.  Operation and amounts stay as
    they are chosen until the program ends; an amount nobody has chosen follows the photo's size.

    Signals:
        asked(object, int): an :class:`Operation` and an amount whose outcome is to be shown.
        applyAsked(): the user wants what is shown.
        cancelAsked(): the user wants none of it.
    """

    asked = Signal(object, int)
    applyAsked = Signal()  # noqa: N815 - Qt's spelling of signals
    cancelAsked = Signal()  # noqa: N815

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cleanUpBar")
        self.setAccessibleName("Clean up the mask")
        self._chosen: dict[str, int] = {}
        self._shape = (1, 1)
        self._stops = [1]
        self._buttons = QButtonGroup(self)
        self._preposition = QLabel()
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._spin = QSpinBox()
        self._words = QLabel()
        self._cancel = QPushButton("Cancel")
        self._apply = QPushButton("Apply")
        self._rest = self._timer(ASK_MS, self.ask_now)
        self._late = self._timer(LATE_MS, lambda: self._words.setText("Looking at the mask…"))
        self._build()
        self._buttons.idToggled.connect(self._operation_toggled)
        self._slider.valueChanged.connect(self._slider_moved)
        self._spin.valueChanged.connect(self._amount_typed)
        self._cancel.clicked.connect(self.cancelAsked)
        self._apply.clicked.connect(self.applyAsked)
        self.hide()

    # ------------------------------------------------------------------ state

    @property
    def operation(self) -> Operation:
        """What is chosen."""
        return OPERATIONS[self._buttons.checkedId()]

    @property
    def amount(self) -> int:
        """How much of it: pixels of area, or of radius."""
        return self._spin.value()

    @property
    def words(self) -> str:
        """What it would change, as shown."""
        return self._words.text()

    @property
    def asking(self) -> bool:
        """Whether a change of the bar has not been asked for yet."""
        return self._rest.isActive()

    def open_for(self, shape: tuple[int, int]) -> None:
        """Appear, with amounts for a photo of ``shape`` (rows, columns), and ask."""
        self._shape = shape
        self._words.clear()
        self._apply.setEnabled(False)
        self._show_operation()
        self._measure()  # the font, or the theme, may be another one now
        self._arrange()
        self.show()
        self._buttons.button(self._buttons.checkedId()).setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.ask_now()

    def ask_soon(self) -> None:
        """Ask when nothing has changed for a moment; what is shown may not be true any more."""
        self._apply.setEnabled(False)
        if self.isVisible():
            self._rest.start()

    def ask_now(self) -> None:
        """Ask for the outcome of what is chosen."""
        self._rest.stop()
        self._late.start()
        self.asked.emit(self.operation, self.amount)

    def show_outcome(self, words: str, *, changes: bool) -> None:
        """Say what would happen, and whether there is anything to apply."""
        self._late.stop()
        self._words.setText(words)
        self._words.setAccessibleName(words)
        self._apply.setEnabled(changes)

    # ------------------------------------------------------------------ choosing

    def _operation_toggled(self, _index: int, on: bool) -> None:
        if on:
            self._show_operation()
            self.ask_soon()

    def _show_operation(self) -> None:
        """Unit, range and amount of the operation that is chosen."""
        operation = self.operation
        largest = largest_amount(operation, self._shape)
        self._stops = amounts(largest)
        wanted = self._chosen.get(operation.name, usual_amount(operation, self._shape))
        with QSignalBlocker(self._spin), QSignalBlocker(self._slider):
            self._spin.setRange(1, largest)
            self._spin.setSuffix(AREA_SUFFIX if operation.area else RADIUS_SUFFIX)
            self._spin.setValue(wanted)
            self._slider.setRange(0, len(self._stops) - 1)
        self._preposition.setText(operation.preposition)
        kind = "Area" if operation.area else "Radius"
        self._spin.setAccessibleName(f"{operation.text}, {kind.lower()} in pixels")
        self._slider.setAccessibleName(f"{operation.text}, amount")
        for widget in (self._spin, self._slider):
            widget.setToolTip(f"{operation.tip} ({kind.lower()} in pixels of the photo)")
        self._slide_to(self._spin.value())

    def _slider_moved(self, step: int) -> None:
        with QSignalBlocker(self._spin):
            self._spin.setValue(self._stops[step])
        self._choose(self._stops[step])

    def _amount_typed(self, amount: int) -> None:
        self._slide_to(amount)
        self._choose(amount)

    def _slide_to(self, amount: int) -> None:
        with QSignalBlocker(self._slider):
            self._slider.setValue(min(bisect_left(self._stops, amount), len(self._stops) - 1))

    def _choose(self, amount: int) -> None:
        self._chosen[self.operation.name] = amount
        self.ask_soon()

    # ------------------------------------------------------------------ Qt's events

    def event(self, event: QEvent) -> bool:
        """Claim Enter, Escape and the arrows, which are keys of the window elsewhere."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in _OWN
            and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter applies, except on Cancel; Escape cancels."""
        if event.key() == Qt.Key.Key_Escape or (event.key() in _APPLY and self._cancel.hasFocus()):
            self.cancelAsked.emit()
        elif event.key() in _APPLY:
            self.applyAsked.emit()
        elif event.key() not in _OWN:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is asked of a mask that nobody cleans up."""
        self._rest.stop()
        self._late.stop()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The amount goes below the operations where it has no room beside; texts grow short."""
        self._arrange()
        super().resizeEvent(event)

    def minimumSizeHint(self) -> QSize:
        """As narrow as the operations alone: the bar never widens the window."""
        return QSize(self._narrowest, super().minimumSizeHint().height())

    # ------------------------------------------------------------------ building

    def _timer(self, interval: int, slot: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval)
        timer.timeout.connect(slot)
        return timer

    def _build(self) -> None:
        self._words.setObjectName("cleanUpWords")
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._words.setWordWrap(True)
        self._apply.setToolTip("Make this change; it can be undone (Enter)")
        self._cancel.setToolTip("Close without changing anything (Escape)")
        operations, amount = self._operation_row(), self._amount_row()
        self._top = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._top.setSpacing(GAP)
        self._top.addLayout(operations)
        self._top.addLayout(amount, 1)
        below = QHBoxLayout()
        below.setSpacing(GAP)
        below.addWidget(self._words, 1)
        below.addWidget(self._cancel)
        below.addWidget(self._apply)
        rows = QVBoxLayout()
        rows.setContentsMargins(MARGIN, 6, MARGIN, 8)
        rows.setSpacing(6)
        rows.addLayout(self._top)
        rows.addLayout(below)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(separator())
        layout.addLayout(rows)
        # A chosen button looks as one that has the focus does, but for the thickness of its line.
        self.setStyleSheet(
            "#cleanUpBar QToolButton:checked:focus"
            " { border: 2px solid palette(highlight); padding: 3px 5px; }"
        )
        # By Tab only, so that a click leaves the keys with the photo; typing needs a click.
        for widget in (*self._buttons.buttons(), self._slider, self._cancel, self._apply):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        # Only now: an exclusive group leaves to Tab the button that is checked alone.
        self._buttons.button(0).setChecked(True)
        self._measure()

    def _operation_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        for index, operation in enumerate(OPERATIONS):
            button = QToolButton()
            button.setToolTip(operation.tip)
            button.setAccessibleName(operation.text)
            button.setAccessibleDescription(operation.tip)
            button.setCheckable(True)
            self._buttons.addButton(button, index)
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _name_buttons(self, *, short: bool) -> None:
        for button in self._buttons.buttons():
            operation = OPERATIONS[self._buttons.id(button)]
            button.setText(operation.short if short else operation.text)

    def _measure(self) -> None:
        """The widths, margins included, at which the bar changes its shape."""
        widths = []
        for short in (True, False):
            self._name_buttons(short=short)
            buttons = [button.sizeHint().width() for button in self._buttons.buttons()]
            widths.append(sum(buttons) + SPACING * (len(buttons) - 1) + 2 * MARGIN)
        self._narrowest, self._width_of_texts = widths
        amount = (self._preposition.minimumWidth(), SLIDER_WIDTH, self._spin.minimumWidth())
        self._width_of_one_row = self._width_of_texts + sum(amount) + 3 * GAP

    def _arrange(self) -> None:
        one_row = self.width() >= self._width_of_one_row
        self._top.setDirection(
            QBoxLayout.Direction.LeftToRight if one_row else QBoxLayout.Direction.TopToBottom
        )
        self._name_buttons(short=self.width() < self._width_of_texts)

    def _amount_row(self) -> QHBoxLayout:
        """Wide enough for every operation, so that nothing jumps when another one is chosen."""
        metrics = self._preposition.fontMetrics()
        self._preposition.setMinimumWidth(
            max(metrics.horizontalAdvance(operation.preposition) for operation in OPERATIONS)
        )
        self._preposition.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._slider.setMinimumWidth(SLIDER_WIDTH)
        self._slider.setMaximumWidth(4 * SLIDER_WIDTH)
        self._slider.setPageStep(10)
        self._spin.setGroupSeparatorShown(True)
        self._spin.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._spin.setSuffix(AREA_SUFFIX)
        self._spin.setRange(1, WIDEST_AMOUNT)
        self._spin.setFixedWidth(self._spin.sizeHint().width())
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self._preposition)
        row.addWidget(self._slider, 1)
        row.addWidget(self._spin)
        row.addStretch(0)
        return row
