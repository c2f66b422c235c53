"""What comes with the program: starter weights and sample photos."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent
STARTER_MODEL = FOLDER / "models" / "starter-2.safetensors"
"""The starter weights; see ``models/README.md``.  The file's name is the model's id."""
SAMPLES = FOLDER / "samples"
"""Photos that may be passed on; see ``samples/CREDITS.md``."""
