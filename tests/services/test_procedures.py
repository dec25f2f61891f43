"""Deploying procedures: what is refused, and that running cases stay on theirs."""

import contextlib
import json
import random

import pytest

from app.domain import Forbidden, Invalid, NotFound
from app.domain.access import Actor, Grant, Role
from app.domain.forms import Form
from app.engine.bundle import Bundle
from app.services import procedures
from app.services.cases import starting
from app.services.tasks import commands, reading
from config import ROOT
from tests.casework import Play

STAFF = "xingxian.staff1"
NATIONAL = Actor(1, "国家管理员", (Grant(Role.ADMIN, 1, ""),))


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


def rectification(**changes: tuple[str, str]) -> Bundle:
    """The product's own diagram, with some text of its main file changed."""
    bundle = procedures.gather(ROOT, ROOT / "bpmn/rectification.bpmn")
    files = dict(bundle.files)
    for old, new in changes.values():
        files["bpmn/rectification.bpmn"] = files["bpmn/rectification.bpmn"].replace(
            old.encode(), new.encode()
        )
    return Bundle(files)


def deploy(deps, bundle, who=NATIONAL):
    with deps.transaction(who) as work:
        return procedures.deploy(work, bundle)


def test_only_the_topmost_administrator_deploys(deps, actor):
    for username in ("xingxian.admin", "lvliang.admin", STAFF):
        with pytest.raises(Forbidden):
            deploy(deps, rectification(), actor(username))


def test_the_same_bundle_is_added_once(deps):
    first = deploy(deps, rectification())
    assert deploy(deps, rectification()) == first
    with deps.reading(NATIONAL) as work:
        assert [row.version for row in procedures.versions(work, "rectification")] == [1]


def test_a_new_version_leaves_running_cases_alone(deps, play):
    old = play.start(STAFF)
    deploy(deps, rectification(name=('name="签发并制作指令书"', 'name="签发整改指令书"')))
    new = play.start(STAFF)
    for case, version, title in ((old, 1, "签发并制作指令书"), (new, 2, "签发整改指令书")):
        view = play.case(STAFF, case)
        assert (view.row.version, str(view.running.title("issue_order"))) == (version, title)
    item = next(row for row in play.todo(STAFF) if row.case_id == old)
    view = play.task(STAFF, item.id)
    play.run(STAFF, commands.save_draft, item.id, {})
    assert str(view.following[0].title) == "签发并制作指令书"


def test_what_comes_next_is_a_question_with_its_answer_and_who_does_it(deps):
    deploy(deps, rectification())
    with deps.system_reading("test") as work:
        found = procedures.find_newest(work, "rectification")
        running = procedures.running(work, found.id)
    steps = [
        (step.condition.read(str), step.condition.read(str, "en"), step.lane)
        for step in reading.following(running, "decide")
    ]
    assert ("如何处置？停产停业整顿", "Which measure? Stop", None) in steps  # nobody's work
    (extended,) = [
        step for step in reading.following(running, "serve_reply") if step.lane is not None
    ]
    assert (extended.condition.read(str), extended.lane) == ("准予延期？不准予", "企业")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<xml",
        b"\xff\xfe\x00",
        b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        b"<x>" + b"a" * 2_000_000 + b"</x>",
        b"<x/>" * 3,
    ],
    ids=["empty", "broken", "bytes", "doctype", "megabytes", "many"],
)
def test_hostile_files_are_refused_in_words(deps, data):
    with pytest.raises(procedures.Refused) as refused:
        deploy(deps, procedures.uploaded([("x.bpmn", data)]))
    assert all(problem.reason for problem in refused.value.problems)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('id="close_hazards"', 'id="delete_everything"'),
        ('conclusion == "pass"', '__import__("os").system("id")'),
        ('name="执法人员"', 'name="路人"'),
    ],
)
def test_what_a_diagram_may_not_do_is_refused(deps, old, new):
    with pytest.raises(procedures.Refused):
        deploy(deps, rectification(change=(old, new)))


FORM = "forms/handover/start-schema.json"


