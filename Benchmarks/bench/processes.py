"""Starting, watching and ending the processes that are measured."""
import collections
import http.client
import os
import re
import signal
import socket
import subprocess
import time


def spawn(command, log, **options):
    """Begins a process of its own session, so that Ctrl-C reaches only us and we end it."""
    with open(log, "ab") as out:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True, **options)


def end(process, how=signal.SIGTERM, seconds=30):
    """Lets a process go, and kills it if it stays."""
    if process is None or process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def await_answer(port, process, seconds=120):
    """Waits until a homeserver answers on the port."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/_matrix/client/versions")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        if process is not None and process.poll() is not None:
            raise SystemExit(f"{process.args[0]} ended with {process.returncode}; see its log")
        time.sleep(0.002)
    raise SystemExit(f"Nothing answers on port {port}")


def check_free(port):
    """A port where something listens already would be measured in place of ours."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise SystemExit(f"Port {port} is taken. Choose others with BENCH_PORTS")


def owners(pids):
    """Of "name=pid,…": {process: name}, descendants included."""
    roots = {int(pid): name for name, pid in re.findall(r"([^=,]+)=(\d+)", pids)}
    parents = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat") as stat:
                parents[int(entry)] = int(stat.read().rpartition(")")[2].split()[1])
        except OSError:
            pass
    found = {}
    for pid in parents:
        at = pid
        while at > 1 and at not in roots:
            at = parents.get(at, 0)
        if at in roots:
            found[pid] = roots[at]
    return found


def memory(pids):
    """Megabytes by name: (resident, proportional)."""
    total = collections.defaultdict(lambda: [0.0, 0.0])
    for pid, name in owners(pids).items():
        try:
            with open(f"/proc/{pid}/smaps_rollup") as rollup:
                text = rollup.read()
        except OSError:
            continue
        for i, key in enumerate(("Rss", "Pss")):
            total[name][i] += int(re.search(rf"^{key}:\s+(\d+)", text, re.M)[1]) / 1024
    return {name: tuple(round(x, 1) for x in values) for name, values in total.items()}


def cpu(pids):
    """CPU-seconds that all of them have used, and the children that they have waited for."""
    total = 0
    for pid in owners(pids):
        try:
            with open(f"/proc/{pid}/stat") as stat:
                total += sum(map(int, stat.read().rpartition(")")[2].split()[11:15]))
        except OSError:
            pass
    return total / os.sysconf("SC_CLK_TCK")
