"""Write ``model/weight_shapes.json``: names and shapes of a network's weights, by decoder.

A stranger's model file is checked against them without TensorFlow; a test says when they are old.
"""

from __future__ import annotations

import json
from pathlib import Path


def shapes() -> dict[str, dict[str, list[int]]]:
    """Of the networks that :func:`model.unet.build_unet` makes, by decoder."""
    from model.unet import DECODERS, UNetConfig, build_unet

    return {
        decoder: {w.path: list(w.shape) for w in build_unet(UNetConfig(64, 0.0, decoder)).weights}
        for decoder in DECODERS
    }


if __name__ == "__main__":
    target = Path(__file__).parent.parent / "model" / "weight_shapes.json"
    rows = [
        f"{json.dumps(decoder)}: {{\n"
        + ",\n".join(f" {json.dumps(name)}: {shape}" for name, shape in found.items())
        + "\n}"
        for decoder, found in shapes().items()
    ]
    target.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
