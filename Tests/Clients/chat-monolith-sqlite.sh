# Two people chat through one process with SQLite and the built-in bus.
. "$(dirname "$0")/monolith.bash" sqlite
"$PYTHON" "$(dirname "$0")/chat.py" "$url"
