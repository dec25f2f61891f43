"""`manage.py lock [--upgrade]`: make the lock files anew, with hashes and without hosts.

uv reads none of pip's settings, so the machine's are handed on. What is locked stays unless it must
change; `--upgrade` or `--upgrade-package NAME` go to uv.
"""

import subprocess
import sys

from manage import FONTS, PYTHON, ROOT, RUNTIME, Stop, call, npm, say

UV = RUNTIME / "uv-venv"
HOW = [
    *("--universal", "--python-version=3.11", "--generate-hashes", "--no-header", "--no-annotate"),
    "--index-strategy=unsafe-best-match",  # all indexes count alike, as they do for pip
]
SETTINGS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
}


def pip_settings() -> dict[str, str]:
    """Say in uv's words where this machine's pip looks for packages."""
    listed = subprocess.run(
        [PYTHON, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    )
    env = {}
    for key, _, value in (line.partition("=") for line in listed.stdout.splitlines()):
        if name := SETTINGS.get(key.rpartition(".")[2]):
            env[name] = " ".join(value.strip("'\"").replace("\\n", " ").split())
    return env


def main(arguments: list[str]) -> None:
    if not (UV / "bin/uv").exists():
        say("安装 uv", "uv")
        call("uv", PYTHON, "-m", "pip", "install", "--no-user", "--target", UV, "uv")
    env = pip_settings()
    same = ["-c", "requirements.txt"]
    also = ("requirements-dev", "requirements-token", "requirements-sm2")
    lists: dict[str, list[str]] = {"requirements": [], **dict.fromkeys(also, same)}
    for name, more in lists.items():
        say(f"{name}.txt", f"{name}.txt")
        files = [f"{name}.in", "-o", f"{name}.txt"]
        call("lock", UV / "bin/uv", "pip", "compile", *HOW, *files, *more, *arguments, env=env)
    for folder in (ROOT, FONTS, ROOT / "tests/tooling/chromium"):
        name = str((folder / "package-lock.json").relative_to(ROOT))
        say(name, name)
        bare = ["--package-lock-only", "--omit-lockfile-registry-resolved"]
        npm("lock", "install", *bare, cwd=folder)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Stop as why:
        say(str(why), str(why))
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
