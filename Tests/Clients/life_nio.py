"""What a community lives through, with matrix-nio, which syncs all the while: a space with rooms, threads, edits, reactions,
knocks, search, redactions, read markers, and a room that is upgraded. Who sees what is asserted.

    life_nio.py HOMESERVER_URL
"""
import asyncio
import json
import sys
import uuid

from nio import (
    Api, AsyncClient, AsyncClientConfig, BadEvent, ErrorResponse, JoinError, Response, RoomKnockError, RoomMessageText, RoomPreset,
    RoomSendError, SyncError, SyncResponse, UnknownBadEvent,
)
from nio.api import ReceiptType, RelationshipType, ThreadInclusion

from seen import FILTER, Watching


class Answer(Response):
    """The answer to what the library has no method for."""

    @classmethod
    def from_dict(cls, parsed):
        if "errcode" in parsed: return ErrorResponse.from_dict(parsed)
        answer = cls()
        answer.json = parsed
        return answer


class Person(Watching, AsyncClient):
    """A client that syncs forever, and remembers what it has been shown."""

    def __init__(self, url, name):
        super().__init__(url, config=AsyncClientConfig(max_timeouts=2, request_timeout=30, encryption_enabled=False))
        self.watch(name)
        self.syncing = None

    @classmethod
    async def registered(cls, url, name, suffix):
        person = cls(url, name)
        granted(await person.register(f"{name}_{suffix}", f"secret of {name}", "story"))
        granted(await person.set_displayname(name.capitalize()))
        person.add_response_callback(person.is_shown, SyncResponse)
        person.add_response_callback(person.is_refused, SyncError)
        person.syncing = asyncio.create_task(person.sync_forever(timeout=30000, sync_filter=FILTER))
        person.syncing.add_done_callback(person.is_over)
        return person

    async def create_matrix_response(self, response_class, transport_response, data=None, save_to=None):
        response = await super().create_matrix_response(response_class, transport_response, data, save_to)
        if isinstance(response, SyncResponse): response.json = await self.parse_body(transport_response)
        return response

    async def is_shown(self, response):
        """What has been seen is what the library has understood."""
        try:
            for room in response.rooms.join.values():
                strange = [event for event in room.state + room.timeline.events if isinstance(event, (BadEvent, UnknownBadEvent))]
                assert not strange, f"the library does not understand {strange}"
            self.seen.take(response.json)
        except Exception as error: self.fault = error
        self.news.set()

    async def is_refused(self, response):
        self.fault = AssertionError(f"{self.name} may not sync: {response}")
        self.news.set()

    def is_over(self, syncing):
        if not syncing.cancelled(): self.fault = syncing.exception()
        self.news.set()

    async def first_sync(self): return await self.ask("GET", ["sync"], filter=json.dumps(FILTER))

    async def sees(self, room_id, event_id):
        await self.until(lambda seen: seen.event(room_id, event_id), f"{event_id} of {room_id}")
        return self.seen.event(room_id, event_id)

    async def ask(self, method, path, body=None, version="v3", **query):
        path = Api._build_path(path, query, f"/_matrix/client/{version}")
        return granted(await self._send(Answer, method, path, None if body is None else json.dumps(body))).json

    async def room(self, name, **options):
        return granted(await self.room_create(name=name, **options)).room_id

    async def says(self, room_id, text, relates_to=None, **content):
        content = {"msgtype": "m.text", "body": text, **content}
        if relates_to: content["m.relates_to"] = relates_to
        return granted(await self.room_send(room_id, "m.room.message", content)).event_id

    async def puts(self, room_id, kind, content, key=""):
        return granted(await self.room_put_state(room_id, kind, content, key)).event_id

    async def event(self, room_id, event_id):
        return granted(await self.room_get_event(room_id, event_id)).event

    async def relations(self, room_id, event_id, *kind):
        return [event.event_id async for event in self.room_get_event_relations(room_id, event_id, *kind)]

    async def hierarchy(self, space, **options):
        return [room["room_id"] for room in granted(await self.space_get_hierarchy(space, **options)).rooms]

    async def threads(self, room_id, include=ThreadInclusion.all):
        return [event async for event in self.room_get_threads(room_id, include)]

    async def found(self, words, **filter):
        criteria = {"search_term": words, "order_by": "recent", "event_context": {"before_limit": 1, "after_limit": 0}, **filter}
        answer = await self.ask("POST", ["search"], {"search_categories": {"room_events": criteria}})
        return answer["search_categories"]["room_events"]


