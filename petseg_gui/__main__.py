"""``python -m petseg_gui`` is the same as the command ``petseg``."""

import sys

from petseg_gui.cli import main

if __name__ == "__main__":
    sys.exit(main())
