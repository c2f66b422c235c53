"""What reads hostile files: photos, labels, the index, imports, and the small files beside them."""

from __future__ import annotations

import hashlib
import json
import os
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

import numpy as np
from PIL import Image

from model import label_png
from model.labels import Label, is_mask
from petseg_gui.core.exchange.common import ExchangeError
from petseg_gui.core.exchange.entries import ImportOptions
from petseg_gui.core.exchange.importing import plan_import, run_import
from petseg_gui.core.photos import PhotoError, photo_header, photo_size, read_photo, read_thumbnail
from petseg_gui.core.records import TEXT_KEY, LabelText
from petseg_gui.core.settings import load_settings, save_settings
from petseg_gui.core.store import Project, Provenance, StoreError
from petseg_gui.core.thumbnails import _MAGIC, SIDE, ThumbnailMaker, _trailer
from tests.core.fault_project import ACCEPTED, WORKED, mask, sureness
from tests.core.fuzz import files, mutations
from tests.core.fuzz.base import InProject, Target
from tests.core.fuzz.index_target import Indexes

BY_HAND = Provenance("starter", 3)


class Photos(Target):
    """Photos; kinds: see ``files.PHOTOS``."""

    MAX_PIXELS = 4_000_000
    """More are refused, so that memory and time say something."""

    def prepare(self) -> None:
        self._path = self.folder / "photo.jpg"
        self._whole = files.photo(self.kind)

    def whole(self) -> bytes:
        return self._whole

    def put(self, data: bytes) -> None:
        self._data = data
        self._path.write_bytes(data)
        os.utime(self._path, (1e9, 1e9))

    def attempt(self) -> str:
        try:
            width, height = photo_size(self._path)
            photo_header(self._path)
            pixels = read_photo(self._path, max_pixels=self.MAX_PIXELS)
            small = read_thumbnail(self._path, 16, max_pixels=self.MAX_PIXELS)
        except PhotoError as error:
            if isinstance(error.__cause__, MemoryError):
                raise MemoryError from error
            told = error.path == self._path and error.reason and error.remedy.endswith(".")
            return "refused" if told else f"wrong\nsays {error}"
        assert pixels.shape == (height, width, 3)
        assert pixels.dtype == np.uint8
        assert max(small.shape[:2]) <= 16
        return "read"

    def check(self) -> None:
        assert list(self.folder.iterdir()) == [self._path]
        assert self._path.read_bytes() == self._data
        assert self._path.stat().st_mtime == 1e9


class Labels(InProject):
    """Label PNGs; kinds: which file of the project it is."""

    PLACES: ClassVar = {
        "label": f"labels/{WORKED}",
        "version": f"history/{WORKED[:-4]}/20200101T000000.000000Z.png",
        "draft": f"drafts/{WORKED}.png",
        "prediction": f"predictions/m/{WORKED}.png",
        "probabilities": f"predictions/m/probabilities/{WORKED}.png",
    }

    def prepare(self) -> None:
        super().prepare()
        text = LabelText(WORKED, BY_HAND, True, False, "2020-01-01T00:00:00.000000+00:00")
        self._text = text.encoded()[TEXT_KEY].encode()
        if self.kind == "probabilities":
            path = self.folder / "probabilities.png"
            Image.fromarray(sureness()).save(path)
            self._whole = path.read_bytes()
            path.unlink()
        else:
            self._whole = label_png.encode(mask(9), {TEXT_KEY: self._text.decode()})

    def whole(self) -> bytes:
        return self._whole

    def damaged(self, dice: random.Random) -> bytes:
        if self.kind == "probabilities" or dice.random() < 0.6:
            return super().damaged(dice)
        hostile = mutations.damaged_json(self._text, dice)
        head, *rest = mutations.png_chunks(self._whole)
        chunk = (b"iTXt", TEXT_KEY.encode() + b"\0\0\0\0\0" + hostile)
        return mutations.png_file([head, chunk, *(one for one in rest if one[0] != b"iTXt")])

    def put(self, data: bytes) -> None:
        root = self.renew()
        path = root / self.PLACES[self.kind]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # it is the template's as well
        path.write_bytes(data)
        if len(data) % 2:  # the list is made anew from the labels
            for part in root.glob("project.sqlite*"):
                part.unlink()

    def attempt(self) -> str:
        refused = 0
        with self.opened() as project:
            project.records()
            for act in self._ways(project):
                try:
                    act()
                except StoreError:
                    refused += 1
        with self.opened() as project:
            assert {record.name for record in project.records().values()} == set(project.names())
            for name in project.names():
                with suppress(StoreError):
                    label = project.read_label(name)
                    assert label is None or is_mask(label)
        return "refused" if refused else "read"

    def _ways(self, project: Project) -> tuple[Callable[[], object], ...]:
        name = WORKED
        return (
            *(lambda: project.read_label(name), lambda: project.label_provenance(name)),
            *(lambda: project.read_draft(name), lambda: project.draft_provenance(name)),
            lambda: [project.read_version(name, one.id) for one in project.versions(name)],
            lambda: project.read_prediction(name, "m"),
            lambda: project.predictions.read_probabilities(name, "m"),
            *(lambda: project.score_prediction(name), lambda: project.examine(name)),
            lambda: project.set_tags(name, ["new"]),
            *(lambda: project.accept_as_is(name), lambda: project.unaccept(name)),
            lambda: [project.restore_version(name, one.id) for one in project.versions(name)[:1]],
            lambda: project.save_label(name, mask(1), BY_HAND, accept=True),
            lambda: project.clear_label(name),
        )


