"""Real processes of the product, started and killed by tests."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from app.services.demo.people import PASSWORD
from config import ROOT

PATIENCE = 30.0


class Process:
    """A command of the product, in a data directory, on a database."""

    def __init__(self, data: Path, url: str, *command: str) -> None:
        self.log = data / f"{command[0]}-{time.monotonic_ns()}.log"
        data.mkdir(exist_ok=True)
        env = {**os.environ, "DATABASE_URL": url, "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
        with self.log.open("wb") as out:
            self.child = subprocess.Popen(
                [sys.executable, "-m", "app.cli", *command, "--data", str(data)],
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def kill(self) -> None:
        self.child.kill()
        self.child.wait()

    def stop(self, patience: float = PATIENCE) -> int:
        self.child.send_signal(signal.SIGTERM)
        try:
            return self.child.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    @property
    def said(self) -> str:
        return self.log.read_text("utf-8", "replace")


def wait_for(condition, what="", patience=PATIENCE):
    """Ask until `condition()` says something, and return that."""
    until = time.monotonic() + patience
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < until, what or condition
        time.sleep(0.05)


class Server(Process):
    """`run` on a free port, with its worker."""

    def __init__(self, data: Path, url: str) -> None:
        super().__init__(data, url, "run", "--port", "0")
        began = time.monotonic()
        self.address = wait_for(self._address, lambda: self.said)
        wait_for(lambda: self.call("GET", "/openapi.json")[0] == 200, self.said)
        self.took, self.cpu = time.monotonic() - began, self._cpu()

    def _cpu(self) -> float:
        """Return the seconds of processor time that the start has cost."""
        user, system = _read(Path(f"/proc/{self.child.pid}/stat")).rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def _address(self):
        if self.child.poll() is not None:
            raise AssertionError(self.said)
        found = re.search(r"http://[^/]+/", self.said)
        return found and found[0]

    def call(self, method, path, body=None, token=None, key=None):
        """Return status and answer of an API call; (0, None) if nobody answered."""
        headers = {"Content-Type": "application/json"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"Idempotency-Key": key} if key else {}
        data = None if body is None else json.dumps(body).encode()
        return self.send(method, path, data, headers)

    def token(self, username) -> str:
        """Sign in to the API."""

        def ask():
            body = {"username": username, "password": PASSWORD}
            status, answer = self.call("POST", "/tokens", body)
            return status == 201 and answer["token"]

        return wait_for(ask, "no token", 60)

    def send(self, method, path, data, headers):
        url = f"{self.address}api/v1{path}"
        request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
                raw = answer.read()
                return answer.status, json.loads(raw) if raw else None
        except urllib.error.HTTPError as refused:
            with contextlib.suppress(OSError, ValueError):
                return refused.code, json.loads(refused.read())
            return 0, None
        except OSError:
            return 0, None
        except Exception:  # noqa: BLE001 - half an answer is none
            return 0, None

    def worker(self) -> int | None:
        """Return the process id of its worker."""
        children = Path(f"/proc/{self.child.pid}/task").glob("*/children")
        ids = [int(pid) for path in children for pid in _read(path).split()]
        return next((pid for pid in ids if "worker" in _read(Path(f"/proc/{pid}/cmdline"))), None)


def runs(pid: int) -> bool:
    """Test whether a process runs; one that ended and that nobody has asked after does not."""
    return _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()[:1] not in ([], ["Z"])


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
