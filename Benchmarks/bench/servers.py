"""The homeservers that are measured: ours in each of its modes, and Synapse; each PostgreSQL with the same settings."""
import glob
import os
import shutil
import signal
import subprocess
import time

from .processes import await_answer, check_free, end, spawn

BENCHMARKS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
REPOSITORY = os.path.dirname(BENCHMARKS)


class Place:
    """Where everything lies, and which ports are ours."""

    def __init__(self, work, ports, binaries, bcrypt):
        self.work, self.ports, self.binaries, self.bcrypt = work, ports, binaries, bcrypt
        # PostgreSQL refuses root, and the user postgres cannot go everywhere that root can.
        self.root = os.geteuid() == 0
        self.databases = f"/var/tmp/dendrite-bench-{ports}" if self.root else f"{work}/databases"

    def folder(self, name):
        """An empty folder."""
        path = f"{self.work}/run/{name}"
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path)
        return path

    def clear(self):
        shutil.rmtree(f"{self.work}/run", ignore_errors=True)
        shutil.rmtree(self.databases, ignore_errors=True)


class Postgres:
    """A PostgreSQL of its own, new, as Debian and its authors deliver it but for place and connections; fsync is on."""

    SETTINGS = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "200", "shared_buffers": "128MB"}

    def __init__(self, place, name, port):
        self.folder, self.log, self.port = f"{place.databases}/{name}", f"{place.work}/logs/{name}.log", port
        self.as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"] if place.root else []
        self.bin = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.process = None

    def start(self, database, locale="C.UTF-8"):
        check_free(self.port)
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        if self.as_user:
            shutil.chown(self.folder, "postgres", "postgres")
        with open(self.log, "ab") as log:
            subprocess.run(
                [*self.as_user, f"{self.bin}/initdb", "-D", f"{self.folder}/data", "-U", "bench", "-A", "trust", "-E", "UTF8",
                 f"--locale={locale}"], cwd="/", stdout=log, stderr=log, check=True)
        settings = [f"-c{key}={value}" for key, value in {**self.SETTINGS, "port": self.port}.items()]
        self.process = spawn([*self.as_user, f"{self.bin}/postgres", "-D", f"{self.folder}/data", *settings], self.log, cwd="/")
        for _ in range(600):
            made = subprocess.run(
                ["createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "bench", database], stderr=subprocess.DEVNULL)
            if made.returncode == 0:
                return
            time.sleep(0.1)
        raise SystemExit(f"PostgreSQL does not start; see {self.log}")

    def stop(self):
        end(self.process, signal.SIGINT)


class Monolith:
    """dendrite-monolith-server with a database and the built-in bus."""

    def __init__(self, place, kind, number):
        self.place, self.label, self.port = place, f"monolith-{kind}", place.ports + number
        self.folder = place.folder(self.label)
        self.postgres = Postgres(place, self.label, self.port + 50) if kind == "postgres" else None
        self.process = None

    def prepare(self):
        if self.postgres:
            self.postgres.start("dendrite")
        subprocess.run(
            [f"{self.place.binaries}/generate-keys", "--private-key", f"{self.folder}/matrix_key.pem"],
            check=True, stdout=subprocess.DEVNULL)
        with open(f"{self.folder}/dendrite.yaml", "w") as file:
            file.write(self.configuration())

    def database(self, section):
        """Where a component keeps what it has."""
        if self.postgres:
            return f"postgresql://bench@127.0.0.1:{self.port + 50}/dendrite?sslmode=disable"
        return f"file:{self.folder}/{section}.db"

    def configuration(self):
        one = f"\n  database:\n    connection_string: {self.database('')}\n    max_open_conns: 70" if self.postgres else ""
        files = "" if self.postgres else "".join(
            f"{section}:\n  database:\n    connection_string: {self.database(section)}\n"
            for section in ("app_service_api", "federation_api", "key_server", "room_server", "sync_api"))

        def file(key, name):
            return "" if self.postgres else f"\n  {key}:\n    connection_string: {self.database(name)}"

        return f"""version: 2
global:
  server_name: bench.test
  private_key: {self.folder}/matrix_key.pem{one}
  jetstream:
    storage_path: {self.folder}
client_api:
  registration_disabled: false
  rate_limiting:
    enabled: false
media_api:
  base_path: {self.folder}/media{file("database", "mediaapi")}
user_api:
  bcrypt_cost: {self.place.bcrypt}{file("account_database", "userapi")}
{files}"""

    def start(self):
        """Returns how many seconds passed until the first answer."""
        check_free(self.port)
        began = time.monotonic()
        self.process = spawn(
            [f"{self.place.binaries}/dendrite-monolith-server", "--config", "dendrite.yaml", "--http-bind-address",
             f"127.0.0.1:{self.port}"], f"{self.place.work}/logs/{self.label}.log", cwd=self.folder)
        await_answer(self.port, self.process)
        return time.monotonic() - began

    def halt(self):
        end(self.process)

    def stop(self):
        self.halt()
        if self.postgres:
            self.postgres.stop()

    def pids(self):
        database = f",postgres={self.postgres.process.pid}" if self.postgres else ""
        return f"server={self.process.pid}{database}"


class Cluster:
    """The eight components, each so many times, with PostgreSQL, NATS and nginx: deploy/local."""

    def __init__(self, place, replicas, number):
        self.place, self.replicas, self.label, self.port = place, replicas, f"cluster-{replicas}", place.ports + number
        self.folder = f"{place.work}/run/{self.label}"
        self.environment = {
            **os.environ, "DENDRITE_BIN": place.binaries, "CLUSTER_DATA": self.folder, "CLUSTER_PORT": str(self.port),
            "CLUSTER_POSTGRES_PORT": str(self.port + 50), "CLUSTER_NATS_PORT": str(self.port + 60),
            "CLUSTER_PORT_OFFSET": str(place.ports + number * 1000 - 8000), "OPEN_REGISTRATION": "yes", "RATE_LIMITING": "no",
            "BCRYPT_COST": str(place.bcrypt), "SERVER_NAME": "bench.test",
        }

    def prepare(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        if self.place.root:  # where deploy/local puts the database of this folder then
            checksum = subprocess.run(["cksum"], input=self.folder.encode(), stdout=subprocess.PIPE, check=True).stdout.split()[0]
            self.database = f"/var/tmp/dendrite-cluster-{checksum.decode()}"
            shutil.rmtree(self.database, ignore_errors=True)

    def start(self):
        with open(f"{self.place.work}/logs/{self.label}.log", "ab") as log:
            began = time.monotonic()
            subprocess.run(
                [f"{REPOSITORY}/deploy/local/start", str(self.replicas)], env=self.environment, stdout=log, stderr=log,
                start_new_session=True, check=True)
        await_answer(self.port, None)
        return time.monotonic() - began

    def stop(self):
        subprocess.run(
            [f"{REPOSITORY}/deploy/local/stop"], env=self.environment, stdout=subprocess.DEVNULL, start_new_session=True)
        if getattr(self, "database", None):
            shutil.rmtree(self.database, ignore_errors=True)

    def pids(self):
        found = []
        for path in sorted(glob.glob(f"{self.folder}/run/*.pid")):
            name = os.path.basename(path)[:-len(".pid")]
            with open(path) as file:
                found.append(f"{name if name in ('postgres', 'nats', 'nginx') else 'server'}={file.read().strip()}")
        return ",".join(found)


def homeservers(place, modes):
    """Ours, as MODES names them: each with its number of rounds (0: all)."""
    chosen = []
    for number, mode in enumerate(modes.split(), start=1):
        kind, _, rounds = mode.partition(":")
        family, _, variant = kind.partition("-")
        if family == "monolith" and variant in ("sqlite", "postgres"):
            chosen.append((Monolith(place, variant, number), int(rounds or 0)))
        elif family == "cluster" and variant.isdigit():
            chosen.append((Cluster(place, int(variant), number), int(rounds or 0)))
        else:
            raise SystemExit(f"MODES: {mode} is not monolith-sqlite, monolith-postgres or cluster-N")
    return chosen