class Imports(InProject):
    """Labels of other programs; kinds: see ``files.IMPORTS``."""

    def prepare(self) -> None:
        super().prepare()
        self._way, self._suffix = files.IMPORTS[self.kind]
        self._whole = files.label_of_others(self.kind)
        self.renew()
        self._project = Project.open(self._base / "photos")
        self._source = self.folder / "base" / "theirs" / f"{WORKED[:-4]}.{self._suffix}"
        self._outside = self._seen(self._base)

    def whole(self) -> bytes:
        return self._whole

    def damaged(self, dice: random.Random) -> bytes:
        if self._suffix == "json":
            return mutations.damaged_json(self._whole, dice)
        if self._suffix == "txt":
            return mutations.damaged_text(self._whole, dice)
        return mutations.damaged(self._whole, dice)

    def put(self, data: bytes) -> None:
        self._source.unlink(missing_ok=True)  # it is the template's as well
        self._source.write_bytes(data)
        name = str(self._source.relative_to(self._base))
        self._outside[name] = hashlib.sha256(data).hexdigest()

    def attempt(self) -> str:
        try:
            options = ImportOptions(rest=Label.BACKGROUND)
            plan = plan_import(self._project, self._source, self._way, options)
        except ExchangeError as error:
            return "refused" if self._source.name in str(error) else f"wrong\nsays {error}"
        assert all(item.photo in self._project.names() for item in plan.items)
        plan.text()
        report = run_import(plan, overwrite=True)
        assert report.failed == []
        for item in plan.items:
            label = self._project.read_label(item.photo)
            assert label is not None
            assert is_mask(label)
        return "read" if plan.items else "refused"

    def close(self) -> None:
        self._project.close()


class Thumbnails(InProject):
    """The cache of thumbnails; kinds: 'jpg', the photo, and 'png', its labels."""

    def prepare(self) -> None:
        super().prepare()
        self.renew()
        self._project = Project.open(self._base / "photos")
        self._made = ThumbnailMaker(self._project).make(ACCEPTED)
        (self._path,) = (self._project.root / "thumbnails").glob(f"*.{self.kind}")
        self._whole = self._path.read_bytes()
        self._picture = self._whole[: self._whole.rindex(_MAGIC)]

    def whole(self) -> bytes:
        return self._whole

    def damaged(self, dice: random.Random) -> bytes:
        if dice.random() < 0.2:
            return mutations.damaged(self._whole, dice)
        data = mutations.damaged(self._picture, dice)
        return data + _trailer(data)  # so that the damage is met by the decoder

    def put(self, data: bytes) -> None:
        self._path.write_bytes(data)

    def attempt(self) -> str:
        made, known = ThumbnailMaker(self._project).make(ACCEPTED), self._made
        assert made is not None
        assert known is not None
        assert made.made_of == known.made_of
        assert made.photo.dtype == np.uint8
        assert max(made.photo.shape) <= SIDE
        assert made.labels is not None
        assert is_mask(made.labels)
        assert made.labels.shape == made.photo.shape[:2]
        return "read"

    def close(self) -> None:
        self._project.close()


class Troubles(Target):
    """What a worker is watched for; kinds: see the test of the watch."""

    def prepare(self) -> None:
        self._turns = 0

    def whole(self) -> bytes:
        return b"as it should be"

    def put(self, data: bytes) -> None:
        self._turns += 1

    def attempt(self) -> str:
        once = self.folder.parent / "once"
        if self._turns != 3 or once.exists():  # the second file, after the whole one
            return "read"
        once.touch()
        if self.kind == "computes without end":
            while True:
                pass
        if self.kind == "ends the program":
            os.abort()
        if self.kind == "takes memory":
            self._held = bytearray(b"x") * (500 << 20)
        if self.kind == "takes all memory":
            self._held = bytearray(2 << 30)
        if self.kind == "raises":
            raise KeyError
        return "read"


class SmallFiles(Target):
    """``settings.json`` and ``view.json``."""

    def prepare(self) -> None:
        self._path = self.folder / f"{self.kind}.json"
        if self.kind == "settings":
            settings = load_settings(self._path)
            settings.add_recent_folder(Path("/photos"))
            settings.window_geometry = "01d9d0cb"
            settings.finetune = {"epochs": 3, "rate": 1e-4, "augment": True, "recipe": "x"}
            save_settings(self._path, settings)
            self._whole = self._path.read_bytes()
        else:
            (self.folder / "photos").mkdir()
            Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(self.folder / "photos" / "a.png")
            Project.open(self.folder / "photos").close()
            self._path = self.folder / "photos" / "petseg" / "view.json"
            self._whole = json.dumps({"photo": "a.png"}).encode()

    def whole(self) -> bytes:
        return self._whole

    def damaged(self, dice: random.Random) -> bytes:
        return mutations.damaged_json(self._whole, dice)

    def put(self, data: bytes) -> None:
        for left in self._path.parent.glob("settings.json*"):
            left.unlink()
        self._path.write_bytes(data)

    def attempt(self) -> str:
        if self.kind == "settings":
            settings = load_settings(self._path)
            bytes.fromhex(settings.window_geometry)  # as the window reads it
            save_settings(self._path, settings)
            assert load_settings(self._path) == settings
            json.loads(self._path.read_bytes())
            return "refused" if self._path.with_name("settings.json.bad").exists() else "read"
        from petseg_gui.ui.folder_opener import open_folder

        opened = open_folder(self.folder / "photos", None, lambda _project: "starter")
        opened.project.close()
        assert opened.start == "a.png"
        return "read"

    def check(self) -> None:
        beside = {path.name for path in self.folder.iterdir()}
        assert beside <= {"settings.json", "settings.json.bad", "photos"}


TARGETS: dict[str, type[Target]] = {
    "photos": Photos,
    "labels": Labels,
    "indexes": Indexes,
    "imports": Imports,
    "small files": SmallFiles,
    "thumbnails": Thumbnails,
    "troubles": Troubles,
}
