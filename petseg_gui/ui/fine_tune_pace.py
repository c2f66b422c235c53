"""How long a fine-tune takes on a device: a guess at first, then what runs have measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_KEY = "seconds a photo, "
_WHOLE_NETWORK = 2.5
"""So many times longer than the decoder alone; until it has been measured."""
CPU_SECONDS_PER_PHOTO = 0.2
"""A training step of the decoder alone on two cores, per photo; until it has been measured."""
_SLOWEST = 3600.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds for one photo in one training step, and whether a run has measured it."""

    seconds: float
    measured: bool


class Paces:
    """Seconds per photo, by device and by how much of the network is trained."""

    def __init__(self) -> None:
        self._known: dict[str, float] = {}

    def learn(self, device: str, freeze_encoder: bool, seconds: float) -> None:
        """A run takes ``seconds`` per photo on ``device``."""
        if device:
            self._known[_name(device, freeze_encoder)] = seconds

    def expect(self, device: str, freeze_encoder: bool) -> Estimate | None:
        """What to expect on ``device``; None: nobody knows."""
        known = self._known.get(_name(device, freeze_encoder))
        if known is not None:
            return Estimate(known, measured=True)
        other = self._known.get(_name(device, not freeze_encoder))
        if other is not None:
            factor = 1 / _WHOLE_NETWORK if freeze_encoder else _WHOLE_NETWORK
            return Estimate(other * factor, measured=False)
        if device.startswith("CPU"):
            factor = 1.0 if freeze_encoder else _WHOLE_NETWORK
            return Estimate(CPU_SECONDS_PER_PHOTO * factor, measured=False)
        return None

    def to_settings(self) -> dict[str, float]:
        """To be remembered until the program runs again."""
        return {_KEY + name: seconds for name, seconds in self._known.items()}

    def take(self, settings: Mapping[str, Any]) -> None:
        """What an earlier run of the program has remembered; what makes no sense is ignored."""
        for key, value in settings.items():
            if (
                key.startswith(_KEY)
                and isinstance(value, int | float)
                and not isinstance(value, bool)
                and 0 < value < _SLOWEST
            ):
                self._known[key.removeprefix(_KEY)] = float(value)


def _name(device: str, freeze_encoder: bool) -> str:
    return device if freeze_encoder else f"{device}, whole network"
