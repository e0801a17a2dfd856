"""What can be set from outside, and what has to be built first."""
import os
import subprocess

from .servers import BENCHMARKS, REPOSITORY


def setting(name, default):
    return os.environ.get(name) or default


def binaries():
    """The folder of our commands."""
    if setting("DENDRITE_BIN", ""):
        return os.path.realpath(os.environ["DENDRITE_BIN"])
    subprocess.run([f"{REPOSITORY}/scripts/build-release"], check=True)
    return f"{REPOSITORY}/.build-release/release"


def workplace():
    work = os.path.realpath(setting("BENCH_WORK", f"{REPOSITORY}/data/bench"))
    os.makedirs(f"{work}/logs", exist_ok=True)
    return work


def driver(work):
    """The load driver, built."""
    path = f"{work}/mxload"
    subprocess.run(["go", "build", "-o", path, "."], cwd=f"{BENCHMARKS}/mxload", check=True)
    return path
