"""The article's way with a folder, for ``inference.py``: FOLDER of photos, OUT for the labels."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def main(folder: Path, out: Path) -> None:
    from model.unet import build_unet
    from petseg_gui.core.photos import list_photos, read_photo

    network = build_unet()
    out.mkdir()
    for path in list_photos(folder):
        photo = read_photo(path)
        small = cv2.resize(photo, (256, 256), interpolation=cv2.INTER_AREA)
        logits = network.predict(small[None].astype(np.float32), verbose=0)[0]
        mask = (logits.argmax(-1) + 1).astype(np.uint8)
        mask = cv2.resize(mask, photo.shape[1::-1], interpolation=cv2.INTER_NEAREST_EXACT)
        cv2.imwrite(str(out / f"{path.stem}.png"), mask)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