def granted(answer):
    assert not isinstance(answer, ErrorResponse), answer
    return answer


def refused(answer, code):
    assert isinstance(answer, ErrorResponse) and answer.status_code == code, f"expected {code}, got {answer}"


def bundled(event, kind):
    return event.source.get("unsigned", {}).get("m.relations", {}).get(kind)


async def a_space(alice, bob, carol):
    """A space with a room for all, one for those in the space, and a private one. Returns the space and the first two."""
    server = alice.user_id.split(":", 1)[1]
    space = await alice.room("The village", space=True, preset=RoomPreset.public_chat)
    square = await alice.room("The square", topic="for all", preset=RoomPreset.public_chat)
    hall = await alice.room("The hall", room_version="11", initial_state=[{
        "type": "m.room.join_rules", "state_key": "",
        "content": {"join_rule": "restricted", "allow": [{"type": "m.room_membership", "room_id": space}]}}])
    cellar = await alice.room("The cellar", preset=RoomPreset.private_chat)
    for order, room_id in zip("abc", (hall, square, cellar)):
        await alice.puts(space, "m.space.child", {"via": [server], "order": order, "suggested": room_id == square}, room_id)
        await alice.puts(room_id, "m.space.parent", {"via": [server], "canonical": True}, space)
    assert await alice.hierarchy(space) == [space, hall, square, cellar]
    assert await alice.hierarchy(space, suggested_only="true") == [space, square]
    first = granted(await alice.space_get_hierarchy(space, limit=2))
    rest = granted(await alice.space_get_hierarchy(space, from_page=first.next_batch, limit=2))
    assert [room["room_id"] for room in first.rooms + rest.rooms] == [space, hall, square, cellar], (first, rest)
    root = first.rooms[0]
    assert (root["room_type"], root["num_joined_members"], root["name"]) == ("m.space", 1, "The village"), root
    assert {child["state_key"] for child in root["children_state"]} == {hall, square, cellar}, root

    # What is for those in the space is shown to them, and joined by them, alone.
    assert await bob.hierarchy(space) == [space, square]
    refused(await bob.join(hall), "M_FORBIDDEN")
    granted(await bob.join(space))
    assert await bob.hierarchy(space) == [space, hall, square]
    granted(await bob.join(hall))
    granted(await bob.join(square))
    await bob.until(lambda seen: seen.is_in(space) and seen.is_in(hall) and seen.is_in(square), "the rooms")
    assert bob.rooms[space].children == {hall, square, cellar} and bob.rooms[hall].parents == {space}
    assert bob.rooms[space].room_type == "m.space" and bob.rooms[hall].join_rule == "restricted"
    await alice.until(lambda seen: seen.member(hall, bob.user_id) == "join", "bob in the hall")
    authorised = alice.seen.content(hall, "m.room.member", bob.user_id)
    assert authorised["join_authorised_via_users_server"] == alice.user_id, authorised
    for room_id in (space, hall): granted(await carol.join(room_id))

    # What is taken out of the space is shown by it no more.
    await alice.puts(space, "m.space.child", {}, cellar)
    assert await alice.hierarchy(space) == [space, hall, square]
    await bob.until(lambda seen: seen.content(space, "m.space.child", cellar) == {}, "the cellar's going")
    assert bob.rooms[space].children == {hall, square}
    return space, square, hall


