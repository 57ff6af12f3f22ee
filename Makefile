# Every target works from a bare checkout: it installs what it needs, once, and says clearly what cannot be had.
SHELL := /bin/bash
PYTHON := .venv/bin/python
WORKERS ?= 3

.PHONY: help run test test-full check bench format env assets system lock wheel clean
.DEFAULT_GOAL := help

help:
	@echo "make run        three trust centers on this machine, with data, pages and examples (Ctrl-C ends them)"
	@echo "make test       every test, on SQLite, PostgreSQL and in a browser"
	@echo "make test-full  the same with ten times the examples and the counts the promises name"
	@echo "make check      style, types, import contracts, the shape of the code, links in the documents"
	@echo "make bench      measures this machine and writes docs/benchmarks.md"
	@echo "make format     puts the code into the project's form"
	@echo "make wheel      builds the distribution into dist/"
	@echo "make lock       resolves the dependencies again (Python and npm)"
	@echo "make clean      removes what the other targets made"

run: env assets
	.venv/bin/ttp demo

test: env assets system
	$(PYTHON) -m pytest --numprocesses $(WORKERS) --dist loadfile

test-full: export TTP_TEST_SCALE = 10
test-full: env assets system
	$(PYTHON) -m pytest --numprocesses $(WORKERS) --dist loadfile --timeout 3000 \
		--junit-xml .run/test-full.xml; status=$$?; \
	$(PYTHON) -m tests.benchmarks.full_run .run/test-full.xml; exit $$status

check: env
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m mypy
	.venv/bin/lint-imports
	$(PYTHON) -m pytest tests/architecture tests/docs

bench: env assets system
	$(PYTHON) -m tests.benchmarks --publish

format: env
	$(PYTHON) -m ruff check --fix
	$(PYTHON) -m ruff format

env:
	@deploy/setup/environment.sh

assets:
	@deploy/setup/assets.sh

system:
	@deploy/setup/debian.sh postgresql chromium softhsm
	@deploy/setup/provider.sh

lock: env
	deploy/setup/lock.sh

wheel: env assets
	rm -rf build dist
	$(PYTHON) -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

clean:
	rm -rf .venv .run build dist *.egg-info .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	rm -rf ttp/pages/assets/node_modules ttp/pages/static/vendor tests/provider/node_modules
	find . -name __pycache__ -prune -exec rm -rf {} +
