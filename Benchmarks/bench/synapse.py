"""The peer: Synapse in one process on PostgreSQL, from PyPI, with the same bcrypt cost and no rate limits."""
import os
import subprocess
import sys
import time

from .processes import await_answer, check_free, end, spawn
from .servers import Postgres


class Synapse:
    label = "synapse"

    def __init__(self, place, number):
        self.place, self.port = place, place.ports + number
        self.folder = place.folder(self.label)
        self.postgres = Postgres(place, self.label, self.port + 50)
        self.venv = f"{place.work}/venv"
        self.process = None

    def install(self):
        if os.path.exists(f"{self.venv}/bin/synapse_homeserver"):
            return
        print("Installing Synapse from PyPI", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", self.venv], check=True)
        subprocess.run([f"{self.venv}/bin/pip", "install", "-q", "matrix-synapse", "psycopg2-binary"], check=True)

    def version(self):
        listed = subprocess.run([f"{self.venv}/bin/pip", "list", "--format=freeze"], stdout=subprocess.PIPE, text=True).stdout
        return next((line.split("==")[1] for line in listed.splitlines() if line.startswith("matrix-synapse==")), "?")

    def prepare(self):
        self.install()
        self.postgres.start("synapse", locale="C")
        os.makedirs(f"{self.folder}/media")
        subprocess.run([f"{self.venv}/bin/generate_signing_key", "-o", f"{self.folder}/signing.key"], check=True)
        with open(f"{self.folder}/log.yaml", "w") as file:
            file.write(f"""version: 1
formatters: {{plain: {{format: '%(asctime)s %(levelname)s %(name)s %(message)s'}}}}
handlers: {{file: {{class: logging.FileHandler, filename: {self.place.work}/logs/synapse.log, formatter: plain}}}}
root: {{level: WARNING, handlers: [file]}}
disable_existing_loggers: false
""")
        with open(f"{self.folder}/homeserver.yaml", "w") as file:
            file.write(self.configuration())

    def configuration(self):
        off = "{per_second: 100000, burst_count: 100000}"
        return f"""server_name: bench.test
pid_file: {self.folder}/homeserver.pid
listeners:
  - port: {self.port}
    type: http
    bind_addresses: ['127.0.0.1']
    resources: [{{names: [client], compress: false}}]
database:
  name: psycopg2
  args: {{user: bench, dbname: synapse, host: 127.0.0.1, port: {self.port + 50}, cp_min: 5, cp_max: 10}}
log_config: {self.folder}/log.yaml
media_store_path: {self.folder}/media
signing_key_path: {self.folder}/signing.key
macaroon_secret_key: bench-macaroon
form_secret: bench-form
report_stats: false
trusted_key_servers: []
suppress_key_server_warning: true
enable_registration: true
enable_registration_without_verification: true
bcrypt_rounds: {self.place.bcrypt}
rc_message: {off}
rc_registration: {off}
rc_registration_token_validity: {off}
rc_login: {{address: {off}, account: {off}, failed_attempts: {off}}}
rc_admin_redaction: {off}
rc_joins: {{local: {off}, remote: {off}}}
rc_joins_per_room: {off}
rc_invites: {{per_room: {off}, per_user: {off}, per_issuer: {off}}}
rc_3pid_validation: {off}
rc_key_requests: {off}
rc_presence: {{per_user: {off}}}
rc_room_creation: {off}
rc_media_create: {off}
"""

    def start(self):
        """Returns how many seconds passed until the first answer."""
        check_free(self.port)
        # Python would compile each module again and again where these forbid keeping the result.
        environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")}
        began = time.monotonic()
        self.process = spawn(
            [f"{self.venv}/bin/python", "-m", "synapse.app.homeserver", "-c", "homeserver.yaml"],
            f"{self.place.work}/logs/synapse.log", cwd=self.folder, env=environment)
        await_answer(self.port, self.process)
        return time.monotonic() - began

    def halt(self):
        end(self.process)

    def stop(self):
        self.halt()
        self.postgres.stop()

    def pids(self):
        return f"server={self.process.pid},postgres={self.postgres.process.pid}"
