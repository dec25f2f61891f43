import json
import re
from pathlib import Path

import pytest

from tests.tooling.lint import HOSTS, registries_named

ROOT = Path(__file__).parents[2]
NPM = [ROOT, ROOT / "app/adapters/fonts", ROOT / "tests/tooling/chromium"]


def direct():
    for name in ("requirements.in", "requirements-dev.in"):
        for line in (ROOT / name).read_text().splitlines():
            if line[:1].isalnum():
                yield re.split(r"[^\w.-]", line)[0]
    for folder in NPM:
        package = json.loads((folder / "package.json").read_text())
        yield from package["dependencies"] | package.get("devDependencies", {})


def test_every_direct_dependency_has_its_line_and_no_other():
    rows = re.findall(
        r"^\| (\S+) \| .+ \| .+ \|$", (ROOT / "docs/dependencies.md").read_text(), re.MULTILINE
    )
    assert sorted(name for name in rows if name != "package") == sorted(direct())


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_python_packages_are_pinned_by_hash(name):
    text = (ROOT / f"{name}.txt").read_text().replace("\\\n", "")
    entries = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert entries
    for entry in entries:
        assert re.match(r"[\w.-]+(\[[\w,]+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}", entry), entry
    locked = {re.split(r"[\[=]", entry)[0].lower() for entry in entries}
    wanted = (ROOT / f"{name}.in").read_text().splitlines()
    assert {
        re.split(r"[^\w.-]", line)[0].lower() for line in wanted if line[:1].isalnum()
    } <= locked


def test_both_lock_files_agree():
    def pins(name):
        return dict(re.findall(r"^([\w.-]+)\S*==(\S+)", (ROOT / name).read_text(), re.MULTILINE))

    plain, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    assert plain.items() <= dev.items()


@pytest.mark.parametrize("folder", NPM, ids=lambda folder: folder.name)
def test_npm_packages_are_pinned_by_hash_without_addresses(folder):
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    for name, package in packages.items():
        assert "resolved" not in package, name
        assert not name or package["integrity"].startswith("sha512-"), name
    wanted = json.loads((folder / "package.json").read_text())
    assert packages[""].get("dependencies") == wanted["dependencies"]
    versions = wanted["dependencies"] | wanted.get("devDependencies", {})
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions.values())


def test_npm_leaves_addresses_out_and_runs_no_scripts():
    settings = (ROOT / ".npmrc").read_text().splitlines()
    assert {"omit-lockfile-registry-resolved=true", "ignore-scripts=true"} <= {*settings}


def test_no_tracked_file_names_a_registry():
    assert registries_named() == []


def test_the_search_for_registries_finds_one(monkeypatch, tmp_path):
    bad = tmp_path / "lock"
    bad.write_text(f"--index={HOSTS[1].upper()}")
    monkeypatch.setattr("tests.tooling.lint.ROOT", tmp_path)
    monkeypatch.setattr("tests.tooling.lint.tracked", lambda: [bad])
    assert registries_named() == [f"lock: {HOSTS[1]}"]
