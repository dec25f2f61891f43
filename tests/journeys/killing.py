"""Drive the real server with traffic while it and its worker are killed, then count everything."""

import hashlib
import os
import random
import secrets
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import func, select

from app.domain import history as chain
from app.models.casework import Case, Wait, WorkItem
from app.models.people import Organisation
from app.models.records import HistoryEntry
from app.services import Deps
from tests import drawn
from tests.casework import PLANT, picture
from tests.journeys.processes import Process, Server, wait_for

USERS = ("xingxian.staff1", "xingxian.staff2", "xingxian.staff3")
MOST_WORK = 6.0
BREATH = 0.05
"""Seconds between two calls of one client."""


def dice(seed: int) -> random.Random:
    """Return chance that can be repeated."""
    return random.Random(seed)  # noqa: S311


@dataclass
class Call:
    """A call that was repeated with its key until somebody answered."""

    path: str
    body: Any
    key: str
    token: str
    status: int = 0
    answer: Any = None
    tries: int = 0


@dataclass
class Tally:
    """What was acknowledged, and what it cost."""

    calls: list[Call] = field(default_factory=list)
    uploads: list[tuple[Call, str]] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    restarts: list[float] = field(default_factory=list)
    """Seconds by the wall clock."""
    costs: list[float] = field(default_factory=list)
    """Seconds of processor time."""

    def __str__(self) -> str:
        repeated = sum(call.tries > 1 for call in self.calls)
        return (
            f"{sum(self.kills.values())} kills {dict(self.kills)}, {len(self.calls)} calls"
            f" acknowledged, {repeated} of them repeated, {len(self.uploads)} files,"
            f" restarts {min(self.restarts):.1f} to {max(self.restarts):.1f} s"
            f" ({max(self.costs):.1f} CPU s at most)"
        )

    def of(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path.endswith(path) and call.status < 300]


