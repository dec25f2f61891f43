"""Forms that show every kind of question, and a small site that serves them."""

import json
from pathlib import Path
from typing import Any

from app.domain.forms import Form

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


def pair(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the schema and uischema of a sample, or of a form of the repository."""
    stem = ROOT / "forms" / name if "/" in name else HERE / name
    return tuple(
        json.loads(stem.with_name(f"{stem.name}-{kind}.json").read_text("utf-8"))
        for kind in ("schema", "uischema")
    )


def form(name: str) -> Form:
    return Form(*pair(name))


def repository_forms() -> list[str]:
    """Return the names of the forms of the repository, such as `rectification/plan`."""
    folder = ROOT / "forms"
    files = sorted(folder.glob("*/*-schema.json"))
    return [file.relative_to(folder).as_posix().removesuffix("-schema.json") for file in files]
