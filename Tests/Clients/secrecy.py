"""Two people chat, logged at trace level; afterwards no password, token or key of theirs stands in the clear in a log or in a
file that the server keeps.

    secrecy.py HOMESERVER_URL FOLDER KEY_FILE
"""
import base64
import hashlib
import hmac
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

URL, FOLDER, KEY_FILE = sys.argv[1:4]
CLIENT = "/_matrix/client/v3"
secrets = {}


def ask(method, path, body=None, token=None, status=200):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(URL + path, data, headers, method=method), timeout=30) as answer:
            code, content = answer.status, answer.read()
    except urllib.error.HTTPError as refusal:
        code, content = refusal.code, refusal.read()
    assert code == status, (method, path, code, content)
    return json.loads(content)


def secret(name, text):
    secrets[name] = text
    return text


def chat():
    user = {"type": "m.id.user", "user": "alice"}
    password = secret("password", "Alice's pass phrase, 25 letters")
    session = secret("UIA session", ask("POST", f"{CLIENT}/register", {"username": "alice", "password": password}, status=401)["session"])
    register = {"auth": {"type": "m.login.dummy", "session": session}}
    alice = secret("token of registration", ask("POST", f"{CLIENT}/register", register)["access_token"])
    bob = ask("POST", f"{CLIENT}/register", {
        "username": "bob", "password": secret("Bob's password", "a pass phrase of Bob's own"), "auth": {"type": "m.login.dummy"}})
    secret("Bob's token", bob["access_token"])
    login = {"type": "m.login.password", "identifier": user, "password": password}
    token = secret("token of login", ask("POST", f"{CLIENT}/login", login)["access_token"])
    ask("POST", f"{CLIENT}/login", {**login, "password": secret("wrong password", "not her pass phrase at all")}, status=403)
    unknown = secret("unknown token", "a-token-that-nobody-ever-had")
    for name in ("access_token", "%61ccess_token", "ACCESS_TOKEN"):
        ask("GET", f"{CLIENT}/account/whoami?{name}={unknown}", status=401)
    ask("GET", f"{CLIENT}/account/whoami?access_token={token}")
    ask("GET", f"{CLIENT}/nothing/here?access_token={token}", status=404)
    ask("GET", f"{CLIENT}/account/whoami", token=unknown, status=401)
    room = ask("POST", f"{CLIENT}/createRoom", {"preset": "public_chat"}, token)["room_id"]
    quoted = urllib.parse.quote(room, safe="")
    ask("POST", f"{CLIENT}/join/{quoted}", {}, bob["access_token"])
    ask("PUT", f"{CLIENT}/rooms/{quoted}/send/m.room.message/1", {"msgtype": "m.text", "body": "x"}, token)
    ask("PUT", f"{CLIENT}/rooms/{quoted}/send/m.room.message/2?access_token={token}", {"msgtype": "m.text", "body": "\ud800"}, status=400)
    ask("GET", f"{CLIENT}/sync?access_token={token}")
    ask("PUT", f"{CLIENT}/user/%40alice%3Alocalhost/account_data/org.example", {"a": 1}, token)
    changed = secret("new password", "Alice's newer pass phrase here")
    ask("POST", f"{CLIENT}/account/password", {"new_password": changed, "auth": {**login, "session": ask(
        "POST", f"{CLIENT}/account/password", {"new_password": changed}, token, status=401)["session"]}}, token)
    shared = secret("registration secret", "the shared secret of registration")
    nonce = ask("GET", "/_synapse/admin/v1/register")["nonce"]
    admins = secret("admin's password", "the pass phrase of an admin")
    mac = hmac.new(shared.encode(), "\0".join([nonce, "carol", admins, "admin"]).encode(), hashlib.sha1).hexdigest()
    made = ask("POST", "/_synapse/admin/v1/register", {
        "nonce": nonce, "username": "carol", "password": admins, "admin": True, "mac": mac})
    secret("admin's token", made["access_token"])
    ask("POST", f"{CLIENT}/logout", {}, alice, status=401)
    key = open(KEY_FILE).read()
    secret("signing key", max((line for line in key.splitlines() if "-" not in line and ":" not in line), key=len).strip("= "))


def forms(text):
    """How it may stand in a file."""
    raw = text.encode()
    yield raw
    yield json.dumps(text)[1:-1].encode()
    yield urllib.parse.quote(text).encode()
    yield urllib.parse.quote_plus(text).encode()
    yield base64.b64encode(raw).rstrip(b"=")
    yield raw.hex().encode()


def found():
    for folder, _, names in os.walk(FOLDER):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.samefile(path, KEY_FILE) or name == "dendrite.yaml": continue
            content = open(path, "rb").read()
            for what, text in secrets.items():
                if any(form in content for form in forms(text)): yield f"{os.path.relpath(path, FOLDER)} has the {what}"


chat()
left = sorted(found())
sizes = {name: os.path.getsize(os.path.join(FOLDER, name)) for name in os.listdir(FOLDER) if os.path.isfile(os.path.join(FOLDER, name))}
assert sizes.get("server.log", 0) > 5000, "there is no log at this level"
for line in left: print(line)
if left: sys.exit(f"{len(left)} secrets in the clear")
print(f"none of {len(secrets)} secrets in {len(sizes)} files")
