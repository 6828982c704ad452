# Every target makes the environment it needs; nothing but git, make and Python >= 3.11 is assumed.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
WORKERS ?= 2
SOURCES = $(wildcard hooks schemas tests bench)

.PHONY: demo try test test-long lint types bench clean

# One environment serves every target. Installed without a wheel of its own so that edits are live.
$(VENV)/.installed: pyproject.toml
	@echo "Setting up $(VENV): once, and half a minute or so"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

$(VENV)/.bench: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,bench]'
	@touch $@

demo: $(VENV)/.installed
	@$(BIN)/python tests/e2e/demo.py

# What would be learnt from another repository; it is read and not changed.
try: $(VENV)/.installed
	@test -n "$(REPO)" || { echo "usage: make try REPO=path/to/a/repository" >&2; exit 2; }
	@tool="$(abspath $(BIN))/errata"; cd "$(REPO)" && "$$tool" backfill --dry-run

test: lint types
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

# The whole of the large tables, of which `make test` takes a few cases each.
test-long: $(VENV)/.installed
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m long

lint: $(VENV)/.installed
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/lint-imports --no-logo

types: $(VENV)/.installed
	$(BIN)/mypy

bench: $(VENV)/.bench
	$(BIN)/python -m bench

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache *.egg-info hooks/*.egg-info
