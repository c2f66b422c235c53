"""Model files from strangers: taken in when they are sound, refused with a reason when not."""

from __future__ import annotations

import json
import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file
from safetensors.numpy import save as to_bytes

from model import incoming, weights
from model.unet import DECODERS, UNetConfig, build_unet
from model.weights import ModelCard, ModelFileError
from tests.model.stranger import model_file

Tensors = dict[str, np.ndarray]
Change = Callable[[Tensors, dict[str, str]], None]


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    return model_file(tmp_path / "own" / "starter-1.safetensors")


@pytest.fixture
def altered(reference: Path, tmp_path: Path) -> Callable[[Change], Path]:
    """Makes a model file with changed tensors or a changed header."""

    def make(change: Change) -> Path:
        tensors = load_file(reference)
        with safe_open(reference, framework="numpy") as file:
            header = dict(file.metadata())
        change(tensors, header)
        path = tmp_path / "theirs.safetensors"
        path.write_bytes(to_bytes(tensors, header))
        return path

    return make


@pytest.mark.parametrize("decoder", DECODERS)
def test_the_table_has_the_weights_of_networks_of_any_size_and_dropout(decoder: str) -> None:
    """What the check of shapes rests on; when this fails, run ``tools/weight_shapes.py``."""
    model = build_unet(UNetConfig(96, 0.3, decoder))
    table = json.loads(incoming.SHAPES.read_text())[decoder]
    assert {v.path: list(v.shape) for v in model.weights} == table


@pytest.mark.parametrize("decoder", DECODERS)
def test_a_network_with_either_decoder_is_taken_in(
    decoder: str, reference: Path, tmp_path: Path
) -> None:
    config = UNetConfig(64, 0.0, decoder)
    theirs = tmp_path / "theirs.safetensors"
    weights.save(build_unet(config), theirs, ModelCard(config.to_dict()))
    other = next(name for name in DECODERS if name != decoder)
    ours = model_file(tmp_path / "starter-9.safetensors", input_size=64, decoder=other)

    found = incoming.read(theirs, ours)

    assert found.network == config.to_dict()
    with pytest.raises(ModelFileError, match="not those of this program's network"):
        incoming.read(ours, theirs)  # which has the weights of neither


def test_a_sound_file_is_read(reference: Path, tmp_path: Path) -> None:
    about = {"settings": {"epochs": 3}, "parent": "tuned-009", "created": "x", "origin": "starter"}
    path = model_file(tmp_path / "theirs.safetensors", about, input_size=96, dropout=0.25)
    found = incoming.read(path, reference)
    assert found.network == {"input_size": 96, "dropout": 0.25, "decoder": "transposed"}
    assert found.about == {"settings": {"epochs": 3}}, "lineage holds only where it was written"
    for name, value in load_file(path).items():
        assert found.tensors[name].dtype == value.dtype
        np.testing.assert_array_equal(found.tensors[name], value)