async def threads(alice, bob, carol, hall):
    """Two threads; what each has unread is told and read by itself."""
    topic = await alice.says(hall, "where shall the well be?")
    other = await alice.says(hall, "who brings lanterns?")
    thread = {"rel_type": "m.thread", "event_id": topic}
    await carol.until(lambda seen: seen.event(hall, other), "what alice asks")
    assert carol.seen.unread[hall] == (2, 0), carol.seen.unread
    first = await bob.says(hall, "by the oak", thread)
    second = await bob.says(hall, "Alice, by the oak?", thread, **{"m.mentions": {"user_ids": [alice.user_id]}})
    third = await bob.says(hall, "I do", {"rel_type": "m.thread", "event_id": other})
    main = await bob.says(hall, "good evening")
    await alice.sees(hall, main)
    assert alice.seen.unread[hall] == (1, 0), alice.seen.unread
    assert alice.seen.threads[hall] == {topic: (2, 1), other: (1, 0)}, alice.seen.threads
    await carol.sees(hall, main)
    assert carol.seen.unread[hall] == (3, 0) and carol.seen.threads[hall] == {topic: (2, 0), other: (1, 0)}, carol.seen.threads

    # The thread that was answered last comes first.
    roots = await alice.threads(hall)
    assert [root.event_id for root in roots] == [other, topic], roots
    summary = bundled(roots[1], "m.thread")
    assert (summary["count"], summary["latest_event"]["event_id"]) == (2, second), summary
    assert summary["current_user_participated"], summary
    assert not bundled((await carol.threads(hall))[1], "m.thread")["current_user_participated"]
    assert await carol.threads(hall, ThreadInclusion.participated) == []
    assert [root.event_id for root in await bob.threads(hall, ThreadInclusion.participated)] == [other, topic]
    assert await alice.relations(hall, topic, RelationshipType.thread) == [second, first]

    # A receipt for one thread leaves the others unread; all see it.
    granted(await alice.update_receipt_marker(hall, second, ReceiptType.read, topic))
    await alice.until(lambda seen: topic not in seen.threads[hall], "that the thread is read")
    assert alice.seen.threads[hall] == {other: (1, 0)} and alice.seen.unread[hall] == (1, 0), alice.seen.threads
    await bob.until(lambda seen: (second, "m.read", alice.user_id, topic) in seen.receipts, "alice's receipt")
    assert bob.rooms[hall].threaded_read_receipts[alice.user_id][topic].event_id == second
    granted(await alice.update_receipt_marker(hall, main, ReceiptType.read, "main"))
    await alice.until(lambda seen: seen.unread[hall] == (0, 0), "that the main timeline is read")
    assert alice.seen.threads[hall] == {other: (1, 0)}, alice.seen.threads
    # One that names no thread is for them all.
    await carol.ask("POST", ["rooms", hall, "receipt", "m.read", main], {})
    await carol.until(lambda seen: seen.unread[hall] == (0, 0) and not seen.threads[hall], "that all is read")
    return topic, first, second, other, third


async def edits(alice, bob, carol, hall, topic, second):
    """What was edited by its sender is shown with the edit; what others make of it is not."""
    def edit(event_id, text):
        return {"m.relates_to": {"rel_type": "m.replace", "event_id": event_id}, "m.new_content": {"msgtype": "m.text", "body": text}}
    said = await bob.says(hall, "the feast is on Munday")
    await bob.says(hall, "* the feast is on Mondai", **edit(said, "the feast is on Mondai"))
    last = await bob.says(hall, "* the feast is on Monday", **edit(said, "the feast is on Monday"))
    forged = await carol.says(hall, "* the feast is off", **edit(said, "the feast is off"))
    await alice.sees(hall, forged)
    assert alice.seen.event(hall, last)["content"]["m.new_content"]["body"] == "the feast is on Monday"
    # An edit is nothing new to be read.
    assert alice.seen.unread[hall] == (1, 0), alice.seen.unread
    event = await alice.event(hall, said)
    assert event.body == "the feast is on Munday", event
    assert bundled(event, "m.replace")["event_id"] == last, event.source
    page = granted(await carol.room_messages(hall, start=None, limit=10))
    shown = next(event for event in page.chunk if event.event_id == said)
    assert bundled(shown, "m.replace")["content"]["m.new_content"]["body"] == "the feast is on Monday", shown.source
    # The last answer of a thread is shown as it was edited.
    changed = await bob.says(hall, "* Alice, by the elm?", **edit(second, "Alice, by the elm?"))
    summary = bundled(await alice.event(hall, topic), "m.thread")
    assert summary["count"] == 2 and summary["latest_event"]["event_id"] == second, summary
    assert summary["latest_event"]["unsigned"]["m.relations"]["m.replace"]["event_id"] == changed, summary


