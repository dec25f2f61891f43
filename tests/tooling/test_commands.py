"""The operator's commands: each is found, and brings along only what it needs."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from app.cli import verify
from app.cli.commands import MODULES, main
from app.services import Unavailable
from config import ROOT

HELPERS = {"__init__", "__main__", "commands", "common", "keeper"}


def test_every_module_is_a_command():
    here = {path.stem for path in Path(ROOT / "app" / "cli").glob("*.py")}
    assert here - HELPERS == set(MODULES.values())


@pytest.mark.parametrize("name", MODULES)
def test_a_command_goes_by_its_name(name):
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert command.name == name


def test_help_tells_every_command():
    told = CliRunner().invoke(main, ["--help"])
    assert told.exit_code == 0
    for name in MODULES:
        assert f"  {name} " in told.output


def test_an_unknown_command_is_refused():
    told = CliRunner().invoke(main, ["nothing"])
    assert told.exit_code == 2
    assert "nothing" in told.output


def test_a_worker_loads_no_pages_and_its_garbage_is_looked_for():
    check = (
        "import gc, sys; from app.cli.commands import main; main.get_command(None, 'worker');"
        "print('app.web' in sys.modules, 'app.worker' in sys.modules, gc.isenabled())"
    )
    run = [sys.executable, "-c", check]
    told = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "True", "True"]


@pytest.mark.parametrize(
    "line",
    [
        ("accounts",),
        ("clock",),
        ("clock", "advance", "P1D"),
        ("deploy",),
        ("incident", "1"),
        ("rotate-key",),
        ("verify",),
        ("worker",),
    ],
)
@pytest.mark.parametrize("there", [True, False])
def test_where_nothing_is_installed_nothing_is_left_behind(tmp_path, monkeypatch, line, there):
    """A slip of the pen in `--data` makes neither a folder nor keys in somebody else's."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    data = tmp_path / "data"
    if there:
        data.mkdir()
    told = CliRunner().invoke(main, [*line, "--data", str(data)])
    assert told.exit_code == 1
    assert "python3 manage.py run" in told.output
    assert str(data) in told.output
    assert list(tmp_path.rglob("*")) == ([data] if there else [])


def test_where_the_clock_is_may_be_said_before_it_is_moved_too(tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    told = CliRunner().invoke(main, ["clock", "--data", str(tmp_path), "advance", "P1D"])
    assert told.exit_code == 1
    assert str(tmp_path) in told.output


def test_a_database_that_breaks_under_a_command_is_told_in_one_line(tmp_path, monkeypatch):
    def check(_deps, _tally):
        raise Unavailable from OSError("database disk image is malformed")

    monkeypatch.setattr(verify, "opened", lambda _data: None)
    monkeypatch.setattr(verify.verifying, "CHECKS", (check,))
    told = CliRunner().invoke(main, ["verify", "--data", str(tmp_path)])
    assert told.exit_code == 1
    assert told.output.count("\n") == 1
    assert "database disk image is malformed" in told.output
    assert isinstance(told.exception, SystemExit)


def test_any_other_fault_of_a_command_shows_where_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(verify, "opened", lambda _data: 1 / 0)
    told = CliRunner().invoke(main, ["verify", "--data", str(tmp_path)])
    assert isinstance(told.exception, ZeroDivisionError)
