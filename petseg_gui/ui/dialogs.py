"""The few questions that the window asks, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from PySide6.QtWidgets import QMessageBox, QWidget


class Unsaved(Enum):
    """What to do with unsaved strokes."""

    SAVE = "save"
    DISCARD = "discard"
    CANCEL = "cancel"


def ask_about_unsaved(parent: QWidget, names: Sequence[str]) -> Unsaved:
    """Ask what to do with the strokes on ``names`` before the window closes."""
    box = QMessageBox(parent)
    box.setObjectName("unsavedDialog")
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("Unsaved strokes")
    if len(names) == 1:
        box.setText(f"The strokes on {names[0]} are not saved.")
    else:
        box.setText(f"The strokes on {len(names)} photos are not saved.")
        box.setDetailedText("\n".join(names))
    box.setInformativeText("Save them before closing?")
    save = box.addButton("Save", QMessageBox.ButtonRole.AcceptRole)
    discard = box.addButton("Discard", QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(save)
    box.setEscapeButton(cancel)
    box.exec()
    if box.clickedButton() is save:
        return Unsaved.SAVE
    return Unsaved.DISCARD if box.clickedButton() is discard else Unsaved.CANCEL


def ask_to_stop_fine_tuning(parent: QWidget) -> bool:
    """Ask whether to stop the running fine-tune and close."""
    box = QMessageBox(parent)
    box.setObjectName("stopDialog")
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("Fine-tuning is running")
    box.setText("Stop fine-tuning and close?")
    box.setInformativeText(
        "What it has learnt so far is kept: open this folder again, and you can go on with it. "
        "The model in use does not change."
    )
    stop = box.addButton("Stop and close", QMessageBox.ButtonRole.AcceptRole)
    go_on = box.addButton("Go on", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(go_on)
    box.setEscapeButton(go_on)
    box.exec()
    return box.clickedButton() is stop


def show_about(parent: QWidget) -> None:
    """Version and licence."""
    QMessageBox.about(
        parent,
        "About PetSeg",
        f"PetSeg {_version()}\n\nReview, correct and fine-tune masks of pets.\nMIT licence.",
    )


def _version() -> str:
    # Imported here: it would cost the first photo some 20 ms.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("petseg")
    except PackageNotFoundError:  # run from a checkout
        return "from source"
