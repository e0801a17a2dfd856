"""Makes Markdown of what was measured."""
import collections
import statistics

from . import targets


def number(value):
    return "–" if value is None else f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def middle(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


class Report:
    def __init__(self, lines, starts, peer="synapse"):
        self.starts, self.peer = starts, peer
        self.runs = collections.defaultdict(dict)  # (scenario, label): {round: line}
        for line in lines:
            # What the peer refuses it does not do, and is not compared with.
            if line["label"] != peer or not line["errors"]:
                self.runs[line["scenario"], line["label"]][line["round"]] = line
        self.labels = list(dict.fromkeys(label for _, label in self.runs if label != peer))
        self.scenarios = [name for name in targets.SCENARIOS if any(name == scenario for scenario, _ in self.runs)]

    def markdown(self):
        parts = [self.ratios(label) for label in self.labels]
        if "idle" in self.scenarios:
            parts.append(self.idle())
        if self.starts:
            parts.append(self.memory())
        return "\n".join(parts)

    def cpu(self, line):
        """CPU-seconds of everything for 1000 operations."""
        return line.get("cpu_s_per_1000_ops") if line["ops"] else None

    def driver(self, line):
        return line["client_cpu_s"] / line["ops"] * 1000 if line["ops"] else None

    def per_round(self, scenario, label, ratio):
        """A ratio of ours and the peer's line, for each round that has both."""
        ours, theirs = self.runs[scenario, label], self.runs[scenario, self.peer]
        return [ratio(ours[r], theirs[r]) for r in sorted(ours) if r in theirs and ours[r]["ops"] and theirs[r]["ops"]]

    def ratios(self, label):
        rounds = max(len(self.runs[s, label]) for s in self.scenarios)
        rows = [
            f"### {label}, {rounds} round{'s' if rounds > 1 else ''}\n",
            "| scenario | ops/s | p50 / p99 ms | CPU-s per 1000 | driver's | Synapse: ops/s | p50 / p99 | CPU-s | ops/s, times"
            " | CPU, 1/… | asked | errors |",
            "|---|---|---|---|---|---|---|---|---|---|---|---|",
        ]
        for scenario in self.scenarios:
            if scenario == "idle" or not self.runs[scenario, label]:
                continue
            ours, theirs = self.runs[scenario, label].values(), self.runs[scenario, self.peer].values()
            speed = middle(self.per_round(scenario, label, lambda a, b: a["ops_per_s"] / b["ops_per_s"]))
            cost = middle(self.per_round(scenario, label, lambda a, b: self.cpu(b) / self.cpu(a) if self.cpu(a) else None))
            rows.append("| " + " | ".join([
                scenario, *self.figures(ours), number(middle(map(self.driver, ours))), *self.figures(theirs),
                number(speed) if scenario != "sync_fanout" else "paced", number(cost), self.verdict(scenario, label, speed, cost),
                str(sum(line["errors"] for line in ours)),
            ]) + " |")
        return "\n".join(rows) + "\n"

    def figures(self, lines):
        lines = list(lines)
        return [
            number(middle(line["ops_per_s"] for line in lines)),
            f'{number(middle(line["p50_ms"] for line in lines))} / {number(middle(line["p99_ms"] for line in lines))}',
            number(middle(map(self.cpu, lines))),
        ]

    def verdict(self, scenario, label, speed, cost):
        """What is asked, and whether it is so."""
        if scenario == "sync_fanout":
            bound = targets.bounds(label).fanout_p99_ms
            return judged(f"p99 ≤ {bound} ms", [middle(r["p99_ms"] for r in self.runs[scenario, label].values()) <= bound])
        if speed is None:
            return ""
        speed_asked, cost_asked = targets.ratios(label)[scenario]
        asked = f"≥ {speed_asked}×" + (f", ≤ 1/{cost_asked}" if cost_asked else "")
        return judged(asked, [speed >= speed_asked] + ([cost is not None and cost >= cost_asked] if cost_asked else []))

    def idle(self):
        rows = ["### 1,000 parked syncs\n", "| | KiB each | % of a core | without them | asked |", "|---|---|---|---|---|"]
        for label in [self.peer, *self.labels]:
            for line in self.runs["idle", label].values():
                extra = line.get("extra", {})

                def of(key):
                    return sum(value for name, value in extra.items() if name.startswith(key))

                # PostgreSQL has nothing to do with a connection of a client.
                each = of("kb_per_connection_") - of("kb_per_connection_postgres")
                share, without = of("cpu_percent_"), of("without_cpu_percent_")

                def by_part(key):
                    return ", ".join(
                        f"{name[len(key):]} {number(value)}" for name, value in sorted(extra.items()) if name.startswith(key))
                bound = targets.bounds(label)
                asked = "" if label == self.peer else judged(
                    f"≤ {bound.parked_kib} KiB, ≤ {bound.parked_percent} %",
                    [each <= bound.parked_kib, share <= bound.parked_percent])
                rows.append(
                    f"| {label} | {number(each)} ({by_part('kb_per_connection_')}) | {number(share)} ({by_part('cpu_percent_')})"
                    f" | {number(without)} | {asked} |")
        return "\n".join(rows) + "\n"

    def memory(self):
        rows = [
            "### Memory after start, cold start\n",
            "| | memory of the homeserver, MB (PSS; RSS) | PostgreSQL, NATS, nginx, MB (PSS) | start to first answer, s |"
            " with a new database, s | asked |", "|---|---|---|---|---|---|",
        ]
        for label, start in self.starts.items():
            rss, pss = start["memory"]["server"]
            others = {name: values[1] for name, values in start["memory"].items() if name != "server"}
            again = middle(start["again_s"])
            asked = ""
            if label != self.peer:
                bound = targets.bounds(label)
                cluster = bound.cold_start_s is None
                memory = pss + sum(others.values()) if cluster else rss
                asked = judged(
                    f"≤ {bound.memory_mb} MB" + (" in all" if cluster else f", ≤ {bound.cold_start_s} s"),
                    [memory <= bound.memory_mb, cluster or again <= bound.cold_start_s])
            rows.append(
                f"| {label} | {number(pss)}; {number(rss)} | {', '.join(f'{n} {number(v)}' for n, v in others.items()) or '–'}"
                f" | {number(again)} | {number(start['first_s'])} | {asked} |")
        return "\n".join(rows) + "\n"


def judged(asked, met):
    return f"{asked}: " + ("met" if all(met) else "**missed**" if not any(met) else "**missed in part**")
