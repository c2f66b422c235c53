"""Whole files of every kind, from which the hostile ones are made."""

from __future__ import annotations

import base64
import io
import json
from functools import cache

import numpy as np
from PIL import Image

from petseg_gui.core.exchange import rle
from tests.core.fault_project import HEIGHT, WIDTH, WORKED

PHOTOS = (
    *("JPEG", "JPEG progressive", "JPEG CMYK", "JPEG profile", "PNG", "PNG palette", "PNG 16"),
    *("PNG grey", "PNG alpha", "PNG profile", "WEBP", "WEBP moving", "WEBP alpha", "AVIF"),
    *("TIFF", "TIFF lzw", "TIFF jpeg", "TIFF CMYK", "TIFF 16", "BMP", "GIF", "GIF moving"),
    *("HEIF", "HEIF thumbnail", "MPO"),
)
"""Kinds of photos, as Pillow calls them, each with what is special about it."""

IMPORTS = {
    **{kind: (kind, "png") for kind in ("oxford", "index", "binary")},
    **{f"binary {suffix}": ("binary", suffix) for suffix in ("tif", "gif", "bmp", "jpg", "webp")},
    **{"labelme": ("labelme", "json"), "coco": ("coco", "json"), "yolo": ("yolo", "txt")},
}
"""Kinds of labels: how they are read, and the ending of the file."""


@cache
def photo(kind: str) -> bytes:
    """A photo of 64×48 pixels that is turned by its EXIF block, where it can have one."""
    import pillow_heif
    from PIL import ImageCms

    pillow_heif.register_heif_opener()
    noise = np.random.default_rng(1).integers(0, 256, (12, 16, 3), np.uint8)
    picture = Image.fromarray(noise).resize((64, 48))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x9003] = "2026:11:26 08:00:00"
    if not kind.startswith("TIFF"):  # which takes no table within a table
        exif.get_ifd(0x8769)[0x9003] = "2026:11:26 08:00:00"
    picture.info["exif"] = exif.tobytes()
    options: dict[str, object] = {"exif": exif.tobytes()}
    name, _, sort = kind.partition(" ")
    if sort in ("CMYK", "grey", "alpha"):
        picture = picture.convert({"CMYK": "CMYK", "grey": "L", "alpha": "RGBA"}[sort])
        options["lossless"] = True
    elif sort == "palette":
        picture = picture.quantize(16)
        options["transparency"] = 3
    elif sort == "16":
        picture = Image.fromarray(np.arange(48 * 64, dtype=np.uint16).reshape(48, 64) * 21)
    elif sort == "moving" or name == "MPO":
        options |= {"save_all": True, "append_images": [picture.rotate(90)]}
    elif sort == "profile":
        options["icc_profile"] = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options |= {
        "progressive": {"progressive": True},
        "lzw": {"compression": "tiff_lzw"},
        "jpeg": {"compression": "jpeg"},
        "thumbnail": {"thumbnails": [32]},
    }.get(sort, {})
    if name in ("BMP", "GIF"):
        options.pop("exif")
    buffer = io.BytesIO()
    picture.save(buffer, name, **options)
    return buffer.getvalue()


def _picture(values: np.ndarray, suffix: str) -> bytes:
    buffer = io.BytesIO()
    kind = {"tif": "TIFF", "jpg": "JPEG"}.get(suffix, suffix.upper())
    options = {"lossless": True} if suffix == "webp" else {}
    Image.fromarray(values).save(buffer, kind, **options)
    return buffer.getvalue()


def label_of_others(kind: str) -> bytes:
    """A label of ``WORKED`` as another program writes it."""
    way, suffix = IMPORTS[kind]
    pet = np.zeros((HEIGHT, WIDTH), bool)
    pet[1:4, 2:7] = True
    if way in ("oxford", "index"):
        return _picture(np.where(pet, 1, 2).astype(np.uint8), suffix)
    if way == "binary":
        return _picture(np.where(pet, 255, 0).astype(np.uint8), suffix)
    corners = [[2, 1], [7, 1], [7, 4], [2, 4]]
    if way == "yolo":
        flat = " ".join(f"{x / WIDTH:.4f} {y / HEIGHT:.4f}" for x, y in corners)
        return f"0 {flat}\n1 0.1 0.1 0.4 0.1 0.3 0.4\n".encode()
    if way == "labelme":
        shapes = [
            {"label": "dog", "shape_type": "polygon", "points": corners},
            {"label": "background", "shape_type": "rectangle", "points": [[2, 2], [4, 4]]},
            {"label": "border", "shape_type": "circle", "points": [[4, 3], [4, 4]]},
        ]
        return json.dumps(
            {
                "version": "5.4",
                "imagePath": WORKED,
                "imageData": base64.b64encode(b"x" * 60).decode(),
                "imageWidth": WIDTH,
                "imageHeight": HEIGHT,
                "shapes": shapes,
            }
        ).encode()
    segmentations = [
        [[number for corner in corners for number in corner]],
        {"size": [HEIGHT, WIDTH], "counts": [HEIGHT * WIDTH - 10, 10]},
        rle.encode(pet),
    ]
    return json.dumps(
        {
            "images": [{"id": 7, "file_name": WORKED, "width": WIDTH, "height": HEIGHT}],
            "annotations": [
                {"id": number, "image_id": 7, "category_id": 3, "segmentation": one}
                for number, one in enumerate(segmentations)
            ],
            "categories": [{"id": 3, "name": "dog"}],
        }
    ).encode()
