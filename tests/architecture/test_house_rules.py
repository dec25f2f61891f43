"""Rules of the house that no linter knows."""

import ast

import pytest

from config import ROOT

MODULES = sorted(path for path in ROOT.glob("app/**/*.py") if "migrations" not in path.parts)


def calls(path, *names):
    tree = ast.parse(path.read_text("utf-8"))
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in names
    ]


def name_of(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_module_fits_on_a_few_screens(path):
    assert path.read_text("utf-8").count("\n") <= 400


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_module_says_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


def test_only_deps_commit():
    found = {name_of(path): calls(path, "commit") for path in MODULES if calls(path, "commit")}
    # `Work.commit`, which `Deps` calls, and the schema's own transaction
    assert set(found) == {"app/services/__init__.py", "app/services/installation.py"}
    assert len(found["app/services/__init__.py"]) == 3
    assert len(found["app/services/installation.py"]) == 1


def test_only_config_reads_the_clock():
    assert {
        name_of(path): found
        for path in MODULES
        if (found := calls(path, "now", "today", "utcnow", "time"))
    } == {}


def test_nothing_is_worked_out_under_one_lock_for_all():
    """`app.domain.lazy` says why."""
    word = "import cached_property"
    assert [name_of(path) for path in MODULES if word in path.read_text("utf-8")] == []


def test_unscoped_sessions_are_opened_in_one_place():
    """Everybody else asks `Deps` for a transaction, with a reason when it is the system's own."""
    opening = {
        name_of(path)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("open_session", "Session", "sessionmaker")
    }
    assert opening == {"app/services/__init__.py", "app/models/database.py"}


# What pages, commands and jobs call that asks for no permission, on purpose.
ASKS_NOBODY = {
    "accounts.recover",  # the operator
    "answers.given",  # bounded by the actor's own key
    "answers.keep",
    "filling.accounts",  # public in a demo, and nothing elsewhere
    "incidents.noting",  # writes down what failed, whoever did it
    "incidents.trace",  # the operator
    "installation.create",
    "installation.exists",
    "installation.is_current",
    "installation.migrate",
    "keeping.install",  # the operator
    "keys.published",  # what everybody may know: which certificates were taken back
    "keys.rotate",  # the operator
    "keys.rotate_root",  # the operator
    "procedures.install",  # the operator
    "procedures.running",  # a step of those who asked for the procedure
    "procedures.uploaded",  # reads what was sent
    "publishing.bundle",  # what everybody may know of a draw
    "publishing.find",
    "publishing.get",
    "sample.sample",  # the invented list that comes with the product
    "sessions.confirm",  # asks for the password itself
    "sessions.key_of",
    "sessions.sign_in",  # this is how one gets permissions
    "sessions.whoever",
    "shipped.install",  # the operator
    "rules.install",  # the operator
    "tables.install",  # the operator
    "starting.own_enterprise",  # says what the actor is
    "typesetting.drafted_by",  # reads what a diagram says
    "uploads.named_in",  # reads what was sent
    "verifying.by_code",  # the public, whom the paper itself sends here
    "verifying.by_file",
    "workdays.install",  # the operator
}
ASKING = {"require", "require_somewhere"}


def taken_over(tree):
    """Return what a module calls by which name: `module.function` for functions of other modules."""
    return {
        name.asname or name.name: f"{node.module.rpartition('.')[2]}.{name.name}"
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        and node.module
        and node.module.startswith("app.services")
        for name in node.names
    }


def called(function, module, taken):
    for call in ast.walk(function):
        if not isinstance(call, ast.Call):
            continue
        if isinstance(call.func, ast.Name):
            yield taken.get(call.func.id, f"{module}.{call.func.id}")
        elif isinstance(call.func, ast.Attribute):
            yield call.func.attr
            if isinstance(call.func.value, ast.Name):
                owner = taken.get(call.func.value.id, f".{call.func.value.id}")
                yield f"{owner.rpartition('.')[2]}.{call.func.attr}"


def use_cases():
    """Return every function of the services, and what it calls."""
    found = {}
    for path in ROOT.glob("app/services/**/[!_]*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                found[f"{path.stem}.{node.name}"] = set(called(node, path.stem, taken_over(tree)))
    return found


def test_every_use_case_asks_for_permission():
    calls, asking = use_cases(), set(ASKING)
    while more := {name for name, inner in calls.items() if inner & asking} - asking:
        asking |= more
    from_outside = set()
    for path in [*ROOT.glob("app/web/**/*.py"), *ROOT.glob("app/cli/**/*.py")]:
        tree = ast.parse(path.read_text("utf-8"))
        taken = taken_over(tree)
        from_outside |= {name for name in called(tree, "", taken) if name in calls}
    assert from_outside - asking == ASKS_NOBODY & from_outside, "a use case asks nobody"
    assert set(calls) >= ASKS_NOBODY


def test_sql_as_text_is_rare():
    """The scope guard sees through mapped statements only."""
    assert {name_of(path) for path in MODULES if calls(path, "exec_driver_sql")} == {
        "app/models/database.py"
    }
    guarded = [name_of(path) for path in MODULES if "guarded" in path.read_text("utf-8")]
    assert guarded == ["app/models/scope.py"]
