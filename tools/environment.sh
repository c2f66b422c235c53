#!/bin/sh
# Make or refresh the virtual environment .venv from requirements.lock; `make` calls it.
set -eu
cd "$(dirname "$0")/.."

fits() { # whether $1 runs and is a Python that PetSeg supports
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if fits "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "PetSeg needs Python 3.11, 3.12 or 3.13. On Debian: sudo apt-get install python3 python3-venv" >&2
    echo "(or name one: make PYTHON=/path/to/python3.11)" >&2
    return 1
}

if ! { fits .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1; }; then
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "$python cannot make virtual environments. On Debian: sudo apt-get install python3-venv" >&2
        exit 1
    fi
    echo "Making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
fi
echo "Installing what requirements.lock names (TensorFlow is large: this takes minutes the first time)"
pip="env PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/bin/python -m pip install --quiet"
$pip --requirement requirements.lock
$pip --no-deps --no-build-isolation --editable .
