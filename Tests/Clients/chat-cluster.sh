# Two people chat through eight processes, two of each, with PostgreSQL, NATS and nginx.
set -euo pipefail
CLUSTER_DATA=$(mktemp -d) CLUSTER_PORT=18808 CLUSTER_POSTGRES_PORT=18832 CLUSTER_NATS_PORT=18822 CLUSTER_PORT_OFFSET=11000
OPEN_REGISTRATION=yes
export CLUSTER_DATA CLUSTER_PORT CLUSTER_POSTGRES_PORT CLUSTER_NATS_PORT CLUSTER_PORT_OFFSET OPEN_REGISTRATION
finish() {
    status=$?
    if [ $status != 0 ]; then tail -n 20 "$CLUSTER_DATA"/logs/*.log >&2 || true; fi
    "$REPOSITORY/deploy/local/stop" >/dev/null || true
    rm -rf "$CLUSTER_DATA" "/var/tmp/dendrite-cluster-$(printf %s "$CLUSTER_DATA" | cksum | cut -d' ' -f1)"
}
trap finish EXIT
"$REPOSITORY/deploy/local/start" 2
"$PYTHON" "$(dirname "$0")/chat.py" "http://127.0.0.1:$CLUSTER_PORT"
