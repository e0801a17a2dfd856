REPLICAS ?= 1

.PHONY: help run test test-clients build cluster cluster-stop

help:
	@echo "make run                     a homeserver on http://localhost:8008, out of this folder"
	@echo "make test                    every test"
	@echo "make test-clients            only the stories of real clients"
	@echo "make build                   the commands, for release, in .build-release/release"
	@echo "make cluster [REPLICAS=2]    the eight components as processes, with PostgreSQL, NATS and nginx"
	@echo "make cluster-stop            stops them"

run:
	@scripts/run

test:
	@scripts/test

test-clients:
	@scripts/test-clients

build:
	@scripts/build-release

cluster:
	@deploy/local/start "$(REPLICAS)"

cluster-stop:
	@deploy/local/stop
