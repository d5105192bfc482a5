# Two commands: `make demo` triages a file of complaints, `make test` runs every check. Both set themselves up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check-types lint unit lexicon scores lock audit sbom clean

demo: $(VENV)/.base
	@mkdir -p out
	@$(BIN)/triage batch examples/complaints.jsonl out/decisions.jsonl --received 2026-11-24T09:00:00+08:00
	@$(BIN)/triage batch examples/complaints.jsonl out/decisions.csv --received 2026-11-24T09:00:00+08:00 --quiet
	@$(BIN)/python examples/show.py out/decisions.jsonl

test: lint check-types unit

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

check-types: $(VENV)/.dev
	$(BIN)/mypy

unit: $(VENV)/.dev
	$(BIN)/triage check configs
	$(BIN)/pytest -q -n 2

# The weighted words beside the rules: fitted on the train split, their scale chosen on files that no rule was tuned on.
lexicon: $(VENV)/.dev
	$(BIN)/python -m triage.training.fit_lexicon training/devset/tune-*.jsonl training/corpus/[bkp]*.jsonl \
		--tune training/corpus/v02.jsonl training/corpus/c0[12].jsonl --out configs/rules/lexicon.csv

# The tables of the README: how the rules do on what no rule was tuned on.
scores: $(VENV)/.dev
	$(BIN)/python -m triage.training.score_rules training/devset/held-*.jsonl
	$(BIN)/python -m triage.training.score_rules training/corpus/t0*.jsonl

# The exact versions that the image holds, known vulnerabilities of them, and the bill of materials of a release.
lock: $(VENV)/.dev
	$(BIN)/python deploy/lock.py

audit: $(VENV)/.dev
	$(BIN)/python deploy/audit.py

sbom: $(VENV)/.dev
	$(BIN)/python deploy/sbom.py out/sbom.json

clean:
	rm -rf $(VENV) out .mypy_cache .ruff_cache .pytest_cache

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "triage needs Python 3.11 or newer, this is " + sys.version)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -e .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[dev]'
	tests/system-packages.sh
	@touch $@ $(VENV)/.base
