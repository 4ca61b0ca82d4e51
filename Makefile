# Everything a developer does, from a bare Debian 12 machine with nothing but make: `make help`.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules

JOBS ?= $(shell nproc)
CMAKE_FLAGS ?=
WORLDS ?= 100000
FUZZ_SECONDS ?= 60
SOAK_MINUTES ?= 30
PREFIX ?= /usr/local

# Expanded when a recipe runs, so that a ccache which deps has just installed is seen.
CCACHE = $(if $(shell command -v ccache),-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
# Without these, what uses a precompiled header is never found in the cache.
export CCACHE_SLOPPINESS := pch_defines,time_macros,include_file_mtime,include_file_ctime
export CMAKE_BUILD_PARALLEL_LEVEL := $(JOBS)
export CTEST_PARALLEL_LEVEL := $(JOBS)

# DEPS=skip: the packages are there already, under whatever names. The program is then linked to the shared libraries of
# cpp-httplib and prometheus-cpp, unless CMAKE_FLAGS has an EVENKEEL_LIBRARY_SOURCES.
deps-%:
	@$(if $(filter skip,$(DEPS)),true,scripts/install-deps $*)
LIBRARY_SOURCES = $(if $(filter skip,$(DEPS)),true,scripts/library-sources)

.PHONY: help deps demo agent install deb packages image kubernetes manifests reproducible test worlds build-asan build-tsan asan tsan fuzz lint lint-format lint-tidy mutation e2e dashboards settings bench compare soak slow-clients clean

help:  ## What can be made
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-12s  %s\n", $$1, $$2}' $(MAKEFILE_LIST)

deps: deps-build deps-test deps-clang deps-e2e deps-deb deps-package deps-kubernetes  ## Install every package that any target needs (each target installs its own)

demo: agent  ## Build the agent and watch it level a simulated cluster (ARGS=--keep to leave it serving)
	@build/release/agent/evenkeel demo $(ARGS)

agent: deps-build  ## The program alone, optimised: build/release/agent/evenkeel
	@sources=$$($(LIBRARY_SOURCES)) || echo "The program is linked to the shared libraries instead." >&2; \
	  cmake --preset release -DBUILD_TESTING=OFF -DEVENKEEL_BENCH=OFF -DEVENKEEL_LIBRARY_SOURCES="$$sources" \
	  $(CCACHE) $(CMAKE_FLAGS) >/dev/null
	@cmake --build --preset release --target evenkeel

# Writes nothing outside of the prefix: no configuration is replaced, and nothing is started. DESTDIR= as packagers want it.
install: agent  ## Install the program, its manual, completions, licence and an example configuration (PREFIX=/usr/local)
	@cmake --build --preset release --target packaged
	@umask 022; for part in program by_hand; do \
	  DESTDIR='$(DESTDIR)' cmake --install build/release --prefix '$(PREFIX)' --component $$part; done

deb: agent deps-deb  ## A Debian package of the program, its configuration and a systemd unit: build/package/evenkeel_*.deb
	@cmake --build --preset release --target packaged
	@umask 022 && cd build/release && SOURCE_DATE_EPOCH=$$(git -C $(CURDIR) log -1 --format=%ct) cpack -G DEB >/dev/null
	@ls build/package/*.deb

packages: deb deps-package  ## Install what `make deb` made on a bare Debian, make the container's root, and try both (ARGS goes to pytest)
	@tests/package/run $(ARGS)

.PHONY: sbom
sbom: deb deps-package  ## What the package and the image are made of, as SPDX, and the sums of all: build/package/*.spdx.json, SHA256SUMS
	@scripts/sbom/make
	@ls build/package/*.spdx.json

image: deps-image  ## Build the container image by buildah, whole, and run it (some minutes)
	@tests/package/build-image

kubernetes: agent deps-kubernetes  ## The Helm chart and the manifests, by helm and Kubernetes's schemas (ARGS goes to pytest)
	@EVENKEEL=$(CURDIR)/build/release/agent/evenkeel tests/kubernetes/run $(ARGS)

manifests: deps-kubernetes  ## Write config/kubernetes/deployment.yaml and the chart's README anew
	@config/kubernetes/make
	@config/helm/make-readme

reproducible: deb  ## Build the package a second time elsewhere and compare: the same bytes
	@tests/package/reproducible

test: deps-build deps-test  ## Build everything with warnings as errors and run the unit tests
	@$(call build_and_test,dev,-DEVENKEEL_WERROR=ON)

# As `make test` builds it: with every assert on.
worlds: deps-build deps-test  ## Run the real loop in 100,000 random worlds, in twenty minutes (WORLDS=2000000: a night; ARGS='--first 7 --shrink')
	@cmake --preset dev -DEVENKEEL_WERROR=ON $(CCACHE) $(CMAKE_FLAGS) >/dev/null
	@cmake --build --preset dev --target worlds
	@build/dev/tests/sim/worlds --count $(WORLDS) --jobs $(JOBS) $(ARGS)

# The sanitizers' programs alone: .ci/run compiles them while the end-to-end checks wait for Milvus.
build-asan build-tsan: build-%: deps-build deps-test deps-clang
	@$(call build,$*)

asan: deps-build deps-test deps-clang  ## The unit tests under AddressSanitizer and UndefinedBehaviorSanitizer, built by Clang
	@$(call build_and_test,asan)

tsan: deps-build deps-test deps-clang  ## The unit tests under ThreadSanitizer, built by Clang
	@$(call build_and_test,tsan)

fuzz: deps-build deps-test deps-clang  ## Fuzz what others send (requests, API, HTTP, Milvus's answers, metrics, settings) and the rules, a minute each (FUZZ_SECONDS=600; FUZZ='rules http': those alone)
	@cmake --preset fuzz $(CCACHE) $(CMAKE_FLAGS) >/dev/null
	@cmake --build --preset fuzz --target fuzzers
	@tests/fuzz/run $(FUZZ_SECONDS) $(FUZZ)

lint: lint-format lint-tidy  ## clang-format and clang-tidy, every finding an error (make -k lint: both, whatever the first finds)

lint-format: deps-clang
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format-16 --dry-run -Werror

# The files of each library as one (a unity build): clang-tidy reads the headers they share once, a third of the time.
lint-tidy: deps-build deps-clang
	@cmake --preset dev -B build/lint -DCMAKE_CXX_COMPILER=clang++-16 -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON \
	  -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=16 -DBUILD_TESTING=OFF >/dev/null
	@cmake --build build/lint --target evenkeel_milvus_proto_sources >/dev/null
	@run-clang-tidy-16 -quiet -j $(JOBS) -p build/lint -checks=-bugprone-suspicious-include '/Unity/'

mutation: deps-build deps-test  ## Break rules/ one line at a time: the tests must catch every break (ARGS=words: those mutants alone)
	@tests/mutation/run $(ARGS)

e2e: agent deps-test deps-e2e  ## The agent against a real Milvus cluster (ARGS goes to pytest: make e2e ARGS='-k replicas')
	@EVENKEEL=$(CURDIR)/build/release/agent/evenkeel tests/e2e/run $(ARGS)

dashboards: deps-e2e  ## Write dashboards/*.json anew from dashboards/src
	@"$$(scripts/pinned-python dashboards/requirements.txt)" dashboards/src/build.py

settings: deps-build deps-test  ## Write config/SETTINGS.md anew from the program's table of keys
	@cmake --preset dev $(CCACHE) $(CMAKE_FLAGS) >/dev/null
	@cmake --build --preset dev --target settings_test
	@EVENKEEL_WRITE_PAGE=1 build/dev/tests/settings/settings_test --gtest_brief=1 --gtest_filter='SettingsPage.*'

bench: deps-build  ## Build and run the benchmarks (beside other parsers: tests/bench/compare_exposition.py)
	@cmake --preset release -DBUILD_TESTING=ON -DEVENKEEL_BENCH=ON $(CCACHE) $(CMAKE_FLAGS) >/dev/null
	@cmake --build --preset release
	@for program in build/release/tests/bench/*_bench; do $$program; done

soak: agent  ## Half an hour of nodes and segments that come and go: does the agent's memory stay? (SOAK_MINUTES=600: a night)
	@tests/bench/soak.py build/release/agent/evenkeel --minutes $(SOAK_MINUTES)

slow-clients: agent  ## How long /metrics takes beside 600 slow clients, and their memory (four minutes; ARGS='--clients 200')
	@tests/bench/slow_clients.py build/release/agent/evenkeel $(ARGS)

compare: deps-build deps-test  ## Evenkeel beside other balancers and the exact optimum, as tables and a picture (ARGS=--seeds=5: shorter)
	@tests/bench/compare_balancers $(ARGS)

clean:  ## Remove all that was built (not the downloads in ~/.cache/evenkeel)
	@rm -rf build

# $(call build,preset[,configure flags]), and its tests
define build
cmake --preset $(1) $(2) $(CCACHE) $(CMAKE_FLAGS) >/dev/null
cmake --build --preset $(1)
endef
define build_and_test
$(call build,$(1),$(2))
ctest --preset $(1)
endef
