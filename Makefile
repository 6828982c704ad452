# Every target creates the environment it needs. Requires git, make and Python >= 3.11.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
WORKERS ?= 2
LOWEST = tests/test_packages.py $(addprefix tests/,records skills rules schemas patterns provenance runbooks)
# The tests start thousands of processes; without this, each would compile errata's sources again.
unexport PYTHONDONTWRITEBYTECODE
SOURCES = $(wildcard hooks schemas tests qa bench docs/site)

PIP = bin/python -m pip install --quiet --disable-pip-version-check
# Records the hash of every file for every platform, so that pip installs exactly what was reviewed.
PINS = $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make pins" pyproject.toml --output-file constraints

.PHONY: agents-page attacks bench clean demo dist faults formats-page fuzz lint man pictures pins screens site stress test test-agents test-all test-long test-lowest test-spark try types

PYTEST = bin/python -m pytest -n $(WORKERS) --dist worksteal

# One environment for all targets. errata is installed editable, so changes apply at once.
$(VENV)/.installed: pyproject.toml constraints/newest.txt
	@echo "Setting up $(VENV): about half a minute, once"
	$(PYTHON) -m venv $(VENV)
	$(VENV)/$(PIP) --require-hashes --requirement constraints/newest.txt
	$(VENV)/$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)-lowest/.installed: pyproject.toml constraints/lowest.txt
	$(PYTHON) -m venv $(VENV)-lowest
	$(VENV)-lowest/$(PIP) --require-hashes --requirement constraints/lowest.txt
	$(VENV)-lowest/$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

# Sphinx and its theme. They need an older docutils than the tools that check packages.
$(VENV)-docs/.installed: constraints/docs.txt
	$(PYTHON) -m venv $(VENV)-docs
	$(VENV)-docs/$(PIP) --require-hashes --requirement constraints/docs.txt
	@touch $@

# atheris is not pinned: it has wheels for few platforms, and only fuzzing needs it.
$(VENV)/.fuzz: $(VENV)/.installed
	$(VENV)/$(PIP) --no-build-isolation --editable '.[fuzz]'
	@touch $@

demo: $(VENV)/.installed
	@$(BIN)/python tests/e2e/demo.py

