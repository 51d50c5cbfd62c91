# Copyright The annotation_metrics Authors
# SPDX-License-Identifier: Apache-2.0

# Needs Go 1.26, git and make; a C compiler too, for the race detector.
# All other tools are pinned in internal/tools/go.mod and built on first use.

GO       ?= go
EXAMPLE  ?= access-log
FUZZTIME ?= 60s
DURATION ?= 2m
ROWS     ?= .*

BINARY  := dist/otelcol-annotation-metrics
TOOL    := $(GO) tool -modfile="$(CURDIR)/internal/tools/go.mod"
# Of its own: from a shared one the linter reports, and repairs, the files of another checkout.
export GOLANGCI_LINT_CACHE := $(CURDIR)/dist/.golangci-lint
MODULES := $(patsubst %/go.mod,%,$(shell find . -name dist -prune -o -name testdata -prune -o -name go.mod -print | LC_ALL=C sort))

# What the Collector is built from; tests and the other modules are not part of it.
SOURCES := find . \( -name '.?*' -o -name dist -o -name testdata -o -path ./e2e -o -path ./benchmarks -o -path ./internal/tools \) -prune \
	-o -name '*.go' ! -name '*_test.go' -exec cksum {} +

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

##@ Try it

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: examples
examples: ## List the examples that EXAMPLE can name
	@cd examples && find . -name config.yaml | sed 's|^\./||; s|/config\.yaml$$||' | LC_ALL=C sort

.PHONY: run
run: $(BINARY) dist/run ## Build the Collector and run it on examples/access-log (another one: EXAMPLE=name)
	@test -f examples/$(EXAMPLE)/config.yaml || { echo >&2 "there is no example $(EXAMPLE) to run; make examples lists them"; exit 1; }
	@dist/run -binary $(BINARY) -config examples/$(EXAMPLE)/config.yaml -hint $(firstword $(wildcard examples/$(EXAMPLE)/hint.txt) examples/hint.txt)

##@ Build

.PHONY: build
build: $(BINARY) ## Build the Collector, unless nothing it is built from has changed
	@echo "$(BINARY) is up to date"

$(BINARY): dist/.inputs
	@echo "Building the Collector; the first time takes some minutes."
	@GOFLAGS="$$GOFLAGS -buildvcs=false" $(TOOL) builder --config builder-config.yaml --skip-strict-versioning=false || \
		{ echo >&2 'the Collector does not build; to see it again, run: make build'; exit 1; }
	@touch $@

# Contents decide, not times: this file is only touched when an input, or the set of them, changes.
dist/.inputs: FORCE
	@mkdir -p dist
	@{ $(GO) version; cksum go.mod go.sum builder-config.yaml internal/tools/go.mod; $(SOURCES) | LC_ALL=C sort -k 3; } >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

.PHONY: FORCE
FORCE:

dist/run: $(wildcard internal/tools/run/*.go) internal/tools/go.mod
	@mkdir -p dist
	@cd internal/tools && $(GO) build -buildvcs=false -o ../../$@ ./run

.PHONY: telemetrygen
telemetrygen: dist/bin/telemetrygen ## Build the generator of logs that an end-to-end test uses

# Not in internal/tools/go.mod: it is of another release train.
dist/bin/telemetrygen:
	@mkdir -p dist/bin
	@GOBIN="$(CURDIR)/dist/bin" $(GO) install github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen@v0.161.0

.PHONY: clean
clean: ## Remove everything that was built
	rm -rf dist

##@ Change it

.PHONY: generate
generate: ## Write the files that mdatagen generates from metadata.yaml, and the schemas
	@GO="$(GO)" scripts/generate

.PHONY: tidy
tidy: ## Tidy every go.mod
	@for module in $(MODULES); do (cd $$module && $(GO) mod tidy) || exit 1; done

.PHONY: format
format: ## Format the Go files
	@$(TOOL) golangci-lint fmt ./...

.PHONY: lint-fix
lint-fix: ## Let the linters repair what they can
	@$(call each_go_module,golangci-lint run --fix ./...)

##@ Check it

.PHONY: test
test: check-generate check-tidy check-format lint unit bench-smoke build validate e2e ## Run everything that CI runs, but the soak
	@echo "make test: all steps passed"

.PHONY: check-generate
check-generate: ## Check that the generated files are up to date
	$(call step,$@)
	@GO="$(GO)" scripts/generate --check

.PHONY: check-tidy
check-tidy: ## Check that every go.mod is tidy
	$(call step,$@)
	@for module in $(MODULES); do \
		(cd $$module && $(GO) mod tidy -diff) || \
			{ echo >&2 "$$module/go.mod or go.sum is not tidy; run: make tidy"; exit 1; }; \
	done

.PHONY: check-format
check-format: ## Check the format of the Go files
	$(call step,$@)
	@$(TOOL) golangci-lint fmt --diff ./... || { echo >&2 'Go files are not formatted; run: make format'; exit 1; }

.PHONY: lint
lint: ## Run the linters
	$(call step,$@)
	@{ $(call each_go_module,golangci-lint run ./...); } || \
		{ echo >&2 'the linters object; what they can repair themselves: make lint-fix. To see the rest again, run: make lint'; exit 1; }

.PHONY: unit
unit: ## Run the unit tests, with the race detector where there is a C compiler
	$(call step,$@)
	@$(race_detector); \
	$(GO) test $$race ./... && $(GO) test -C internal/tools ./... || \
		{ echo >&2 "unit tests failed; to run one alone: go test $$race -run NAME ./PACKAGE"; exit 1; }

.PHONY: validate
validate: $(BINARY) ## Let the built Collector validate the configuration of every example
	$(call step,$@)
	@for config in $$(find examples -name 'config*.yaml' | LC_ALL=C sort); do \
		echo "validate $$config"; \
		$(BINARY) validate --config "$$config" || \
			{ echo >&2 "$$config is not valid; to see it again, run: $(BINARY) validate --config $$config"; exit 1; }; \
	done

# Most of them wait most of the time, hence more at once than there are cores.
.PHONY: e2e
e2e: $(BINARY) ## Run the end-to-end tests against the built Collector
	$(call step,$@)
	@$(race_detector); \
	cd e2e && OTELCOL_BINARY="$(CURDIR)/$(BINARY)" $(GO) test $$race -count=1 -timeout 30m -parallel 6 ./... || \
		{ echo >&2 'end-to-end tests failed; to run them again: make e2e'; exit 1; }

.PHONY: soak
soak: $(BINARY) ## Run the Collector under load, reloads and refusals, and see that nothing grows or gets lost (DURATION=2m)
	$(call step,$@)
	@cd e2e && OTELCOL_BINARY="$(CURDIR)/$(BINARY)" SOAK_DURATION=$(DURATION) $(GO) test -count=1 -timeout 0 -v -run '^TestSoak$$' . || \
		{ echo >&2 'the soak failed; to run it again: make soak DURATION=$(DURATION)'; exit 1; }

.PHONY: fuzz
fuzz: ## Run each fuzz target for a while (FUZZTIME=60s)
	$(call step,$@)
	@mkdir -p dist
	@$(GO) test -list '^Fuzz' ./... >dist/.fuzz || { cat dist/.fuzz; exit 1; }
	@set --; while read -r first package rest; do \
		case $$first in \
		Fuzz*) set -- "$$@" "$$first" ;; \
		ok) for target; do \
				echo "fuzz $$package $$target"; \
				$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5x "$$package" </dev/null || \
					{ echo >&2 "fuzzing failed; the input is in testdata/fuzz/$$target and is a test case from now on: go test -run '^$$target\$$' $$package"; exit 1; }; \
			done; set -- ;; \
		esac; \
	done <dist/.fuzz

##@ Measure it

.PHONY: bench
bench: ## Measure everything, on a quiet machine, and write docs/benchmarks.md
	@cd benchmarks && $(GO) run ./run -table -o ../docs/benchmarks.md

.PHONY: bench-check
bench-check: ## Fail if a row falls below a gate of the speed budget, on a quiet machine (ROWS: a regular expression)
	@cd benchmarks && $(GO) run ./run -check -rows '$(ROWS)'

.PHONY: bench-smoke
bench-smoke: ## Run each benchmark once, as small as possible, and check what it counts
	$(call step,$@)
	@cd benchmarks && $(GO) test ./... && $(GO) run ./run -smoke || \
		{ echo >&2 'a benchmark fails or counts wrong; to see it again, run: make bench-smoke'; exit 1; }

.PHONY: overhead
overhead: $(BINARY) ## Measure what deriving costs, on a quiet machine, and draw docs/overhead.svg
	@cd e2e && OTELCOL_BINARY="$(CURDIR)/$(BINARY)" OVERHEAD_DATA="$(CURDIR)/docs/overhead.json" $(GO) test -count=1 -v -run '^TestOverheadData$$' .
	@cd internal/tools && $(GO) run ./picture ../../docs/overhead.json ../../docs/overhead.svg

# Sets $$race, where there is the C compiler that the race detector needs.
race_detector = race=-race; set -- $$($(GO) env CC); \
	if [ "$$($(GO) env CGO_ENABLED)" != 1 ] || ! command -v "$$1" >/dev/null; then \
		race=; echo >&2 "no C compiler (CGO_ENABLED=1 and $$1): the tests run WITHOUT the race detector"; \
	fi

# A line above each step, so that a long log can be read.
step = @printf '\n==> %s\n' $(1)

# Runs a tool in each module that has Go files: a linter does not cross module borders. Fails at the
# end, so that one run shows everything.
each_go_module = failed=; for module in $(MODULES); do \
		if [ -n "$$(find $$module -name '*.go' -print | head -n 1)" ]; then \
			echo "$(firstword $(1)) in $$module"; (cd $$module && $(TOOL) $(1)) || failed=yes; \
		fi; \
	done; [ -z "$$failed" ]
