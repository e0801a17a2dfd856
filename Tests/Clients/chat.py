"""Two people chat, with matrix-nio: they register, meet in a room, talk, page back and read.

    chat.py HOMESERVER_URL
"""
import asyncio
import sys
import uuid

from nio import (
    AsyncClient, AsyncClientConfig, JoinResponse, RoomCreateResponse, RoomMessagesResponse, RoomMessageText, RoomSendResponse,
    RegisterResponse, SyncResponse, UpdateReceiptMarkerResponse, MessageDirection, RoomPreset, ReceiptEvent, LoginResponse,
    RoomGetEventResponse, JoinedMembersResponse, UploadResponse, DownloadError, ProfileGetDisplayNameResponse,
    RoomReadMarkersResponse, RoomTypingResponse, TypingNoticeEvent, RoomRedactResponse, RoomResolveAliasResponse,
)
import io

MESSAGES = 25


def expect(answer, kind):
    if not isinstance(answer, kind):
        raise AssertionError(f"expected {kind.__name__}, got {answer!r}")
    return answer


async def registered(url, name):
    client = AsyncClient(url, config=AsyncClientConfig(max_timeouts=2, request_timeout=30, encryption_enabled=False))
    expect(await client.register(name, f"secret of {name}", "story"), RegisterResponse)
    return client


async def synced_until(client, condition, what):
    """Syncs on from where the client is until the condition holds for what it has seen."""
    for _ in range(20):
        answer = expect(await client.sync(timeout=3000), SyncResponse)
        if condition(answer):
            return answer
    raise AssertionError(f"{client.user_id} never saw {what}")


def timeline(answer, room_id):
    room = answer.rooms.join.get(room_id)
    return room.timeline.events if room else []


def ephemeral(answer, room_id, kind):
    room = answer.rooms.join.get(room_id)
    return [event for event in (room.ephemeral if room else []) if isinstance(event, kind)]


async def story(url):
    suffix = uuid.uuid4().hex[:8]
    alice, bob = await registered(url, f"alice_{suffix}"), await registered(url, f"bob_{suffix}")
    try:
        again = AsyncClient(url, alice.user_id)
        expect(await again.login(f"secret of alice_{suffix}"), LoginResponse)
        await again.logout()
        await again.close()

        await alice.set_displayname("Alice")
        name = expect(await bob.get_displayname(alice.user_id), ProfileGetDisplayNameResponse)
        assert name.displayname == "Alice", name

        alias = f"story_{suffix}"
        room_id = expect(
            await alice.room_create(
                alias=alias, name="A story", topic="told twice", preset=RoomPreset.private_chat, invite=[bob.user_id]),
            RoomCreateResponse).room_id
        server = alice.user_id.split(":", 1)[1]
        resolved = expect(await bob.room_resolve_alias(f"#{alias}:{server}"), RoomResolveAliasResponse)
        assert resolved.room_id == room_id, resolved

        await synced_until(bob, lambda a: room_id in a.rooms.invite, "the invite")
        expect(await bob.join(room_id), JoinResponse)
        await synced_until(bob, lambda a: room_id in a.rooms.join, "the room")
        await synced_until(alice, lambda a: room_id in a.rooms.join, "her room")
        members = expect(await alice.joined_members(room_id), JoinedMembersResponse)
        assert {m.user_id for m in members.members} == {alice.user_id, bob.user_id}, members

        sent = []
        for number in range(MESSAGES):
            who = alice if number % 2 == 0 else bob
            answer = expect(
                await who.room_send(room_id, "m.room.message", {"msgtype": "m.text", "body": f"message {number}"}),
                RoomSendResponse)
            sent.append(answer.event_id)
        seen = set()

        def all_seen(answer):
            seen.update(event.event_id for event in timeline(answer, room_id))
            return sent[-1] in seen

        last = await synced_until(bob, all_seen, "the last message")

        expect(await alice.room_get_event(room_id, sent[0]), RoomGetEventResponse)
        back, token, pages = [], last.next_batch, 0
        while token and pages < 50:
            page = expect(
                await bob.room_messages(room_id, start=token, direction=MessageDirection.back, limit=7), RoomMessagesResponse)
            back += [event.event_id for event in page.chunk if isinstance(event, RoomMessageText)]
            token, pages = page.end, pages + 1
        assert back == list(reversed(sent)), f"paged {len(back)} of {len(sent)}: {back}"

        expect(await bob.room_typing(room_id, True, timeout=20000), RoomTypingResponse)
        await synced_until(
            alice, lambda a: any(bob.user_id in e.users for e in ephemeral(a, room_id, TypingNoticeEvent)), "typing")
        expect(await bob.update_receipt_marker(room_id, sent[-1]), UpdateReceiptMarkerResponse)
        await synced_until(
            alice,
            lambda a: any(
                receipt.event_id == sent[-1] and receipt.user_id == bob.user_id
                for event in ephemeral(a, room_id, ReceiptEvent) for receipt in event.receipts),
            "the receipt")
        expect(await bob.room_read_markers(room_id, sent[-1], sent[-1]), RoomReadMarkersResponse)

        expect(await alice.room_redact(room_id, sent[0], "a slip"), RoomRedactResponse)
        redacted = expect(await bob.room_get_event(room_id, sent[0]), RoomGetEventResponse)
        assert not redacted.event.source.get("content"), redacted.event.source

        content = b"a picture, let us say" * 1000
        upload, _ = await alice.upload(
            lambda *_: io.BytesIO(content), content_type="text/plain", filename="story.txt", filesize=len(content))
        uri = expect(upload, UploadResponse).content_uri
        download = await bob.download(uri)
        assert not isinstance(download, DownloadError) and download.body == content, download

        await bob.room_leave(room_id)
        await synced_until(alice, lambda a: any(
            getattr(e, "membership", None) == "leave" and getattr(e, "state_key", None) == bob.user_id
            for e in timeline(a, room_id)), "bob's leaving")
    finally:
        await alice.close()
        await bob.close()


if __name__ == "__main__":
    asyncio.run(asyncio.wait_for(story(sys.argv[1]), 240))
    print(f"chat story told at {sys.argv[1]}")
