"""What all tests share: nothing of the user's is touched, real data only where it lies."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from PIL import Image

from model import label_png
from model.labels import MaskArray
from model.resize import Photo

REPOSITORY = Path(__file__).resolve().parent.parent


_ORDER = ("core", "gui", "model", "services", "cli", "crash", "e2e")


def shared_folder() -> Path:
    """Where the real data and weights would lie: PETSEG_SHARED, or beside the repository."""
    return Path(os.environ.get("PETSEG_SHARED") or REPOSITORY.parent / "shared")


def pytest_configure(config: pytest.Config) -> None:
    # Keras reads its folder once, when it is imported: a folder of the tests' own, in which the
    # ImageNet weights are found where they are shared.
    home = tempfile.TemporaryDirectory(prefix="petseg-tests-")
    config.add_cleanup(home.cleanup)
    weights = shared_folder() / "keras" / "models"
    if weights.is_dir():
        (Path(home.name) / "models").symlink_to(weights.resolve())
    os.environ["KERAS_HOME"] = home.name
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # How long an example takes says something of the machine, not of the code.
    hypothesis.settings.register_profile("petseg", deadline=None)
    hypothesis.settings.load_profile("petseg")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Widgets first: their check for leftovers looks through every object that there is, and
    # TensorFlow, once a test has imported it, brings a million.
    items.sort(key=lambda item: _ORDER.index(item.path.relative_to(REPOSITORY / "tests").parts[0]))
    folder = shared_folder()
    if folder.is_dir():
        return
    skip = pytest.mark.skip(reason=f"the real data is not in {folder} (see PETSEG_SHARED)")
    for item in items:
        if item.get_closest_marker("shared"):
            item.add_marker(skip)


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings, projects and data sets of the user are out of every test's reach."""
    home = tmp_path_factory.mktemp("home")
    for variable in (
        "PETSEG_CONFIG_DIR",
        "PETSEG_DATA_DIR",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_STATE_HOME",
        "TFDS_DATA_DIR",
    ):
        monkeypatch.setenv(variable, str(home / variable.lower()))


@pytest.fixture
def shared() -> Path:
    """The folder of the real data and weights; the test must be marked ``shared``."""
    folder = shared_folder()
    if not folder.is_dir():
        pytest.skip(f"the real data is not in {folder} (see PETSEG_SHARED)")
    return folder


def blob(width: int, height: int, seed: int = 0, *, label: bool = True) -> tuple[Photo, MaskArray]:
    """A photo of an orange disc with a yellow rim on blue, and its mask; the disc's place varies.

    Args:
        width: in pixels.
        height: in pixels.
        seed: of place and size.
        label: False: nothing is labelled.
    """
    rng = np.random.default_rng(seed)
    radius = min(width, height) * rng.uniform(0.2, 0.35)
    x, y = rng.uniform(0.35, 0.65) * width, rng.uniform(0.35, 0.65) * height
    rows, columns = np.mgrid[:height, :width] + 0.5
    distance = np.hypot(columns - x, rows - y)
    mask = np.where(distance < radius, 1, np.where(distance < radius + 3, 3, 2)).astype(np.uint8)
    colours = np.array([[0, 0, 0], [230, 120, 20], [20, 40, 200], [240, 240, 40]], np.uint8)
    photo = np.clip(colours[mask] + rng.integers(-15, 15, (height, width, 3)), 0, 255)
    return photo.astype(np.uint8), mask if label else np.zeros_like(mask)


def make_oxford_folder(folder: Path, train: int = 8, test: int = 2) -> Path:
    """A small folder in the data set's own layout; photos NAME_1.jpg, ... of 70×60 pixels."""
    (folder / "images").mkdir(parents=True)
    (folder / "annotations" / "trimaps").mkdir(parents=True)
    names = [f"pet_{number}" for number in range(1, train + test + 1)]
    for number, name in enumerate(names):
        photo, mask = blob(70, 60, number)
        Image.fromarray(photo).save(folder / "images" / f"{name}.jpg", quality=95)
        label = folder / "annotations" / "trimaps" / f"{name}.png"
        label.write_bytes(label_png.encode(mask))
    for listing, part in (("trainval", names[:train]), ("test", names[train:])):
        lines = "".join(f"{name} 1 1 1\n" for name in part)
        (folder / "annotations" / f"{listing}.txt").write_text("#Image CLASS-ID\n" + lines)
    return folder


@pytest.fixture
def oxford_folder(tmp_path: Path) -> Path:
    """Eight photos to train on and two to test with, in the data set's own layout."""
    return make_oxford_folder(tmp_path / "oxford")


@pytest.fixture(scope="session")
def tiny_model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an untrained network of input size 64; tests must not change it."""
    from model import weights
    from model.unet import UNetConfig, build_unet

    config = UNetConfig(input_size=64)
    path = tmp_path_factory.mktemp("models") / "tiny-1.safetensors"
    card = weights.ModelCard(config.to_dict(), {"recipe": "none"})
    weights.save(build_unet(config, seed=3), path, card)
    return path


@pytest.fixture
def eager() -> Iterator[None]:
    """TensorFlow runs step by step: a few steps cost less than tracing the network for them."""
    import tensorflow as tf

    # Our pipelines stay graphs, and are meant to.
    warnings.filterwarnings("ignore", "Even though the `tf.config", UserWarning)
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)
