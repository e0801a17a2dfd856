"""What /sync has shown to one person, answer after answer, and the one who waits for it."""
import asyncio

FILTER = {
    "presence": {"types": []},
    "room": {"timeline": {"limit": 100, "unread_thread_notifications": True}},
}


PATIENCE = 30


class Watching:
    """Someone whose sync loop runs, whichever library's. It keeps `seen`, sets `news` with each answer, and `fault` where one is wrong."""

    def watch(self, name):
        self.name, self.seen, self.news, self.fault = name, Seen(name), asyncio.Event(), None

    async def first_sync(self):
        """The answer to a sync from the beginning."""
        raise NotImplementedError

    async def until(self, condition, what):
        """Waits until the sync loop has shown what the condition asks for."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while True:
            if self.fault: raise self.fault
            if condition(self.seen): return
            self.news.clear()
            try: await asyncio.wait_for(self.news.wait(), deadline - asyncio.get_running_loop().time())
            except asyncio.TimeoutError: raise AssertionError(f"{self.name} never saw {what}") from None

    async def has_seen_all(self):
        """What the syncs have told one by one is what a first sync tells now."""
        fresh = Seen(self.name)
        fresh.take(await self.first_sync())
        try: await self.until(lambda seen: not seen.difference(fresh), "all that there is")
        except AssertionError as error: raise AssertionError(self.seen.difference(fresh)) from error


class Seen:
    """The rooms of one person as they stand after all the answers so far. Whatever is shown in a timeline is shown once."""

    def __init__(self, who):
        self.who = who
        self.membership = {}  # room: "join", "invite", "knock" or "leave"
        self.timeline = {}  # room: its events, the oldest first, since the person joined
        self.state = {}  # room: {(type, state key): content}
        self.stripped = {}  # room: {(type, state key): content}, of an invite or a knock
        self.unread = {}  # room: (notifications, highlights) of the main timeline
        self.threads = {}  # room: {thread root: (notifications, highlights)}
        self.receipts = set()  # (event, receipt type, user, thread)
        self.account_data = {}  # (room, type): content

    def take(self, answer):
        rooms = answer.get("rooms", {})
        for room_id, room in rooms.get("join", {}).items(): self.joined(room_id, room)
        for kind, state in (("invite", "invite_state"), ("knock", "knock_state")):
            for room_id, room in rooms.get(kind, {}).items():
                self.membership[room_id] = kind
                self.stripped[room_id] = {(e["type"], e["state_key"]): e["content"] for e in room[state]["events"]}
        for room_id, room in rooms.get("leave", {}).items():
            if self.membership.get(room_id) == "join": self.events(room_id, room)
            self.membership[room_id] = "leave"

    def joined(self, room_id, room):
        if self.membership.get(room_id) != "join": self.timeline[room_id], self.state[room_id] = [], {}
        self.membership[room_id] = "join"
        self.events(room_id, room)
        if "unread_notifications" in room:
            self.unread[room_id] = counts(room["unread_notifications"])
            threads = room.get("unread_thread_notifications", {})
            self.threads[room_id] = {root: counts(unread) for root, unread in threads.items() if counts(unread) != (0, 0)}
        for event in room.get("ephemeral", {}).get("events", []):
            if event["type"] != "m.receipt": continue
            for event_id, kinds in event["content"].items():
                for kind, users in kinds.items():
                    self.receipts |= {(event_id, kind, user, receipt.get("thread_id")) for user, receipt in users.items()}
        for event in room.get("account_data", {}).get("events", []):
            self.account_data[room_id, event["type"]] = event["content"]

    def events(self, room_id, room):
        timeline = room.get("timeline", {}).get("events", [])
        known = {event["event_id"] for event in self.timeline[room_id]}
        for event in timeline:
            assert event["event_id"] not in known, f"{self.who} was shown an event twice: {event}"
            known.add(event["event_id"])
        self.timeline[room_id] += timeline
        for event in room.get("state", {}).get("events", []) + timeline:
            if "state_key" in event: self.state[room_id][event["type"], event["state_key"]] = event["content"]

    def is_in(self, room_id): return self.membership.get(room_id) == "join"

    def event(self, room_id, event_id):
        """An event of a timeline, or nothing."""
        return next((event for event in self.timeline.get(room_id, []) if event["event_id"] == event_id), None)

    def content(self, room_id, kind, key=""):
        """What the state of a room that the person is in says, or nothing."""
        return self.state.get(room_id, {}).get((kind, key))

    def member(self, room_id, user):
        """The membership of a user, as the room's state says."""
        return (self.content(room_id, "m.room.member", user) or {}).get("membership")


    def difference(self, fresh):
        """What differs from what one sees who syncs for the first time now; nothing where all is the same."""
        def here(membership): return {room_id: kind for room_id, kind in membership.items() if kind != "leave"}
        if here(self.membership) != here(fresh.membership): return f"membership: {self.membership}, not {fresh.membership}"
        rooms = [room_id for room_id, kind in self.membership.items() if kind == "join"]
        for name in ("state", "unread", "threads"):
            for room_id in rooms:
                mine, theirs = getattr(self, name).get(room_id), getattr(fresh, name).get(room_id)
                if mine != theirs: return f"{name} of {room_id}: {mine}, not {theirs}"
        for room_id in rooms:
            mine, theirs = ([event["event_id"] for event in seen.timeline[room_id]] for seen in (self, fresh))
            both = min(len(mine), len(theirs))
            if mine[-both:] != theirs[-both:]: return f"the end of the timeline of {room_id}: {mine[-both:]}, not {theirs[-both:]}"
        for key, content in fresh.account_data.items():
            if self.account_data.get(key) != content: return f"account data {key}: {self.account_data.get(key)}, not {content}"
        if not fresh.receipts <= self.receipts: return f"receipts: {fresh.receipts - self.receipts}"
        return None


def counts(unread):
    return unread.get("notification_count", 0), unread.get("highlight_count", 0)
