.DEFAULT_GOAL := help
.PHONY: help setup gen build lint test unit simulation e2e bench mutants demo demo-down clean
.NOTPARALLEL:

JEST := NODE_OPTIONS='--experimental-vm-modules --no-warnings' npx jest

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what lacks: Debian packages, then what package-lock.json says
	@bash scripts/setup.sh

gen: ## Generate code: proto/ -> src/link/gen, schemas/ -> src/stackfile/gen
	npx buf generate
	node scripts/gen-stack-types.mjs

build: ## Bundle the programs: src/ -> dist/
	node scripts/build.mjs

lint: ## Types, style, the direction of imports, what nobody uses, stale generated code
	@bash scripts/lint.sh

unit: ## The tests that lie beside the code: seconds
	@mkdir -p .results
	$(JEST) --json --outputFile=.results/unit.json src controllers

simulation: ## The whole cluster in one process, with faults from a seed
	@mkdir -p .results
	$(JEST) --json --outputFile=.results/simulation.json e2e/simulation

e2e: ## A real terminal, and real engines, one per network namespace, three files at a time; needs root: minutes
	@mkdir -p .results
	$(JEST) --maxWorkers=3 --json --outputFile=.results/e2e.json e2e/terminal e2e/docker

test: ## Everything: setup, build, lint, unit, simulation and e2e
	@bash scripts/test.sh

bench: ## Ours, the engine alone and Docker Swarm side by side; needs root
	@bash scripts/bench.sh

mutants: ## Plant faults, and see what notices each: half an hour
	@bash scripts/mutants.sh

demo: ## Stacks on this machine and a load balancer, from nothing to curl
	@bash scripts/demo.sh up

demo-down: ## Remove what the demo left running
	@bash scripts/demo.sh down

clean: ## Remove what was built
	rm -rf dist .results
