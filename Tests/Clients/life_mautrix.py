"""What a community lives through, with mautrix, whose sync loop runs all the while: spaces within a space, threads, edits,
reactions, knocks, search by pages, redactions, read markers, and a private room that is upgraded. Who sees what is asserted.

    life_mautrix.py HOMESERVER_URL
"""
import asyncio
import json
import logging
import sys
import uuid

from mautrix.api import HTTPAPI, Method, Path
from mautrix.client import Client, InternalEventType
from mautrix.client.state_store import MemoryStateStore
from mautrix.errors import MatrixRequestError
from mautrix.types import (
    EventType, JoinRule, Membership, MessageType, PaginationDirection, RoomCreatePreset, TextMessageEventContent,
)

from seen import FILTER, Watching

SPACE_CHILD = EventType.find("m.space.child", EventType.Class.STATE)
SPACE_PARENT = EventType.find("m.space.parent", EventType.Class.STATE)


class Complaints(logging.Handler):
    """What the library found wrong with an answer, which it otherwise only logs."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def emit(self, record): self.lines.append(self.format(record))


class Person(Watching, Client):
    """A client whose sync loop runs, and what it has shown."""

    def __init__(self, url, name):
        super().__init__(base_url=url, state_store=MemoryStateStore())
        self.watch(name)
        self.events = {}  # as the library understands them

    @classmethod
    async def registered(cls, url, name, suffix):
        person, password = cls(url, name), f"secret of {name}"
        await person.ask(Method.POST, Path.v3.register, {
            "username": f"{name}_{suffix}", "password": password, "inhibit_login": True, "auth": {"type": "m.login.dummy"}})
        await person.login(f"{name}_{suffix}", password=password)
        assert (await person.whoami()).user_id == person.mxid
        await person.set_displayname(name.capitalize())
        person.add_event_handler(EventType.ALL, person.understands, wait_sync=True)
        person.add_event_handler(InternalEventType.SYNC_ERRORED, person.is_refused, wait_sync=True)
        person.start((await person.ask(Method.POST, Path.v3.user[person.mxid].filter, FILTER))["filter_id"])
        return person

    @property
    def id(self): return self.mxid

    async def understands(self, event):
        if getattr(event, "event_id", None): self.events[event.event_id] = event

    async def is_refused(self, answer):
        self.fault = answer["error"]
        self.news.set()

    def handle_sync(self, data):
        """What has been seen is what the library has understood."""
        return [asyncio.create_task(self.is_shown(data, super().handle_sync(data)))]

    async def is_shown(self, data, handling):
        await asyncio.gather(*handling)
        try: self.seen.take(data)
        except Exception as error: self.fault = error
        self.news.set()

    async def first_sync(self): return await self.ask(Method.GET, Path.v3.sync, filter=json.dumps(FILTER))

    async def sees(self, room_id, event_id):
        """An event of the timeline, as the library understands it."""
        await self.until(lambda seen: seen.event(room_id, event_id), f"{event_id} of {room_id}")
        return self.events[event_id]

    async def ask(self, method, path, body=None, **query):
        return await self.api.request(method, path, body, query_params=query)

    async def says(self, room_id, text, thread=None, last=None, edits=None, mentions=None):
        content = TextMessageEventContent(msgtype=MessageType.TEXT, body=text)
        if thread: content.set_thread_parent(thread, last)
        if edits: content.set_edit(edits)
        content = content.serialize()
        if mentions: content["m.mentions"] = {"user_ids": [mentions.id]}
        return await self.send_message(room_id, content)

    async def event(self, room_id, event_id): return await self.ask(Method.GET, Path.v3.rooms[room_id].event[event_id])

    async def bundled(self, room_id, event_id, kind):
        return (await self.event(room_id, event_id)).get("unsigned", {}).get("m.relations", {}).get(kind)

    async def hierarchy(self, space, **query):
        rooms, token = [], None
        while True:
            page = await self.ask(Method.GET, Path.v1.rooms[space].hierarchy, **query, **({"from": token} if token else {}))
            rooms += [room["room_id"] for room in page["rooms"]]
            token = page.get("next_batch")
            if not token: return rooms

    async def relations(self, room_id, event_id, *kind, **query):
        path = Path.v1.rooms[room_id].relations[event_id]
        for part in kind: path = path[part]
        return await self.ask(Method.GET, path, **query)

    async def threads(self, room_id, **query):
        return (await self.ask(Method.GET, Path.v1.rooms[room_id].threads, **query))["chunk"]

    async def read(self, room_id, event_id, thread=None, kind="m.read"):
        body = {"thread_id": thread} if thread else {}
        await self.ask(Method.POST, Path.v3.rooms[room_id].receipt[kind][event_id], body)

    async def found(self, words, next_batch=None, **criteria):
        query = {"next_batch": next_batch} if next_batch else {}
        answer = await self.ask(
            Method.POST, Path.v3.search, {"search_categories": {"room_events": {"search_term": words, **criteria}}}, **query)
        return answer["search_categories"]["room_events"]


def ids(events): return [event["event_id"] for event in events]


async def refused(request, code="M_FORBIDDEN"):
    try: answer = await request
    except MatrixRequestError as error:
        assert error.errcode == code, f"expected {code}, got {error.errcode}: {error}"
        return
    raise AssertionError(f"expected {code}, got {answer}")


async def spaces(alice, bob, carol, dave):
    """A private space with a space in it, and in that a room for those of the outer one. Returns that space and the room."""
    server = alice.id.split(":", 1)[1]
    city = await alice.create_room(name="The city", creation_content={"type": "m.space"}, invitees=[bob.id, carol.id])
    harbour = await alice.create_room(
        name="The harbour", preset=RoomCreatePreset.PUBLIC, creation_content={"type": "m.space"})
    allowed = [{"type": "m.room_membership", "room_id": city}]
    inn = await alice.create_room(name="The inn", topic="under the anchor", room_version="11", initial_state=[
        {"type": "m.room.join_rules", "state_key": "", "content": {"join_rule": "knock_restricted", "allow": allowed}}])
    for parent, child in ((city, harbour), (harbour, inn)):
        await alice.send_state_event(parent, SPACE_CHILD, {"via": [server]}, child)
        await alice.send_state_event(child, SPACE_PARENT, {"via": [server], "canonical": True}, parent)
    assert await alice.hierarchy(city, limit=1) == [city, harbour, inn]
    assert await alice.hierarchy(city, max_depth=1) == [city, harbour]
    await refused(dave.hierarchy(city))

    await bob.until(lambda seen: seen.membership.get(city) == "invite", "the invite to the city")
    assert bob.seen.stripped[city]["m.room.create", ""]["type"] == "m.space", bob.seen.stripped
    # Whoever may knock is shown the room.
    assert await dave.hierarchy(harbour) == [harbour, inn]
    await refused(bob.join_room_by_id(inn))
    for person in (bob, carol):
        await person.join_room_by_id(city)
        assert await person.hierarchy(city) == [city, harbour, inn]
        await person.join_room_by_id(inn)
    await alice.until(lambda seen: seen.member(inn, carol.id) == "join", "carol in the inn")
    joined = alice.seen.content(inn, "m.room.member", carol.id)
    assert joined["join_authorised_via_users_server"] == alice.id, joined
    await carol.until(lambda seen: seen.is_in(city) and seen.is_in(inn), "her rooms")
    shown = (await carol.get_state_event(inn, EventType.ROOM_JOIN_RULES)).serialize()
    assert shown["join_rule"] == "knock_restricted" and shown["allow"] == allowed, shown
    members = await carol.state_store.get_member_profiles(inn)
    assert {user: member.displayname for user, member in members.items()} == {alice.id: "Alice", bob.id: "Bob", carol.id: "Carol"}
    return harbour, inn


async def threads(alice, bob, carol, inn):
    """A thread is unread by itself, for whoever may be reading it where; and its receipts are kept by themselves."""
    root = await alice.send_text(inn, "which ship goes north?")
    first = await bob.says(inn, "the Heron", thread=root)
    second = await carol.says(inn, "Alice: the Tern", thread=root, last=first, mentions=alice)
    event = await bob.sees(inn, second)
    assert event.content.get_thread_parent() == root and event.content.get_reply_to() == first, event
    quiet = await bob.send_text(inn, "rain again")
    await alice.until(lambda seen: seen.event(inn, quiet) and seen.threads[inn] == {root: (2, 1)}, "two answers")
    assert alice.seen.unread[inn] == (1, 0), alice.seen.unread
    # A private receipt counts for who sends it, and is told to nobody else.
    await alice.read(inn, first, root, "m.read.private")
    await alice.until(lambda seen: seen.threads[inn] == {root: (1, 1)}, "one answer less")
    await alice.read(inn, second, root)
    await alice.until(lambda seen: not seen.threads[inn], "that the thread is read")
    assert alice.seen.unread[inn] == (1, 0), alice.seen.unread
    for person in (bob, carol):
        await person.until(lambda seen: (second, "m.read", alice.id, root) in seen.receipts, "alice's receipt")
        assert not any(kind == "m.read.private" for _, kind, _, _ in person.seen.receipts), person.seen.receipts
    await refused(alice.read(inn, quiet, "nonsense"), "M_INVALID_PARAM")

    [thread] = await bob.threads(inn)
    summary = thread["unsigned"]["m.relations"]["m.thread"]
    assert thread["event_id"] == root and summary["count"] == 2 and summary["latest_event"]["event_id"] == second, thread
    assert summary["current_user_participated"] and ids(await bob.threads(inn, include="participated")) == [root]
    # By pages, either way.
    page = await bob.relations(inn, root, "m.thread", limit=1)
    rest = await bob.relations(inn, root, "m.thread", limit=1, **{"from": page["next_batch"]})
    assert ids(page["chunk"] + rest["chunk"]) == [second, first], (page, rest)
    assert ids((await bob.relations(inn, root, "m.thread", dir="f"))["chunk"]) == [first, second]
    return root, first, second


async def edits_and_reactions(alice, bob, carol, inn, root):
    """What comes after an event is shown with it, and found by it."""
    said = await bob.send_text(inn, "the tide turns at siz")
    edit = await bob.says(inn, "the tide turns at six", edits=said)
    event = await alice.sees(inn, edit)
    assert event.content.get_edit() == said and event.content.body == "the tide turns at six", event
    assert (await alice.bundled(inn, said, "m.replace"))["content"]["m.new_content"]["body"] == "the tide turns at six"
    # An edit of what is another's is an event like any, and changes nothing.
    await alice.says(inn, "the tide does not turn", edits=said)
    assert (await carol.bundled(inn, said, "m.replace"))["event_id"] == edit
    context = await carol.ask(Method.GET, Path.v3.rooms[inn].context[said], limit=4)
    assert context["event"]["unsigned"]["m.relations"]["m.replace"]["event_id"] == edit, context

    thumb = await alice.react(inn, said, "👍")
    wave = await carol.react(inn, said, "🌊")
    await refused(carol.react(inn, said, "🌊"), "M_DUPLICATE_ANNOTATION")
    event = await bob.sees(inn, wave)
    assert (event.content.relates_to.event_id, event.content.relates_to.key) == (said, "🌊"), event
    assert ids((await bob.relations(inn, said, "m.annotation", "m.reaction"))["chunk"]) == [wave, thumb]
    assert edit in ids((await bob.relations(inn, said))["chunk"])
    await carol.redact(inn, wave)
    assert ids((await bob.relations(inn, said, "m.annotation"))["chunk"]) == [thumb]
    # A reaction to an answer is found by the thread's root too, by whoever follows relations.
    answer = (await bob.relations(inn, root, "m.thread"))["chunk"][0]["event_id"]
    reaction = await bob.react(inn, answer, "⛵")
    assert ids((await alice.relations(inn, root, recurse="true"))["chunk"])[0] == reaction
    assert reaction not in ids((await alice.relations(inn, root))["chunk"])
    return said, edit


async def knocks(alice, bob, dave, inn):
    """Who is not of the city knocks; one comes in, gives up another time, and is turned away at last."""
    await refused(dave.join_room_by_id(inn))
    await dave.knock_room(inn, "may I come in?")
    await dave.until(lambda seen: seen.membership.get(inn) == "knock", "his knock")
    assert dave.seen.stripped[inn]["m.room.name", ""]["name"] == "The inn", dave.seen.stripped
    await alice.until(lambda seen: seen.member(inn, dave.id) == "knock", "who knocks")
    knock = next(e for e in reversed(alice.seen.timeline[inn]) if e.get("state_key") == dave.id)
    event = await alice.sees(inn, knock["event_id"])
    assert (event.content.membership, event.content.reason, event.sender) == (Membership.KNOCK, "may I come in?", dave.id), event
    # He takes it back, and knocks again.
    await dave.leave_room(inn)
    await dave.until(lambda seen: seen.membership.get(inn) == "leave", "that he took it back")
    await alice.until(lambda seen: seen.member(inn, dave.id) == "leave", "that he took it back")
    await dave.knock_room(inn)
    await alice.until(lambda seen: seen.member(inn, dave.id) == "knock", "who knocks again")
    # Who has no right to invite cannot let him in.
    levels = await alice.get_state_event(inn, EventType.ROOM_POWER_LEVELS)
    levels.invite = 50
    await alice.send_state_event(inn, EventType.ROOM_POWER_LEVELS, levels)
    await refused(bob.invite_user(inn, dave.id))
    await alice.kick_user(inn, dave.id, "we are full")
    await dave.until(lambda seen: seen.membership.get(inn) == "leave", "that he is turned away")
    await refused(dave.join_room_by_id(inn))
    await dave.knock_room(inn, "now?")
    await alice.until(lambda seen: seen.member(inn, dave.id) == "knock", "that he tries again")
    await alice.invite_user(inn, dave.id)
    await dave.until(lambda seen: seen.membership.get(inn) == "invite", "the invite")
    await dave.join_room_by_id(inn)
    await dave.until(lambda seen: seen.is_in(inn), "the inn")
    assert dave.id in await bob.get_joined_members(inn)


async def search(alice, bob, carol, dave, inn):
    """What was said is found page by page, by those who may read it, wherever it was said."""
    private = await alice.create_room(name="Alice's own")
    await alice.send_text(private, "a herring for me")
    said = [await person.send_text(inn, text) for person, text in (
        (bob, "herring, fresh herring"), (carol, "no herring today"), (bob, "smoked Herring!"))]
    for person in (bob, carol, dave):
        first = await person.found("herring", order_by="recent", filter={"limit": 2})
        assert first["count"] == 3 and ids(hit["result"] for hit in first["results"]) == [said[2], said[1]], first
        rest = await person.found("herring", first["next_batch"], order_by="recent", filter={"limit": 2})
        assert ids(hit["result"] for hit in rest["results"]) == [said[0]] and "next_batch" not in rest, rest
    bobs = await alice.found("herring", order_by="recent", filter={"senders": [bob.id]})
    assert ids(hit["result"] for hit in bobs["results"]) == [said[2], said[0]], bobs
    grouped = await alice.found("herring", groupings={"group_by": [{"key": "room_id"}]}, order_by="recent")
    groups = grouped["groups"]["room_id"]
    assert {room: len(group["results"]) for room, group in groups.items()} == {inn: 3, private: 1}, groups
    named = await alice.found("anchor", keys=["content.topic"], include_state=True, order_by="recent")
    assert [hit["result"]["room_id"] for hit in named["results"]] == [inn] and inn in named["state"], named
    # Who has left no longer finds what was said since.
    await carol.leave_room(inn)
    later = await bob.send_text(inn, "the last herring")
    assert later in ids(hit["result"] for hit in (await dave.found("herring", order_by="recent"))["results"])
    assert later not in ids(hit["result"] for hit in (await carol.found("herring", order_by="recent"))["results"])
    await carol.join_room_by_id(inn)
    await carol.until(lambda seen: seen.is_in(inn) and seen.event(inn, later), "the inn again")


async def redactions(alice, bob, carol, inn, root, second, said, edit):
    """What is redacted has no words left, nowhere; and who redacted it is told."""
    done = await alice.redact(inn, second, reason="idle talk")
    event = await bob.sees(inn, done)
    assert (event.redacts, event.content.reason) == (second, "idle talk"), event
    for person in (alice, bob, carol):
        left = await person.event(inn, second)
        assert left["content"] == {} and left["unsigned"]["redacted_because"]["event_id"] == done, left
        assert (await person.bundled(inn, root, "m.thread"))["count"] == 1
    # An edit that is redacted uncovers what was said before.
    await bob.redact(inn, edit)
    assert await carol.bundled(inn, said, "m.replace") is None
    assert (await carol.event(inn, said))["content"]["body"] == "the tide turns at siz"
    await refused(carol.redact(inn, said))
    page = await carol.get_messages(inn, PaginationDirection.BACKWARD, limit=100)
    texts = [event.content.body for event in page.events if event.type == EventType.ROOM_MESSAGE and event.content.body]
    assert "the tide turns at siz" in texts and "* the tide turns at six" not in texts and "Alice: the Tern" not in texts, texts


async def read_markers(alice, bob, inn):
    """The marker is one's own, the receipt is everybody's, and neither goes back."""
    said = [await alice.send_text(inn, text) for text in ("ahoy", "avast", "belay")]
    await bob.sees(inn, said[2])
    await bob.set_fully_read_marker(inn, said[1], said[0], {"m.read.private": said[1]})
    await bob.until(lambda seen: seen.account_data.get((inn, "m.fully_read")) == {"event_id": said[1]}, "his marker")
    await alice.until(lambda seen: (said[0], "m.read", bob.id, None) in seen.receipts, "bob's receipt")
    await bob.until(lambda seen: seen.unread[inn] == (1, 0), "what is left unread")
    await bob.send_receipt(inn, said[2])
    await alice.until(lambda seen: (said[2], "m.read", bob.id, None) in seen.receipts, "bob's later receipt")
    await bob.send_receipt(inn, said[0])
    await bob.until(lambda seen: seen.unread[inn] == (0, 0), "that all is read")
    fresh = await bob.sync(timeout=0)
    receipts = {
        event_id for event in fresh["rooms"]["join"][inn]["ephemeral"]["events"] if event["type"] == "m.receipt"
        for event_id, kinds in event["content"].items() if bob.id in kinds.get("m.read", {})}
    assert said[2] in receipts and said[0] not in receipts, receipts
    assert (await alice.sync(timeout=0))["rooms"]["join"][inn].get("account_data", {}).get("events", []) == []


async def upgrade(alice, bob, carol, suffix):
    """A private room moves from version 10 to 11: what it was stays, and who was in it is asked over."""
    old = await alice.create_room(
        alias_localpart=f"council_{suffix}", name="The council", topic="of the city", room_version="10", invitees=[bob.id, carol.id],
        power_level_override={"users": {alice.id: 100, bob.id: 50}})
    await bob.join_room_by_id(old)
    await carol.join_room_by_id(old)
    last = await bob.send_text(old, "we move")
    await alice.ban_user(old, carol.id, "a spy")
    await refused(carol.ask(Method.POST, Path.v3.rooms[old].upgrade, {"new_version": "11"}))
    await refused(alice.ask(Method.POST, Path.v3.rooms[old].upgrade, {"new_version": "none"}), "M_UNSUPPORTED_ROOM_VERSION")
    new = (await alice.ask(Method.POST, Path.v3.rooms[old].upgrade, {"new_version": "11"}))["replacement_room"]
    await bob.until(lambda seen: seen.content(old, "m.room.tombstone"), "the tombstone")
    tombstone = next(e for e in bob.seen.timeline[old] if e["type"] == "m.room.tombstone")
    event = await bob.sees(old, tombstone["event_id"])
    assert event.content.replacement_room == new, event
    await refused(carol.send_text(old, "one more thing"))

    await refused(bob.join_room_by_id(new))
    await alice.invite_user(new, bob.id)
    await bob.until(lambda seen: seen.membership.get(new) == "invite", "the invite")
    await bob.join_room_by_id(new)
    await bob.until(lambda seen: seen.is_in(new), "the new room")
    creation = (await bob.state_store.get_create(new)).content
    assert creation.room_version == "11" and creation.predecessor.room_id == old, creation
    predecessor = await bob.event(old, creation.predecessor.event_id)
    assert predecessor["type"] in ("m.room.tombstone", "m.room.member"), predecessor
    assert bob.seen.content(new, "m.room.name")["name"] == "The council"
    assert bob.seen.content(new, "m.room.topic")["topic"] == "of the city"
    assert bob.seen.member(new, carol.id) == "ban"
    levels = await bob.state_store.get_power_levels(new)
    assert (levels.get_user_level(alice.id), levels.get_user_level(bob.id)) == (100, 50), levels
    assert (await bob.get_state_event(new, EventType.ROOM_JOIN_RULES)).join_rule == JoinRule.INVITE
    server = alice.id.split(":", 1)[1]
    assert (await bob.resolve_room_alias(f"#council_{suffix}:{server}")).room_id == new
    assert bob.seen.content(new, "m.room.canonical_alias")["alias"] == f"#council_{suffix}:{server}"
    said = await bob.send_text(new, "here we are")
    await alice.sees(new, said)
    page = await bob.get_messages(old, PaginationDirection.BACKWARD, limit=20)
    assert last in [event.event_id for event in page.events]
    # Who has left the old room reads what was said until then, and who forgets it no more.
    await bob.leave_room(old)
    await bob.until(lambda seen: seen.membership.get(old) == "leave", "his leaving")
    assert last in [event.event_id for event in (await bob.get_messages(old, PaginationDirection.BACKWARD, limit=20)).events]
    await bob.forget_room(old)
    await refused(bob.get_messages(old, PaginationDirection.BACKWARD))
    assert old not in await bob.get_joined_rooms() and new in await bob.get_joined_rooms()


async def story(url):
    suffix = uuid.uuid4().hex[:8]
    complaints = Complaints()
    logging.getLogger().addHandler(complaints)
    HTTPAPI.global_default_retry_count = 0
    people = [await Person.registered(url, name, suffix) for name in ("alice", "bob", "carol", "dave")]
    alice, bob, carol, dave = people
    try:
        _, inn = await spaces(alice, bob, carol, dave)
        root, _, second = await threads(alice, bob, carol, inn)
        said, edit = await edits_and_reactions(alice, bob, carol, inn, root)
        await knocks(alice, bob, dave, inn)
        await search(alice, bob, carol, dave, inn)
        await redactions(alice, bob, carol, inn, root, second, said, edit)
        await read_markers(alice, bob, inn)
        await upgrade(alice, bob, carol, suffix)
        for person in people: await person.has_seen_all()
    finally:
        for person in people:
            person.stop()
            await person.api.session.close()
    assert not complaints.lines, complaints.lines


if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(story(sys.argv[1]), 240))
    print(f"a community's story told by mautrix at {sys.argv[1]}")
