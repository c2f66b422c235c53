from __future__ import annotations

import json
from pathlib import Path

import pytest

from model import files
from petseg_gui.core.settings import Settings, load_settings, save_settings
from petseg_gui.core.tool_options import ToolOptions


def test_settings_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "new" / "settings.json"
    settings = Settings(
        recent_folders=["/photos/Zoë"],
        brush_diameter=12.5,
        overlay_opacity=0.25,
        hidden_labels=[2, 3],
        max_megapixels=300.0,
        window_geometry="01d9d0cb",
        finetune={"epochs": 3, "learning_rate": 1e-4, "freeze_encoder": True, "device": "CPU"},
        tools=ToolOptions(
            square_brush=True,
            size_on_screen=True,
            pressure=False,
            fill_by_colour=True,
            fill_tolerance=7,
            smart_box=True,
            smart_border=False,
            only_over=frozenset({0, 2}),
            keep_border=True,
        ),
    )
    save_settings(path, settings)
    assert load_settings(path) == settings


def test_without_a_file_there_are_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "missing.json") == Settings()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b"[" * 100_000])
def test_a_file_that_makes_no_sense_is_kept_aside(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    assert load_settings(path) == Settings()
    assert (tmp_path / "settings.json.bad").read_bytes() == content
    assert not path.exists()


@pytest.mark.parametrize(
    ("name", "value", "understood"),
    [
        ("brush_diameter", "large", 40.0),
        ("brush_diameter", True, 40.0),
        ("brush_diameter", -5, 40.0),
        ("brush_diameter", float("nan"), 40.0),
        ("brush_diameter", 10**400, 40.0),
        ("overlay_opacity", 1.5, 0.5),
        ("overlay_opacity", 1, 1.0),
        ("recent_folders", "/photos", []),
        ("recent_folders", ["/a", 3, "/a", "", "/b"], ["/a", "/b"]),
        ("recent_folders", [str(n) for n in range(99)], [str(n) for n in range(10)]),
        ("hidden_labels", [3, 1, 7, "2", True, 1], [1, 3]),
        ("hidden_labels", 1, [2]),
        ("hidden_labels", [], []),
        ("window_geometry", 5, ""),
        ("window_geometry", "no digits", ""),
        ("max_megapixels", -1, 0.0),
        ("max_megapixels", 10**9, 0.0),
        ("finetune", [], {}),
        ("finetune", {"epochs": 3, "plan": [1], "rate": float("inf")}, {"epochs": 3}),
    ],
)
def test_a_field_that_makes_no_sense_gets_its_default_alone(
    tmp_path: Path, name: str, value: object, understood: object
) -> None:
    path = tmp_path / "settings.json"
    neighbour = "window_geometry" if name != "window_geometry" else "finetune"
    kept: object = "01d9d0cb" if neighbour == "window_geometry" else {"epochs": 2}
    path.write_text(json.dumps({name: value, neighbour: kept, "from_the_future": 1}))
    settings = load_settings(path)
    assert getattr(settings, name) == understood
    assert getattr(settings, neighbour) == kept


@pytest.mark.parametrize(
    ("name", "value", "understood"),
    [
        ("square_brush", True, True),
        ("square_brush", 1, False),
        ("pressure", None, True),
        ("keep_border", "yes", False),
        ("fill_tolerance", 255, 255),
        ("fill_tolerance", 256, 24),
        ("fill_tolerance", -1, 24),
        ("fill_tolerance", True, 24),
        ("fill_tolerance", 3.5, 24),
        ("only_over", [2, 0], frozenset({0, 2})),
        ("only_over", [1, 9, "3"], frozenset({1})),
        # Tools that could change nothing at all would look broken.
        ("only_over", [], frozenset({0, 1, 2, 3})),
        ("only_over", [0], frozenset({0, 1, 2, 3})),
        ("only_over", 1, frozenset({0, 1, 2, 3})),
    ],
)
def test_an_option_of_the_tools_that_makes_no_sense_gets_its_default_alone(
    tmp_path: Path, name: str, value: object, understood: object
) -> None:
    path = tmp_path / "settings.json"
    tools = {"smart_box": True, "of_the_future": 1, name: value}
    path.write_text(json.dumps({"tools": tools, "brush_diameter": 9}))
    settings = load_settings(path)
    assert getattr(settings.tools, name) == understood
    assert settings.tools.smart_box
    assert settings.brush_diameter == 9


def test_options_of_the_tools_that_are_no_object_get_their_defaults(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"tools": ["brush"]}))
    assert load_settings(path).tools == ToolOptions()


def test_recent_folders_are_few_and_the_latest_comes_first() -> None:
    settings = Settings()
    for number in range(12):
        settings.add_recent_folder(Path(f"/{number}"))
    settings.add_recent_folder(Path("/5"))
    assert len(settings.recent_folders) == 10
    assert settings.recent_folders[:3] == [str(Path(f"/{number}")) for number in (5, 11, 10)]
    assert settings.recent_folders.count(str(Path("/5"))) == 1


def test_a_failed_save_keeps_the_old_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "settings.json"
    save_settings(path, Settings(brush_diameter=7))

    def fail(*_arguments: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(files.os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        save_settings(path, Settings(brush_diameter=8))
    assert load_settings(path).brush_diameter == 7
