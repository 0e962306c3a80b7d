# What a person needs: run, test. What a developer needs: check, fix. See CONTRIBUTING.md.

PYTHON ?= $(or $(shell command -v python3 || command -v python3.14 || command -v python3.13 || \
	command -v python3.12 || command -v python3.11 || command -v python),python3)
SETUP := $(PYTHON) scripts/setup.py
VENV := .venv/bin/python -m
NODE := $(SETUP) node
TESTS ?= tests

.PHONY: run test check fix bench eval faults cluster
.SILENT:
.DEFAULT_GOAL := run

run:  ## set up what is missing and serve on http://localhost:8000
	$(SETUP) run
	exec .venv/bin/python manage.py serve

test:  ## set up what tests need and run every test, in a browser too
	$(SETUP) test
	exec $(VENV) pytest -n 2 $(TESTS)

check:  ## what CI runs
	$(SETUP) test
	$(VENV) ruff format --check
	$(VENV) ruff check
	$(VENV) djlint --check --quiet templates
	$(VENV) djlint --lint --quiet templates
	$(NODE) node_modules/@biomejs/biome/bin/biome ci --diagnostic-level=warn
	$(NODE) node_modules/typescript/bin/tsc -p jsconfig.json
	.venv/bin/python -c 'from importlinter.cli import lint_imports_command as run; run()'
	$(VENV) mypy
	.venv/bin/python manage.py makemigrations --check --dry-run
	exec $(VENV) pytest -n 2 $(TESTS)

fix:  ## what the formatters and linters can mend
	$(SETUP) test
	$(VENV) ruff check --fix
	$(VENV) ruff format
	-$(VENV) djlint --reformat --quiet templates
	$(NODE) node_modules/@biomejs/biome/bin/biome check --write

faults:  ## every fault in full, one after another; FAULT_SEED=… repeats what chance did
	$(SETUP) test
	exec env FAULTS=full $(VENV) pytest -v --durations=10 tests/faults

cluster:  ## a proxy, two servers, two workers and Redis on this machine: http://localhost:8080
	$(SETUP) run
	exec $(VENV) deploy.local

eval:  ## scripted customers against the configured model: what they achieved, its cost and its time
	$(SETUP) run
	exec $(VENV) evaluation

bench:  ## what a turn costs, beside a reference, and the element in a browser: docs/benchmarks*.md anew
	$(SETUP) test
	exec $(VENV) benchmarks
