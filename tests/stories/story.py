"""How a story is told: steps with their wall time, cases walked by whoever may do the next task."""

import time
from datetime import datetime, timedelta
from pathlib import Path

from app.domain.deadlines import BEIJING
from tests.stories.people import Refused, wait_for

MOST_STEPS = 120
NOT_THEIRS = (403, 409)
"""Somebody else is to do it; so it is where the PIN is missing, as the paper is not theirs to sign."""


def pointers(refused):
    """Return where a refused answer is wrong."""
    return [error.get("pointer") for error in refused.problem.get("errors", ())]


class Story:
    """One story on a running demo; `who` reads cases, and is asked for nothing else."""

    def __init__(self, town, who, tell=print):
        self.town, self.who, self.tell = town, who, tell
        self.began = self.before = time.monotonic()
        self.cases = []

    def beside(self, who):
        """Return the same story as somebody else reads its cases."""
        other = Story(self.town, who, self.tell)
        other.cases = self.cases
        return other

    def told(self, text):
        """Print what has just been done, how long it took, and when."""
        now = time.monotonic()
        self.tell(f"[{now - self.began:6.1f} s] {text}（{now - self.before:.1f} s）")
        self.before = now

    @property
    def seconds(self):
        return time.monotonic() - self.began

    def get(self, path, who=None):
        return self.town.call(who or self.who, "GET", path)

    def office(self, who):
        """Return the id of the office that somebody works for."""
        return self.get("/me", who)["roles"][0]["organisation"]["code"]

    def start(self, who, procedure, subject, *, kind="enterprise", **answers):
        body = {
            "procedure": procedure,
            "subject": {"kind": kind, "id": subject},
            "answers": self._start_answers(who, procedure, answers),
        }
        case = self.town.call(who, "POST", "/cases", body)["id"]
        self.cases.append(case)
        return case

    def _start_answers(self, who, procedure, wanted):
        found = next(row for row in self.get("/procedures", who)["items"] if row["id"] == procedure)
        task = {"form": found["start_form"], "prefill": {}}
        return self.town.answers(who, task, wanted)

    def case(self, case):
        return self.get(f"/cases/{case}")

    def child(self, case, procedure):
        """Return the newest child of a case that runs a procedure."""
        found = [self.case(child) for child in self.case(case)["children"]]
        ids = [row["id"] for row in found if row["procedure"] == procedure]
        child = max(ids, key=int)
        self.cases.append(child)
        return child

    def open(self, case):
        return [task for task in self.case(case)["tasks"] if task["status"] == "open"]

    def walk(self, case, until, **answers):
        """Do every open task of a case, by somebody who may, until `until` is open; return it.

        With `until` None the case is walked to its end; its end's name is returned.
        """
        for _ in range(MOST_STEPS):
            view = wait_for(lambda: self.at_rest(case), f"case {case} does not come to rest")
            tasks = [task for task in view["tasks"] if task["status"] == "open"]
            if view["status"] != "running":
                if until is None:
                    return view["ended"]
                raise AssertionError(f"case {case} ended ({view['ended']}) before {until}")
            found = next((task for task in tasks if task["node"] == until), None)
            if found is not None:
                return found
            self.by_somebody(tasks[0], answers.get(tasks[0]["node"], {}))
        raise AssertionError(f"{until} is not reached: {[task['node'] for task in tasks]}")

    def at_rest(self, case):
        """Return a case that waits for people, or has ended; None while papers are made."""
        view = self.case(case)
        if any(task["status"] == "open" for task in view["tasks"]) or view["status"] != "running":
            return view
        return None

    def by_somebody(self, task, wanted):
        """Do a task as the first of its role who may: some did what they may not also do."""
        refused = None
        for who in self.town.holders(task["role"], task["organisation"]["id"]):
            try:
                return self.do(who, task["id"], wanted)
            except Refused as no:
                if no.status not in NOT_THEIRS and "/pin" not in pointers(no):
                    raise
                refused = no
        raise refused or AssertionError(f"nobody holds {task['role']} for {task['node']}")

    def do(self, who, item, wanted):
        task = self.get(f"/tasks/{item}", who)
        paper = self._to_sign(who, task)
        if paper is not None:
            body = {"pin": self.town.pin(who), "sha256": paper["sha256"]}
            if len(task["form"]["schema"]["properties"]) > 1:  # it is signed with answers
                body["answers"] = self.town.answers(who, task, wanted)
            return self.town.call(who, "POST", f"/documents/{paper['id']}/sign", body)
        body = {"answers": self.town.answers(who, task, wanted)}
        return self.town.call(who, "POST", f"/tasks/{item}/complete", body)

    def _to_sign(self, who, task):
        """Return the paper that a task is done by signing, once it is typeset."""
        papers = [self.get(f"/documents/{row['id']}", who) for row in task["documents"]]
        return next((paper for paper in papers if paper["sign_task"] == task["id"]), None)

    def advance(self, term):
        """Move the demo's clock ahead, and return what fired."""
        moved = self.town.call(self.who, "POST", "/demo/clock", {"advance": term})
        self.town.today = datetime.fromisoformat(moved["now"]).astimezone(BEIJING).date()
        return moved["fired"]

    def day(self, ahead):
        """Return the day that many days from today, as forms write it."""
        return str(self.town.today + timedelta(days=ahead))

    def keep_papers(self, folder: Path):
        """Put every paper of the story's cases into a folder, by its number; return their rows."""
        folder.mkdir(parents=True, exist_ok=True)
        kept = {}
        for case in dict.fromkeys(self.cases):
            for row in self.case(case)["documents"]:
                if row["state"] == "void" or row["id"] in kept:
                    continue
                data = self.town.send(self.who, "GET", f"/documents/{row['id']}/file")
                (folder / f"{row['number']} {row['title']}.pdf").write_bytes(data)
                kept[row["id"]] = row
        return list(kept.values())
