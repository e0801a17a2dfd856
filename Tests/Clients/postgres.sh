# One process with PostgreSQL and the built-in bus.
. "$(dirname "$0")/server.bash" postgres
tell chat life_nio life_mautrix endpoints malformed
