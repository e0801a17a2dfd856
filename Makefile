REPLICAS ?= 1

.PHONY: help run test test-clients chaos rolling-upgrade crowd fuzz sanitize build cluster cluster-stop bench bench-growth bench-large

help:
	@echo "make run                     a homeserver on http://localhost:8008, out of this folder"
	@echo "make test                    every test"
	@echo "make test-clients            only the stories of real clients"
	@echo "make build                   the commands, for release, in .build-release/release"
	@echo "make cluster [REPLICAS=2]    the eight components as processes, with PostgreSQL, NATS and nginx"
	@echo "make cluster-stop            stops them"
	@echo "make chaos [KILLS=1000] [SEED=n] [REPLICAS=2]   kills and deprives a cluster in use, and looks whether anything was lost"
	@echo "make fuzz [TARGET=json] [INPUTS=10000000] [SEED=1] [JOBS=1]   what nobody would send, to whatever reads bytes from outside"
	@echo "make sanitize [SANITIZER=thread]   every test under ThreadSanitizer and AddressSanitizer"
	@echo "make rolling-upgrade [OLD=commit]   a cluster of an older release becomes this one, process by process, under load"
	@echo "make crowd [SCALE=10]        idle, slow and greedy clients by the thousand, and what they cost in memory"
	@echo "make bench [ROUNDS=5]        beside Synapse: a table; more settings are in Benchmarks/run"
	@echo "make bench-growth            whether anything costs more in large rooms, or with many: a table"
	@echo "make bench-large             1,000 rooms, a room of 10,000 members, 5,000 parked syncs: a table"

run:
	@scripts/run

test:
	@scripts/test

fuzz:
	@INPUTS="$(INPUTS)" SEED="$(SEED)" JOBS="$(JOBS)" scripts/fuzz $(TARGET)

sanitize:
	@scripts/sanitize $(SANITIZER)

chaos:
	@scripts/chaos

rolling-upgrade:
	@scripts/rolling-upgrade

crowd:
	@scripts/crowd

test-clients:
	@scripts/test-clients

build:
	@scripts/build-release

cluster:
	@deploy/local/start "$(REPLICAS)"

cluster-stop:
	@deploy/local/stop

bench:
	@scripts/install-packages bench
	@ROUNDS="$(ROUNDS)" SCENARIOS="$(SCENARIOS)" MODES="$(MODES)" Benchmarks/run

bench-growth:
	@scripts/install-packages bench
	@Benchmarks/grow

bench-large:
	@scripts/install-packages bench
	@Benchmarks/large
