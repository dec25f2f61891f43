"""All roles of a demo, played at random: they start cases, do tasks, let time go by, change minds."""

import json
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property, partial

from sqlalchemy import select

from app.domain import AppError, Conflict, Forbidden, Invalid, NotFound
from app.domain.access import OFFICERS, Role
from app.domain.casework import CaseStatus, ItemStatus, WaitKind
from app.domain.documents import Act, about_paper, handles
from app.domain.draws import DrawState
from app.domain.enterprises import Life
from app.domain.history import Stream
from app.engine import CaseFault, runtime
from app.models.casework import Case, Wait, WorkItem
from app.models.draws import Draw
from app.models.enterprises import Enterprise
from app.models.people import Account, Organisation, RoleGrant
from app.models.records import HistoryEntry
from app.services import offering, procedures
from app.services.cases import ending, starting
from app.services.documents import inhand
from app.services.documents import reading as documents
from app.services.draws import declaring
from app.services.tasks import commands
from app.services.tasks.reading import asked
from app.services.tasks.sources import first_values
from tests.casework import Play
from tests.people import actor_of
from tests.robots.ahead import FAR, Ahead
from tests.robots.guessing import Guess, days_in

GUESSES = 4
"""Ways to answer that somebody thinks of; the one that leads to where nobody has been is taken."""
TRIES = 15
SIGNED_AT = "/pin"
"""Where it is told that a paper is not to be signed any more."""
CROWD, STEADY = 2, 0.8
"""Cases that robots begin of themselves while others run; how often they go on with the newest."""
KNOWN = 0.8
FRESH = 10
"""What a flow that nobody has taken is worth, in steps of the way to the next one."""
HABITS = {"issue": "2026134", "numbers": "03 07 12 19 25 31 09", "load": 100, "percent": 10}
"""What two are to type alike, and what a draw needs: mostly it is."""
OFFICIALS = [
    {"name": "白承办", "certificate": "政府经办01"},
    {"name": "白执中", "certificate": "政府经办02"},
]
REASON = "情况有变，另行安排"
ELSEWHERE = (Forbidden, Conflict, NotFound)
"""Somebody else is to do it."""


class Stuck(AssertionError):
    """A task that nobody can do."""


@dataclass
class Habits:
    """What robots know from one demo to the next, as all begin alike."""

    used: Counter = field(default_factory=Counter)
    """How often a choice was made, a procedure begun."""
    ways: list = field(default_factory=list)
    """Who can start what."""
    staff: list = field(default_factory=list)
    actors: dict = field(default_factory=dict)


