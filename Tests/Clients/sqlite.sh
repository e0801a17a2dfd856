# One process with SQLite and the built-in bus.
. "$(dirname "$0")/server.bash" sqlite
tell chat life_nio life_mautrix endpoints malformed
