"""One action of the window, in words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spec:
    """One action.

    Attributes:
        name: of the QAction object.
        text: in menus, with its mnemonic.
        keys: the first is shown in menus, all of them work.
        tip: what it does, in a sentence without a full stop.
        icon: name for qtawesome; '': none.
        checkable: whether it can be on.
        group: of the checkable actions with the same group one is on.
        short: text of a small button; '': ``text``.
    """

    name: str
    text: str
    keys: tuple[str, ...]
    tip: str
    icon: str = ""
    checkable: bool = False
    group: str = ""
    short: str = ""
