from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model import label_png, weights
from model.careful import CarefulPredictor
from model.labels import MaskArray
from model.predict import Predictor
from model.resize import Photo, mask_at_size
from petseg_gui.cli import main
from petseg_gui.cli.predict import label_names
from petseg_gui.core.photos import read_photo
from tests.conftest import blob


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two photos of one stem, one to be turned by its EXIF, and a file that is no picture."""
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.fromarray(blob(50, 40)[0]).save(folder / "cat.jpg")
    Image.fromarray(blob(30, 20)[0]).save(folder / "cat.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(blob(44, 33)[0]).save(folder / "turned.jpg", exif=exif)
    (folder / "broken.jpg").write_bytes(b"no picture")
    return folder


def test_model_summary_and_plot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["model", "--input-size", "64", "--frozen", "summary"]) == 0
    text = capsys.readouterr().out
    assert "10,124,067" in text
    assert "8,280,163" in text
    out = tmp_path / "layers.png"
    assert main(["model", "--input-size", "64", "plot", "--out", str(out)]) == 0
    with Image.open(out) as picture:
        assert picture.width > 500


def test_an_impossible_size_is_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["model", "--input-size", "100", "summary"]) == 1
    assert "multiple of 32" in capsys.readouterr().err


def test_data_show_draws_a_sheet(oxford_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "grid.png"
    arguments = ["--data", str(oxford_folder), "--samples", "4", "--out", str(out)]
    assert main(["data", "show", *arguments]) == 0
    with Image.open(out) as picture:
        assert picture.size == (3 * 2 * 200, 2 * 200)  # photo and label side by side, 3 across


def test_data_that_is_none_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--data", str(tmp_path / "absent"), "--out", str(tmp_path / "grid.png")]
    assert main(["data", "show", *arguments]) == 1
    assert "absent has not the layout" in capsys.readouterr().err


def test_train_then_evaluate(
    oxford_folder: Path, tmp_path: Path, eager: None, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    arguments = ["--recipe", "article", "--epochs", "1", "--batch-size", "8", "--input-size", "64"]
    data = ["--data", str(oxford_folder)]
    share = ["--validation-share", "0.3", "--from-scratch", "--approximate", str(oxford_folder)]
    assert main(["train", *arguments, *data, *share, "--out", str(out)]) == 0
    model = out / "model.safetensors"
    about = weights.read_card(model).about
    assert about["recipe"]["name"] == "article"
    names = [entry["source"] for entry in about["data"]]
    assert names == ["oxford:trainval", "oxford:trainval without border"]
    capsys.readouterr()

    grid = tmp_path / "grid.png"
    measure = ["evaluate", "--model", str(model), *data]
    assert main([*measure, "--json", "--samples", "1", "--grid", str(grid)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["photos"], found["data"], found["input_size"]) == (2, "oxford:test", 64)
    assert found["at_photo_size"]["pixels"] == 2 * 70 * 60
    assert found["at_input_size"]["pixels"] == 2 * 64 * 64
    with Image.open(grid) as picture:
        assert picture.size == (600, 200)  # photo, truth, prediction
    assert main([*measure, "--split", "train", "--limit", "1"]) == 0
    assert "1 photos of oxford:trainval" in capsys.readouterr().out
    other = tmp_path / "another-one.safetensors"
    other.write_bytes(model.read_bytes())
    assert main([*measure, "--model", str(other)]) == 0
    heading, accuracy, *_rows = capsys.readouterr().out.splitlines()
    assert heading.split()[-2:] == ["run", "another-one"]  # every run's model is called alike
    assert len(set(accuracy.split()[-2:])) == 1  # the same weights under two names
    assert main([*measure, "--careful", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["input_size"] == 96


def test_predict_writes_labels_of_every_readable_photo(
    photos: Path, tmp_path: Path, tiny_model_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in photos.iterdir()}
    out = tmp_path / "labels"
    status = main(["predict", str(photos), "--out", str(out), "--model", str(tiny_model_file)])
    assert status == 2
    assert "broken.jpg" in capsys.readouterr().err
    labels = {path.name: label_png.read(path) for path in out.iterdir()}
    shapes = {name: mask.shape for name, mask in labels.items()}
    assert shapes == {"cat.jpg.png": (40, 50), "cat.png.png": (20, 30), "turned.png": (44, 33)}
    assert all(set(np.unique(mask)) <= {1, 2, 3} for mask in labels.values())
    assert {path: path.read_bytes() for path in photos.iterdir()} == before


def test_many_photos_are_predicted_side_by_side_as_one_by_one(
    photos: Path,
    tmp_path: Path,
    tiny_model_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for index in range(9):
        shutil.copy(photos / "turned.jpg", photos / f"turned-{index}.jpg")
    monkeypatch.setattr("petseg_gui.cli.predict._MUCH", 2 * read_photo(photos / "turned.jpg").size)
    out = tmp_path / "labels"
    model = ["--model", str(tiny_model_file)]
    assert main(["predict", str(photos), "--out", str(out), *model]) == 2
    assert "12 labels" in capsys.readouterr().out
    predictor = Predictor.load(tiny_model_file)
    for photo, name in (("turned.jpg", "turned"), ("cat.jpg", "cat.jpg"), ("cat.png", "cat.png")):
        expected = predictor.mask(read_photo(photos / photo))
        labels = sorted(out.glob(f"{name}*.png")) if name == "turned" else [out / f"{name}.png"]
        for label in labels:
            assert (label_png.read(label) != expected).mean() < 1e-3  # ties of rounded sums
    assert len(list(out.iterdir())) == 12


def test_predict_can_be_careful(photos: Path, tmp_path: Path, tiny_model_file: Path) -> None:
    (photos / "broken.jpg").unlink()
    out = tmp_path / "labels"
    model = ["--model", str(tiny_model_file), "--careful"]
    assert main(["predict", str(photos), "--out", str(out), *model]) == 0
    expected = mask_of(CarefulPredictor(tiny_model_file), read_photo(photos / "cat.jpg"))
    np.testing.assert_array_equal(label_png.read(out / "cat.jpg.png"), expected)


def mask_of(predictor: CarefulPredictor, photo: Photo) -> MaskArray:
    (found,) = predictor.probabilities([photo])
    return mask_at_size(found, *photo.shape[:2])


def test_labels_are_named_by_stem_and_never_twice() -> None:
    assert label_names(["a.jpg", "b.png"]) == {"a.jpg": "a.png", "b.png": "b.png"}
    names = label_names(["a.jpg", "a.jpg.jpg", "A.png", "ä.jpg", "a\u0308.png"])
    assert len({name.casefold() for name in names.values()}) == 5


def test_predict_never_writes_among_the_photos(
    photos: Path, tiny_model_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(photos.iterdir())
    model = ["--model", str(tiny_model_file)]
    assert main(["predict", str(photos), "--out", str(photos / "."), *model]) == 1
    assert "holds the photos" in capsys.readouterr().err
    assert sorted(photos.iterdir()) == before


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_a_missing_model_is_named_without_a_traceback(
    command: str,
    photos: Path,
    oxford_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = {
        "predict": [str(photos), "--out", str(tmp_path / "out")],
        "evaluate": ["--data", str(oxford_folder)],
    }[command]
    assert main([command, *arguments, "--model", str(tmp_path / "absent.safetensors")]) == 1
    (line,) = [x for x in capsys.readouterr().err.splitlines() if x.startswith("petseg:")]
    assert "absent.safetensors" in line


def test_a_folder_without_photos_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["predict", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert main(["predict", str(tmp_path / "absent"), "--out", str(tmp_path / "out")]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert ["has no photos" in lines[0], "cannot be read" in lines[1]] == [True, True]


def test_training_for_no_epoch_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--epochs", "0", "--out", str(tmp_path / "run")])
    assert "1 or more" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("rate", ["0", "1", "-0.1", "nan", "fast"])
def test_an_impossible_learning_rate_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rate: str
) -> None:
    with pytest.raises(SystemExit):
        main(["train", f"--learning-rate={rate}", "--out", str(tmp_path / "run")])
    assert "--learning-rate" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_model_to_go_on_from_that_is_not_there_is_named(
    oxford_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--data", str(oxford_folder), "--from", str(tmp_path / "absent.safetensors")]
    assert main(["train", *arguments, "--out", str(tmp_path / "run")]) == 1
    assert "absent.safetensors" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_imagenet_weights_that_cannot_be_loaded_are_told_in_words(
    oxford_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def offline(*_args: object, **_options: object) -> None:
        raise Exception("URL fetch failure")

    monkeypatch.setattr("keras.src.applications.mobilenet_v2.file_utils.get_file", offline)
    arguments = ["--data", str(oxford_folder), "--input-size", "64", "--validation-share", "0.5"]
    assert main(["train", *arguments, "--out", str(tmp_path / "run")]) == 1
    assert "KERAS_HOME" in capsys.readouterr().err


def test_a_missing_system_library_is_told_with_its_remedy(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Missing:
        @staticmethod
        def find_spec(name: str, *_rest: object) -> None:
            if name == "petseg_gui.app":
                raise ImportError("libEGL.so.1: cannot open shared object file")

    monkeypatch.delitem(sys.modules, "petseg_gui.app", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Missing, *sys.meta_path])
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    assert main([]) == 1
    told = capsys.readouterr().err
    assert "libEGL.so.1" in told
    assert "apt-get install" in told
    assert "libxcb-cursor0" in told


def test_no_display_is_told_in_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert main([]) == 1
    assert "no display" in capsys.readouterr().err


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert all(name in text for name in ("train", "evaluate", "predict", "data", "model", "folder"))
