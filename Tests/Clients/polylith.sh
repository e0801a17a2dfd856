# Eight components, two processes of each, with PostgreSQL, NATS and nginx.
. "$(dirname "$0")/server.bash" polylith
# Bodies and paths are understood as in one process: a part of them shows what nginx and the calls between processes make of it.
tell chat life_nio life_mautrix endpoints malformed=8
