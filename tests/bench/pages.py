"""How much a browser fetches before the first page is there."""

import gzip
import re
from pathlib import Path

from app.web import create_app
from config import ROOT, Config
from tests.bench import Row
from tests.bench.steps import installed

ASSET = re.compile(r'(?:href|src)="/static/([^"]+)"')


def measure(url: str) -> Row:
    """Return the compressed size of the sign-in page and of all it names."""
    with installed(url) as (deps, _actor, _subject):
        config = Config(data=Path(), database_url=url, secret_key="bench")
        page = create_app(config, deps).test_client().get("/sign-in").text
    static = ROOT / "app/web/static"
    named = [(static / name).read_bytes() for name in sorted(set(ASSET.findall(page)))]
    size = sum(len(gzip.compress(part)) for part in (page.encode(), *named))
    return Row("first page, compressed", size / 1000, 100, "kB")
