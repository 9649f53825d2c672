# `make` prints what can be made. Everything lives in .venv; nothing else on the machine is touched
# (`make browser` may install a browser for the tests, and says so).

PYTHON_BIN = .venv/bin/python

.PHONY: help run setup test setup-dev browser lint types format coverage nightly bench lock clean

help: ## Print this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: setup ## Start everything with a demonstration (TOISE_HOST, TOISE_PORT, TOISE_DATA_DIR, TOISE_DATABASE_URL)
	@exec .venv/bin/toise demo

setup: ## Make .venv with the locked packages; seconds when nothing changed
	@.ci/setup

test: setup-dev browser ## Run every gate
	@.ci/gates

setup-dev: ## The same as setup, with what tests and lint need
	@.ci/setup dev

browser: setup-dev ## Find or fetch a Chromium for the browser tests
	@$(PYTHON_BIN) .ci/browser.py

lint: setup-dev ## Check format, style and who imports whom
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/lint-imports
	@.venv/bin/hadolint Dockerfile

types: setup-dev ## Check the types
	@.venv/bin/mypy

format: setup-dev ## Write the format and the safe repairs
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

coverage: setup-dev browser ## Run the tests and write artefacts/coverage/index.html
	@$(PYTHON_BIN) -m pytest -n auto --dist worksteal --cov --cov-report=html:artefacts/coverage --cov-fail-under=0

nightly: setup-dev browser ## Long fuzz, fault and soak runs
	@HYPOTHESIS_PROFILE=nightly $(PYTHON_BIN) -m pytest -n auto --dist worksteal -m nightly

bench: setup-dev ## Print the measures of docs/benchmarks.md
	@$(PYTHON_BIN) -m benchmarks

lock: setup-dev ## Resolve pyproject.toml into the two locks (UPGRADE=--upgrade for newer versions)
	@.ci/lock $(UPGRADE)

clean: ## Remove .venv, caches and reports; the data in ./var stays
	rm -rf .venv artefacts dist .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
