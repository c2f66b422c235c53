"""``petseg import``: take labels of other programs into a project."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from petseg_gui.cli.common import SOME_FAILED, Bar, add_subfolders, guarded, open_project
from petseg_gui.core.exchange.classes import WORDS, parse_mapping
from petseg_gui.core.exchange.common import ExchangeError
from petseg_gui.core.exchange.entries import ImportOptions
from petseg_gui.core.exchange.importing import KINDS, plan_import, run_import
from petseg_gui.core.store import StoreError


def main(argv: Sequence[str]) -> int:
    """Parse the arguments and import; returns the exit status: 0, 1 failed, 2 some left out."""
    kinds = "\n".join(f"  {name:<9} {text}" for name, (text, _reader) in KINDS.items())
    parser = argparse.ArgumentParser(
        prog="petseg import",
        description=__doc__,
        epilog=f"kinds:\n{kinds}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="folder of photos")
    add_subfolders(parser)
    parser.add_argument("source", type=Path, help="file or folder of labels")
    parser.add_argument("--from", choices=KINDS, required=True, dest="kind", metavar="KIND")
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="NAME=CLASS",
        help="which class a name or value is: pet, background, border, unlabelled, or ignore",
    )
    parser.add_argument("--threshold", type=int, default=128, help="binary: what is light, 1..255")
    parser.add_argument(
        "--foreground", choices=WORDS, default="pet", help="binary: the class of what is light"
    )
    parser.add_argument("--rest", choices=WORDS, help="the class of what nothing covers")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, do nothing")
    parser.add_argument("--accept", action="store_true", help="the labels count as accepted")
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="replace labels that are different; earlier versions stay",
    )
    arguments = parser.parse_args(argv)
    return guarded(lambda: _import(arguments), ExchangeError, StoreError, ValueError)


def _import(arguments: argparse.Namespace) -> int:
    if not 1 <= arguments.threshold <= 255:
        raise ValueError("--threshold is a whole number from 1 to 255")
    options = ImportOptions(
        mapping=parse_mapping(arguments.map),
        threshold=arguments.threshold,
        foreground=WORDS[arguments.foreground],
        rest=WORDS[arguments.rest] if arguments.rest else None,
        accept=arguments.accept,
    )
    with open_project(arguments.folder, subfolders=arguments.subfolders) as project:
        with Bar() as bar:
            plan = plan_import(project, arguments.source, arguments.kind, options, bar)
        print(plan.text())
        if arguments.dry_run:
            return SOME_FAILED if plan.refused else 0
        with Bar() as bar:
            report = run_import(plan, overwrite=arguments.overwrite, progress=bar)
    for failure in report.failed:
        print(f"petseg: not saved: {failure.reason}", file=sys.stderr)
    if report.full:
        print("petseg: the other labels were not tried", file=sys.stderr)
    print(f"{len(report.saved)} labels saved, {len(report.unchanged)} were there already")
    if report.kept:
        print(
            f"{len(report.kept)} photos keep the label that they have: "
            "run it again with --overwrite to replace it"
        )
    return SOME_FAILED if plan.refused or report.failed or report.kept else 0
