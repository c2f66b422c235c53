"""``petseg model list`` and its neighbours: the models of a project."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from petseg_gui.cli.common import guarded, open_project
from resources import STARTER_MODEL

if TYPE_CHECKING:
    from model.registry import Registry, Version
    from petseg_gui.core.store import Project

READS = frozenset({"list", "export"})
ACTIONS = ("list", "import", "export", "use", "rename", "note", "delete", "restore")


def add_parsers(actions: Any) -> None:
    """Add the commands to those of ``petseg model``."""
    helps = {
        "list": "list the models of a project",
        "import": "take in a model file from elsewhere, once it is checked",
        "export": "copy a model to a file",
        "use": "predict with a model from now on",
        "rename": "give a model a name that people know it by",
        "note": "write a note about a model",
        "delete": "put a model away; 'restore' brings it back",
        "restore": "bring a deleted model back",
    }
    parsers = {name: actions.add_parser(name, help=text) for name, text in helps.items()}
    for name, parser in parsers.items():
        parser.add_argument("project", type=Path, help="folder of photos")
        if name not in ("list", "import"):
            parser.add_argument("id", help="as 'list' prints it")
    parsers["import"].add_argument("file", type=Path, help="the model file")
    parsers["import"].add_argument("--title", default="", help="the name that people know it by")
    parsers["export"].add_argument("--out", type=Path, required=True, help="the new file")
    parsers["export"].add_argument(
        "--overwrite", action="store_true", help="replace a file that is there"
    )
    parsers["rename"].add_argument("title", help="the new name; '' for none")
    parsers["note"].add_argument("note", help="the new note; '' for none")


def run(arguments: argparse.Namespace) -> int:
    """Do what the arguments say; returns the exit status."""
    from model.registry import RegistryError
    from model.weights import ModelFileError
    from petseg_gui.core.store import StoreError

    return guarded(lambda: _run(arguments), RegistryError, ModelFileError, StoreError, ValueError)


def _run(arguments: argparse.Namespace) -> int:
    from model.registry import Registry
    from petseg_gui.core.store import StoreError

    with open_project(arguments.project, subfolders=None) as project:
        registry = Registry(project.models_dir, STARTER_MODEL)
        if arguments.action == "list":
            return _list(registry, _in_use(project, registry))
        if project.read_only and arguments.action not in READS:
            raise StoreError("Close the other window on this folder, then try again.")
        print(_act(arguments, project, registry))
    return 0


def _act(arguments: argparse.Namespace, project: Project, registry: Registry) -> str:
    """Do one of the other actions; returns what to say about it."""
    from model.model_names import clean_title
    from model.registry import RegistryError

    action, model_id = arguments.action, getattr(arguments, "id", "")
    if action == "import":
        title = clean_title(arguments.title)  # nothing is imported for a name that cannot be
        model_id = registry.import_model(arguments.file)
        registry.rename(model_id, title)
        return f"{arguments.file} is now {model_id}"
    if action == "export":
        if arguments.out.exists() and not arguments.overwrite:
            raise RegistryError(f"{arguments.out} is there already. Use --overwrite to replace it.")
        registry.export(model_id, arguments.out)
        return f"{model_id} is copied to {arguments.out}"
    if action == "use":
        _use(project, registry, model_id)
    elif action == "rename":
        registry.rename(model_id, arguments.title)
    elif action == "note":
        registry.set_note(model_id, arguments.note)
    elif action == "delete":
        registry.delete(model_id, in_use=_in_use(project, registry))
    else:
        registry.restore(model_id)
    done = {"use": "in use", "delete": "deleted; 'restore' brings it back", "restore": "back"}
    return f"{model_id} is {done.get(action, 'changed')}"


def _use(project: Project, registry: Registry, model_id: str) -> None:
    from model.registry import RegistryError

    try:
        registry.path(model_id)
    except KeyError as error:
        raise RegistryError(f"There is no model {model_id} in this project.") from error
    project.set_model_in_use(model_id)


def _in_use(project: Project, registry: Registry) -> str:
    """The model in use; the starter if none was chosen, or its file is gone."""
    chosen = project.model_in_use() or registry.starter_id
    try:
        registry.path(chosen)
    except KeyError:
        return registry.starter_id
    return chosen


def _list(registry: Registry, in_use: str) -> int:
    listing = registry.listing()
    rows: list[tuple[str, ...]] = [
        ("", "ID", "MADE", "FROM", "MB", "IOU OWN", "IOU OXFORD", "NAME")
    ]
    rows += [_row("*" if one.id == in_use else "", one) for one in listing.versions]
    rows += [_row("deleted", one) for one in listing.deleted]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        print("  ".join(cells).rstrip())
    for problem in listing.problems:
        print(f"petseg: left out: {problem}", file=sys.stderr)
    return 0


def _row(state: str, version: Version) -> tuple[str, ...]:
    from model import facts, incoming

    found = facts.scores(version.about)
    figures = []
    for where in ("own", "oxford"):
        iou = found[where].mean_iou if where in found else None
        figures.append("-" if iou is None else f"{iou:.4f}")
    parent = version.parent or version.origin
    # What a file says of itself may be anything: a terminal gets nothing but text of it.
    texts = [version.id, version.created, parent, f"{version.size / 1e6:.1f}"]
    return state, *map(incoming.shown, texts), *figures, version.title
