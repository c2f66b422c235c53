"""Reads lists of labels that were damaged, or made by somebody else."""

from __future__ import annotations

import random
import sqlite3
from contextlib import suppress

from petseg_gui.core.index_tables import MIGRATIONS
from petseg_gui.core.store import PhotoFlag, Project, Provenance, StoreError
from tests.core.fault_project import WORKED, mask
from tests.core.fuzz import mutations
from tests.core.fuzz.base import InProject

BY_HAND = Provenance("starter", 3)

STATEMENTS = (
    *("DROP TABLE photos", "DROP TABLE log", "DROP TABLE tags", "DROP TABLE settings"),
    *("DROP TRIGGER log_stays", "DROP INDEX photos_by_digest", "PRAGMA user_version = 0"),
    *(f"PRAGMA user_version = {number}" for number in (1, 2, len(MIGRATIONS) + 1, -1, 2**31 - 1)),
    *(
        "PRAGMA application_id = 7",
        "PRAGMA page_size = 512; VACUUM",
        "PRAGMA auto_vacuum = 1; VACUUM",
    ),
    "ALTER TABLE photos DROP COLUMN note",
    "ALTER TABLE photos RENAME COLUMN note TO notes",
    "ALTER TABLE photos ADD COLUMN more TEXT DEFAULT 'x'",
    "DROP TABLE tags; CREATE VIEW tags AS SELECT 1 AS photo, 'x' AS tag",
    "DROP TABLE settings; CREATE TABLE settings (key, value); INSERT INTO settings VALUES (1, 2)",
    "CREATE TRIGGER hostile AFTER UPDATE ON photos BEGIN DELETE FROM photos; END",
    "CREATE TRIGGER hostile AFTER INSERT ON log BEGIN INSERT INTO settings WITH RECURSIVE c (n) AS "
    "(SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n, n FROM c; END",
    "ALTER TABLE photos RENAME TO p; CREATE VIEW photos AS WITH RECURSIVE c (n) AS (SELECT 1 "
    "UNION ALL SELECT n + 1 FROM c) SELECT p.* FROM p, c",
    "CREATE TABLE more AS WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT "
    "200000) SELECT n FROM c",
    "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 60000) INSERT INTO "
    "photos (name) SELECT n || '.jpg' FROM c",
    "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 60000) INSERT INTO tags "
    "SELECT (SELECT min(id) FROM photos), n FROM c",
    "PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = 'CREATE TABLE photos (x)' "
    "WHERE name = 'photos'",
    "PRAGMA writable_schema = 1; UPDATE sqlite_master SET rootpage = 2",
    "PRAGMA writable_schema = 1; DELETE FROM sqlite_master WHERE name = 'photos'",
    "INSERT INTO settings VALUES ('model_in_use', '../../outside')",
    "INSERT OR REPLACE INTO settings VALUES ('labels_read', NULL)",
    "DELETE FROM settings",
)
"""What can be done to a list of labels that remains a database."""

COLUMNS = (
    *("name", "label", "accepted", "held_out", "model", "gestures", "saved", "bytes", "mtime_ns"),
    *("digest", "made_for", "width", "height", "flag", "predicted_by", "confidence", "seconds"),
    *("note", "taken", "disagreement", "id"),
)
VALUES = (
    *("NULL", "''", "-1", "0", "1", "9223372036854775807", "1e308", "-1e308", "9e999", "x'00ff'"),
    *("'../../outside.png'", "'/etc/passwd.png'", "'a' || char(0) || '.png'", "'.png'", "'x.png'"),
    *("CAST(x'c3c3' AS TEXT)", "replace(hex(zeroblob(100000)), '0', 'y')", "'\\x80'", "'flagged'"),
    *("char(0xd800)", "random()", "abs(random()) / 1e19", "'img1.png'", "'img2.png'"),
)


class Indexes(InProject):
    """The list of labels; kinds: 'file', 'log' (with what is not in it yet), 'content'."""

    def prepare(self) -> None:
        super().prepare()
        root = self._template / "photos" / "petseg"
        project = Project.open(self._template / "photos")
        project.set_tags(WORKED, ["a", "b"])
        project.set_note(WORKED, "back\\slash")
        self._data = {path.name: path.read_bytes() for path in root.glob("project.sqlite*")}
        project.close()
        whole = (root / "project.sqlite").read_bytes()
        if self.kind == "log":
            assert len(self._data["project.sqlite-wal"]) > 1000
        else:
            self._data = {"project.sqlite": whole}
        self._data.pop("project.sqlite-shm", None)

    def whole(self) -> bytes:
        return self._data["project.sqlite-wal" if self.kind == "log" else "project.sqlite"]

    def damaged(self, dice: random.Random) -> bytes:
        if self.kind != "content":
            data = bytearray(self.whole())
            for _ in range(dice.choice((1, 1, 2, 8))):
                if data and dice.random() < 0.3:  # the file's head, or that of a page
                    at = dice.choice((0, 0, dice.randrange(max(1, len(data) // 4096)))) * 4096
                    data[at + dice.randrange(100) : at + 100] = b""[:0]
                elif data:
                    dice.choice(mutations.ANYWHERE)(data, dice)
            return bytes(data)
        path = self.folder / "template" / "changed.sqlite"
        path.write_bytes(self.whole())
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA synchronous = OFF")
        for _ in range(dice.choice((1, 1, 2, 3))):
            statement = dice.choice(STATEMENTS)
            if dice.random() < 0.6:
                column, value = dice.choice(COLUMNS), dice.choice(VALUES)
                where = dice.choice(("", f" WHERE name = '{WORKED}'"))
                statement = f"UPDATE OR IGNORE photos SET {column} = {value}{where}"
            for part in statement.split("; ") if "TRIGGER" not in statement else [statement]:
                with suppress(sqlite3.Error):
                    connection.execute(part)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        data = path.read_bytes()
        for left in path.parent.glob("changed.sqlite*"):
            left.unlink()
        return data

    def put(self, data: bytes) -> None:
        root = self.renew()
        for left in root.glob("project.sqlite*"):
            left.unlink()
        names = list(self._data)
        for name in names:
            (root / name).write_bytes(self._data[name])
        (root / ("project.sqlite-wal" if self.kind == "log" else names[0])).write_bytes(data)
        self._labels = {path.name for path in (root / "labels").iterdir()}

    def attempt(self) -> str:
        try:
            with self.opened() as project:
                outcome = "refused" if project.notices else "read"
                self._use(project)
        except StoreError as error:
            return "refused" if "newer version" in str(error) else f"wrong\nsays {error}"
        with self.opened() as project:
            project.records()
        root = self._base / "photos" / "petseg"
        assert self._labels <= {path.name for path in (root / "labels").iterdir()}
        return outcome

    def _use(self, project: Project) -> None:
        name = WORKED
        project.records()
        project.accepted()
        for act in (
            lambda: [project.log(one) for one in project.names()],
            *(lambda: project.read_label(name), lambda: project.versions(name)),
            *(lambda: project.examine(name), lambda: project.set_flag(name, PhotoFlag.FLAGGED)),
            lambda: project.save_label(name, mask(2), BY_HAND, accept=True),
            *(lambda: project.set_tags(name, ["x"]), lambda: project.set_model_in_use("m")),
        ):
            with suppress(StoreError):
                act()
