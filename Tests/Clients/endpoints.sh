# Every endpoint that the specification has is known, or its absence is.
. "$(dirname "$0")/monolith.bash" sqlite
"$PYTHON" "$(dirname "$0")/endpoints.py" "$url"
