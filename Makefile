# Two commands are enough: `make run` and `make test`. Each makes the environment it needs.
PYTHON ?=
VENV := .venv/bin
STAMP := .venv/installed
export PYTHON

.PHONY: help run test coverage soak lint bench lock clean

help:
	@echo "make run    open the window on the sample photos (without a display: a tour, with screenshots)"
	@echo "make test   run the tests"
	@echo "make coverage  run the tests and say which lines they reach"
	@echo "make soak   repeat the tests of crashes and of hostile files many times (half an hour or so)"
	@echo "make lint   check style, types and the direction of imports"
	@echo "make bench  run the benchmarks; each prints JSON"
	@echo "make lock   choose new versions for requirements.lock"
	@echo "make clean  remove the environment and everything built"

$(STAMP): requirements.lock pyproject.toml
	@sh tools/environment.sh
	@touch $@

run: $(STAMP)
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		$(VENV)/python tools/check_qt.py || exit 1; \
		mkdir -p build/run/samples; \
		for photo in resources/samples/*.jpg; do \
			[ -e "build/run/samples/$${photo##*/}" ] || cp "$$photo" build/run/samples/; \
		done; \
		exec $(VENV)/python main.py build/run/samples; \
	else \
		export QT_QPA_PLATFORM=offscreen; \
		$(VENV)/python tools/check_qt.py && exec $(VENV)/python -m petseg_gui.demo; \
	fi

test: export QT_QPA_PLATFORM = offscreen
test: $(STAMP)
	@$(VENV)/python tools/check_qt.py
	@$(VENV)/python -m pytest

coverage: export QT_QPA_PLATFORM = offscreen
coverage: $(STAMP)
	@$(VENV)/python -m pytest --cov --cov-report=term:skip-covered

soak: export QT_QPA_PLATFORM = offscreen
soak: export PETSEG_SOAK = 1
soak: $(STAMP)
	@$(VENV)/python tools/check_qt.py
	@$(VENV)/python -m pytest -m soak --timeout=7200

lint: $(STAMP)
	@$(VENV)/python -m ruff check --quiet .
	@$(VENV)/python -m ruff format --check --quiet . || \
		{ echo "Not formatted; run $(VENV)/ruff format ." >&2; exit 1; }
	@$(VENV)/python -m mypy
	@$(VENV)/python $(VENV)/lint-imports

bench: export QT_QPA_PLATFORM = offscreen
bench: $(STAMP)
	@for file in benchmarks/[!_]*.py; do $(VENV)/python "$$file" || exit 1; done

# Resolved by the oldest Python: what it gets, the newer ones have as well.
lock:
	@python3.11 tools/lock.py

clean:
	rm -rf .venv build dist .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
