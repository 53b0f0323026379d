# Every task of this project, the same for contributors and for continuous integration.
# Each target first sets up what it needs (scripts/prepare); what is up to date costs nothing.

PORT ?= 8000
CASES ?= 100000
SEED ?= 0
SECONDS ?= 60
PAGES ?= 125000
MOUNTS ?= 10000
PATCHES ?= 1000000
SCHEDULES ?= 1000000

BUILD := python rust node native client
LINT  := python rust python-dev
TEST  := $(BUILD) wasm-bindgen wasm-pack python-dev djangos postgres redis browsers geckodriver fuzz-rust

.DEFAULT_GOAL := help
.PHONY: help demo test setup build lint bench fuzz fuzz-rust campaign campaign-browser campaign-memory schedules size docs clean

help: ## Print this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Build what is missing and serve the demo site on 127.0.0.1 (make demo PORT=8123).
	@scripts/prepare $(BUILD)
	@.venv/bin/python -m djust demo --port $(PORT)

test: ## Run every test: lint, Rust, Python, three browser engines, the demo in Chromium.
	@scripts/prepare $(TEST)
	@scripts/test $(SUITES)

setup: ## Install what building and developing needs, without browsers.
	@scripts/prepare python rust node python-dev

build: ## Compile the native module into .venv and the client into pkg/ and the package's static files.
	@scripts/prepare $(BUILD)

lint: ## Check format, lints and types of Rust and Python.
	@scripts/prepare $(LINT)
	@scripts/test lint

bench: ## Measure renders, frames and memory, the native diff, and from bytes to DOM in Chromium.
	@scripts/prepare $(TEST)
	@scripts/bench

fuzz: ## Compare random templates with Django in all processors (make fuzz CASES=1000000 SEED=0).
	@scripts/prepare python rust native python-dev
	@nice .venv/bin/python -m tests.conformance.fuzz --jobs "$$(getconf _NPROCESSORS_ONLN)" --cases $(CASES) --seed $(SEED)
	@nice .venv/bin/python -m tests.conformance.fuzz --jobs "$$(getconf _NPROCESSORS_ONLN)" --cases $(CASES) --seed $(SEED) --updates

fuzz-rust: ## Look for bytes that decoders, diff and page runtime do not bear (make fuzz-rust SECONDS=60).
	@scripts/prepare rust fuzz-rust
	@nice scripts/fuzz-rust $(SECONDS)

campaign: ## Compare pages after random changes with fresh ones, eight a page (make campaign PAGES=125000 SEED=0).
	@scripts/prepare rust
	@PAGES=$(PAGES) SEED=$(SEED) CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS=true CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS=true \
		nice -n 15 cargo test --release -p djust-wasm-vdom --test oracle

campaign-browser: ## Compare pages in three engines with what they make of Django's HTML (make campaign-browser CASES=800 SEED=0).
	@scripts/prepare $(TEST)
	@scripts/campaign-browser $(CASES) $(SEED)

campaign-memory: ## Mount and patch in three engines, and see what memory is left (make campaign-memory MOUNTS=10000 PATCHES=1000000).
	@scripts/prepare $(TEST)
	@MOUNTS=$(MOUNTS) PATCHES=$(PATCHES) nice scripts/test memory

schedules: ## Try random schedules of events, answers and lost connections (make schedules SCHEDULES=1000000 SEED=0).
	@scripts/prepare rust
	@SCHEDULES=$(SCHEDULES) SEED=$(SEED) nice -n 15 cargo test --release -p djust-wasm-client \
		--test schedules --test optimistic -- schedule nothing_is_lost

size: ## Print the bytes that a page downloads at start (make size ACCEPT=1: they are the new budget).
	@scripts/prepare $(BUILD) python-dev
	@.venv/bin/python benches/size/size.py $(if $(ACCEPT),--accept)

docs: ## Build the API documentation and check the links between the pages in docs/.
	@scripts/prepare python rust
	@scripts/docs

clean: ## Remove everything that make built or installed in this checkout.
	@rm -rf .venv node_modules target pkg python/djust/static/djust python/djust/_native*.so
	@find python tests -name __pycache__ -type d -prune -exec rm -rf {} +