# Builds the sdist and the wheel into dist/, and checks both, as for a release.
dist: $(VENV)/.installed
	rm -rf dist build
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m build --no-isolation --outdir dist .
	$(BIN)/twine check --strict dist/*
	$(BIN)/check-wheel-contents dist/*.whl

# Shows what errata would learn from another repository, without changing it.
try: $(VENV)/.installed
	@test -n "$(REPO)" || { echo "usage: make try REPO=path/to/a/repository" >&2; exit 2; }
	@$(BIN)/errata try "$(REPO)"

# About four minutes on two processors.
test: lint types
	$(VENV)/$(PYTEST) --ignore tests/e2e tests

# Everything that CI runs: also slow tests, the end-to-end tests and a short form of each harness in qa/.
test-all: lint types site
	$(VENV)/$(PYTEST) --hypothesis-profile repeatable -m 'not long and not spark' tests qa

# Every row of the large tables, of which the other targets run a selection.
test-long: $(VENV)/.installed
	$(VENV)/$(PYTEST) -m long tests qa

# The tests of the packages that use libraries, with the oldest versions that pyproject.toml allows.
test-lowest: $(VENV)-lowest/.installed
	$(VENV)-lowest/$(PYTEST) --hypothesis-profile few --ignore tests/records/test_append.py $(LOWEST)

# The views of `errata fleet` on Spark, in local mode, beside those on DuckDB. PySpark is not pinned: it is 400 MB, and
# only this needs it.
$(VENV)/.spark: $(VENV)/.installed
	$(PYTHON) -m venv --system-site-packages $(VENV)-spark
	echo "$(CURDIR)/$(VENV)/lib/python$$($(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')/site-packages" \
		> $(VENV)-spark/lib/python$$($(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')/site-packages/errata.pth
	$(VENV)-spark/$(PIP) 'pyspark>=4.0'
	@touch $@

# Needs Java 17 or later (`apt install default-jre-headless`); says so without it.
test-spark: $(VENV)/.spark
	@if java -version >/dev/null 2>&1; \
	then PYTHONPATH=hooks $(VENV)-spark/bin/python -m pytest -n 0 -m spark tests/fleet; \
	else echo "test-spark: skipped: there is no Java (apt install default-jre-headless)"; fi

# The harnesses below take their options from ARGS, for example ARGS="--only flush"; see --help.
# ARGS=--write puts the counts of the run into SECURITY.md, and those of `bench` into docs/performance.md.

# Every attack in qa/attacks with all its variants.
attacks: $(VENV)/.installed
	$(BIN)/python -m qa.attacks $(ARGS)

# Drives Claude Code, Codex and Gemini CLI against a scripted model: about four minutes; see
# docs/driven-agents.md. Needs npm, and the network for its packages. ARGS=--write writes the table there.
test-agents: $(VENV)/.installed
	$(BIN)/python -m qa.agents $(ARGS)

# Pins the newest versions, the oldest versions and the runtime dependencies; then lists the licences
# of the last.
pins: $(VENV)/.installed
	$(PINS)/newest.txt --extra test --extra bench
	$(PINS)/lowest.txt --extra unit --resolution lowest-direct
	$(PINS)/runtime.txt --constraints constraints/newest.txt
	$(PINS)/docs.txt --extra docs --fork-strategy fewest
	$(MAKE) $(VENV)/.installed
	$(BIN)/python -m tests.licences

# Interrupts every operation at each of its system calls, on full disks and with wrong clocks: about ten
# minutes. ARGS="--every 10" runs a tenth.
faults: $(VENV)/.installed
	$(BIN)/python -m qa.faults $(ARGS)

# Runs many writers, `errata evolve` processes and commits in linked worktrees at once.
stress: $(VENV)/.installed
	$(BIN)/python -m qa.stress $(ARGS)

# Writes the manual page, docs/errata.1, from the help of the commands.
man: $(VENV)/.installed
	$(BIN)/python -m tests.manual_page

# Writes the page of the agents' tools anew.
agents-page: $(VENV)/.installed
	$(BIN)/python -m tests.agents_page

# Writes docs/formats.md from the schemas.
formats-page: $(VENV)/.installed
	$(BIN)/python -m tests.formats_page

# The documentation as a site, in build/site; fails if a link leads nowhere.
site: $(VENV)-docs/.installed
	$(VENV)-docs/bin/sphinx-build -q -E -W --keep-going -c docs/site -d build/doctrees . build/site
	@echo "The site is in build/site/index.html"

# Writes the golden files of every view anew, after a change of what they show; `git diff` shows what changed.
screens: $(VENV)/.installed
	ERRATA_TEST_GOLDEN=write $(BIN)/python -m pytest tests/commands/test_views_golden.py tests/commands/test_screens.py
	@git diff --stat -- tests/golden tests/screens

# Draws the pictures of the README anew. `.venv/bin/python -m tests.pictures report` adds that of the report.
pictures: $(VENV)/.installed
	$(BIN)/python -m tests.pictures

lint: $(VENV)/.installed
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/lint-imports --no-logo

types: $(VENV)/.installed
	$(BIN)/mypy

bench: $(VENV)/.installed
	$(BIN)/python -m bench $(ARGS)

# A million inputs for each parser: one to two hours. An interrupted run continues where it stopped.
fuzz: $(VENV)/.fuzz
	$(BIN)/python -m qa.fuzz $(ARGS)

clean:
	rm -rf $(VENV) $(VENV)-lowest $(VENV)-docs $(VENV)-spark .agents build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache *.egg-info hooks/*.egg-info
