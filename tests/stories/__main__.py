"""`manage.py story closure`: a server of its own, the story through its API, the papers in a folder."""

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from config import ROOT
from tests.journeys.processes import Server
from tests.stories import closure, xingxian
from tests.stories.people import Town
from tests.stories.story import Story

STORIES = {"closure": closure.play, "xingxian": xingxian.play}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="manage.py story")
    parser.add_argument("name", choices=sorted(STORIES))
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    parser.add_argument("--data", type=Path, default=ROOT / "instance" / f"story-{stamp}")
    given = parser.parse_args(arguments)
    folder = given.data.resolve()
    if folder.exists() and any(folder.iterdir()):
        sys.stderr.write(f"{folder} 不是空文件夹，请另选 --data / is not empty\n")
        return 2
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    server = Server(folder, f"sqlite:///{folder / 'bihuan.db'}")
    try:
        story = Story(Town(server.address), closure.STAFF, lambda text: print(text, flush=True))  # noqa: T201
        STORIES[given.name](story)
        papers = story.keep_papers(folder / "papers")
    finally:
        server.stop()
    sys.stdout.write(
        f"共 {time.monotonic() - began:.0f} 秒，{len(story.cases)} 件案件，{len(papers)} 份文书\n"
        f"文书：{folder / 'papers'}\n"
        f"查看：python3 manage.py run --data {folder}\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
