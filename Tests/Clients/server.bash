# server.bash: sourced by stories as ". server.bash MODE". Starts a private homeserver, sets url to where it listens, and leaves
# nothing behind when the story ends. MODE is
#   sqlite, postgres   one process, with that database and the built-in bus
#   polylith           two processes of each component, with PostgreSQL and NATS, behind nginx
# A story may set monolith_more (YAML) and monolith_client_more (YAML of client_api) before.
#   STORIES="NAME…"             tell only these
#   CLUSTER_PORT_OFFSET=NUMBER  where the ports of the polylith are, for a second one on the machine (11000)
set -euo pipefail
mode=$1
clients=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
pids=()
postgres_data=
finish() {
    local status=$?
    if [ -d "$work/run" ]; then CLUSTER_DATA=$work "$REPOSITORY/deploy/local/stop" >/dev/null || true; fi
    for pid in "${pids[@]}"; do
        kill -INT "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    if [ $status != 0 ]; then tail -n 30 "$work"/server.log "$work"/logs/*.log >&2 2>/dev/null || true; fi
    rm -rf "$work" ${postgres_data:+"$postgres_data"}
}
trap finish EXIT

# tell STORY[=ARGUMENT]…: has each of them told, also those after one that failed. The server is to log no error all the while.
tell() {
    local told story argument began failed=
    for told in "$@"; do
        IFS== read -r story argument <<<"$told"
        [[ " ${STORIES:-$story} " == *" $story "* ]] || continue
        began=$SECONDS
        if timeout --kill-after=5 400 "$PYTHON" "$clients/$story.py" "$url" ${argument:+"$argument"}; then
            echo "$mode: $story took $((SECONDS - began)) s"
        else
            failed="$failed $story"
        fi
    done
    # Nor is nginx to think that a replica is ill.
    if grep -hE 'level=(error|critical)|\[error\].* upstream' "$work"/server.log "$work"/logs/*.log 2>/dev/null; then
        failed="$failed (errors in the log)"
    fi
    [ -z "$failed" ] || { echo "$mode: failed:$failed" >&2; return 1; }
}

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
    if [ "$mode" = sqlite ]; then echo "file:$work/$1.db"; else echo "postgresql://postgres@127.0.0.1:$postgres_port/postgres?sslmode=disable"; fi
}

start_postgres() {
    local bin as_postgres=()
    bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    postgres_port=$(free_port) postgres_data=$(mktemp -d)
    if [ "$(id -u)" = 0 ]; then as_postgres=(setpriv --reuid=postgres --regid=postgres --init-groups --); chown postgres "$postgres_data"; fi
    (cd / && "${as_postgres[@]}" "$bin/initdb" -D "$postgres_data/data" -U postgres -A trust -E UTF8 --locale=C >"$work/initdb.log")
    (cd / && exec "${as_postgres[@]}" "$bin/postgres" -D "$postgres_data/data" -c listen_addresses=127.0.0.1 -c port="$postgres_port" \
        -c unix_socket_directories= -c fsync=off) >"$work/postgres.log" 2>&1 &
    pids+=($!)
    await "$postgres_port" $!
    until "$bin/psql" -q -h 127.0.0.1 -p "$postgres_port" -U postgres -d postgres -c "SELECT 1" >/dev/null 2>&1; do sleep 0.1; done
}

start_monolith() {
    local port section
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
}

start_polylith() {
    export CLUSTER_PORT_OFFSET=${CLUSTER_PORT_OFFSET:-11000}
    export CLUSTER_DATA=$work CLUSTER_PORT=$((CLUSTER_PORT_OFFSET + 7808))
    export CLUSTER_POSTGRES_PORT=$((CLUSTER_PORT + 24)) CLUSTER_NATS_PORT=$((CLUSTER_PORT + 14))
    # As root, PostgreSQL's files are where deploy/local/start puts them.
    postgres_data=/var/tmp/dendrite-cluster-$(printf %s "$work" | cksum | cut -d' ' -f1)
    OPEN_REGISTRATION=yes RATE_LIMITING=no BCRYPT_COST=4 "$REPOSITORY/deploy/local/start" 2 >"$work/start.log" || { cat "$work/start.log" >&2; exit 1; }
    url=http://127.0.0.1:$CLUSTER_PORT
}

case $mode in
    sqlite) start_monolith ;;
    postgres) start_postgres && start_monolith ;;
    polylith) start_polylith ;;
    *) echo "server.bash: sqlite, postgres or polylith?" >&2; exit 2 ;;
esac
