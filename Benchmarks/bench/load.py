"""RoomserverLoad: a roomserver alone with one room, which grows without requests."""
import json
import subprocess
import sys
import time

from .processes import end


class RoomserverLoad:
    def __init__(self, binaries, database):
        self.command, self.process, self.room = [f"{binaries}/RoomserverLoad", database], None, None

    def start(self):
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.room = self.answer()["room"]  # it is ready

    def answer(self):
        text = self.process.stdout.readline()
        if not text:
            raise SystemExit("RoomserverLoad ended")
        return json.loads(text)

    def perform(self, command):
        """Does what a command says; what it took."""
        self.process.stdin.write(f"{command}\n")
        self.process.stdin.flush()
        line = self.answer()
        print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr)
        return line

    def stop(self):
        end(self.process)
