# What is secret is in no log, database or message in the clear: one process with SQLite and the built-in bus, at trace level.
monolith_more='
logging:
  - type: std
    level: trace
'
monolith_client_more='  registration_shared_secret: the shared secret of registration'
. "$(dirname "$0")/server.bash" sqlite
"$PYTHON" "$(dirname "$0")/secrecy.py" "$url" "$work" "$work/matrix_key.pem"