class Killing:
    """Traffic on one installation, with kills in between."""

    def __init__(self, data: Path, url: str, deps: Deps) -> None:
        self.data, self.url, self.deps = data, url, deps
        self.tally = Tally()
        self._server: Server | None = None
        self._over = threading.Event()
        self._wrong: list[str] = []
        drawn.deploy(deps, drawn.ticking(rule="PT0M"), drawn.asking(), drawn.parent())
        with deps.system_reading("test") as work:
            self.subject = str(
                work.session.scalars(select(Organisation.id).filter_by(name=PLANT)).one()
            )

    def run(self, kills: int, chance: random.Random) -> Tally:
        """Kill so many times, then let everything come to rest."""
        self._start()
        tokens = [self.server.token(user) for user in USERS]
        clients = [
            threading.Thread(target=self._drive, args=(token, dice(chance.getrandbits(32))))
            for token in tokens
        ]
        for client in clients:
            client.start()
        try:
            for _ in range(kills):
                self._let_work(chance.randrange(2, 20))
                time.sleep(chance.uniform(0, 0.3))
                self._kill(chance)
        finally:
            self._over.set()
            for client in clients:
                client.join(60)
        assert not self._wrong, self._wrong[:3]
        self._come_to_rest()
        return self.tally

    def _let_work(self, calls: int) -> None:
        """Wait until so many more calls were acknowledged, however busy the machine is."""
        wanted, until = len(self.tally.calls) + calls, time.monotonic() + MOST_WORK
        while len(self.tally.calls) < wanted and time.monotonic() < until:
            time.sleep(0.01)

    def stop(self) -> None:
        if self._server is not None:
            self._server.kill()

    @property
    def server(self) -> Server:
        assert self._server is not None
        return self._server

    def _start(self) -> None:
        self._server = Server(self.data, self.url)
        self.tally.restarts.append(self._server.took)
        self.tally.costs.append(self._server.cpu)

    def _kill(self, chance: random.Random) -> None:
        worker = self.server.worker()
        whom = chance.choice(["server", "worker", "both"]) if worker else "server"
        if worker and whom != "server":
            os.kill(worker, signal.SIGKILL)
        if whom != "worker":
            self.server.kill()
            time.sleep(chance.choice([0, 0, 0.2]))
            self._start()
        self.tally.kills[whom] += 1

    # --- Clients ------------------------------------------------------------------------------

    def _drive(self, token: str, chance: random.Random) -> None:
        try:
            while not self._over.is_set():
                self._one(token, chance)
        except Exception as error:  # noqa: BLE001 - told by the main thread
            self._wrong.append(repr(error))

    def _one(self, token: str, chance: random.Random) -> None:
        procedure = chance.choice(["ticking", "asking", "asking", "parent"])
        subject = {"kind": "enterprise", "id": self.subject}
        body = {"procedure": procedure, "subject": subject, "answers": {"ok": "是"}}
        started = self._post(token, "/cases", body)
        if chance.random() < 0.3:
            self._upload(token)
        if started.status != 201:
            return
        for task in started.answer["tasks"]:
            if chance.random() < 0.5:
                self._post(token, f"/tasks/{task}/claim", None)
            self._post(token, f"/tasks/{task}/complete", {"answers": {"ok": "好"}})

    def _post(self, token: str, path: str, body: Any) -> Call:
        call = Call(path, body, secrets.token_hex(12), token)
        while True:
            call.tries += 1
            call.status, call.answer = self.server.call("POST", path, body, token, call.key)
            if call.status:
                break
            time.sleep(0.1)
        if call.status >= 500:
            self._wrong.append(f"{path}: {call.status} {call.answer}")
        self.tally.calls.append(call)
        time.sleep(BREATH)
        return call

    def _upload(self, token: str) -> None:
        photo = picture(size=(20 + secrets.randbelow(400), 40))
        mark = secrets.token_hex(12)
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n'
        data = (
            head.encode() + b"Content-Type: image/png\r\n\r\n" + photo + f"\r\n--{mark}--".encode()
        )
        call = Call("/files", None, secrets.token_hex(12), token)
        headers = {
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": call.key,
            "Content-Type": f"multipart/form-data; boundary={mark}",
        }
        while not call.status:
            call.status, call.answer = self.server.send("POST", "/files", data, headers)
        assert call.status == 201, call
        self.tally.uploads.append((call, hashlib.sha256(photo).hexdigest()))

    # --- Counting -----------------------------------------------------------------------------

    def _come_to_rest(self) -> None:
        def quiet() -> bool:
            stats = self.deps.jobs.stats()
            with self.deps.system_reading("test") as work:
                due = work.session.scalar(
                    select(func.count()).select_from(Wait).where(Wait.due_at.is_not(None))
                )
            return not due and not stats.queued and not stats.running

        wait_for(quiet, lambda: self.server.said, 90)

    def check(self) -> None:
        """Hold what the database has against what was acknowledged."""
        tally = self.tally
        self._check_repeated()
        verify = Process(self.data, self.url, "verify")
        assert verify.child.wait(60) == 0, verify.said
        with self.deps.system_reading("test") as work:
            session = work.session
            entries = session.execute(
                select(HistoryEntry).order_by(
                    HistoryEntry.stream, HistoryEntry.subject, HistoryEntry.seq
                )
            ).scalars()
            streams: dict[tuple[str, int], list[HistoryEntry]] = {}
            for entry in entries:
                streams.setdefault((entry.stream, entry.subject), []).append(entry)
            cases = dict(session.execute(select(Case.id, Case.step)).all())
            roots = set(session.scalars(select(Case.id).where(Case.parent_id.is_(None))))
            children = set(session.scalars(select(Case.id).where(Case.parent_id.is_not(None))))
            done = set(session.scalars(select(WorkItem.id).filter_by(status=1)))
            ticking = set(session.scalars(select(Case.id).filter_by(procedure="ticking")))
            parents = set(session.scalars(select(Case.id).filter_by(procedure="parent")))
        for (stream, subject), lines in streams.items():
            assert chain.first_break(lines) is None, (stream, subject)
        # Every start that was acknowledged made one case, and nothing else did.
        started = [int(call.answer["id"]) for call in tally.of("/cases")]
        assert len(set(started)) == len(started)
        assert set(started) == roots
        assert len(children) == len(parents)
        completed = [int(call.path.split("/")[2]) for call in tally.of("/complete")]
        assert set(completed) <= done
        for case, step in cases.items():
            acts = [orjson.loads(line.body) for line in streams["case", case]]
            names = Counter(act["action"] for act in acts)
            assert names["case.start"] == 1, case
            assert names["timer.fire"] == (case in ticking), case
            tasks = [act["detail"]["task"] for act in acts if act["action"] == "task.complete"]
            assert len(set(tasks)) == len(tasks), case
            moving = ("case.start", "timer.fire", "task.complete", "effect.resume", "case.cancel")
            assert sum(names[name] for name in moving) == step, case
        for call, digest in tally.uploads:
            assert call.answer["sha256"] == digest
            assert hashlib.sha256(self.deps.files.get(digest)).hexdigest() == digest

    def _check_repeated(self) -> None:
        """The same request with the same key gets the same answer."""
        sample = dice(0).sample(self.tally.calls, min(40, len(self.tally.calls)))
        for call in sample:
            if call.status < 300:
                again = self.server.call("POST", call.path, call.body, call.token, call.key)
                assert again == (call.status, call.answer), call
