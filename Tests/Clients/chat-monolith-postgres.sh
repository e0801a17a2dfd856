# Two people chat through one process with PostgreSQL and the built-in bus.
. "$(dirname "$0")/monolith.bash" postgres
"$PYTHON" "$(dirname "$0")/chat.py" "$url"
