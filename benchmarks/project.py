"""A folder of 10,000 photos: opening, scrolling, paging, filtering, memory.  Prints JSON.

    python benchmarks/project.py [--runs 9] [--only open scroll page arrange memory]

The photos are real ones, of their real sizes, each a file with a content of its own; 40 of them
are enlarged to 12 megapixels.  They are opened *for the first time* (there is no project yet) and
*known* (every photo examined and predicted, 4,000 labelled, the last one on show in their midst).
The files are in the system's cache: what a disk takes to deliver them is another matter.

- ``open``: start of the process to the first photo painted, new processes; limits 1.3 s and 1.0 s
  (medians).
- ``scroll``: the longest that the event loop comes to nothing else while the strip goes from end
  to end, 1.2 million pixels, by wheel, and back by dragging the scroll bar; limit 50 ms.  First
  without, then with thumbnails on disk.
- ``page``: key to painted frame, photos of 12 megapixels, each looked at for a second or more;
  limit 50 ms (95th percentile).
- ``arrange``: a filter or an order, call to painted strip; limit 100 ms.
- ``memory``: what the folder takes over the empty window when it has been scrolled through, without
  the thread that runs TensorFlow; limit 250 MB.  With 12-megapixel photos, decoded ahead, on top
  as another figure.

Beside the clock on the wall stands processor time: of the process for ``open``, else of the
window's thread.  Where that is far less, something else had the processor.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from _large_project import LABELS, LAST_SEEN, PHOTOS, make_photos, make_project
from _support import REPOSITORY, first_photo_seconds, isolate, report, summary

LIMITS = {
    "open_first_time_median_s": 1.3,
    "open_known_median_s": 1.0,
    "scroll_gap_max_ms": 50,
    "page_p95_ms": 50,
    "arrange_max_of_medians_ms": 100,
    "memory_over_empty_window_mib": round(250e6 / (1 << 20), 1),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=9, help="how often to open each folder")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        isolate(work)
        os.environ["PYTHONPATH"] = str(REPOSITORY)
        from resources import STARTER_MODEL

        folder, new = work / "known", work / "new"
        names = make_photos(folder)
        new.mkdir()
        for photo in names:  # the same files: they are only read
            os.link(folder / photo, new / photo)
        make_project(folder, names, STARTER_MODEL.stem)
        results = {
            part: _open(new, folder, names, arguments.runs)
            if part == "open"
            else PARTS[part](folder)
            # In their own order: paging leaves another photo as the one that was looked at last.
            for part in PARTS
            if part in arguments.only
        }
    report("project", photos=PHOTOS, labels=LABELS, **results, limits=LIMITS)


def _open(new: Path, known: Path, names: list[str], runs: int) -> dict[str, Any]:
    found: dict[str, list[tuple[float, float]]] = {"first_time": [], "known": []}
    for turn in range(runs + 1):  # the first turn fills the caches and does not count
        shutil.rmtree(new / "petseg", ignore_errors=True)
        times = {
            "first_time": first_photo_seconds(new, names[0]),
            "known": first_photo_seconds(known, names[LAST_SEEN]),
        }
        for key, value in times.items():
            found[key] += [value] if turn else []
    return {
        key: {
            "wall": summary([wall for wall, _ in values], "s"),
            "processor": summary([processor for _, processor in values], "s"),
        }
        for key, values in found.items()
    }


def _part(name: str, folder: Path) -> Any:
    parts = Path(__file__).with_name("_project_parts.py")
    result = subprocess.run(
        [sys.executable, str(parts), name, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=os.environ,
        timeout=1200,
    )
    return json.loads(result.stdout)


def _scroll(folder: Path) -> dict[str, Any]:
    found = {}
    shutil.rmtree(folder / "petseg/thumbnails", ignore_errors=True)
    for thumbnails in ("made", "on_disk"):
        for way, gaps in _part("scroll", folder).items():
            found[f"{way}_thumbnails_{thumbnails}"] = {
                **_times(gaps),
                "thumbnails_mib": round(gaps["thumbnails_mib"], 1),
            }
    return found


def _page(folder: Path) -> dict[str, Any]:
    found = _part("page", folder)
    return {"photo": found["photo"], **_times(found)}


def _arrange(folder: Path) -> dict[str, Any]:
    found = _part("arrange", folder)
    return {name: _times(times) for name, times in found["arrangements"].items()}


def _memory(folder: Path) -> dict[str, Any]:
    found = _part("memory", folder)
    empty = found["empty"]
    over = {
        state: {kind: round(value - empty[kind], 1) for kind, value in figures.items()}
        for state, figures in found.items()
        if state != "empty"
    }
    return {"unit": "MiB", "empty_window_pss": round(empty["pss"], 1), "over_it": over}


def _times(found: dict[str, Any]) -> dict[str, Any]:
    return {kind: summary(found[kind], "ms", 1) for kind in ("wall", "processor")}


PARTS: dict[str, Any] = {
    "open": _open,
    "scroll": _scroll,
    "page": _page,
    "arrange": _arrange,
    "memory": _memory,
}


if __name__ == "__main__":
    main()
