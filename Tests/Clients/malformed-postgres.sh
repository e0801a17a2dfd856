# What no client should ask, asked of one process with PostgreSQL: nothing fails but the request.
. "$(dirname "$0")/monolith.bash" postgres
"$PYTHON" "$(dirname "$0")/malformed.py" "$url"
if grep -E 'level=(error|critical)' "$work/server.log"; then echo "the server logged errors" >&2; exit 1; fi
