# Every target makes the environment it needs; nothing but git, make and Python >= 3.11 is assumed.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
WORKERS ?= 2
LOWEST = tests/test_packages.py $(addprefix tests/,records skills rules schemas patterns provenance runbooks)
# The tests start thousands of processes: without this each would compile errata's sources anew.
unexport PYTHONDONTWRITEBYTECODE
SOURCES = $(wildcard hooks schemas tests qa bench)

PIP = bin/python -m pip install --quiet --disable-pip-version-check
# Every file of every platform has its hash here, so nothing but what was looked at is installed.
PINS = $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make pins" pyproject.toml --output-file constraints

.PHONY: attacks demo try test test-long faults stress test-lowest pins lint types bench fuzz clean

# One environment serves every target. errata itself is editable, so that edits are live.
$(VENV)/.installed: pyproject.toml constraints/newest.txt
	@echo "Setting up $(VENV): once, and half a minute or so"
	$(PYTHON) -m venv $(VENV)
	$(VENV)/$(PIP) --require-hashes --requirement constraints/newest.txt
	$(VENV)/$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)-lowest/.installed: pyproject.toml constraints/lowest.txt
	$(PYTHON) -m venv $(VENV)-lowest
	$(VENV)-lowest/$(PIP) --require-hashes --requirement constraints/lowest.txt
	$(VENV)-lowest/$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

# Not among the pins: it has wheels for few platforms, and nothing else needs it.
$(VENV)/.fuzz: $(VENV)/.installed
	$(VENV)/$(PIP) --no-build-isolation --editable '.[fuzz]'
	@touch $@

demo: $(VENV)/.installed
	@$(BIN)/python tests/e2e/demo.py

# What would be learnt from another repository; it is read and not changed.
try: $(VENV)/.installed
	@test -n "$(REPO)" || { echo "usage: make try REPO=path/to/a/repository" >&2; exit 2; }
	@tool="$(abspath $(BIN))/errata"; cd "$(REPO)" && "$$tool" backfill --dry-run

test: lint types
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

# What ends with counts puts them into SECURITY.md with ARGS=--write, and the bench its table into README.
# ARGS takes every option that `python -m qa.faults --help` shows, and the like.

# Every attack of qa/attacks with all its variants.
attacks: $(VENV)/.installed
	$(BIN)/python -m qa.attacks $(ARGS)

# The whole of the large tables, of which `make test` takes a few cases each.
test-long: $(VENV)/.installed
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m long

# The tests of the rooms that use libraries, with the oldest versions that pyproject.toml allows.
test-lowest: $(VENV)-lowest/.installed
	$(VENV)-lowest/bin/python -m pytest -n $(WORKERS) --dist worksteal --hypothesis-profile few \
		--ignore tests/records/test_append.py $(LOWEST)

# Newest versions, oldest versions, and what errata runs on; then the licences of the last.
pins: $(VENV)/.installed
	$(PINS)/newest.txt --extra test --extra bench
	$(PINS)/lowest.txt --extra unit --resolution lowest-direct
	$(PINS)/runtime.txt --constraints constraints/newest.txt
	$(MAKE) $(VENV)/.installed
	$(BIN)/python -m tests.licences

# Every operation, disturbed at each of its system calls, on full disks and with broken clocks: ten
# minutes or so. ARGS="--every 10" takes a tenth.
faults: $(VENV)/.installed
	$(BIN)/python -m qa.faults $(ARGS)

# Many writers, evolves and commits in linked worktrees at once.
stress: $(VENV)/.installed
	$(BIN)/python -m qa.stress $(ARGS)

lint: $(VENV)/.installed
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/lint-imports --no-logo

types: $(VENV)/.installed
	$(BIN)/mypy

bench: $(VENV)/.installed
	$(BIN)/python -m bench $(ARGS)

# A million inputs for each parser: an hour or two. Stopped and begun again, it goes on.
fuzz: $(VENV)/.fuzz
	$(BIN)/python -m qa.fuzz $(ARGS)

clean:
	rm -rf $(VENV) $(VENV)-lowest build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache *.egg-info hooks/*.egg-info
