# The two commands a newcomer needs: make run, make test.

SHELL := /bin/bash
BIN := .venv/bin
SCRIPTS := $(shell find leadlight/web/scripts -name '*.js')
CATALOGS := $(shell find leadlight/locale -name '*.po' 2>/dev/null)
BUNDLE := leadlight/web/static/leadlight/bundle.js
NODE_DEV := node_modules/.ready-dev
LEADS ?= 100000
INTO := --quiet --python $(BIN)/python
EDITABLE := $(BIN)/uv pip install $(INTO) --no-deps --no-build-isolation --editable .
MINUTES ?= 10
WORKERS ?= 2
PYTEST = $(BIN)/python -m pytest --quiet -n $(WORKERS) --dist loadgroup --no-loadscope-reorder \
	--durations=20 --durations-min=0.5 --ignore=tests/real_data
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate

# Tests start hundreds of processes: each would compile every module from its source.
unexport PYTHONDONTWRITEBYTECODE

# Everywhere but in `make run` and `make bench`, settings are read in a folder of no importance.
export LEADLIGHT_DATA ?= $(CURDIR)/data
export DJANGO_SETTINGS_MODULE := leadlight.settings
ELSEWHERE := LEADLIGHT_DATA=$(CURDIR)/.cache/check DATABASE_URL=

.PHONY: help setup setup-dev run test browser search check types rules format bench golden messages docs \
	lock clean
.DELETE_ON_ERROR:

help:
	@echo 'make run       set up what running needs and serve the demo company'
	@echo 'make test      set everything up and run every test and check'
	@echo 'make browser   test the accessibility of every page in every language, size and scheme'
	@echo 'make search    try the tests on new random companies for MINUTES=$(MINUTES)'
	@echo 'make setup     only set up, in .venv, what running needs'
	@echo 'make setup-dev what tests and checks need as well'
	@echo 'make check     format, lint, types, contracts, migrations, translations'
	@echo 'make format    put the code into its format'
	@echo 'make bench     measure the reports on LEADS=$(LEADS) leads'
	@echo 'make golden    write every figure of every report into the folder TO=…'
	@echo 'make messages  write the messages of the program into the translations'
	@echo 'make docs      write the pages about the reports from their docstrings'
	@echo 'make lock      resolve the dependencies anew'
	@echo 'make clean     remove what setup made; data/ stays'

setup: .venv/.ready $(BUNDLE) .venv/.translated

setup-dev: setup .venv/.ready-dev $(NODE_DEV)

# What running needs. The lock's own uv is installed by pip, and everything else by uv.
.venv/.ready: requirements.lock requirements-setup.lock pyproject.toml
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
	    >/dev/null 2>&1; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo 'Leadlight needs Python 3.11 or newer with its venv module, and none was found.' \
	    'Install one, or name it: make PYTHON=/path/to/python3.' >&2; exit 1; \
	fi; \
	echo "Setting up .venv with $$($$found --version) …"; \
	$$found -m venv --clear .venv
	@sed -n '/^uv==/,/[^\]$$/p' requirements-setup.lock | $(BIN)/python -m pip install -qq \
	  --disable-pip-version-check --require-hashes --no-deps --requirement /dev/stdin
	@$(BIN)/uv pip install $(INTO) --no-deps --require-hashes \
	  --requirement requirements.lock --requirement requirements-setup.lock
	@$(EDITABLE)
	@touch $@

# What tests and checks need as well: exactly what is locked, and so the checkout once more.
.venv/.ready-dev: .venv/.ready requirements-dev.lock
	@echo 'Setting up what tests and checks need …'
	@$(BIN)/uv pip sync $(INTO) --require-hashes requirements-dev.lock
	@$(EDITABLE)
	@touch $@

$(BUNDLE): .venv/.ready package.json package-lock.json .npmrc tools/bundle.py $(SCRIPTS)
	@echo 'Bundling the scripts of the pages …'
	@$(BIN)/python tools/bundle.py
	@touch $@

# After the bundle: to make that, npm removes what only tests need.
$(NODE_DEV): $(BUNDLE)
	@$(BIN)/python tools/bundle.py --dev
	@touch $@

.venv/.translated: .venv/.ready tools/translations.py $(CATALOGS)
	@$(BIN)/python tools/translations.py compile
	@touch $@

run: setup
	@$(BIN)/leadlight demo --if-empty
	@$(BIN)/leadlight serve

# On SQLite, then on PostgreSQL what depends on the database, then in a browser. `check` ran the
# laws about the tree.
test: check
	$(PYTEST) --ignore=tests/browser --ignore=tests/test_project.py tests
	$(BIN)/python -m tests.postgres $(WORKERS) -- $(PYTEST) -m 'database and not answers' \
	  --ignore=tests/browser --ignore=tests/analytics --ignore=tests/demo tests
	$(PYTEST) tests/browser

browser: setup-dev
	$(PYTEST) tests/browser/every_setting.py

search: setup-dev
	$(BIN)/python -m tests.search --minutes $(MINUTES) --workers $(WORKERS) $(if $(SEED),--seed $(SEED))

# Types take one core as long as all the rest takes the other.
check: setup-dev
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target types rules

types:
	LEADLIGHT_DATA=$(CURDIR)/.cache/types DATABASE_URL= $(BIN)/mypy

rules:
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/lint-imports --no-logo
	$(ELSEWHERE) $(BIN)/python -m django makemigrations --check --dry-run
	$(BIN)/python tools/translations.py check
	$(BIN)/python tools/reports.py check
	$(BIN)/python -m pytest --quiet tests/test_project.py

format: setup-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup
	@$(BIN)/python -m benchmark --leads $(LEADS)

golden: setup
	@$(BIN)/python -m tools.golden write $(or $(TO),.cache/golden) $(if $(DATA),--data $(DATA))

messages: setup
	$(BIN)/python tools/translations.py update

docs: setup
	$(BIN)/python tools/reports.py write

lock: setup
	$(LOCK) $(UPGRADE) pyproject.toml --output-file requirements.lock
	$(LOCK) $(UPGRADE) --group setup --constraint requirements.lock \
	  --output-file requirements-setup.lock
	$(LOCK) $(UPGRADE) pyproject.toml --group dev --constraint requirements.lock \
	  --output-file requirements-dev.lock

clean:
	rm -rf .venv .cache node_modules build dist leadlight/web/static/leadlight/bundle*
	find leadlight -name '*.mo' -delete
