# All that a developer runs; `make` alone lists it. Needs Python 3.11 or later and make, nothing else:
# `run` and `test` make the virtual environment and install into it whatever they miss, once.

VENV := .venv
BIN := $(VENV)/bin
# Every environment is the same one: constraints.txt names the version of all that is installed.
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt
# A virtual environment is only of use with pip in it, and Debian's Python comes without the means to put it there.
SUITABLE := import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run serve lab test test-long test-engine lint fix check bench bench-large peers soak screenshots constraints chromium office spark

help:  ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/.installed  ## Serve the workbench on this machine (installs what is missing)
	@$(BIN)/python -m workbench serve

serve: $(VENV)/.installed  ## Serve a team, as WORKBENCH_TEAM says (docs/team.md)
	@test -n "$$WORKBENCH_TEAM" || { echo "Name the team's file: WORKBENCH_TEAM=/data/team.toml make serve" >&2; exit 1; }
	@$(PIP) "streamlit[auth]"
	@$(BIN)/python -m workbench serve

# JupyterLab itself asks no other host here: neither for news nor for newer versions and extensions of its own.
lab: $(VENV)/.installed-dev  ## Open the quickstart in JupyterLab (installs what is missing)
	@$(BIN)/jupyter-lab $(if $(filter 0,$(shell id -u)),--allow-root) --LabApp.news_url=None \
	    --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate --LabApp.extension_manager=readonly \
	    --LabApp.default_url=/lab/tree/notebooks/quickstart.ipynb

# A file of tests stays on one worker: its tests share servers, browsers and workspaces. In the order of the files,
# those in browsers come first: they take longest.
test: $(VENV)/.installed-dev chromium office  ## Run the tests, under ten minutes (installs what is missing)
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m "not long"

# Of the engines a file each, beside each other: what starts a server is asked by one worker, within a bound.
test-long: $(VENV)/.installed-dev chromium office spark  ## Run the long tests: full soak, kills, fuzz, and Spark and Sail once
	@$(BIN)/python -m pytest -q -n 2 --dist load -m long --ignore tests/engine
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile -m long tests/engine

test-engine: $(VENV)/.installed-dev spark  ## Ask Spark and Sail everything, under several selections (an hour)
	@ENGINE_TESTS=full $(BIN)/python -m pytest -q -n 2 --dist loadfile -m long tests/engine

lint: $(VENV)/.installed-dev  ## Check style, format and types
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --quiet --check
	@$(BIN)/mypy --no-error-summary

fix: $(VENV)/.installed-dev  ## Repair style and format where a tool can
	@$(BIN)/ruff check --quiet --fix
	@$(BIN)/ruff format --quiet

check: lint test  ## lint and test: what a change must pass

bench: $(VENV)/.installed-dev  ## Measure what is slow, beside its peers
	@$(BIN)/python -m benchmarks

bench-large: $(VENV)/.installed-dev chromium  ## Measure 10 million rows beside a million, on from where it was ended (hours)
	@$(BIN)/python -m benchmarks.large

# They are asked by `bench` alone, and nothing else needs them: MIT, Apache-2.0 and BSD-2-Clause, 220 MB.
peers: $(VENV)/.installed-dev  ## Install Polars, Perspective and XlsxWriter, so that bench asks them too
	@$(PIP) polars==2.1.0 perspective-python==5.6.1 xlsxwriter==3.3.1

soak: $(VENV)/.installed-dev  ## Ask with 20 sessions for five minutes while files load, and check every answer
	@$(BIN)/python -m benchmarks.soak

screenshots: $(VENV)/.installed-dev chromium  ## Make the README's pictures again
	@$(BIN)/python -m tests.browser.screenshots

# For every system and Python at once, which pip cannot; so uv is there, and only for this.
constraints: $(VENV)/.created  ## Renew the versions that constraints.txt holds
	@$(PIP) uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade --no-annotate \
	    --custom-compile-command "make constraints" --extra spark --extra sail --extra team --output-file constraints.txt requirements-dev.txt pyproject.toml

chromium: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.browser.chromium

office: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.workbook.office

# Its server, the client that the extra brings, and Sail, which answers quicker (Apache-2.0).
spark: $(VENV)/.installed-dev
	@$(PIP) pyspark-client pysail
	@$(BIN)/python -m tests.engine.server

$(VENV)/.created:
	@for python in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
	    if $$python -c '$(SUITABLE)' >/dev/null 2>&1; then \
	        echo "Creating $(VENV) with $$($$python --version)"; \
	        $$python -m venv --clear $(VENV) && touch $@; exit; \
	    fi; \
	done; \
	echo "No Python 3.11 or later that can make virtual environments (on Debian and Ubuntu: apt install python3-venv)." >&2; \
	exit 1

$(VENV)/.installed: requirements.txt constraints.txt $(VENV)/.created
	@echo "Installing packages (once, a few minutes)"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt requirements.txt constraints.txt $(VENV)/.created
	@echo "Installing packages, with those for tests (once, a few minutes)"
	@$(PIP) -r requirements-dev.txt
	@touch $(VENV)/.installed $@
