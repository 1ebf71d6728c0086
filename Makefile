# Two commands matter: `make demo` runs the product with a simulated fleet, `make test` runs every test.
# Both install what is missing first (scripts/setup.sh). The rest are the pieces they are made of.
.PHONY: help setup build console demo scoreboard test test-nightly test-milestone unit integration format lint clean

help:            ## This list
	@grep -E '^[a-z-]+: .*##|^[a-z-]+:  +##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 16

setup:           ## Install what is missing from Debian and PyPI
	@scripts/setup.sh

build: setup     ## Release binary in .build/release/towerco
	@swift build -c release --product towerco

console: setup   ## Bundle the console into web/dist
	@scripts/build-console.sh

demo:            ## Build everything and serve a simulated fleet on http://127.0.0.1:8080
	@scripts/demo.sh

scoreboard: build  ## Score the engine against simulated truth into docs/SCOREBOARD.md; SEEDS=50 for the whole
	@python3 scripts/scoreboard.py

test:            ## Every test there is; ends with a line that counts them
	@scripts/test.sh

test-nightly:    ## The fault tests in nightly numbers (hours; docs/testing.md)
	@scripts/test-level.sh N

test-milestone:  ## The same before a milestone (a day)
	@scripts/test-level.sh M

unit: setup      ## Swift tests only
	@swift test

integration: setup  ## Tests that start the real binary (builds it in debug)
	@scripts/test.sh integration

format:          ## Format all Swift sources in place
	@swift format --in-place --recursive --parallel Sources Tests Package.swift

lint:            ## Complain about formatting
	@swift format lint --recursive --parallel Sources Tests Package.swift

clean:           ## Remove what builds left
	@rm -rf .build web/dist .venv
