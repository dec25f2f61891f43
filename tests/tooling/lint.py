"""`manage.py lint`: every static check. All run, then the failed ones are named."""

import subprocess
import sys
from pathlib import Path

from manage import MODULES, PYTHON, ROOT, VENV, environment, node, say

# Hosts of registries, archives and CDNs; in pieces, so that this file passes its own check
HOSTS = [
    f"{name}.{top}"
    for top, names in {
        "org": "pypi pythonhosted npmjs taobao debian nodejs anaconda",
        "com": "yarnpkg npmjs npmmirror ubuntu aliyun tencent huaweicloud unpkg jsdelivr cloudflare",
        "cn": "tsinghua.edu ustc.edu",
        "net": "jsdelivr launchpad",
        "io": "crates docker",
    }.items()
    for name in names.split()
]


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = filter(None, listed.stdout.decode().split("\0"))
    return [path for name in names if (path := ROOT / name).is_file()]


def registries_named() -> list[str]:
    """Find files that name where packages come from: that is for each machine to say."""
    return [
        f"{path.relative_to(ROOT)}: {host}"
        for path in tracked()
        for content in [path.read_bytes().lower()]
        for host in HOSTS
        if host.encode() in content
    ]


def checks() -> dict[str, list[str | Path]]:
    tools = VENV / "bin"
    commands: dict[str, list[str | Path]] = {
        "ruff check": [tools / "ruff", "check"],
        "ruff format": [tools / "ruff", "format", "--check"],
        "mypy": [tools / "mypy"],
        "lint-imports": [tools / "lint-imports"],
    }
    if diagrams := sorted((ROOT / "bpmn").rglob("*.bpmn")):
        program = MODULES / "bpmnlint/bin/bpmnlint.js"
        commands["bpmnlint"] = [node(), program, "--max-warnings=0", *diagrams]
    commands["translations"] = [PYTHON, "-m", "app.web.translations", "missing"]
    return commands


def main() -> int:
    failed = []
    for name, command in checks().items():
        say(name, name)
        if subprocess.run(command, cwd=ROOT, env=environment(), check=False).returncode:
            failed.append(name)
    say("软件源主机名", "registry hosts")
    if named := registries_named():
        sys.stdout.write("\n".join([*named, ""]))
        failed.append("registry hosts")
    if failed:
        say(f"未通过：{'、'.join(failed)}", f"FAILED: {', '.join(failed)}")
    else:
        say("检查全部通过", "all checks passed")
    return bool(failed)


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except KeyboardInterrupt:
        raise SystemExit(130) from None
