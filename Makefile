# A fresh machine needs make and Python 3.11 or newer; everything else is installed into .venv.

PYTHON ?= python3
FUZZ ?= 3600
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
DEPLOYED := .bench/deployed

.DEFAULT_GOAL := help
.PHONY: help demo test soak fuzz filing bench bench-quick compiled image clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.demo ## Show the whole job on this machine: a homeserver, a week of posts, an editor, the exported post
	@$(BIN)/twimbot demo

test: $(VENV)/.test ## Check everything: format, lint, types, spelling, tests
	@echo "Checking format, lint, types and spelling"
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/typos
	@$(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

soak: $(VENV)/.test ## Try for most of an hour to make the bot lose or double something, and write down what came of it
	@$(BIN)/python -m tests.soak.soak --document docs/reliability.md
	@$(BIN)/python -m tests.soak.absence --document docs/reliability.md

fuzz: $(VENV)/.fuzz ## Feed the desk with made-up events for an hour, or FUZZ=SECONDS
	@mkdir -p .fuzz
	@$(BIN)/python -m tests.fuzz.feed -max_total_time=$(FUZZ) -max_len=65536 .fuzz

filing: $(VENV)/.test ## Measure on real weeks how well entries file themselves, and write it down
	@$(BIN)/python -m tests.filing.measure --document docs/filing.md

bench: $(VENV)/.test compiled ## Measure speed and memory against peers for two hours, and write it down
	@$(BIN)/python -m tests.filing.bench --document docs/filing.md
	@$(BIN)/python -m tests.bench.bench --document docs/performance.md

bench-quick: $(VENV)/.test compiled ## The same on a small scale, in some two minutes, written nowhere
	@$(BIN)/python -m tests.bench.bench --quick

# The other two write OCI images unless told otherwise, which know no health check.
image: ## Build the container image, with docker, podman or buildah
	@if docker info >/dev/null 2>&1; then docker build --tag twimbot .; \
	elif podman info >/dev/null 2>&1; then podman build --format docker --tag twimbot .; \
	elif buildah info >/dev/null 2>&1; then buildah build --format docker --tag twimbot .; \
	else echo "None of docker, podman and buildah works here; install one of them." >&2; exit 1; fi

clean: ## Delete what the other targets have made, but no data
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage .bench dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each stamp says what has been installed; pyproject.toml decides what that is.
$(VENV)/.demo: $(VENV)/.python
	@echo "Installing twimbot and a homeserver into $(VENV); this takes about a minute"
	@$(PIP) install --editable '.[demo,video]'
	@touch $@

$(VENV)/.test: $(VENV)/.python
	@echo "Installing twimbot, a homeserver and the test tools into $(VENV); this takes about a minute"
	@$(PIP) install --editable '.[demo,e2e,video]' --group test
	@touch $@ $(VENV)/.demo

$(VENV)/.fuzz: $(VENV)/.test
	@$(PIP) install --group fuzz
	@touch $@

# What the image installs, for measuring: the test tools, and what they bring along, make every process larger.
$(DEPLOYED)/.python: $(VENV)/.python
	@echo "Installing twimbot by itself into $(DEPLOYED)"
	@$(PYTHON) -m venv --clear --without-pip $(DEPLOYED)
	@$(PIP) --python $(DEPLOYED) install --editable '.[e2e,video]'
	@touch $@

compiled: $(DEPLOYED)/.python # as installing it does, whatever PYTHONDONTWRITEBYTECODE says here
	@$(DEPLOYED)/bin/python -m compileall -q twimbot

$(VENV)/.python: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "twimbot needs Python 3.11 or newer; name one: make PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --upgrade pip
	@touch $@
