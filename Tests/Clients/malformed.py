"""Asks every route of the sources for what no client should ask. Whatever comes, the answer is Matrix's: no 5xx, no hang, no
closed connection, an errcode, and nothing internal in the text.

    malformed.py HOMESERVER_URL [SHARE]

With a SHARE, one in so many questions is asked.
"""
import glob
import http.client
import json
import os
import re
import socket
import sys
import time
import urllib.parse

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
INTERNAL = re.compile(
    r"Sources/|\.swift|SQL|sqlite|postgres|libpq|NIO|Optional\(|DatabaseError|DecodingError|CancellationError|syntax error|"
    r"constraint|column|0x[0-9a-f]{6}", re.I)
BY_NGINX = re.compile(rb"<center>nginx(/[\d.]+)?</center>")
LONGEST = 15

LONG, WHOLE = "x" * 300, "y" * (1 << 20)
# As they stand in a path or a query: percent-encoded, well or badly.
PIECES = [
    "%00", "a%00b", "%FF", "%C0%80", "%ED%A0%80", "%ZZ", "%", "%F0%9F%92%A9", "%2F", "..", ".", "*", "%0D%0A", "%7F", "%20",
    "a%2520b", LONG, "%40" + LONG + "%3Alocalhost", "x" * 8000, "-1", "0", "9223372036854775807", "9223372036854775808", "1.5",
    "1e9", "true", "null", "%7B%7D", "%5B%5D", "@", "%40a", "%40%3A", "%40a%3A", "%21", "%21x%3A", "%21x%3Ay", "%23%3A",
    "%23nowhere%3Alocalhost", "%23x%3Aelsewhere.example", "%40nobody%3Alocalhost", "%40x%3Aelsewhere.example", "%24event",
    "s1_", "s1_-1", "s1_99999999999999999999", "s1_9223372036854775807", "s9_1", "%26", "'%3B--", "",
]
# What the routes with these endings read from the query; the others are only asked with the token.
QUERIES = {
    "/sync": "since timeout filter full_state set_presence use_state_after", "/messages": "from to dir limit filter",
    "/publicRooms": "limit since server", "/members": "at membership not_membership", "/register": "kind",
    "/register/available": "username", "{stateKey}": "format", "/context/{eventId}": "limit filter", "/devices": "user_id",
    "{mediaId}": "allow_remote timeout_ms allow_redirect", "/upload": "filename",
}
# In the place of a field's value; raw JSON.
VALUES = [
    "null", "true", "-1", "0", "1.5", "1e400", "-1e400", "9223372036854775807", "9223372036854775808", "9007199254740993", '""',
    '"\\u0000"', '"a\\u0000b"', '"\\ud800"', '"\\udc00\\ud800"', '"\\uffff"', '" "', '"*"', '"\\r\\n"', '"@a:b"', '"!a:b"',
    '"@nobody:localhost"', '"@x:elsewhere.example"', f'"{LONG}"', f'"@{LONG}:localhost"', f'"{"z" * 60000}"', f'"{"z" * 200000}"',
    "[]", "{}", "[null]", "[1,\"a\",{}]", '{"a":1}', '{"":null}', '{"\\u0000":"\\u0000"}', "[" * 300 + "]" * 300,
    "[" + ",".join(f'"@u{i}:localhost"' for i in range(3000)) + "]",
]
BODIES = [
    b"", b" ", b"{", b"}", b"[]", b"null", b"1", b'"x"', b"nope", b"{}{}", b"{} x", b"\xef\xbb\xbf{}", b'{"a":}', b"{'a':1}", b'{"a":1,}',
    b'{"a":NaN}', b'{"a":01}', b'{"a":"\xff"}', b'{"a":"\xed\xa0\x80"}', b'{"a":"\\ud800"}', b'{"a":"\x00"}', b'{"a":"\\u0000"}', b'{"\\u0000":1}',
    b'{"a":1,"a":2}', b"{}", b'{"a":1e999}', b'{"a":' + b"9" * 400 + b"}", b"[" * 10_000 + b"]" * 10_000,
    b'{"a":' * 10_000 + b"1" + b"}" * 10_000, b'{"a":' * 90 + b"1" + b"}" * 90,
    ("{" + ",".join(f'"k{i}":{i}' for i in range(100_000)) + "}").encode(), ('{"a":"' + WHOLE + '"}').encode(),
    ('{"a":"' + WHOLE[:900_000] + '"}').encode(), b"\x00" * 100, b"\xff" * 100,
]
PASSWORD = "secret of malformed"
MEMBER = {"user_id": "@nobody:localhost", "reason": "r"}
TEMPLATES = {
    "login": {
        "type": "m.login.password", "identifier": {"type": "m.id.user", "user": "malformed"}, "password": PASSWORD, "device_id": "D",
        "initial_device_display_name": "n"},
    "register": {
        "username": "malformed1", "password": "p", "auth": {"type": "m.login.dummy", "session": "s"}, "device_id": "D",
        "initial_device_display_name": "n", "inhibit_login": False},
    "account/password": {
        "new_password": PASSWORD, "logout_devices": False,
        "auth": {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": "malformed"}, "password": PASSWORD}},
    "devices/{deviceId}": {"display_name": "x", "auth": {"type": "m.login.password", "session": "x"}},
    "delete_devices": {"devices": ["x"], "auth": {"type": "m.login.password", "session": "x"}},
    "profile/{userId}/displayname": {"displayname": "x"},
    "profile/{userId}/avatar_url": {"avatar_url": "mxc://localhost/x"},
    "profile/{userId}/{keyName}": {"displayname": "x", "avatar_url": "mxc://localhost/x"},
    "pushers/set": {
        "pushkey": "k", "kind": "http", "app_id": "a", "app_display_name": "A", "device_display_name": "D", "lang": "en",
        "profile_tag": "t", "append": True, "data": {"url": "https://push.example/_matrix/push/v1/notify", "format": "event_id_only"}},
    "createRoom": {
        "visibility": "private", "preset": "private_chat", "room_alias_name": "a", "name": "n", "topic": "t",
        "invite": ["@nobody:localhost"], "invite_3pid": [], "room_version": "11", "creation_content": {"m.federate": True, "type": "t"},
        "initial_state": [{"type": "m.room.x", "state_key": "", "content": {}}], "is_direct": True,
        "power_level_content_override": {"users": {}, "events": {}, "ban": 50, "users_default": 0}},
    "invite": MEMBER, "kick": MEMBER, "ban": MEMBER, "unban": MEMBER,
    "join": {"reason": "r", "third_party_signed": {}}, "join/{roomIdOrAlias}": {"reason": "r", "third_party_signed": {}},
    "leave": {"reason": "r"}, "forget": {},
    "state/m.room.power_levels": {
        "users": {"@malformed:localhost": 100}, "events": {"m.room.name": 50}, "ban": 50, "kick": 50, "invite": 0, "redact": 50,
        "state_default": 50, "events_default": 0, "users_default": 0, "notifications": {"room": 50}},
    "state/m.room.member/@malformed:localhost": {
        "membership": "join", "displayname": "d", "avatar_url": "u", "is_direct": True, "third_party_invite": {"signed": {}},
        "join_authorised_via_users_server": "@malformed:localhost"},
    "state/m.room.join_rules": {"join_rule": "restricted", "allow": [{"type": "m.room_membership", "room_id": "!x:y"}]},
    "state/m.room.history_visibility": {"history_visibility": "shared"},
    "state/m.room.canonical_alias": {"alias": "#a:localhost", "alt_aliases": ["#b:localhost"]},
    "state/m.room.create": {"room_version": "11", "creator": "@x:y", "additional_creators": [], "m.federate": True},
    "state/m.room.third_party_invite/t": {"display_name": "d", "public_key": "k", "key_validity_url": "u", "public_keys": [{}]},
    "state/m.room.name": {"name": "n"},
    "state/m.room.topic": {"topic": "n"},
    "state/m.room.server_acl": {"allow": ["*"], "deny": [], "allow_ip_literals": True},
    "state/m.room.guest_access": {"guest_access": "can_join"},
    "state/m.room.tombstone": {"body": "b", "replacement_room": "!x:y"},
    "send/m.room.message/{txnId}": {"msgtype": "m.text", "body": "b", "m.relates_to": {"event_id": "$x", "rel_type": "m.thread"}},
    "send/m.room.redaction/{txnId}": {"redacts": "$x", "reason": "r"},
    "send/m.room.create/{txnId}": {"room_version": "11"},
    "redact/{eventId}/{txnId}": {"reason": "r"},
    "directory/room/{roomAlias}": {"room_id": "!x:localhost"},
    "directory/list/room/{roomId}": {"visibility": "public"},
    "publicRooms": {
        "limit": 10, "since": "x", "filter": {"generic_search_term": "x", "room_types": [None]}, "include_all_networks": True,
        "third_party_instance_id": "x"},
    "typing/{userId}": {"typing": True, "timeout": 1},
    "receipt/{receiptType}/{eventId}": {"thread_id": "main"},
    "read_markers": {"m.fully_read": "$x", "m.read": "$x", "m.read.private": "$x"},
    "user/{userId}/filter": {
        "event_fields": ["a"], "event_format": "client", "presence": {"limit": 1, "types": ["*"]}, "account_data": {"limit": 1},
        "room": {"rooms": [], "include_leave": True, "timeline": {"limit": 1, "types": ["m.*"], "lazy_load_members": True},
                 "state": {"not_types": ["*"]}, "ephemeral": {}, "account_data": {}}},
    "account_data/{type}": {"a": 1},
    "_synapse/admin/v1/register": {
        "nonce": "n", "username": "u", "password": "p", "admin": False, "mac": "00", "user_type": "x", "displayname": "d"},
}


def routes():
    """(method, path) of every endpoint, read from the tables in the sources."""
    found = set()
    for name in glob.glob(os.path.join(ROOT, "Sources/Components/**/*Routes*.swift"), recursive=True):
        text = open(name).read()
        names = dict(re.findall(r'(\w+) = "([^"]*)"', text))
        for method, path in re.findall(r'\.(get|put|post|delete)\(\s*"([^"]+)"', text):
            while "\\(" in path:
                path = re.sub(r"\\\((\w+)\)", lambda match: names[match[1]], path)
            path = re.sub(r"\(([^)]*)\)", lambda match: match[1].split("|")[-1], path)
            found.add((method.upper(), path))
    assert len(found) > 60, "the routes are not where they were"
    return sorted(found)


# Not quite HTTP; the server answers or closes, at once.
RAW = [
    b"\r\n\r\n", b"\x00\x00\x00\x00\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 200, b"GET\r\n\r\n", b"GET /\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n", b"GET  /  HTTP/1.1\r\n\r\n", b"get / HTTP/1.1\r\nHost: x\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", b"GET http://x/_matrix/client/versions HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nA\x00: y\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost x\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 5000 + b"\r\n", b"GET / HTTP/1.1\r\nA: " + b"b" * 200_000 + b"\r\n\r\n",
    b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"A" * 200_000,
    b"POST /_matrix/client/v3/login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n{}",
    b"POST /_matrix/client/v3/login HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n{}",
    b"POST /_matrix/client/v3/login HTTP/1.1\r\nHost: x\r\nContent-Length: 9223372036854775807\r\n\r\n{}",
    b"POST /_matrix/client/v3/login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    b"POST /_matrix/client/v3/login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /_matrix/client/v3/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n",
    b"POST /_matrix/client/v3/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n{}\r\n",
    b"POST /_matrix/client/v3/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n{}",
    b"POST /_matrix/client/v3/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
    b"POST /_matrix/client/v3/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
    b"POST /_matrix/client/v3/login HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n" + b"x" * 3_000_000,
    b"POST /_matrix/client/v3/login HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4000000\r\n\r\n" + b"x" * 3_000_000,
    b"GET /_matrix/client/versions HTTP/1.1\r\nHost: x\r\n\r\n" * 200,
]


class Malformed:
    def __init__(self, url, user="malformed", share=1):
        where = urllib.parse.urlsplit(url)
        self.user, self.share, self.turn = user, share, 0
        self.host, self.port = where.hostname, where.port
        self.connection, self.faults, self.asked, self.slowest = None, {}, 0, (0, "")
        self.token = self.guest = None

    def send(self, method, target, body=None, token=None, headers=None):
        headers = dict(headers or {})
        if token: headers["Authorization"] = "Bearer " + token
        for fresh in (False, True):
            if self.connection is None:
                self.connection, fresh = http.client.HTTPConnection(self.host, self.port, timeout=LONGEST + 5), True
            try:
                self.connection.putrequest(method, target, skip_accept_encoding=True)
                if body is not None: self.connection.putheader("Content-Length", str(len(body)))
                for name, value in headers.items(): self.connection.putheader(name, value)
                self.connection.endheaders(body if body else None)
                answer = self.connection.getresponse()
                content = answer.read()
                if answer.will_close: self.close()
                return answer, content
            except (http.client.HTTPException, OSError) as error:
                self.close()
                if fresh: return None, repr(error).encode()

    def close(self):
        if self.connection: self.connection.close()
        self.connection = None

    def ask(self, what, method, target, body=None, token=None, headers=None):
        """Asks, and notes what is wrong with the answer."""
        self.turn += 1
        if self.turn % self.share: return None
        self.asked += 1
        began = time.monotonic()
        answer, content = self.send(method, target, body, token, headers)
        took = time.monotonic() - began
        if took > self.slowest[0]: self.slowest = (took, f"{method} {target[:120]} {what}")
        def fault(text): self.faults.setdefault((text[:90], method, what.split(":")[0]), f"{target[:200]} {what}: {text[:400]}")
        if answer is None: return fault(f"no answer: {content.decode()}")
        if took > LONGEST: fault(f"took {took:.1f} s")
        if answer.status >= 500: fault(f"status {answer.status}: {content[:300]!r}")
        if answer.status < 400 or answer.status in (413, 414, 431) and not content: return answer.status, content
        # What is not even HTTP, an nginx in front refuses in its own way.
        if answer.status < 500 and BY_NGINX.search(content): return answer.status, content
        try:
            error = json.loads(content)
            if not isinstance(error, dict): raise ValueError
        except ValueError:
            fault(f"{answer.status} without JSON: {content[:100]!r}")
            return answer.status, content
        # User-interactive authentication answers 401 with flows; the errcode is optional there.
        if not str(error.get("errcode", "")).startswith("M_") and not (answer.status == 401 and "flows" in error):
            fault(f"{answer.status} without errcode: {content[:200]!r}")
        if INTERNAL.search(str(error.get("error", ""))): fault(f"internal text: {error.get('error')}")
        if len(content) > 20_000: fault(f"{answer.status} of {len(content)} bytes")
        if error.get("errcode") == "M_UNKNOWN_TOKEN" and token and token == self.token: self.log_in()
        return answer.status, content

    def call(self, method, path, body=None, token=None):
        answer, content = self.send(
            method, path, None if body is None else json.dumps(body).encode(), token)
        assert answer is not None and answer.status == 200, (method, path, answer and answer.status, content)
        return json.loads(content)

    def log_in(self):
        identifier = {"type": "m.id.user", "user": self.user}
        self.token = self.call(
            "POST", "/_matrix/client/v3/login", {"type": "m.login.password", "identifier": identifier, "password": PASSWORD})["access_token"]

    def prepare(self):
        register = {"username": self.user, "password": PASSWORD, "auth": {"type": "m.login.dummy"}}
        self.call("POST", "/_matrix/client/v3/register", register)
        other = self.call("POST", "/_matrix/client/v3/register", {**register, "username": self.user + "-other"})["access_token"]
        answer, content = self.send("POST", "/_matrix/client/v3/register?kind=guest", b"{}")
        if answer is not None and answer.status == 200: self.guest = json.loads(content)["access_token"]
        self.log_in()
        room = self.call("POST", "/_matrix/client/v3/createRoom", {"preset": "public_chat"}, self.token)["room_id"]
        self.foreign = self.call("POST", "/_matrix/client/v3/createRoom", {"preset": "private_chat"}, other)["room_id"]
        quoted = urllib.parse.quote(room, safe="")
        event = self.call(
            "PUT", f"/_matrix/client/v3/rooms/{quoted}/send/m.room.message/1", {"msgtype": "m.text", "body": "x"}, self.token)["event_id"]
        self.values = {
            "userId": f"@{self.user}:localhost", "roomId": room, "roomIdOrAlias": room, "eventId": event, "eventType": "m.room.message",
            "stateKey": "", "txnId": "t1", "roomAlias": f"#{self.user}:localhost", "deviceId": "D", "filterId": "1",
            "keyName": "displayname", "type": "org.example", "kind": "override", "ruleId": ".m.rule.master", "serverName": "localhost",
            "mediaId": "x", "fileName": "f", "receiptType": "m.read",
        }

    def rejoin(self):
        """Back into the room, which some requests leave."""
        self.send("POST", self.path("/_matrix/client/v3/rooms/{roomId}/join"), b"{}", self.token)

    def path(self, template, **instead):
        """`template` with good values, but for those given, which are percent-encoded already."""
        def value(match):
            name = match[1]
            return instead[name] if name in instead else urllib.parse.quote(self.values.get(name, "x"), safe="")
        path = re.sub(r"\{(\w+)\}", value, template)
        # It waits for half a minute unless it is told otherwise.
        return path + "?timeout=0" if path.endswith("/v3/events") or path.endswith("/r0/events") else path

    def walk(self):
        for method, template in routes():
            body = b"{}" if method in ("PUT", "POST") else None
            ends_session = "/logout" in template
            self.rejoin()
            for token in ("", "nonsense", "x" * 5000, self.guest) if self.guest else ("", "nonsense", "x" * 5000):
                if not (ends_session and token == self.guest): self.ask("token", method, self.path(template), body, token)
            for header in ("Bearer", "Bearer  ", "Basic eDp5", "bearer \xff", "X-Matrix a"):
                self.ask(f"header: {header}", method, self.path(template), body, None, {"Authorization": header.encode("latin-1")})
            if ends_session: continue
            for other in {"GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"} - {method}:
                if (other, template) not in routes(): self.ask("method", other, self.path(template), body, self.token)
            for name in re.findall(r"\{(\w+)\}", template):
                for piece in PIECES: self.ask(f"{name}: {piece[:40]}", method, self.path(template, **{name: piece}), body, self.token)
            if "{roomId}" in template:
                foreign = urllib.parse.quote(self.foreign, safe="")
                self.ask("a foreign room", method, self.path(template, roomId=foreign), body, self.token)
            if method == "GET" or template.endswith("/upload"): self.queries(method, template)
            if body is not None: self.bodies(method, template)
        self.templates()
        for request in RAW: self.raw(request)
        self.many_polls()

    def raw(self, request):
        """Sends bytes and says that it is all; whatever comes back is no 5xx, and the connection ends."""
        self.asked += 1
        began = time.monotonic()
        with socket.create_connection((self.host, self.port), timeout=LONGEST) as connection:
            answer = b""
            try:
                connection.sendall(request)
                connection.shutdown(socket.SHUT_WR)
                while piece := connection.recv(1 << 16): answer += piece
            except ConnectionError: pass
            except TimeoutError: self.faults["raw", "-", str(request[:60])] = f"{request[:200]!r} is not answered in {LONGEST} s"
        if re.search(rb"HTTP/1.1 5(?!05|01)", answer): self.faults["raw", "5xx", str(request[:60])] = f"{request[:200]!r}: {answer[:200]!r}"
        self.slowest = max(self.slowest, (time.monotonic() - began, f"raw {request[:60]!r}"))

    def many_polls(self):
        """More long polls of one user than are kept: the oldest are answered, the others wait, and go when the client does."""
        since = self.call("GET", "/_matrix/client/v3/sync", token=self.token)["next_batch"]
        polls = []
        for _ in range(300):
            self.asked += 1
            poll = socket.create_connection((self.host, self.port), timeout=LONGEST)
            poll.sendall((
                f"GET /_matrix/client/v3/sync?since={since}&timeout=99999999999999 HTTP/1.1\r\nHost: x\r\n"
                f"Authorization: Bearer {self.token}\r\n\r\n").encode())
            polls.append(poll)
        try:
            if not polls[0].recv(1 << 16).startswith(b"HTTP/1.1 200"): self.faults["polls", "-", "-"] = "the oldest of 300 long polls was refused"
        except TimeoutError: self.faults["polls", "-", "-"] = "300 long polls of one user are all kept"
        for poll in polls: poll.close()

    def queries(self, method, template):
        path = self.path(template)
        path += "&" if "?" in path else "?"
        names = [name for ending, names in QUERIES.items() if template.endswith(ending) for name in names.split()]
        for name in names + ["access_token"]:
            for piece in PIECES: self.ask(f"{name}={piece[:40]}", method, f"{path}{name}={piece}", None, self.token)
        for query in ("&&&", "=", "?", "%", "a=%", "a" * 8000, "&".join(["a=b"] * 2000), "dir=b&" * 1000, "dir=b&limit=-1",
                      "dir=f&limit=9223372036854775808", "dir=f&limit=0", "dir=b&from=s1_99999999999&limit=10", "dir=f&from=s1_9223372036854775807",
                      "dir=b&from=s1_-5&to=s1_-9", "dir=b&to=s1_9223372036854775807", "timeout=0&since=s1_9223372036854775807", "timeout=0&since=s1_-1",
                      "filter=%7B%22room%22%3A1%7D", "filter=%7B%22room%22%3A%7B%22timeline%22%3A%7B%22limit%22%3A-1%7D%7D%7D",
                      "filter=%7B%22room%22%3A%7B%22timeline%22%3A%7B%22limit%22%3A9223372036854775807%7D%7D%7D",
                      "dir=b&filter=%7B%22limit%22%3A-9223372036854775808%7D", "filter=" + "%5B" * 1000, "filter=%7B" + "%22a%22%3A%7B" * 500):
            self.ask(f"query: {query[:60]}", method, f"{path}{query}", None, self.token)

    def bodies(self, method, template):
        token = self.token
        for body in BODIES: self.ask(f"body: {body[:30]!r} of {len(body)}", method, self.path(template), body, token)

    def templates(self):
        """Each field of each known body in turn missing or replaced."""
        known = routes()
        for suffix, good in TEMPLATES.items():
            target = self.target(suffix, known)
            if target is None: continue
            for method, template in target:
                for path in fields(good):
                    self.rejoin()
                    for value in [None] + VALUES:
                        body = replaced(good, path, value).encode()
                        what = f"field {'.'.join(map(str, path))}: {str(value)[:40]} of {len(str(value))}"
                        answer = self.ask(what, method, self.path(template), body, self.token)
                        if path == ("new_password",) and answer and answer[0] == 200: self.restore_password(json.loads(value))

    def restore_password(self, changed):
        body = json.loads(json.dumps(TEMPLATES["account/password"]))
        body["auth"]["password"] = changed
        self.call("POST", "/_matrix/client/v3/account/password", body, self.token)

    @staticmethod
    def target(suffix, known):
        exact = [(method, path) for method, path in known if path.endswith("/" + suffix) and method in ("PUT", "POST")]
        if exact: return exact
        head = "/_matrix/client/v3/rooms/{roomId}/"
        if suffix.startswith(("state/", "send/")): return [("PUT", head + suffix)]
        if suffix.startswith("profile/"): return [("PUT", "/_matrix/client/v3/" + suffix)]
        return None


def fields(value, path=()):
    """The paths to every field of a body."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield path + (key,)
        yield from fields(inner, path + (key,))


def replaced(value, path, raw):
    """A body as JSON text in which one field is missing (None) or something else."""
    if not path: return raw
    items = value.items() if isinstance(value, dict) else enumerate(value)
    parts = []
    for key, inner in items:
        text = json.dumps(inner) if key != path[0] else replaced(inner, path[1:], raw)
        if text is None: continue
        parts.append(f"{json.dumps(key)}:{text}" if isinstance(value, dict) else text)
    return ("{%s}" if isinstance(value, dict) else "[%s]") % ",".join(parts)


def main():
    driver = Malformed(sys.argv[1], share=int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    driver.prepare()
    began = time.monotonic()
    driver.walk()
    driver.log_in()
    answer, _ = driver.send("GET", "/_matrix/client/v3/account/whoami", None, driver.token)
    assert answer is not None and answer.status == 200, "the server does not serve any more"
    print(f"{driver.asked} malformed requests in {time.monotonic() - began:.0f} s, slowest {driver.slowest[0]:.2f} s: {driver.slowest[1]}")
    for (_, method, _), text in sorted(driver.faults.items()): print("FAULT", method, text)
    if driver.faults: sys.exit(f"{len(driver.faults)} faults")


if __name__ == "__main__": main()
