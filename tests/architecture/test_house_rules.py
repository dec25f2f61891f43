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


# Steps of a use case and the system's own jobs: they ask for no permission, on purpose.
ASKS_NOBODY = {
    "accounts.checked",  # a rule of input
    "accounts.end_sessions",  # a step of those who asked
    "answers.given",  # bounded by the actor's own key
    "answers.keep",
    "filling.accounts",  # public in a demo, and nothing elsewhere
    "filling.fill",  # the operator, on an empty database
    "installation.create",
    "installation.exists",
    "installation.found",
    "installation.is_current",
    "installation.migrate",
    "sessions.sign_in",  # this is how one gets permissions
    "sessions.whoever",
}
ASKING = {"require", "require_somewhere", "_managed", "_role_ends", "_in_area"}


def use_cases():
    for path in ROOT.glob("app/services/**/[!_]*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                called = {
                    getattr(call.func, "attr", getattr(call.func, "id", ""))
                    for call in ast.walk(node)
                    if isinstance(call, ast.Call)
                }
                yield f"{path.stem}.{node.name}", called


def test_every_use_case_asks_for_permission():
    silent = {name for name, called in use_cases() if not called & ASKING}
    assert silent == ASKS_NOBODY
