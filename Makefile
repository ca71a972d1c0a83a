# `make` alone lists what there is. Everything runs in .venv, which `setup` makes from the hash-locked requirements.
.DEFAULT_GOAL := help
.PHONY: help setup

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: ## make .venv (idempotent; PYTHON=... chooses the interpreter, INSTALLER=pip does without uv)
	@requirements/install