class Robots(Play):
    """The people of one demo; `seen` counts what has been passed in all of them."""

    def __init__(self, deps, seed, seen, habits):
        super().__init__(deps, self._actor)
        self.rng = random.Random(seed)  # noqa: S311
        self.seen, self.habits, self.used = seen, habits, habits.used
        self.ahead = Ahead(seen)
        self.did = Counter()
        self.known, self.read = {}, {}
        self.hazards = set()
        """Ids of those that lines of the history name."""

    def _actor(self, username):
        actors = self.habits.actors
        if username not in actors:
            actors[username] = actor_of(self.deps, username)
        return actors[username]

    def rows(self, statement):
        with self.deps.system_reading("robots look around") as work:
            return work.session.execute(statement).all()

    @cached_property
    def staff(self):
        """Username, organisation, role, name and licence of everybody."""
        if self.habits.staff:
            return self.habits.staff
        columns = (
            Account.username,
            RoleGrant.organisation_id,
            RoleGrant.role,
            Account.name,
            Account.licence,
            Account.id,
        )
        self.habits.staff += self.rows(
            select(*columns)
            .join(RoleGrant, RoleGrant.account_id == Account.id)
            .order_by(Account.id)
        )
        return self.habits.staff

    def act(self, moves):
        """Make that many moves."""
        self.ahead.look()
        for _ in range(moves):
            move = self.rng.choices(*zip(*self._wishes(), strict=True))[0]
            self.did[move.__name__] += 1
            move()
            self.deps.jobs.drain(self.deps)
            if self.note():
                self.ahead.look()
            self.deps.clock.now += timedelta(minutes=1)

    def note(self):
        """Count the elements of diagrams that the history says were passed since; tell if any."""
        steps = {row.id: row for row in self.rows(select(Case.id, Case.procedure, Case.step))}
        fresh = [id_ for id_, row in steps.items() if self.known.get(id_) != row.step]
        for row in self.rows(_lines(fresh)):
            if row.seq > self.read.get(row.subject, 0):
                self.read[row.subject] = row.seq
                detail = json.loads(row.body).get("detail", {})
                self.seen.add(steps[row.subject].procedure, detail.get("passed", ()))
                for ids in detail.get("hazards", {}).values():
                    self.hazards.update(ids)
        self.known |= {id_: steps[id_].step for id_ in fresh}
        return bool(fresh)

    def _wishes(self):
        running = self.rows(
            select(Case.id).where(Case.status == CaseStatus.RUNNING, Case.campaign_id.is_(None))
        )
        yield self.begin, 30 if not running else 2 if len(running) < CROWD else 0.2
        yield self.work, 60 if running else 0
        yield self.wait, 12 if running else 0
        yield self.declare, 4
        yield self.reconsider, 3 if running else 0
        yield self.cancel, 0.3 if running else 0

    # What they do

    def begin(self):
        """Start a case, rather of a procedure in which, or behind which, something is new."""
        names = sorted({found.id for _username, found in self._startable})
        worth = [(1 + self.seen.unseen(name)) / self.ahead.start(name) for name in names]
        (name,) = self.rng.choices(names, worth)
        ways = [way for way in self._startable if way[1].id == name]
        username, found = self.rng.choice(ways)
        subject = self._subject(username, found)
        guess = self._guess(username, f"{found.id}_start", subject)
        for _ in range(TRIES):
            answers = guess.answers(found.form, {}) if found.form else {}
            if answers is None:
                continue
            if found.id == offering.PROCEDURE:
                answers["kind"] = self._paper(username)
            try:
                return self.run(username, starting.start, found.id, subject, answers)
            except (Invalid, Conflict):
                continue
        raise Stuck(f"{username} cannot start {found.id}")

    def _paper(self, username):
        """Return a kind of paper that belongs to no case."""
        offers = self.run(username, offering.offers)
        return self.rng.choice([offer.kind for offer in offers if not offer.missing])

    @cached_property
    def _startable(self):
        if not self.habits.ways:
            for username in sorted({row.username for row in self.staff}):
                ways = self.run(username, starting.startable)
                self.habits.ways += [(username, one) for one in ways]
        return self.habits.ways

    def _subject(self, username, found):
        own = next(row.organisation_id for row in self.staff if row.username == username)
        if found.about_office or not self._enterprises(own):
            return own
        return self.rng.choice(self._enterprises(own))

    def _enterprises(self, office):
        """Return the enterprises of an office's place that still are; none for an enterprise."""
        place, kind = self.rows(
            select(Organisation.place, Organisation.kind).where(Organisation.id == office)
        )[0]
        if kind == "enterprise":
            return []
        gone = (Life.CLOSED, Life.BANNED)
        wanted = select(Enterprise.id).where(Enterprise.place.startswith(place))
        ids = [row.id for row in self.rows(wanted.where(Enterprise.life.not_in(gone)))]
        return sorted(ids)[:12]  # few: so that cases of one meet

    def work(self):
        """Do an open task, rather one from which it is not far to what is new."""
        tasks = self.open_tasks()
        if tasks:
            newest = [task for task in tasks if task.case_id == tasks[-1].case_id]
            choice = newest if self.rng.random() < STEADY else tasks
            few = self.rng.sample(choice, min(4, len(choice)))
            self.perform(min(few, key=lambda task: self._far(task.procedure, task.node)))

    def open_tasks(self):
        columns = (
            WorkItem.id,
            WorkItem.case_id,
            WorkItem.node,
            WorkItem.choice,
            WorkItem.seq,
            WorkItem.organisation_id,
            WorkItem.role,
            Case.procedure,
            Case.deployment_id,
            Case.subject_id,
            WorkItem.assignee_id,
        )
        wanted = select(*columns).join(Case, Case.id == WorkItem.case_id)
        return self.rows(wanted.where(WorkItem.status == ItemStatus.OPEN).order_by(WorkItem.id))

    def _far(self, procedure, node):
        """Return how far it is to what is new, chance deciding between equals."""
        return self.ahead.of(procedure, node) + self.rng.random()

    def running(self, deployment_id):
        with self.deps.system_reading("robots look around") as work:
            return procedures.running(work, deployment_id)

    def perform(self, task):
        """Have a task done by somebody of its role; who may not is refused, whatever they answer."""
        people = self.people(task)
        self.rng.shuffle(people)
        refused = None
        for username in people:
            try:
                return self._answer(username, task)
            except ELSEWHERE as no:
                refused = no
        if task.assignee_id is not None:  # who took it may not do it: they give it back
            holder = next(row.username for row in self.staff if row.id == task.assignee_id)
            return self.run(holder, commands.release, task.id)
        if self._send_back(task):
            return None
        raise Stuck(f"{task.procedure} {task.node}: {people} {refused!r}")

    def _send_back(self, task):
        """Return a task that cannot be done as things are, and tell whether somebody could."""
        back = self.running(task.deployment_id).node(task.node).words("returnTo")
        for username in self.people(task) if back else ():
            try:
                self.run(username, commands.return_to, task.id, self.rng.choice(back), REASON)
            except (*ELSEWHERE, Invalid):
                continue
            self.did["sent back"] += 1
            return True
        return False

    def people(self, task):
        return self._of(task.organisation_id, task.role)

    def may(self, username, task):
        """Test whether somebody is given a task to complete."""
        try:
            return "complete" in self.task(username, task.id).operations
        except ELSEWHERE:
            return False

    def _answer(self, username, task):
        running = self.running(task.deployment_id)
        form = running.form(task.node, task.choice)
        words = running.papers(task.node, task.choice)
        with self.deps.reading(self.actor(username)) as work:
            asked(work, task.id)  # it may be none of theirs
            paper = inhand.of_task(work, task.id, task.case_id, words)
            given = first_values(work, task.case_id, task.subject_id, running, form, paper)
        guess = self._guess(username, task.node, task.organisation_id)
        answers = self._best(guess, form, given, task) if form else {}
        wrong, days = None, set()
        for _ in range(TRIES):
            try:
                return self._hand_in(username, task, form, answers)
            except Invalid as refused:
                wrong = refused
                days |= days_in(refused.errors)
                # Nobody signs it any more: they say what is wrong with it.
                declined = _declined(form, answers) if SIGNED_AT in refused.errors else None
                answers = declined or guess.mended(form, answers, refused.errors)
                self.deps.jobs.drain(self.deps)  # a paper may have been dated anew
        if ahead := [day for day in days if day > self.today]:  # it is too early for it
            self.did["early"] += 1
            self.deps.clock.now += min(ahead) - self.today
            return self.sweep()
        faults = {pointer: str(text) for pointer, text in wrong.errors.items()}
        if not self._send_back(task):
            raise Stuck(f"{task.procedure} {task.node}: {faults} {answers}")
        return None

    def _hand_in(self, username, task, form, answers):
        words = self.running(task.deployment_id).node(task.node).words("papers")
        if not handles(words, Act.SIGN) or about_paper(form.schema, answers):
            return self.run(username, commands.complete, task.id, answers)
        with self.deps.reading(self.actor(username)) as work:
            paper = documents.get(work, inhand.of_task(work, task.id, task.case_id, words))
        return self.sign(username, paper.row, answers=answers if len(form.fields) > 1 else None)

    def _guess(self, username, node, organisation):
        officers = [
            {"name": row.name, "certificate": row.licence}
            for row in self.staff
            if row.licence and row.organisation_id == organisation and row.role in OFFICERS
        ]
        known = self.rng.random() < KNOWN
        return Guess(
            partial(self.upload, username),
            today=self.today,
            rng=self.rng,
            used=self.used,
            node=node,
            insiders=officers or OFFICIALS,
            habits=HABITS if known else {},
        )

    def _best(self, guess, form, given, task):
        """Return those of some answers by which the case comes nearest to what is new."""
        found = [guess.answers(form, given) for _ in range(GUESSES)]
        found = [_few(answers) for answers in found if answers is not None]
        if not found:
            return guess.fill(form.fields, guess._kept(form.fields, given))
        ((state,),) = self.rows(select(Case.state).where(Case.id == task.case_id))
        return max(found, key=lambda answers: self._promise(task, state, answers))

    def _promise(self, task, state, answers):
        running = self.running(task.deployment_id)
        variables = {name: answers.get(name) for name in running.node(task.node).variables}
        try:
            step = runtime.complete(running.definition, task.case_id, state, task.seq, variables)
        except CaseFault:
            return -FAR
        fresh = sum(1 for id_ in step._passed if not self.seen.of(task.procedure, id_))
        if step.effect:
            at = [step.effect.node]
        else:
            outcome = step.outcome()
            at = [one.node for one in (*outcome.tasks, *outcome.timers)]
        far = min((self._far(task.procedure, node) for node in at), default=FAR)
        return FRESH * fresh - far

    def wait(self):
        """Let time go by: to what is due next, or to any timer."""
        armed = self.rows(
            select(Wait.due_at, Wait.node, Case.procedure)
            .join(Case, Case.id == Wait.case_id)
            .where(Wait.kind == WaitKind.TIMER, Wait.due_at.is_not(None))
            .order_by(Wait.due_at)
        )
        now = self.deps.clock.now
        if not armed:
            self.deps.clock.now = now + timedelta(days=self.rng.choice((1, 3, 10)))
            return self.sweep()
        near = min(armed, key=lambda row: self._far(row.procedure, row.node))
        self.deps.clock.now = max(now, self.rng.choice((near, armed[0])).due_at)
        return self.sweep()

    def declare(self):
        """Have an inspector declare whether there are conflicts with a frozen roster."""
        for draw in self.rows(select(Draw.id, Draw.organisation_id).where(_FROZEN)):
            for username in self._of(draw.organisation_id, Role.STAFF):
                try:
                    self.run(username, declaring.declare, draw.id, None)
                except AppError:
                    continue

    def _of(self, organisation, role):
        wanted = (organisation, role)
        return [row.username for row in self.staff if (row.organisation_id, row.role) == wanted]

    def reconsider(self):
        """Return, hand over, take, urge or draft a task instead of doing it."""
        tasks = self.open_tasks()
        if not tasks:
            return
        task = self.rng.choice(tasks)
        username = self.rng.choice(self.people(task))
        view = self.task(username, task.id)
        calls = {
            "claim": lambda: self.run(username, commands.claim, task.id),
            "release": lambda: self.run(username, commands.release, task.id),
            "draft": lambda: self.run(username, commands.save_draft, task.id, {"note": "草稿"}),
            "urge": lambda: self.run(username, commands.urge, task.id),
            "return": lambda: self.run(
                username, commands.return_to, task.id, self.rng.choice(view.return_to)[0], REASON
            ),
            "transfer": lambda: self.run(
                username,
                commands.transfer,
                task.id,
                self.rng.choice(view.colleagues).username,
                REASON,
            ),
        }
        able = [name for name in calls if name in view.operations]
        if not view.return_to and "return" in able:
            able.remove("return")
        if not view.colleagues and "transfer" in able:
            able.remove("transfer")
        if able:
            name = self.rng.choice(able)
            self.did[name] += 1
            try:
                calls[name]()
            except ELSEWHERE:
                self.did["refused"] += 1

    def cancel(self):
        """Have a leader end a case before its time."""
        case = self.rng.choice(
            self.rows(select(Case.id, Case.owner_id).where(Case.status == CaseStatus.RUNNING))
        )
        leaders = self._of(case.owner_id, Role.DEPUTY_HEAD) or self._of(case.owner_id, Role.HEAD)
        if leaders:
            try:
                self.run(self.rng.choice(leaders), ending.cancel, case.id, REASON)
            except Conflict:  # what it has sealed or listed comes first
                self.did["refused"] += 1


def _declined(form, answers):
    """Return answers that send a paper back instead of signing it, if a form has such a choice."""
    for one in form.fields:
        for choice in one.choices:
            changed = {**answers, one.key: choice.value}
            if about_paper(form.schema, changed):
                return changed
    return None


def _few(answers):
    """Take in few plants, or one campaign keeps robots busy for minutes."""
    if "sectors" not in answers or "divisions" not in answers:
        return answers
    sectors = [{**row, "included": number == 0} for number, row in enumerate(answers["sectors"])]
    return {**answers, "sectors": sectors, "tags": []}


_FROZEN = Draw.state == DrawState.FROZEN


def _lines(cases):
    wanted = select(HistoryEntry.subject, HistoryEntry.seq, HistoryEntry.body)
    return wanted.where(
        HistoryEntry.stream == Stream.CASE, HistoryEntry.subject.in_(cases)
    ).order_by(HistoryEntry.subject, HistoryEntry.seq)
