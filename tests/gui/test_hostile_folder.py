"""A folder with one of every kind of broken file: each in its place, with its reason."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from petseg_gui.core import photo_file
from petseg_gui.core.photos import pixel_limit, set_pixel_limit
from petseg_gui.core.settings import load_settings, save_settings
from petseg_gui.ui.empty_state import EmptyState
from petseg_gui.ui.marks import Mark
from petseg_gui.ui.photo_loader import KEPT
from tests.core.fuzz.files import PHOTOS, photo
from tests.gui.harness import HEIGHT, WIDTH, Harness, pet_mask, pet_probabilities

# As `photo_file` asks for; pytest puts its own filters in front.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture(autouse=True)
def _limit() -> Iterator[None]:
    yield
    set_pixel_limit(None)


def picture(kind: str = "JPEG", size: tuple[int, int] = (160, 120)) -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(buffer, kind)
    return buffer.getvalue()


BROKEN: dict[str, tuple[bytes, str]] = {
    "b cut short.jpg": (picture()[:400], "damaged or incomplete"),
    "b empty.jpg": (b"", "the file is empty"),
    "b film.heic": (b"\0\0\0\x14ftypisom\0\0\0\0mp41", "it is a film"),
    "b garbage.png": (bytes(range(256)) * 4, "not a picture that can be read"),
    "b half a head.png": (picture("PNG")[:20], "damaged"),
    "b letter.jpg": (b"%PDF-1.7\n", "it is a PDF document"),
    "b zeros.tif": (bytes(4000), "nothing but zeros"),
    **{
        f"b cut {kind.lower()}.jpg": (photo(kind)[: len(photo(kind)) // 2], "damaged")
        for kind in ("PNG", "WEBP", "AVIF", "TIFF lzw", "BMP", "HEIF")
    },
}
"""Broken files of every kind, and what is to be said of them."""


def make_folder(folder: Path) -> dict[str, str]:
    """Good photos of every kind with broken ones between them; the broken ones' reasons."""
    reasons = {name: reason for name, (_, reason) in BROKEN.items()}
    for name, (data, _) in BROKEN.items():
        (folder / name).write_bytes(data)
    for kind in PHOTOS:
        (folder / f"a {kind}.png").write_bytes(photo(kind))  # whatever the ending says
        (folder / f"c {kind}.jpg").write_bytes(photo(kind))
    (folder / "b too large.png").write_bytes(picture("PNG", (400, 300)))
    reasons["b too large.png"] = "more than the limit"
    if sys.platform == "linux":
        (folder / "b two\nlines 🐈 %s &amp; \udcff.jpg").write_bytes(b"")
        reasons["b two\nlines 🐈 %s &amp; \udcff.jpg"] = "the file is empty"
        (folder / "b loop.jpg").symlink_to("b loop.jpg")
        reasons["b loop.jpg"] = "a link that leads back to itself"
        (folder / "b nowhere.jpg").symlink_to("nowhere.jpg")
        reasons["b nowhere.jpg"] = "a link to a file that is not there"
    (folder / "b closed.jpg").write_bytes(picture())
    reasons["b closed.jpg"] = "you may not read it"
    return reasons


