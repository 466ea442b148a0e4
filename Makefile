# The only door to the project. Every target is one call to the package `local`, which needs nothing but Python 3.11+.
PORT ?= 4566
CONSOLE_PORT ?=
ARGS ?=
ENVIRONMENT ?=
DEPLOYMENT ?=
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$name; break; }; done)
NO_PYTHON = echo "error: no Python 3.11 or newer found; install one, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1
LOCAL = @$(if $(PYTHON),exec $(PYTHON) -m local,$(NO_PYTHON);)

.DEFAULT_GOAL := help
.PHONY: help run setup test deep tamper-drill check wheel deploy clean-local clean

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Deploy to a cloud on this machine and keep it running until Ctrl-C (PORT=4566 CONSOLE_PORT=8183)
	$(LOCAL) run --port $(PORT) $(CONSOLE_PORT:%=--console-port %)

setup: ## Install everything that is pinned: Python packages, the local cloud, the CDK CLI
	$(LOCAL) setup

test: ## Run all tests (ARGS="-k wallet" for some)
	$(LOCAL) test $(ARGS)

deep: ## Run all tests with many more random cases; takes long (ARGS as for test)
	$(LOCAL) deep $(ARGS)

tamper-drill: ## Try to change a deployed ledger's past in every way, and see each noticed; takes long
	$(LOCAL) tamper-drill

check: ## Run ruff, mypy and the import rules
	$(LOCAL) check

wheel: ## Build the package of the constructs into dist/
	$(LOCAL) wheel

deploy: ## Deploy to AWS with your credentials (ENVIRONMENT=prod, DEPLOYMENT=another-name)
	$(LOCAL) deploy --environment "$(ENVIRONMENT)" --deployment "$(DEPLOYMENT)"

clean-local: ## Forget the accounts and stacks that `make run` keeps between runs
	$(LOCAL) clean-local

clean: ## Remove everything that set-up, runs and tests have made
	rm -rf .venv .local .build dist node_modules cdk.out .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
