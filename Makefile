# From Python 3.11 and make to a running Terrain: `make up`. Everything the tests need: `make test`.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN); [ $$n -gt 8 ] && echo 8 || echo $$n)
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: up test bench check
.DEFAULT_GOAL := up

# Run Terrain on this machine; Ctrl-C stops all of it.
up: .venv/run.stamp
	@$(BIN)/terrain up

# Pass every test, having set up what they need.
test: .venv/dev.stamp
	@scripts/browser
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal

# Measure, each figure beside its limit on this machine.
bench: .venv/dev.stamp
	@$(BIN)/python -m benchmarks

# Look at everything before a change is handed in.
check: .venv/dev.stamp
	@scripts/check

# A stamp is as new as the list it was installed from: the second time costs nothing.
.venv/%.stamp: requirements/%.txt pyproject.toml | .venv/bin/pip
	@echo "Installing what requirements/$*.txt lists …"
	@$(INSTALL) --require-hashes -r requirements/$*.txt
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/bin/pip:
	@scripts/environment "$(PYTHON)"
