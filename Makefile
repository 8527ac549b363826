# make help lists the targets.
PYTHON ?= python3
BIN := .venv/bin
unexport PYTHONDONTWRITEBYTECODE # compiling anew is most of what a short command takes

.PHONY: help setup demo test machine-for-tests bench honest check schema tables dev clean
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: .venv/.installed ## make .venv with `lab` in it

demo: setup ## everything once: set up the machine, build, start, seed, measure, print the table
	@$(BIN)/lab doctor --fix
	@$(BIN)/lab demo

test: setup ## all tests; what cannot run says why
	@$(MAKE) --no-print-directory --jobs=2 dev machine-for-tests
	@sh tests/all.sh

machine-for-tests: # installs what is not Python
	-@$(BIN)/lab doctor --fix --tests

bench: setup ## the instrument against its goals, in a lab of its own: some minutes
	@$(BIN)/lab doctor --fix
	@$(BIN)/lab --project dicom-lab-bench bench goals; code=$$?; \
		$(BIN)/lab --project dicom-lab-bench down --volumes && \
		$(BIN)/lab --project dicom-lab-bench images remove; exit $$code

honest: dev ## lab compare against comparisons whose truth is known: a quarter of an hour, alone on the machine
	$(BIN)/python -m tests.honest

check: dev ## format, lint, types and all but the longest unit tests; no engine, a minute
	$(BIN)/ruff format --check --quiet lab tests
	$(BIN)/ruff check --quiet lab tests
	$(BIN)/mypy --no-error-summary
	$(BIN)/pytest -q --numprocesses 2 -m "not long" tests/unit

schema: setup ## docs/record.schema.json anew, after a change of the record's classes
	$(BIN)/lab schema > docs/record.schema.json

tables: dev ## the tables of docs/echo.md and docs/speedtest.md anew, after a change of options or exit codes
	@$(BIN)/python -m tests.unit.test_echo_page
	@$(BIN)/python -m tests.unit.test_speedtest_page

dev: .venv/.installed-dev # what tests and checks need besides

clean: ## remove .venv and caches; studies, records and the stack stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find lab tests -name __pycache__ -prune -exec rm -rf {} +

.venv/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Error: $(PYTHON) is older than 3.11. Try: make PYTHON=python3.12 setup" >&2; exit 3; }
	@$(PYTHON) -c 'import venv, ensurepip' || \
		{ echo "Error: $(PYTHON) cannot make environments. Try: apt-get install python3-venv" >&2; exit 3; }
	@echo "making .venv ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --no-compile --disable-pip-version-check --editable .
	@touch $@

.venv/.installed-dev: .venv/.installed
	@echo "installing the tools for tests ..."
	@$(BIN)/pip install --quiet --no-compile --disable-pip-version-check --editable '.[dev]'
	@touch $@
