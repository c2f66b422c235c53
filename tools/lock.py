"""Choose versions for requirements.lock: ``make lock`` (with Python 3.11).

Installs what pyproject.toml asks for into an environment of its own and writes down what came.
"""

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAD = """\
# Made by `make lock` from pyproject.toml: what PetSeg, its tests and its build need, with exact
# versions, for Python 3.11 to 3.13 on Linux. Without the [gpu] extra. Do not edit by hand.
"""


def main() -> None:
    """Resolve, and write the lock file."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    with tempfile.TemporaryDirectory() as folder:
        python = str(Path(folder, "bin", "python"))
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [python, "-m", "pip", "--disable-pip-version-check"]
        # On Python 3.12 and later TensorFlow asks for setuptools; here it is there unasked.
        subprocess.run(
            [*pip, "install", "--quiet", "--upgrade", "setuptools", "wheel", *wanted], check=True
        )
        # --all: without it pip leaves out setuptools and wheel.
        frozen = subprocess.run(
            [*pip, "freeze", "--all"], check=True, capture_output=True, text=True
        )
    lines = [
        line
        for line in frozen.stdout.splitlines()
        if "==" in line and not line.startswith(("pip==", "nvidia-"))
    ]
    (ROOT / "requirements.lock").write_text(HEAD + "\n".join(sorted(lines, key=str.lower)) + "\n")
    print(f"requirements.lock: {len(lines)} packages")


if __name__ == "__main__":
    main()
