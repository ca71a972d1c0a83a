# `make` alone lists what there is. Everything runs in .venv, which `setup` makes from the hash-locked requirements.
# ARGS are handed on:  make test ARGS="tests/mappings -x"     make demo ARGS=--keep
.DEFAULT_GOAL := help
.PHONY: help setup demo ui test fast bench arch simulate crash mutants lint types format lock audit clean
# Each target is one chain of commands; its own tools may use more cores.
.NOTPARALLEL:

VENV ?= .venv
PY := $(VENV)/bin/python
export VENV
export DAGSTER_DISABLE_TELEMETRY := yes

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 9

setup: ## make .venv, once (PYTHON=... chooses the interpreter, INSTALLER=pip does without uv)
	@requirements/install

demo: setup ## CRM, shop and ERP with 300 firms brought into agreement, in four stories (ERP=tryton: with a real ERP)
	@$(VENV)/bin/concordat demo $(if $(ERP),--erp $(ERP)) $(ARGS)

ui: setup ## Dagster, opened on the demo
	@$(VENV)/bin/concordat ui $(ARGS)

test: setup ## the whole test suite
	@$(PY) -m pytest $(ARGS)

fast: setup ## the tests that need no real server and little time
	@$(PY) -m pytest -m "not slow and not real and not debian" $(ARGS)

bench: setup ## the benchmarks, ratios against peers in one run (ARGS=--small for a quick look)
	@$(PY) -m bench $(ARGS)

arch: setup ## the rules of the house alone
	@$(PY) -m pytest -q tests/architecture $(ARGS)

simulate: setup ## random histories, taken up where they stopped (ARGS="--seeds 0..100000")
	@$(VENV)/bin/concordat simulate --seeds 0..100000 --progress .concordat/simulate.json $(ARGS)

crash: setup ## processes killed at every point on both stores, taken up where it stopped (ARGS="--kills 2000")
	@$(PY) -m tests.crash $(ARGS)

mutants: setup ## engines broken on purpose, and what notices each; taken up where it stopped (ARGS="--only L4 --write")
	@$(PY) -m tests.mutants.run $(ARGS)

lint: setup ## ruff: all rules, and the format
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .

types: setup ## mypy --strict
	@$(PY) -m mypy $(ARGS)

format: setup ## let ruff format, and fix what it can
	@$(PY) -m ruff format . && $(PY) -m ruff check --fix .

lock: setup ## renew requirements/*.txt from pyproject.toml and requirements/*.in (ARGS=--upgrade for newer versions)
	@VENV=$(VENV) requirements/lock $(ARGS)

audit: setup ## look all pins up in a public list of known faults (needs the network; ARGS="-s osv" asks another list)
	@VENV=$(VENV) requirements/audit $(ARGS)

clean: ## remove what make made
	rm -rf .venv .venv-* .concordat/demo .concordat/tryton .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage htmlcov dist build
