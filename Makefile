# Calmline. `make demo` and `make test` are all a newcomer needs; both set everything up first.
# Nothing here needs root, a system package or anything but the Python package index.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test lint types walls tests soak bench lock docs clean

help: ## Show what can be made.
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1|/' | awk -F'|' '{printf "  make %-8s %s\n", $$1, $$2}'

$(VENV)/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Calmline needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@touch $@

$(VENV)/base: requirements/base.txt pyproject.toml $(VENV)/made
	@echo "setting up: the line's packages"
	@$(PIP) install --require-hashes -r requirements/base.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/voices: requirements/voices.txt $(VENV)/base
	@echo "setting up: natural voices for the callers"
	@$(PIP) install --require-hashes -r requirements/voices.txt
	@touch $@

$(VENV)/dev: requirements/dev.txt $(VENV)/voices
	@echo "setting up: what the tests need"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

setup: $(VENV)/base ## Make .venv with the calmline command in it.

demo: $(VENV)/voices ## Two real calls on this machine, shown live.
	@$(BIN)/calmline demo

serve: $(VENV)/base ## The server alone.
	@$(BIN)/calmline serve

test: lint types walls tests ## Everything that must hold.

lint: $(VENV)/dev ## Style.
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .

types: $(VENV)/dev ## Types.
	@$(BIN)/mypy

walls: $(VENV)/dev ## The walls between the rooms.
	@$(BIN)/lint-imports --no-logo

tests: $(VENV)/dev ## The tests alone.
	@$(BIN)/python -m pytest

soak: $(VENV)/dev ## Thousands of random calls against the invariants (about half an hour).
	@CALL_EXAMPLES=2000 $(BIN)/python -m pytest tests/bot/test_call_invariants.py

bench: $(VENV)/dev ## Answer times, CPU and memory for 1 and 8 calls (several minutes).
	@$(BIN)/python -m bench.calls

docs: $(VENV)/dev ## Draw again what docs/ copies from the code.
	@$(BIN)/python -m tests.docs

lock: ## Lock the requirements anew, with hashes (needs the uv command).
	@for name in requirements/base requirements/voices requirements/dev bench/peers/requirements; do uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet $$name.in -o $$name.txt; done

clean: ## Remove what was made; var/ (calls, models, voices) stays.
	@rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