async def reactions(alice, bob, carol, hall, topic):
    """Each key once a person; what is taken back is gone."""
    def reaction(key): return {"m.relates_to": {"rel_type": "m.annotation", "event_id": topic, "key": key}}
    sent = [granted(await who.room_send(hall, "m.reaction", reaction("👍"))).event_id for who in (bob, carol)]
    sent.append(granted(await carol.room_send(hall, "m.reaction", reaction("🌳"))).event_id)
    refused(await carol.room_send(hall, "m.reaction", reaction("🌳")), "M_DUPLICATE_ANNOTATION")
    seen = [await alice.sees(hall, event_id) for event_id in sent]
    assert [event["content"]["m.relates_to"]["key"] for event in seen] == ["👍", "👍", "🌳"], seen
    assert await alice.relations(hall, topic, RelationshipType.annotation, "m.reaction") == sent[::-1]
    granted(await carol.room_redact(hall, sent[1], "after all, no"))
    assert await alice.relations(hall, topic, RelationshipType.annotation) == [sent[2], sent[0]]
    again = granted(await carol.room_send(hall, "m.reaction", reaction("👍"))).event_id
    assert await bob.relations(hall, topic, RelationshipType.annotation) == [again, sent[2], sent[0]]
    # Nor is a reaction, or the edit of an answer.
    await alice.sees(hall, again)
    assert alice.seen.unread[hall] == (1, 0) and set(alice.seen.threads[hall].values()) == {(1, 0)}, alice.seen.threads


async def knocks(alice, bob, dave):
    """Who knocks is seen by those inside, and is let in, or not."""
    smithy = await alice.room("The smithy", room_version="11", preset=RoomPreset.private_chat)
    refused(await dave.room_knock(smithy), "M_FORBIDDEN")
    granted(await alice.room_enable_knocking(smithy))
    granted(await dave.room_knock(smithy, "I have a horse"))
    granted(await bob.room_knock(smithy, "me too"))
    await dave.until(lambda seen: seen.membership.get(smithy) == "knock", "that he knocked")
    assert dave.seen.stripped[smithy]["m.room.name", ""]["name"] == "The smithy", dave.seen.stripped
    refused(await dave.join(smithy), "M_FORBIDDEN")
    refused(await dave.room_send(smithy, "m.room.message", {"msgtype": "m.text", "body": "hello?"}), "M_FORBIDDEN")
    await alice.until(lambda seen: seen.member(smithy, bob.user_id) == "knock", "who knocks")
    assert alice.seen.content(smithy, "m.room.member", dave.user_id) == {
        "membership": "knock", "reason": "I have a horse", "displayname": "Dave"}, alice.seen.state[smithy]
    granted(await alice.room_invite(smithy, dave.user_id))
    await dave.until(lambda seen: seen.membership.get(smithy) == "invite", "the invite")
    granted(await dave.join(smithy))
    await dave.until(lambda seen: seen.is_in(smithy), "the smithy")
    await alice.until(lambda seen: seen.member(smithy, dave.user_id) == "join", "dave inside")
    await bob.until(lambda seen: seen.membership.get(smithy) == "knock", "that he knocked")
    granted(await alice.room_kick(smithy, bob.user_id, "no horse"))
    await bob.until(lambda seen: seen.membership.get(smithy) == "leave", "that he may not come in")
    assert isinstance(await bob.join(smithy), JoinError)
    granted(await alice.room_ban(smithy, bob.user_id))
    assert isinstance(await bob.room_knock(smithy), RoomKnockError)
    members = granted(await alice.joined_members(smithy)).members
    assert {member.user_id for member in members} == {alice.user_id, dave.user_id}, members
    return smithy