@pytest.fixture
def _closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who runs the tests may perhaps read everything."""
    real = photo_file._regular_file

    def opened(path: Path) -> IO[bytes]:
        if path.name == "b closed.jpg":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return real(path)

    monkeypatch.setattr(photo_file, "_regular_file", opened)


def said(harness: Harness) -> str:
    """What stands where the photo would be."""
    empty = harness.window.findChild(EmptyState)
    assert empty is not None
    return " ".join(label.text() for label in empty.findChildren(QLabel) if label.isVisible())


def tip(harness: Harness, name: str) -> str:
    model = harness.window._browser.model
    return str(model.index(model.row_of(name)).data(int(Qt.ItemDataRole.ToolTipRole)))


@pytest.mark.usefixtures("_closed")
def test_every_broken_photo_is_in_its_place_with_its_reason_and_the_rest_goes_on(
    harness: Harness, tmp_path: Path
) -> None:
    folder = tmp_path / "hostile"
    folder.mkdir()
    reasons = make_folder(folder)
    (folder / "b vanishes.jpg").write_bytes(picture())
    set_pixel_limit(100_000)
    before = {path.name: path.lstat().st_mtime_ns for path in folder.iterdir()}
    harness.open(folder)
    names = harness.review.names
    assert set(names) == set(before)
    assert len(names) > 2 * KEPT
    (folder / "b vanishes.jpg").unlink()
    reasons["b vanishes.jpg"] = "it is not there any more"
    for number, name in enumerate(names):
        if number:
            harness.action("actionNext")
        assert harness.review.current == name
        harness.qtbot.waitUntil(
            lambda name=name: bool(harness.review.session or harness.review.problem(name))
        )
        if name not in reasons:
            assert harness.review.problem(name) == ""
            session = harness.review.session
            assert session is not None
            assert session.shape == (64, 48) or name.partition(" ")[2].startswith(("BMP", "GIF"))
            continue
        assert harness.review.session is None
        assert harness.review.mark(name) is Mark.UNREADABLE
        assert reasons[name] in said(harness)
        assert reasons[name] in tip(harness, name)
        assert harness.window.windowTitle()
    harness.settle()
    assert harness.review.counts().total == len(names)
    assert [m.text for m in harness.messages if m.kind == "error"] == []
    after = {path.name: path.lstat().st_mtime_ns for path in folder.iterdir()}
    assert {name for name in after if before.get(name) != after[name]} == {"petseg"}


Make = Callable[[], Harness]


def test_a_photo_of_too_many_pixels_is_shown_when_a_person_says_so(
    make_harness: Make, tmp_path: Path
) -> None:
    folder = tmp_path / "large"
    folder.mkdir()
    (folder / "a.png").write_bytes(picture("PNG"))
    (folder / "b.png").write_bytes(picture("PNG", (400, 300)))
    (folder / "c.png").write_bytes(b"")
    set_pixel_limit(100_000)
    harness = make_harness()
    harness.open(folder)
    button = harness.window.findChild(QPushButton, "raiseLimitButton")
    assert button is not None
    harness.review.go_to("c.png")
    harness.qtbot.waitUntil(lambda: bool(harness.review.problem("c.png")))
    harness.settle()
    assert not button.isVisible(), "more pixels would not help"
    harness.review.go_to("b.png")
    harness.qtbot.waitUntil(button.isVisible)
    assert button.text() == "Show photos of up to 10 megapixels"
    with harness.qtbot.waitSignal(harness.review.photoShown):
        button.click()
    assert harness.review.session is not None
    assert harness.review.session.shape == (300, 400)
    assert harness.review.mark("b.png") is Mark.NEW
    assert pixel_limit() == 10_000_000
    harness.settle()
    harness.review.go_to("c.png")
    harness.qtbot.waitUntil(lambda: bool(harness.review.problem("c.png")))
    assert "the file is empty" in said(harness)
    path = tmp_path / "settings.json"
    save_settings(path, harness.window._settings)
    assert load_settings(path).max_megapixels == 10


@pytest.mark.skipif(sys.platform != "linux", reason="names that other systems do not allow")
def test_a_photo_whose_name_is_no_text_is_worked_on_as_any_other(
    harness: Harness, tmp_path: Path
) -> None:
    folder = tmp_path / "names"
    folder.mkdir()
    names = ["a.png", "no utf-8 \udcff.png", "two\nlines %s &amp;.png"]
    for name in names:
        (folder / name).write_bytes(picture("PNG", (WIDTH, HEIGHT)))
    harness.open(folder)
    view = harness.window._browser.filmstrip
    for name in names[1:]:
        row = harness.window._browser.model.row_of(name)
        place = view.visualRect(view.model().index(row, 0)).center()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
        harness.qtbot.waitUntil(lambda name=name: harness.review.session is not None)
        assert harness.review.current == name
        harness.inference.deliver(name, pet_mask(), pet_probabilities())
        harness.qtbot.waitUntil(lambda name=name: harness.review.mark(name) is Mark.PREDICTED)
        harness.settle()
        harness.action("actionAcceptAndNext")
        harness.qtbot.waitUntil(lambda name=name: harness.review.mark(name) is Mark.ACCEPTED)
        harness.settle()
    assert harness.review.counts().accepted == 2
    assert harness.review.unsaved() == []
