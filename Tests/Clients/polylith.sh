# Eight components, two processes of each, with PostgreSQL, NATS and nginx.
. "$(dirname "$0")/server.bash" polylith
tell chat life_nio life_mautrix endpoints
