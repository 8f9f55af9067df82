# Everything runs in the project's own environment, which `setup` makes and keeps up to date.
# STACK="name ..." picks stacks, AUTO_APPROVE=1 asks nothing, PYTHON=... sets up with another Python.
.DEFAULT_GOAL := summary
.PHONY: help summary setup synth diff deploy destroy demo demo-down example example-down test test-long lint lock clean
# Targets named together run one after another: `make lint test`.
.NOTPARALLEL:

NAMED = $(foreach stack,$(STACK),'$(stack)')
ON_ALL_CORES = -n logical --dist loadscope --no-loadscope-reorder
YES = $(if $(filter 1,$(AUTO_APPROVE)),--yes)

help: ## show this
	@sed -n 's/^\([a-z-]*\):.* ## /\1\t/p' Makefile | while IFS='	' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

summary: synth ## set up, synthesize main.py and show what it declares (plain `make` does this)
	@./run ivc summary

setup: ## set up .venv and toolchain/node_modules
	@toolchain/setup

synth: setup ## synthesize main.py into cdktf.out; needs no cloud and no Terraform
	@./run ivc synth

diff: setup ## show what a deploy would change; STACK="name ..." picks stacks
	@./run ivc plan $(NAMED)

deploy: setup ## deploy main.py onto your cloud; asks first, unless AUTO_APPROVE=1
	@./run ivc deploy $(YES) $(NAMED)

destroy: setup ## destroy what was deployed; asks first, unless AUTO_APPROVE=1
	@./run ivc destroy $(YES) $(NAMED)

demo: setup ## deploy main.py onto a practice cloud on this machine
	@toolchain/demo

demo-down: setup ## take the practice cloud's data and the demo away
	@./run python -m practice wipe

example: setup ## deploy an example onto a practice cloud on this machine: NAME=hello
	@toolchain/demo example '$(NAME)'

example-down: setup ## take an example away again, but for its volumes: NAME=hello
	@toolchain/demo example-down '$(NAME)'

test: setup ## the fast tests, those on the practice cloud and those of guests, on all cores
	@./run pytest $(ON_ALL_CORES) --durations=10

# What calls Terraform; tests/practice calls none.
test-long: setup ## what takes long and proves little each time, and all with OpenTofu; before anything is called done
	@./run pytest -m long
	@if command -v tofu >/dev/null; then \
	    TERRAFORM_BINARY_NAME=tofu ./run pytest $(ON_ALL_CORES) -m "cloud or terraform" --ignore=tests/practice; \
	else echo "NOTHING ran with OpenTofu: tofu is not on PATH."; fi

lint: setup ## ruff and mypy
	@./run ruff check
	@./run ruff format --check
	@./run mypy $(wildcard constructs practice tests main.py bench)
	@for main in examples/*/main.py; do ./run mypy "$$main" || exit; done  # each is a module called main

lock: setup ## compile the lock files anew; UPGRADE=1 takes the newest versions
	@toolchain/lock

clean: ## remove what synthesis and tests left; environment, states and practice cloud stay
	@rm -rf cdktf.out examples/*/cdktf.out .pytest_cache .mypy_cache .ruff_cache .hypothesis