async def search(alice, bob, carol, hall, smithy):
    """What is said is found by those who may read it."""
    before = await bob.says(hall, "let us speak of light")
    lantern = await bob.says(hall, "My Läntern is of brass")
    secret = await alice.says(smithy, "a lantern for the smith")
    mine = await alice.found("lantern")
    assert [hit["result"]["event_id"] for hit in mine["results"]] == [secret, lantern], mine
    assert mine["count"] == 2 and [e["event_id"] for e in mine["results"][1]["context"]["events_before"]] == [before], mine
    for person in (bob, carol):
        theirs = await person.found("lantern")
        assert [hit["result"]["event_id"] for hit in theirs["results"]] == [lantern], theirs
    of_smithy = await alice.found("LANTERN", filter={"rooms": [smithy]})
    assert [hit["result"]["event_id"] for hit in of_smithy["results"]] == [secret], of_smithy
    granted(await bob.room_redact(hall, lantern))
    assert (await carol.found("lantern"))["results"] == []
    assert [hit["result"]["event_id"] for hit in (await alice.found("lantern"))["results"]] == [secret]


async def redaction(alice, bob, carol, hall, topic, first, second, other, third):
    """What is redacted is empty for all, and no longer part of its thread."""
    done = granted(await alice.room_redact(hall, second, "the oak it is")).event_id
    shown = await carol.sees(hall, done)
    assert shown["content"]["redacts"] == second and shown["content"]["reason"] == "the oak it is", shown
    for person in (alice, bob, carol):
        event = await person.event(hall, second)
        assert event.source["content"] == {} and event.source["unsigned"]["redacted_because"]["event_id"] == done, event.source
        assert not bundled(event, "m.replace"), event.source
    summary = bundled(await alice.event(hall, topic), "m.thread")
    assert (summary["count"], summary["latest_event"]["event_id"]) == (1, first), summary
    granted(await bob.room_redact(hall, third))
    assert bundled(await carol.event(hall, other), "m.thread") is None
    assert [root.event_id for root in await alice.threads(hall)] == [topic]
    # Carol may redact what is hers alone.
    refused(await carol.room_redact(hall, first), "M_FORBIDDEN")


async def read_markers(alice, bob, carol, square):
    """How far one has read is one's own affair, but for the public receipt."""
    granted(await carol.join(square))
    said = [await alice.says(square, text) for text in ("one", "two", "three")]
    await bob.sees(square, said[2])
    assert bob.seen.unread[square] == (3, 0), bob.seen.unread
    granted(await bob.room_read_markers(square, said[0], said[0], said[1]))
    await bob.until(lambda seen: seen.account_data.get((square, "m.fully_read")) == {"event_id": said[0]}, "his marker")
    assert bob.rooms[square].fully_read_marker == said[0]
    await bob.until(lambda seen: seen.unread[square] == (1, 0), "that the private receipt counts")
    await bob.until(lambda seen: (said[1], "m.read.private", bob.user_id, None) in seen.receipts, "his private receipt")
    await carol.until(lambda seen: (said[0], "m.read", bob.user_id, None) in seen.receipts, "bob's receipt")
    # A later receipt of bob's comes after whatever was told of the private one.
    granted(await bob.update_receipt_marker(square, said[2], ReceiptType.read, None))
    await carol.until(lambda seen: (said[2], "m.read", bob.user_id, None) in seen.receipts, "bob's later receipt")
    assert not any(kind == "m.read.private" for _, kind, _, _ in carol.seen.receipts), carol.seen.receipts
    await bob.until(lambda seen: seen.unread[square] == (0, 0), "that all is read")
    # Another device of bob's begins where he is; the rooms are those that he is in.
    tablet = Person(bob.homeserver, "bob's tablet")
    granted(await tablet.login_raw({
        "type": "m.login.password", "identifier": {"type": "m.id.user", "user": bob.user_id}, "password": "secret of bob"}))
    tablet.seen.take(granted(await tablet.sync(sync_filter=FILTER)).json)
    assert tablet.seen.membership == {room: kind for room, kind in bob.seen.membership.items() if kind != "leave"}, tablet.seen.membership
    assert tablet.seen.unread[square] == (0, 0) and tablet.rooms[square].fully_read_marker == said[0]
    assert (said[2], "m.read", bob.user_id, None) in tablet.seen.receipts, tablet.seen.receipts
    granted(await tablet.logout())
    await tablet.close()


