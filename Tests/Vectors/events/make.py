#!/usr/bin/env python3
"""Writes ids.json: events with the IDs and hashes that Python's json and hashlib give them."""
import base64, hashlib, json, pathlib

TOP = ["event_id", "type", "room_id", "sender", "state_key", "content", "hashes", "signatures", "depth", "prev_events",
       "auth_events", "origin_server_ts"]
LEVELS = ["ban", "events", "events_default", "kick", "redact", "state_default", "users", "users_default"]


def canonical(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def redact(event, version):
    keep = {"m.room.member": ["membership"], "m.room.create": ["creator"], "m.room.join_rules": ["join_rule"],
            "m.room.power_levels": list(LEVELS), "m.room.history_visibility": ["history_visibility"]}
    if version < 6: keep["m.room.aliases"] = ["aliases"]
    if version >= 8: keep["m.room.join_rules"].append("allow")
    if version >= 9: keep["m.room.member"].append("join_authorised_via_users_server")
    if version >= 11:
        keep["m.room.power_levels"].append("invite")
        keep["m.room.redaction"] = ["redacts"]
    top = TOP + ([] if version >= 11 else ["origin", "membership", "prev_state"])
    result = {key: value for key, value in event.items() if key in top}
    if not (version >= 11 and event["type"] == "m.room.create"):
        kept = keep.get(event["type"], [])
        result["content"] = {key: value for key, value in event["content"].items() if key in kept}
    return result


def digest(event, without):
    return hashlib.sha256(canonical({key: value for key, value in event.items() if key not in without})).digest()


def text(digest, version):
    encode = base64.b64encode if version == 3 else base64.urlsafe_b64encode
    return encode(digest).decode().rstrip("=")


contents = {
    "m.room.message": {"body": "h\u00e9llo \U0001f600 \u2028 \" \\ / \n \u0000 \u007f", "n": -9007199254740991, "\ufffd": 1, "\U0001f600": 2},
    "m.room.create": {"creator": "@a:b", "room_version": "?", "m.federate": True, "additional_creators": ["@c:d"]},
    "m.room.power_levels": {**{key: 50 for key in LEVELS}, "events": {"x": 1}, "users": {"@a:b": 100}, "invite": 3},
    "m.room.aliases": {"aliases": ["#a:b"]},
    "m.room.redaction": {"redacts": "$x", "reason": "y"},
    "m.room.join_rules": {"join_rule": "restricted", "allow": [{"type": "m.room_membership", "room_id": "!o:b"}]},
    "m.room.member": {"membership": "join", "displayname": "A", "join_authorised_via_users_server": "@a:b"},
}
known = []
for version in range(3, 13):
    for type, content in contents.items():
        event = {"type": type, "content": content, "sender": "@a:b", "room_id": "!r:b", "depth": 4, "origin": "b",
                 "origin_server_ts": 1700000000000, "prev_events": ["$p"], "auth_events": ["$q", "$r"], "membership": "x",
                 "unsigned": {"age": 1}}
        if type not in ("m.room.message", "m.room.redaction"): event["state_key"] = ""
        if version == 12 and type == "m.room.create": del event["room_id"]
        hash = text(digest(event, ["unsigned", "signatures", "hashes"]), 3)
        event["hashes"] = {"sha256": hash}
        event["signatures"] = {"b": {"ed25519:1": "AAAA"}}
        id = "$" + text(digest(redact(event, version), ["unsigned", "signatures"]), version)
        known.append({"room_version": str(version), "event_id": id,
                      "room_id": event.get("room_id", "!" + id[1:]), "pdu": event})
pathlib.Path(__file__).with_name("ids.json").write_text(
    "[\n" + ",\n".join(json.dumps(each) for each in known) + "\n]\n")
