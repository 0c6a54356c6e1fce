# `make` says what there is. Everything runs in .venv, which the first target makes from requirements.lock.

PYTHON ?=
TIER ?=
NAME ?= voice
ARGS ?=

export PYTHON
run := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help venv demo up down web client test check format lock bench clean

help: ## what there is to make
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

venv: ## the Python environment, from requirements.lock
	@local/bootstrap.sh

demo: venv ## one whole interview with a simulated candidate, on real servers
	@$(run) -m local.prepare demo
	@$(run) -m cli demo

up: venv ## start everything in the background and print where it is
	@$(run) -m cli up

down: venv ## stop what `make up` started
	@$(run) -m cli down

web: venv ## build the browser pages, from web/package-lock.json
	@$(run) -m local.prepare web

test: venv ## all tests, or one tier: make test TIER=unit|storage|api|room|browser [ARGS="-k name"]
	@$(run) -m local.prepare $(or $(TIER),all)
	@$(run) -m pytest $(if $(TIER),tests/$(TIER),tests) -n 2 --no-loadscope-reorder $(ARGS)

client: venv ## the API's document and the typed client that is made from it, in web/
	@$(run) -m local.client

check: venv ## lint, format, types, layers, the lock against pyproject.toml, the pages, and the client against the API
	$(run) -m ruff check .
	$(run) -m ruff format --check .
	.venv/bin/pyright
	.venv/bin/lint-imports
	@local/lock.sh --check
	$(run) -m local.client --check
	$(run) -m local.pages --check

format: venv ## format the code
	$(run) -m ruff check --fix-only --quiet .
	$(run) -m ruff format .

lock: venv ## write requirements.lock anew from pyproject.toml, keeping the pins that still fit
	@local/lock.sh

bench: venv ## one measurement: make bench NAME=voice
	@$(run) -m local.prepare bench
	@$(run) -m bench.$(NAME) $(ARGS)

clean: ## remove what was built here; .viva (data and secrets) and .venv stay
	rm -rf build .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -not -path './.venv/*' -not -path './.viva/*' -prune -exec rm -rf {} +
