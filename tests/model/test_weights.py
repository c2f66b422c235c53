from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file
from safetensors.numpy import save as to_bytes

from model import weights
from model.unet import UNetConfig, build_unet
from model.weights import ModelCard, ModelFileError

CONFIG = UNetConfig(input_size=64)
PHOTO = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3)).astype(np.float32)


def output(model: Any) -> np.ndarray:
    return np.asarray(model(PHOTO, training=False))


def header_of(path: Path) -> dict[str, str]:
    with safe_open(path, framework="numpy") as file:
        return dict(file.metadata())


Change = Callable[[dict[str, np.ndarray], dict[str, str]], None]


@pytest.fixture
def altered(tiny_model_file: Path, tmp_path: Path) -> Callable[[Change], Path]:
    """Makes a model file with changed tensors or a changed header."""

    def make(change: Change) -> Path:
        tensors, header = load_file(tiny_model_file), header_of(tiny_model_file)
        change(tensors, header)
        path = tmp_path / "altered.safetensors"
        path.write_bytes(to_bytes(tensors, header))
        return path

    return make


def test_a_model_comes_back_exactly(tmp_path: Path) -> None:
    model = build_unet(CONFIG, seed=5)
    path = tmp_path / "new" / "model.safetensors"
    weights.save(model, path, ModelCard(CONFIG.to_dict(), {"recipe": "ours", "seed": 5}))
    assert weights.read_card(path) == ModelCard(CONFIG.to_dict(), {"recipe": "ours", "seed": 5})
    again = weights.load(path)
    np.testing.assert_array_equal(output(again), output(model))
    half = tmp_path / "half.safetensors"
    weights.save(model, half, ModelCard(CONFIG.to_dict()), half=True)
    assert half.stat().st_size < 0.51 * path.stat().st_size
    near = output(weights.load(half))
    assert 0 < np.abs(near - output(model)).max() < 0.05 * np.abs(output(model)).max()


def test_loading_can_freeze_the_encoder(tiny_model_file: Path) -> None:
    model = weights.load(tiny_model_file, freeze_encoder=True)
    assert {w.path.split("/")[0] for w in model.trainable_weights} == {
        *(f"up_{i}_conv" for i in (1, 2, 3, 4)),
        *(f"up_{i}_norm" for i in (1, 2, 3, 4)),
        "logits",
    }


# -- files that are none of ours ------------------------------------------------------------


class _Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("code in the file was run",))


@pytest.mark.parametrize(
    "data",
    [b"", b"garbage", pickle.dumps(_Bomb()), b"\xff" * 64, (8).to_bytes(8, "little") + b"{}      "],
    ids=["empty", "text", "pickle", "huge header", "no format"],
)
def test_other_files_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(data)
    for use in (weights.read_card, weights.load):
        with pytest.raises(ModelFileError, match=r"model\.safetensors"):
            use(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"absent\.safetensors.*No such file"):
        weights.load(tmp_path / "absent.safetensors")


@pytest.mark.parametrize("share", [0.001, 0.5, 0.999])
def test_a_truncated_file_is_refused(tiny_model_file: Path, tmp_path: Path, share: float) -> None:
    data = tiny_model_file.read_bytes()
    path = tmp_path / "cut.safetensors"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ModelFileError, match="not a readable model file"):
        weights.load(path)


def test_a_file_larger_than_any_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.safetensors"
    with path.open("wb") as file:
        file.truncate(600 * 1024 * 1024)  # takes no space on the disk
    with pytest.raises(ModelFileError, match="larger than"):
        weights.read_card(path)


def classes(_tensors: dict[str, np.ndarray], header: dict[str, str]) -> None:
    header["classes"] = json.dumps(["background", "pet", "border"])


def other_format(_tensors: dict[str, np.ndarray], header: dict[str, str]) -> None:
    header["format"] = "petseg-unet/2"


def no_network(_tensors: dict[str, np.ndarray], header: dict[str, str]) -> None:
    del header["network"]


def network_of(**arguments: Any) -> Change:
    def change(_tensors: dict[str, np.ndarray], header: dict[str, str]) -> None:
        header["network"] = json.dumps(arguments)

    return change


def header_list(_tensors: dict[str, np.ndarray], header: dict[str, str]) -> None:
    header["about"] = "[]"


def missing(tensors: dict[str, np.ndarray], _header: dict[str, str]) -> None:
    del tensors["logits/kernel"]


def surplus(tensors: dict[str, np.ndarray], _header: dict[str, str]) -> None:
    tensors["more"] = np.zeros(3, np.float32)


def other_shape(tensors: dict[str, np.ndarray], _header: dict[str, str]) -> None:
    tensors["logits/bias"] = np.zeros(4, np.float32)


def not_finite(tensors: dict[str, np.ndarray], _header: dict[str, str]) -> None:
    tensors["logits/bias"] = np.array([0, np.nan, 0], np.float32)


def too_large(tensors: dict[str, np.ndarray], _header: dict[str, str]) -> None:
    tensors["logits/bias"] = np.array([0, 1e300, 0], np.float64)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (classes, "other classes"),
        (other_format, "not a model file of PetSeg"),
        (no_network, "not a readable model file"),
        (header_list, "header is damaged"),
        (network_of(input_size=65), "multiple of 32"),
        (network_of(input_size="64"), "not a readable model file"),
        (network_of(input_size=64.0), "not a readable model file"),
        (network_of(depth=9), "not a readable model file"),
        (missing, r"not those of this network \(logits/kernel\)"),
        (surplus, r"not those of this network \(more\)"),
        (other_shape, r"not those of this network \(logits/bias\)"),
        (not_finite, "logits/bias holds numbers that are not finite"),
        (too_large, "logits/bias holds numbers that are not finite"),
    ],
)
def test_what_does_not_fit_is_refused(
    altered: Callable[[Change], Path], change: Change, says: str
) -> None:
    with pytest.raises(ModelFileError, match=says):
        weights.load(altered(change))


# -- writing --------------------------------------------------------------------------------


def test_weights_that_are_no_numbers_are_not_written(tmp_path: Path) -> None:
    model = build_unet(CONFIG)
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"before")
    bias = model.get_layer("logits").bias
    bias.assign([0.0, 1e30, 0.0])
    with pytest.raises(ModelFileError, match="not finite as float16"):
        weights.save(model, path, ModelCard(CONFIG.to_dict()), half=True)
    bias.assign([0.0, float("nan"), 0.0])
    with pytest.raises(ModelFileError, match="not finite as float32"):
        weights.save(model, path, ModelCard(CONFIG.to_dict()))
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"before")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("model.files.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        weights.save(build_unet(CONFIG), path, ModelCard(CONFIG.to_dict()))
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