class _Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("code in the file was run",))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage",
        pickle.dumps(_Bomb()),
        b"\xff" * 64,
        b"\x89HDF\r\n\x1a\n" + bytes(100),
        (8).to_bytes(8, "little") + b"{}      ",
        (9).to_bytes(8, "little") + b"[[[[[[[[[",
    ],
    ids=["empty", "text", "pickle", "ones", "h5", "no format", "no json"],
)
def test_other_files_are_refused(reference: Path, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "theirs.safetensors"
    path.write_bytes(data)
    with pytest.raises(ModelFileError, match=r"theirs\.safetensors: .*Choose a \.safetensors"):
        incoming.read(path, reference)


def test_what_is_no_file_is_refused(reference: Path, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.safetensors"):
        with pytest.raises(ModelFileError, match="no such file"):
            incoming.read(path, reference)
    if sys.platform != "win32":
        os.mkfifo(tmp_path / "pipe")  # to be opened, it would wait for ever
        with pytest.raises(ModelFileError, match="no such file"):
            incoming.read(tmp_path / "pipe", reference)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_file_that_may_not_be_read_is_told(reference: Path, tmp_path: Path) -> None:
    path = model_file(tmp_path / "theirs.safetensors")
    path.chmod(0)
    with pytest.raises(ModelFileError, match="Permission denied"):
        incoming.read(path, reference)


def test_a_header_of_enormous_size_is_not_read(reference: Path, tmp_path: Path) -> None:
    path = tmp_path / "theirs.safetensors"
    with path.open("wb") as file:
        file.write((90 * 1024 * 1024).to_bytes(8, "little"))
        file.truncate(100 * 1024 * 1024)
    with pytest.raises(ModelFileError, match="header is larger"):
        incoming.read(path, reference)


@pytest.mark.parametrize("share", [0.5, 0.97])
def test_a_truncated_file_is_refused(reference: Path, tmp_path: Path, share: float) -> None:
    data = reference.read_bytes()
    path = tmp_path / "theirs.safetensors"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(ModelFileError, match="not a readable model file"):
        incoming.read(path, reference)


def drop(tensors: Tensors, _header: dict[str, str]) -> None:
    del tensors["logits/bias"]


def more(tensors: Tensors, _header: dict[str, str]) -> None:
    tensors["\x1b[31mextra\n"] = np.zeros(1, np.float32)


def shape(tensors: Tensors, _header: dict[str, str]) -> None:
    tensors["logits/bias"] = np.zeros(4, np.float32)


def infinite(tensors: Tensors, _header: dict[str, str]) -> None:
    tensors["logits/bias"] = np.array([0, np.inf, 0], np.float32)


def nan(tensors: Tensors, _header: dict[str, str]) -> None:
    tensors["logits/kernel"] = np.full((3, 3, 3, 4), np.nan, np.float16)


def integers(tensors: Tensors, _header: dict[str, str]) -> None:
    tensors["logits/bias"] = np.zeros(3, np.int64)


def classes(_tensors: Tensors, header: dict[str, str]) -> None:
    header["classes"] = json.dumps(["cat", "dog"])


def other_format(_tensors: Tensors, header: dict[str, str]) -> None:
    header["format"] = "petseg-unet/9"


def deep(_tensors: Tensors, header: dict[str, str]) -> None:
    header["about"] = "[" * 200_000


def long_number(_tensors: Tensors, header: dict[str, str]) -> None:
    header["about"] = '{"a": ' + "9" * 10_000 + "}"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (drop, r"not those of this program's network \(logits/bias\)"),
        (more, r"not those of this program's network \( \[31mextra \)"),
        (shape, r"not those of this program's network \(logits/bias\)"),
        (infinite, "logits/bias holds numbers that are not finite"),
        (nan, "logits/kernel holds numbers that are not finite"),
        (integers, "logits/bias holds no floating-point numbers"),
        (classes, "other classes than pet, background, border"),
        (other_format, "not a model file of PetSeg"),
        (deep, "not a readable model file"),
        (long_number, "not a readable model file"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_does_not_fit_is_refused_with_its_reason(
    reference: Path, altered: Callable[[Change], Path], change: Change, reason: str
) -> None:
    with pytest.raises(ModelFileError, match=rf"theirs\.safetensors: {reason}|{reason}") as caught:
        incoming.read(altered(change), reference)
    assert "theirs.safetensors" in str(caught.value)
    assert str(caught.value).endswith("."), "a remedy"


@pytest.mark.parametrize(
    "network",
    [
        {"input_size": 1 << 20},
        {"input_size": 0},
        {"input_size": -32},
        {"input_size": 100},
        {"input_size": 64.0},
        {"input_size": "64"},
        {"input_size": True},
        {"dropout": 1},
        {"dropout": -0.5},
        {"dropout": "0"},
        {"dropout": float("nan")},
        {"input_size": 64, "layers": 900},
    ],
    ids=str,
)
def test_a_network_that_cannot_be_is_refused(
    reference: Path, tmp_path: Path, network: dict[str, Any]
) -> None:
    path = model_file(tmp_path / "theirs.safetensors", **network)
    with pytest.raises(ModelFileError, match=r"theirs\.safetensors: .*\.$"):
        incoming.read(path, reference)


def test_what_a_stranger_says_is_made_plain_and_bounded() -> None:
    nested: Any = "end"
    for _ in range(20):
        nested = [nested]
    plain = incoming.plain_card(
        {
            "text": "x" * 10_000,
            "escape": "\x1b[31mred\u202e\ud800",
            "many": list(range(300_000)),
            "nan": float("nan"),
            "huge": 10**30,
            "nested": nested,
            "k" * 10_000: 1,
            "title": "not theirs to give",
        }
    )
    text = json.dumps(plain, allow_nan=False)
    assert len(text) < 1_000_000
    assert len(plain["text"]) == incoming.MAX_TEXT
    assert plain["escape"] == " [31mred  "
    assert len(plain["many"]) < 100_001
    assert "title" not in plain
    assert "end" not in text


def test_the_checked_copy_is_what_is_written(reference: Path, tmp_path: Path) -> None:
    found = incoming.read(model_file(tmp_path / "theirs.safetensors"), reference)
    copy = tmp_path / "copy.safetensors"
    weights.write(found.tensors, copy, weights.ModelCard(found.network, found.about))
    again = incoming.read(copy, reference)
    assert again.network == found.network
    assert set(again.tensors) == set(found.tensors)
