from __future__ import annotations

import os
import sys
import threading

import pytest

from model.device import describe_device, lower_priority


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="niceness by thread: Linux only")
@pytest.mark.parametrize(("at_first", "wanted"), [(0, [5]), (4, [5]), (5, []), (10, [])])
def test_a_thread_is_made_nicer_and_never_less_nice(
    monkeypatch: pytest.MonkeyPatch, at_first: int, wanted: list[int]
) -> None:
    """Raising a priority is an administrator's right: asking for it would end the thread."""
    asked: list[int] = []
    monkeypatch.setattr(os, "getpriority", lambda _which, _thread: at_first)
    monkeypatch.setattr(os, "setpriority", lambda _which, _thread, nice: asked.append(nice))
    thread = threading.Thread(target=lower_priority)
    thread.start()
    thread.join()
    assert asked == wanted


def test_the_device_has_a_name() -> None:
    assert describe_device().startswith(("CPU, ", "GPU: "))
