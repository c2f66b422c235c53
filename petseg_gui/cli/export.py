"""``petseg export``: write a project's labels for other programs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from petseg_gui.cli.common import SOME_FAILED, Bar, add_subfolders, guarded, open_project
from petseg_gui.core.exchange.classes import WORDS
from petseg_gui.core.exchange.common import ExchangeError
from petseg_gui.core.exchange.exporting import KINDS, ExportOptions, plan_export, run_export
from petseg_gui.core.store import StoreError


def main(argv: Sequence[str]) -> int:
    """Parse the arguments and export; returns the exit status: 0, 1 failed, 2 some left out."""
    kinds = "\n".join(f"  {name:<9} {kind.text}" for name, kind in KINDS.items())
    parser = argparse.ArgumentParser(
        prog="petseg export",
        description=__doc__,
        epilog=f"kinds:\n{kinds}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="folder of photos")
    add_subfolders(parser)
    parser.add_argument("--to", choices=KINDS, required=True, dest="kind", metavar="KIND")
    parser.add_argument("--out", type=Path, required=True, help="folder for the files")
    parser.add_argument("--all", action="store_true", help="labels that nobody accepted as well")
    parser.add_argument("--overwrite", action="store_true", help="replace files that are there")
    parser.add_argument(
        "--border",
        choices=("pet", "background", "border"),
        help="what the border counts as (default: pet; in yolo: border)",
    )
    arguments = parser.parse_args(argv)
    return guarded(lambda: _export(arguments), ExchangeError, StoreError)


def _export(arguments: argparse.Namespace) -> int:
    border = WORDS[arguments.border] if arguments.border else None
    options = ExportOptions(everything=arguments.all, border=border)
    with open_project(arguments.folder, subfolders=arguments.subfolders) as project:
        plan = plan_export(project, arguments.out, arguments.kind, options)
        with Bar() as bar:
            report = run_export(plan, overwrite=arguments.overwrite, progress=bar)
    for failure in report.failed:
        print(f"petseg: left out: {failure.reason}", file=sys.stderr)
    waiting = f", {len(plan.not_accepted)} not accepted left out" if plan.not_accepted else ""
    print(f"{len(report.photos)} labels in {arguments.out}{waiting}")
    return SOME_FAILED if report.failed else 0
