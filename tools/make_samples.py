"""Make the sample photos: ``python tools/make_samples.py chelsea.png`` (scikit-image's)."""

import sys
from pathlib import Path

from PIL import Image, ImageEnhance, ImageOps

FOLDER = Path(__file__).resolve().parents[1] / "resources" / "samples"
QUALITY = 92
ORIENTATION = 0x0112
ROTATE_90 = 6
"""EXIF: the stored picture has to be turned by 90 degrees clockwise to be upright."""


def variants(photo: Image.Image) -> dict[str, Image.Image]:
    """The samples by file name; each is what an owner's folder holds beside a good photo."""
    evening = ImageEnhance.Brightness(ImageEnhance.Color(photo).enhance(0.7)).enhance(0.45)
    hazy = ImageEnhance.Contrast(photo.resize((300, 200), Image.Resampling.LANCZOS)).enhance(0.5)
    return {
        "chelsea.jpg": photo,
        "chelsea-close.jpg": photo.crop((65, 0, 425, 270)).resize(
            (1080, 810), Image.Resampling.LANCZOS
        ),
        "chelsea-evening.jpg": evening,
        "chelsea-hazy.jpg": hazy,
        "chelsea-mirrored.jpg": ImageOps.mirror(photo),
        "chelsea-portrait.jpg": photo.crop((110, 0, 335, 300)),
    }


def main(source: str) -> None:
    """Write the six samples."""
    with Image.open(source) as picture:
        photo = picture.convert("RGB")
    for name, sample in variants(photo).items():
        exif = Image.Exif()
        stored = sample
        if name == "chelsea-portrait.jpg":
            # As phones store portraits: lying on its side, with a note which way is up.
            stored = sample.transpose(Image.Transpose.ROTATE_90)
            exif[ORIENTATION] = ROTATE_90
        stored.save(FOLDER / name, quality=QUALITY, exif=exif)


if __name__ == "__main__":
    main(sys.argv[1])
