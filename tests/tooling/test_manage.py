import ast
import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import manage

SOURCE = Path(manage.__file__)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Let manage work in a folder of its own."""
    monkeypatch.setattr(manage, "ROOT", tmp_path)
    monkeypatch.setattr(manage, "RUNTIME", tmp_path / ".runtime")
    return tmp_path


def test_needs_the_standard_library_only():
    tree = ast.parse(SOURCE.read_text(), feature_version=(3, 11))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module]
            if isinstance(node, ast.ImportFrom)
            else [each.name for each in node.names]
        )
    }
    assert imported <= sys.stdlib_module_names


def test_an_older_python_can_read_it_and_say_what_is_needed():
    ast.parse(SOURCE.read_text(), feature_version=(3, 8))


@pytest.mark.parametrize("arguments", [[], ["--help"], ["help"]])
def test_help_lists_the_commands_and_sets_nothing_up(arguments, place, capsys):
    assert manage.main(arguments) == 0
    shown = capsys.readouterr().out
    for command in ("run", "test", "lint", "lock", "papers", "story", "worker", "deploy", "verify"):
        assert command in shown
    assert not list(place.iterdir())


def test_a_step_is_done_once_for_the_same_inputs(place):
    source, made, runs = place / "in", place / "out", []

    def work():
        runs.append(source.read_text())
        made.touch()

    def step():
        manage.step("name", [source], made, ("步", "step"), work)

    source.write_text("a")
    step()
    step()
    assert runs == ["a"]
    source.write_text("b")
    step()
    assert runs == ["a", "b"]
    made.unlink()
    step()
    assert runs == ["a", "b", "b"]


def test_an_interrupted_step_is_done_again(place):
    source, made, runs = place / "in", place / "out", []
    source.write_text("a")

    def work():
        runs.append(1)
        made.touch()
        if len(runs) == 2:
            raise KeyboardInterrupt

    manage.step("name", [source], made, ("步", "step"), work)
    source.write_text("b")
    with pytest.raises(KeyboardInterrupt):
        manage.step("name", [source], made, ("步", "step"), work)
    source.write_text("a")  # what the first stamp said; what is there is half of something else
    manage.step("name", [source], made, ("步", "step"), work)
    assert len(runs) == 3


def test_a_folder_counts_with_all_its_files_and_their_names(place):
    folder = place / "src/deep"
    folder.mkdir(parents=True)
    (folder / "a").write_text("1")
    first = manage.digest([place / "src"])
    (folder / "a").rename(folder / "b")
    second = manage.digest([place / "src"])
    (folder / "c").write_text("")
    assert len({first, second, manage.digest([place / "src"])}) == 3


@pytest.mark.usefixtures("place")
def test_two_at_once_wait_for_each_other():
    order = []

    def other():
        with manage.locked("x"):
            order.append("other")

    with manage.locked("x"):
        thread = threading.Thread(target=other)
        thread.start()
        time.sleep(0.1)
        order.append("first")
    thread.join()
    assert order == ["first", "other"]


@pytest.mark.usefixtures("place")
def test_an_orphan_keeps_the_lock_until_it_ends():
    with manage.locked("x"):
        child = subprocess.Popen(["sleep", "0.4"], pass_fds=manage.held)
    began = time.monotonic()
    with manage.locked("x"):
        waited = time.monotonic() - began
    assert waited > 0.2
    child.wait()


@pytest.mark.usefixtures("place")
def test_a_failed_call_shows_the_end_of_its_log():
    with pytest.raises(manage.Stop, match=r"x\.log\n(line \d+\n){14}last words"):
        manage.call("x", "sh", "-c", "seq -f 'line %g' 30; echo last words >&2; exit 3")


def test_ctrl_c_ends_the_child_too(place):
    code = (
        "import manage, sys, pathlib; manage.RUNTIME = pathlib.Path(sys.argv[1]);"
        "manage.set_up = lambda **_: manage.call('x', 'sh', '-c', 'echo $$; exec sleep 60');"
        "sys.exit(manage.main(['run']))"
    )
    command = [sys.executable, "-c", code, str(place)]
    child = subprocess.Popen(command, cwd=SOURCE.parent, stdout=subprocess.PIPE, text=True)
    log = place / "log/x.log"
    while not (log.exists() and log.read_text().endswith("\n")):
        time.sleep(0.02)
    time.sleep(0.5)  # until it is watching its child
    child.send_signal(2)
    shown, _ = child.communicate(timeout=10)
    assert child.returncode == 130
    assert len(shown.splitlines()) == 1
    with pytest.raises(ProcessLookupError):
        os.kill(int(log.read_text()), 0)


@pytest.mark.parametrize(
    ("lang", "lc_all", "chinese"),
    [
        ("zh_CN.UTF-8", "", True),
        ("C.UTF-8", "", True),
        ("en_GB.UTF-8", "", False),
        ("zh", "en", False),
    ],
)
def test_speaks_the_language_of_the_terminal(lang, lc_all, chinese):
    env = {**os.environ, "LANG": lang, "LC_ALL": lc_all}
    shown = subprocess.run(
        [sys.executable, "-c", "import manage; manage.say('中文', 'English')"],
        cwd=SOURCE.parent,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert re.fullmatch(rf"\[ *\d+\.\d s\] {'中文' if chinese else 'English'}\n", shown)


@pytest.fixture
def calls(place, monkeypatch):
    """Let manage call nothing, and note what it would have."""
    for name in ("VENV", "PYTHON", "HALF"):
        path = getattr(manage, name).relative_to(SOURCE.parent)
        monkeypatch.setattr(manage, name, place / path)
    for name in ("requirements.txt", "requirements-dev.txt"):
        (place / name).write_text("flask==3 \\\n    --hash=sha256:0\n")
    noted = []

    def call(log, *_, **__):
        noted.append(log)
        if log == "venv":
            manage.PYTHON.parent.mkdir(parents=True, exist_ok=True)
            manage.PYTHON.write_text("#!/bin/sh\n")  # answers that pip is there
            manage.PYTHON.chmod(0o755)

    monkeypatch.setattr(manage, "call", call)
    manage.RUNTIME.mkdir()
    return noted


def test_packages_are_installed_once_and_those_of_tests_hold_for_all(calls):
    manage.python_packages(dev=False)
    manage.python_packages(dev=False)
    assert calls == ["venv", "pip"]
    manage.python_packages(dev=True)
    manage.python_packages(dev=False)
    assert calls == ["venv", "pip", "pip"]


def test_a_killed_pip_means_a_new_environment(calls):
    manage.python_packages(dev=False)
    manage.HALF.touch()
    manage.python_packages(dev=False)
    assert calls == ["venv", "pip"] * 2
    assert not manage.HALF.exists()


@pytest.mark.usefixtures("calls")
def test_a_pip_that_gave_up_leaves_the_environment(monkeypatch):
    manage.python_packages(dev=False)
    (manage.ROOT / "requirements.txt").write_text("flask==4\n")
    monkeypatch.setattr(manage, "call", lambda *_: (_ for _ in ()).throw(manage.Stop("no network")))
    with pytest.raises(manage.Stop):
        manage.python_packages(dev=False)
    assert not manage.HALF.exists()


def test_papers_that_cannot_be_had_are_reported_and_stop_nothing(place, monkeypatch):
    manage.RUNTIME.mkdir()
    monkeypatch.setattr(manage, "fonts", lambda *_: "pango FangSong Song")
    told = []

    def fail():
        told.append(json.loads((place / ".runtime/papers.json").read_text())["state"])
        raise manage.Stop("no network")

    for name in ("pango", "npm_fonts", "fang_song"):
        monkeypatch.setattr(manage, name, fail)
    assert manage.papers() == ["pango", "FangSong", "Song"]
    assert told == ["working"] * 3
    state = json.loads((place / ".runtime/papers.json").read_text())
    assert (state["state"], state["missing"]) == ("missing", ["pango", "FangSong", "Song"])
    assert "apt-get install" in state["command"]


def test_a_terminal_without_chinese_shows_help_all_the_same():
    env = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    command = [sys.executable, SOURCE, "help"]
    assert b"serve" in subprocess.run(command, env=env, capture_output=True, check=True).stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["papers"], [{"dev": False}, "papers"]),
        (
            ["papers", "to", "notice"],
            [{"dev": True}, "papers", ["-m", "tests.specimens", "to", "notice"]],
        ),
    ],
)
def test_papers_brings_what_they_need_and_writes_samples_where_it_is_told(
    monkeypatch, arguments, expected
):
    done = []
    monkeypatch.setattr(manage, "set_up", lambda **given: done.append(given))
    monkeypatch.setattr(manage, "papers", lambda: done.append("papers") or [])
    monkeypatch.setattr(manage.os, "chdir", lambda _: None)
    monkeypatch.setattr(manage.signal, "signal", lambda *_: None)
    monkeypatch.setattr(manage.os, "execve", lambda _path, line, _env: done.append(line[1:]) or 0)
    assert manage.main(arguments) == 0
    assert done == expected
