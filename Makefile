# Every target is a line a person could type. `make help` lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: run test check bench e2e fmt reset help

PYTHON ?= $(shell command -v python3.11 || command -v python3)
ASSETS := frontend/assets
DIST := frontend/static/dist/manifest.json
SOURCES := $(shell find $(ASSETS)/src -type f 2>/dev/null) $(wildcard $(ASSETS)/*.ts $(ASSETS)/*.json)
# Tests are compiled once and kept, wherever Python is told not to: to compile them takes each process half a minute.
PYTEST := PYTHONDONTWRITEBYTECODE= .venv/bin/pytest

# What `manage.py check --deploy` is asked about: an installation, with a key of its own.
AS_INSTALLED := DEBUG=0 HTTPS=1 ALLOWED_HOSTS=exchange.example SITE_URL=https://exchange.example \
	SECRET_KEY=$$(.venv/bin/python -c "import secrets; print(secrets.token_urlsafe(60))")

run: .venv/run $(DIST)  ## Start everything on http://localhost:8000 (PORT=8123 make run for another port)
	@.venv/bin/python -m backend.serve

test: .venv/dev $(DIST)  ## Run all tests, those in a browser included
	@.ci/install-test-tools
	$(PYTEST) -n 2 --dist loadfile --no-loadscope-reorder

check: .venv/dev $(DIST)  ## Look the code over without running it
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy backend marketplace api frontend
	.venv/bin/lint-imports
	$(AS_INSTALLED) .venv/bin/python manage.py check --deploy --fail-level WARNING
	.venv/bin/python manage.py makemigrations --check --dry-run
	.venv/bin/python manage.py spectacular --validate --fail-on-warn --file /dev/null
	npm --prefix $(ASSETS) run --silent typecheck
	npm --prefix $(ASSETS) run --silent test

bench: .venv/dev  ## Measure how fast the heavy things are
	$(PYTEST) -s -p no:xdist $(wildcard tests/bench/bench_*.py)

e2e: .venv/dev $(DIST)  ## Run only the journeys in a browser
	@.ci/install-test-tools
	$(PYTEST) -m e2e

fmt: .venv/dev  ## Put the code in its usual form
	.venv/bin/ruff check --fix . ; .venv/bin/ruff format .

reset:  ## Empty the data of this computer's exchange; the next run makes the demo area afresh
	@pid=$$(cat "$${DATA_DIR:-.data}/serve.pid" 2>/dev/null); if [ -n "$$pid" ] && kill -0 "$$pid" 2>/dev/null; then echo "The exchange is running: stop it first (Ctrl-C)."; exit 1; fi
	rm -rf "$${DATA_DIR:-.data}"

help:  ## List these targets
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):.*## (.*)/make \1\t\2/' | expand -t 14

# -- What the targets stand on ------------------------------------------------------------------------------------------

.venv/bin/python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "Python 3.11 or newer is needed: sudo apt-get install python3 python3-venv"; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is needed: sudo apt-get install python3-venv"; exit 1; }
	"$(PYTHON)" -m venv .venv

.venv/run: requirements.lock | .venv/bin/python
	@test .venv/dev -nt requirements-dev.lock || .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/dev: requirements-dev.lock | .venv/bin/python
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ .venv/run

$(DIST): $(SOURCES) | $(ASSETS)/node_modules/.package-lock.json
	npm --prefix $(ASSETS) run --silent build -- --logLevel error
	@touch $@

$(ASSETS)/node_modules/.package-lock.json: $(ASSETS)/package-lock.json
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null || { echo "Node 20 or newer with npm is needed: see https://nodejs.org"; exit 1; }
	npm --prefix $(ASSETS) ci --no-audit --no-fund --loglevel error
	@touch $@
