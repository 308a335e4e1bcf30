# Lettermill: `make demo` shows the whole job, `make test` proves it. See README.md.
.DEFAULT_GOAL := help
.PHONY: help setup demo test fast lint format lock golden words pictures bench clean

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/ready
LOCK   := requirements.lock
# Importing Prefect takes 2 s compiled and 6 s not, so bytecode is written at install.
UV     := UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_PROGRESS=1 $(BIN)/uv

help: ## Show these targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | awk -F'\t' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: $(READY) ## Install what the lock names into .venv (done by the others when needed)

$(READY): $(LOCK) requirements-uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Lettermill needs Python 3.11 or later; say which with: make PYTHON=python3.12 ..."; exit 1; }
	@echo "Setting up .venv (once, about a minute) ..."
	@$(PYTHON) -m venv --clear $(VENV) || { echo "Python cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r $(LOCK)
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY) ## Set up, then the whole job on a sample blog: real flow, letters as .eml files, report
	@$(BIN)/lettermill demo

# Two at a time, each file in one process; those that wait for whole servers have the machine to
# themselves.
test: lint ## Set up, then lint, types and every test (slow ones too)
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow"
	$(BIN)/python -m pytest -m slow

fast: $(READY) ## The tests that need no Prefect server
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow"

lint: $(READY) ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY) ## Put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

golden: $(READY) ## Rewrite tests/golden from today's templates and providers; read the diff before you commit
	GOLDEN=write $(BIN)/python -m pytest -q tests/content/test_golden.py tests/delivery/providers

words: $(READY) ## Find the words of templates and code anew, and bring the catalogues up to date
	$(BIN)/pybabel -q extract -F templates/locales/babel.cfg -k say --no-location --sort-output --omit-header -o templates/locales/lettermill.pot .
	$(BIN)/pybabel -q update -D lettermill -i templates/locales/lettermill.pot -d templates/locales --no-fuzzy-matching --ignore-obsolete --omit-header

pictures: $(READY) ## Take docs/pictures anew, in the Chromium of this machine
	$(BIN)/python -m tests.browser.pictures

bench: $(READY) ## Measure sending and the reading of feeds (benchmarks/README.md)
	$(BIN)/python -m benchmarks.delivery
	$(BIN)/python -m benchmarks.feed

lock: $(READY) ## Resolve pyproject.toml anew into requirements.lock
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --group dev pyproject.toml --output-file $(LOCK)

clean: ## Remove .venv and the demo's folder
	rm -rf $(VENV) demo