def handover(change, file=FORM):
    """Return the bundle of the hand-over with a form changed."""
    bundle = procedures.gather(ROOT, ROOT / "bpmn/handover.bpmn")
    form = json.loads(bundle.files[file])
    return Bundle({**bundle.files, file: json.dumps(change(form) or form).encode()})


def refused(bundle):
    return procedures.check(bundle, ())


@pytest.mark.parametrize(
    "said",
    [
        {"$dynamicRef": "http://127.0.0.1:9/secret"},
        {"$dynamicRef": "file:///etc/hostname"},
        {"pattern": "^(a+)+$"},
        {"pattern": "^(a|aa)*$"},
        {"pattern": "^(a{0,40}){0,40}$"},
        {"pattern": "("},
        {"pattern": 5},
        {"minLength": "x"},
        {"not": 5},
    ],
    ids=lambda said: str(said)[:40],
)
def test_a_form_that_could_harm_is_refused_in_words(said):
    (problem,) = refused(handover(lambda form: form["properties"]["reason"].update(said)))
    assert problem.file == FORM
    assert problem.reason


def test_no_form_is_too_odd_to_be_answered():
    """One value anywhere is changed: the form is refused, or it can be filled in."""
    assert refused(handover(lambda _form: None)) == []
    chance, accepted = random.Random(1), 0  # noqa: S311
    odd = (None, 5, -1, "x", [], {}, [{}], True, {"a": 1}, ["a", "a"])
    for file in (FORM, FORM.replace("schema", "uischema")):
        for _ in range(250):
            bundle = handover(lambda form: mutated(form, chance, chance.choice(odd)), file)
            if not refused(bundle):
                accepted += 1
                form = Form(*(json.loads(bundle.files[FORM.replace("schema", w)]) for w in KINDS))
                with contextlib.suppress(Invalid):
                    form.check({"procedure": "移交", "reason": "原因说明"})
    assert accepted


KINDS = ("schema", "uischema")


def mutated(form, chance, value):
    """Put a value somewhere into a form."""
    node, at = form, chance.choice(list(form))
    while isinstance(node[at], dict | list) and node[at] and chance.random() < 0.8:
        node = node[at]
        at = chance.choice(list(node) if isinstance(node, dict) else range(len(node)))
    node[at] = value


def test_uploads_are_bounded_and_stay_in_their_folder():
    with pytest.raises(Invalid):
        procedures.uploaded([])
    with pytest.raises(Invalid):
        procedures.uploaded([(f"{n}.json", b"{}") for n in range(201)])
    bundle = procedures.uploaded([("../../etc/x.bpmn", b"<x/>"), ("forms\\a\\b.json", b"{}")])
    assert set(bundle.files) == {"bpmn/etc/x.bpmn", "forms/a/b.json"}


def test_a_missing_file_is_named(tmp_path):
    (tmp_path / "bpmn").mkdir()
    main = tmp_path / "bpmn/rectification.bpmn"
    main.write_bytes((ROOT / "bpmn/rectification.bpmn").read_bytes())
    with pytest.raises(Invalid) as refused:
        procedures.gather(tmp_path, main)
    assert str(refused.value) == "缺少文件 bpmn/parts/card_lifting.bpmn"


def test_installing_twice_adds_nothing(deps):
    assert procedures.install(deps, ROOT) == []


def test_unknown_procedures(deps, play):
    with deps.reading(NATIONAL) as work:
        for call in (
            lambda: procedures.newest(work, "nothing"),
            lambda: procedures.drawing(work, "nothing", None, "zh"),
            lambda: procedures.drawing(work, "rectification", 99, "zh"),
        ):
            with pytest.raises(NotFound):
                call()
    with pytest.raises(NotFound):
        play.run(STAFF, starting.start, "nothing", play.subject(), {})


def test_the_drawing_speaks_the_readers_language(deps):
    with deps.reading(NATIONAL) as work:
        chinese = procedures.drawing(work, "rectification", 1, "zh").decode()
        english = procedures.drawing(work, "rectification", None, "en").decode()
    assert 'name="送达指令书"' in chinese
    assert 'name="Serve the order"' in english
    assert 'name="Inspectors"' in english