async def upgrade(alice, bob, carol, space, square, suffix):
    """A room moves to a newer version, and who was in it follows."""
    server = alice.user_id.split(":", 1)[1]
    alias = f"#square_{suffix}:{server}"
    granted(await alice.room_put_alias(alias, square))
    await alice.puts(square, "m.room.canonical_alias", {"alias": alias})
    granted(await alice.room_ban(square, carol.user_id, "noise"))
    assert "errcode" in await refusal(bob, "POST", ["rooms", square, "upgrade"], {"new_version": "12"})
    new = (await alice.ask("POST", ["rooms", square, "upgrade"], {"new_version": "12"}))["replacement_room"]
    await bob.until(lambda seen: seen.content(square, "m.room.tombstone"), "the tombstone")
    assert bob.seen.content(square, "m.room.tombstone")["replacement_room"] == new
    assert bob.rooms[square].replacement_room == new
    # The old room is closed, and its name leads to the new one.
    assert isinstance(await bob.room_send(square, "m.room.message", {"msgtype": "m.text", "body": "anybody?"}), RoomSendError)
    assert granted(await bob.room_resolve_alias(alias)).room_id == new
    granted(await bob.join(alias))
    await bob.until(lambda seen: seen.is_in(new), "the new room")
    creation = bob.seen.content(new, "m.room.create")
    assert creation["room_version"] == "12" and creation["predecessor"]["room_id"] == square, creation
    assert (bob.rooms[new].name, bob.rooms[new].topic, bob.rooms[new].join_rule) == ("The square", "for all", "public")
    assert bob.rooms[new].canonical_alias == alias
    refused(await carol.join(new), "M_FORBIDDEN")
    said = await bob.says(new, "here we are")
    assert (await alice.sees(new, said))["content"]["body"] == "here we are"
    await alice.until(lambda seen: seen.member(new, bob.user_id) == "join", "bob in the new room")
    # The space is led to it by hand.
    await alice.puts(space, "m.space.child", {}, square)
    await alice.puts(space, "m.space.child", {"via": [server]}, new)
    assert new in await bob.hierarchy(space) and square not in await bob.hierarchy(space)
    # What was said in the old room is still to be read there.
    old = granted(await bob.room_messages(square, start=None, limit=50))
    assert [e.body for e in old.chunk if isinstance(e, RoomMessageText)] == ["three", "two", "one"], old


async def refusal(person, method, path, body):
    """The error that an answer has to be."""
    path = Api._build_path(path, {}, "/_matrix/client/v3")
    answer = await person._send(Answer, method, path, json.dumps(body))
    assert isinstance(answer, ErrorResponse), answer
    return {"errcode": answer.status_code}


async def story(url):
    suffix = uuid.uuid4().hex[:8]
    people = [await Person.registered(url, name, suffix) for name in ("alice", "bob", "carol", "dave")]
    alice, bob, carol, dave = people
    try:
        space, square, hall = await a_space(alice, bob, carol)
        topic, first, second, other, third = await threads(alice, bob, carol, hall)
        await edits(alice, bob, carol, hall, topic, second)
        await reactions(alice, bob, carol, hall, topic)
        smithy = await knocks(alice, bob, dave)
        await search(alice, bob, carol, hall, smithy)
        await redaction(alice, bob, carol, hall, topic, first, second, other, third)
        await read_markers(alice, bob, carol, square)
        await upgrade(alice, bob, carol, space, square, suffix)
        for person in people: await person.has_seen_all()
    finally:
        for person in people:
            person.syncing.cancel()
            await person.close()


if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(story(sys.argv[1]), 240))
    print(f"a community's story told by matrix-nio at {sys.argv[1]}")
