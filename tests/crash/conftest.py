"""One zygote for all tests of crashes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crash.killing import Zygote


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """Forks children; ends with the tests."""
    with Zygote() as process:
        yield process
