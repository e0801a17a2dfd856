"""What issue 3 asks for: ratios to Synapse in the same round, and a few absolute bounds."""

# Scenario: (operations a second, how many times; CPU of everything, divided by).
MONOLITH = {
    "send": (25, 20), "send_one_room": (25, 20), "create_room": (25, 20), "invite_join": (25, 20), "join_seq": (25, 20),
    "join_c8": (25, 20), "state": (25, 20), "sync_initial": (15, 12), "messages": (15, 12), "members": (15, 12),
    "whoami": (8, None),
}
CLUSTER = {
    "send": (12, 10), "send_one_room": (12, 10), "create_room": (12, 10), "invite_join": (12, 10), "join_seq": (12, 10),
    "join_c8": (12, 10), "state": (12, 10), "sync_initial": (10, None), "messages": (10, None), "members": (10, None),
    "whoami": (4, None),
}
SCENARIOS = [*MONOLITH, "sync_fanout", "idle"]


class Bounds:
    """The absolute ones."""

    def __init__(self, fanout_p99_ms, memory_mb, cold_start_s):
        self.fanout_p99_ms, self.memory_mb, self.cold_start_s = fanout_p99_ms, memory_mb, cold_start_s
        self.parked_kib, self.parked_percent = 15, 0.1


def ratios(label):
    return CLUSTER if label.startswith("cluster") else MONOLITH


def bounds(label):
    return Bounds(40, 400, None) if label.startswith("cluster") else Bounds(25, 60, 0.3)
