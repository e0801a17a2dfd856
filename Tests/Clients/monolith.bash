# monolith.bash: sourced by stories as ". monolith.bash DATABASE". Starts a private monolith with that database ("sqlite" or
# "postgres"), sets url to where it listens, and leaves nothing behind when the story ends.
# A story may set monolith_more (YAML) and monolith_client_more (YAML of client_api) before.
set -euo pipefail
database=$1
work=$(mktemp -d)
pids=()
postgres_data=
finish() {
    local status=$?
    for pid in "${pids[@]}"; do
        kill -INT "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    if [ $status != 0 ]; then tail -n 40 "$work/server.log" >&2 || true; fi
    rm -rf "$work" ${postgres_data:+"$postgres_data"}
}
trap finish EXIT

free_port() { "$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# await PORT PID: until somebody listens there.
await() {
    for _ in $(seq 600); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return; fi
        kill -0 "$2" 2>/dev/null || { echo "the process for port $1 has ended" >&2; return 1; }
        sleep 0.1
    done
    echo "nobody listens on port $1" >&2
    return 1
}

connection_string() {
    if [ "$database" = sqlite ]; then echo "file:$work/$1.db"; else echo "postgresql://postgres@127.0.0.1:$postgres_port/postgres?sslmode=disable"; fi
}

if [ "$database" = postgres ]; then
    postgres_bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    postgres_port=$(free_port) postgres_data=$(mktemp -d)
    as_postgres=()
    if [ "$(id -u)" = 0 ]; then as_postgres=(setpriv --reuid=postgres --regid=postgres --init-groups --); chown postgres "$postgres_data"; fi
    (cd / && "${as_postgres[@]}" "$postgres_bin/initdb" -D "$postgres_data/data" -U postgres -A trust -E UTF8 --locale=C >"$work/initdb.log")
    (cd / && exec "${as_postgres[@]}" "$postgres_bin/postgres" -D "$postgres_data/data" -c listen_addresses=127.0.0.1 -c port="$postgres_port" \
        -c unix_socket_directories= -c fsync=off) >"$work/postgres.log" 2>&1 &
    pids+=($!)
    await "$postgres_port" $!
    until "$postgres_bin/psql" -q -h 127.0.0.1 -p "$postgres_port" -U postgres -d postgres -c "SELECT 1" >/dev/null 2>&1; do sleep 0.1; done
fi

"$DENDRITE_BIN/generate-keys" --private-key "$work/matrix_key.pem" >/dev/null
{
    cat <<YAML
version: 2
global:
  server_name: localhost
  private_key: $work/matrix_key.pem
  jetstream:
    storage_path: $work
client_api:
  guests_disabled: false
  registration_disabled: false
${monolith_client_more:-}
  rate_limiting:
    enabled: false
media_api:
  base_path: $work/media
  database:
    connection_string: $(connection_string mediaapi)
user_api:
  bcrypt_cost: 4
  account_database:
    connection_string: $(connection_string userapi)
YAML
    for section in app_service_api federation_api key_server room_server sync_api; do
        printf '%s:\n  database:\n    connection_string: %s\n' $section "$(connection_string $section)"
    done
    printf '%s' "${monolith_more:-}"
} >"$work/dendrite.yaml"
port=$(free_port)
"$DENDRITE_BIN/dendrite-monolith-server" --config "$work/dendrite.yaml" --http-bind-address "127.0.0.1:$port" >"$work/server.log" 2>&1 &
pids=($! "${pids[@]}")
await "$port" $!
url=http://127.0.0.1:$port
