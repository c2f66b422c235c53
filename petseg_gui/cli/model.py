"""``petseg model``: show the network, or look after the models of a project."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from petseg_gui.cli import project_models
from petseg_gui.cli.common import guarded, quiet_tensorflow


def main(argv: Sequence[str]) -> int:
    """Parse the arguments and do what they say; returns the exit status."""
    parser = argparse.ArgumentParser(prog="petseg model", description=__doc__)
    parser.add_argument("--input-size", type=int, default=256, help="a multiple of 32 (pixels)")
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument(
        "--decoder", default="transposed", help="'transposed', the article's, or 'separable'"
    )
    parser.add_argument("--frozen", action="store_true", help="count with a frozen encoder")
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("summary", help="print layers, shapes and parameters")
    plot = actions.add_parser("plot", help="draw the layers into a PNG")
    plot.add_argument("--out", type=Path, required=True)
    project_models.add_parsers(actions)
    arguments = parser.parse_args(argv)
    if arguments.action in project_models.ACTIONS:
        return project_models.run(arguments)
    quiet_tensorflow()
    return guarded(lambda: _show(arguments), ValueError, OSError)


def _show(arguments: argparse.Namespace) -> int:
    from model.unet import UNetConfig, build_unet

    config = UNetConfig(arguments.input_size, arguments.dropout, arguments.decoder)
    model = build_unet(config, freeze_encoder=arguments.frozen)
    if arguments.action == "summary":
        model.summary(line_length=110, expand_nested=True, show_trainable=True)
        return 0
    from model.diagram import draw

    draw(model, arguments.out)
    print(f"Drawn: {arguments.out}")
    return 0
