"""`run` as an operator meets it: a process, its words, its end."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from config import ROOT

PATIENCE = 60
READY = re.compile(r"http://(\S+?):(\d+)/")
FIRST = "1411\n吕梁市\n吕梁市应急管理局\nroot.admin\n李管理\nshort\nshort\na long enough one\na long enough one\n"


class Running:
    """A started server, what it has printed so far, and its address."""

    def __init__(self, data, *arguments, answers="", env=None):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "run", "--data", str(data), *arguments],
            cwd=ROOT,
            env={**os.environ, "LANG": "en_GB.UTF-8", "LC_ALL": "", "PYTHONUNBUFFERED": "1"}
            | (env or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.process.stdin.write(answers)
        self.process.stdin.close()
        self.said = ""
        self.address = ""

    def wait(self):
        """Read on until the server is ready, or gone."""
        until = time.monotonic() + PATIENCE
        for line in self.process.stdout:
            self.said += line
            if found := READY.search(line):
                self.address = found[0]
            if "Ctrl-C" in line or time.monotonic() > until:
                break
        return self

    def get(self, path):
        try:
            with urllib.request.urlopen(f"{self.address.rstrip('/')}{path}", timeout=10) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()

    def stop(self, by=signal.SIGINT):
        self.process.send_signal(by)
        return self.end()

    def end(self):
        """Read the last words and return the exit code."""
        self.said += self.process.stdout.read()
        self.process.stdout.close()
        return self.process.wait(PATIENCE)


@pytest.fixture
def start(tmp_path):
    started = []

    def run(*arguments, data=None, **more):
        made = Running(data or tmp_path / "data", "--port", "0", *arguments, **more)
        started.append(made)
        return made.wait()

    yield run
    for one in started:
        one.process.kill()
        one.process.stdout.close()
        one.process.wait()


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A folder with the demo, as a first start leaves it; for `again`."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    assert Running(folder, "--port", "0").wait().stop() == 0
    return folder


@pytest.fixture
def again(start, filled, tmp_path):
    """Start on a copy of the filled folder."""
    shutil.copytree(filled, tmp_path / "data")
    return start


def test_the_first_start_fills_and_the_second_does_not(start, tmp_path):
    first = start()
    assert "fill in the demo data" in first.said
    assert "xingxian.staff1" in first.said
    assert "260518" in first.said
    assert first.get("/sign-in")[0] == 200
    assert first.stop() == 0
    assert "Stopped" in first.said
    assert (tmp_path / "data/bihuan.db").exists()
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0

    second = start()
    assert "fill in" not in second.said
    assert "make or upgrade" not in second.said
    assert "xingxian.staff1" in second.said
    assert second.stop() == 0


def test_a_system_manager_stops_it_cleanly(again):
    served = again()
    assert served.stop(signal.SIGTERM) == 0
    assert "Stopped" in served.said


def test_a_real_installation_asks_for_its_first_administrator(start):
    served = start("--empty", answers=FIRST)
    assert "at least 10" in served.said or "至少 10" in served.said
    assert "bihuan-demo" not in served.said
    status, page = served.get("/sign-in")
    assert status == 200
    assert "data-fill-username" not in page
    assert served.get("/api/v1/demo/accounts")[0] == 404
    assert served.stop() == 0

    again = start("--empty")
    assert "begins with" not in again.said
    assert again.stop() == 0


def test_a_bad_answer_makes_no_installation(start):
    wrong = FIRST.replace("1411\n", "99x\n", 1)
    served = start("--empty", answers=wrong)
    assert served.end() != 0
    assert "Traceback" not in served.said
    assert start("--empty", answers=FIRST).address


def test_what_is_wrong_is_asked_again_and_the_rest_is_kept(start):
    wrong = FIRST.replace("1411\n", "99x\n", 1).replace("root.admin", "Ä")
    served = start("--empty", answers=wrong.replace("short\nshort\n", "") + "1411\nroot.admin\n")
    assert served.get("/sign-in")[0] == 200
    assert served.said.count("Full name of the emergency bureau") == 1
    assert served.said.count("Division code") == 3  # asked, found wrong, asked again


def test_without_answers_it_gives_up(start):
    served = start("--empty", answers="")
    assert served.end() != 0
    assert "Traceback" not in served.said


def test_a_taken_port_is_named(again):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        served = again("--port", str(port))
        assert served.end() == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in served.said
    assert "Traceback" not in served.said


def test_two_at_once_on_a_fresh_folder_share_one_installation(tmp_path):
    one = Running(tmp_path / "data", "--port", "0")
    other = Running(tmp_path / "data", "--port", "0")
    for served in (one, other):
        served.wait()
    try:
        assert one.get("/sign-in")[0] == other.get("/sign-in")[0] == 200
    finally:
        assert one.stop() == other.stop() == 0, one.said + other.said


def test_the_operator_reads_chinese(again):
    served = again(env={"LANG": "zh_CN.UTF-8"})
    assert "演示账号" in served.said
    assert "按 Ctrl-C 停止" in served.said
    assert served.stop() == 0


def test_accounts_lists_them(filled, tmp_path):
    command = [sys.executable, "-m", "app.cli", "accounts", "--data"]
    none = [*command, str(tmp_path / "data")]
    before = subprocess.run(none, cwd=ROOT, capture_output=True, text=True, check=False)
    assert before.returncode == 1
    assert "Traceback" not in before.stderr
    command.append(str(filled))
    after = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "fenyang.admin" in after.stdout


def test_a_proxy_says_where_a_request_is_from(again):
    served = again("--proxy", "127.0.0.1")
    request = urllib.request.Request(  # noqa: S310
        f"{served.address}api/v1/tokens",
        data=b'{"username": "xingxian.staff1", "password": "bihuan-demo"}',
        headers={"Content-Type": "application/json", "X-Forwarded-For": "198.51.100.7"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        assert answer.status == 201
    assert served.stop() == 0
