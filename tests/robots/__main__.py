"""`manage.py robots`: everybody of the demo at random, one demo for each seed."""

import argparse
import sys
from pathlib import Path

from app.models.database import connect
from tests.robots import crowd


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="manage.py robots")
    parser.add_argument("--seeds", type=int, default=10, help="how many demos are played")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--moves", type=int, default=crowd.MOVES, help="moves in each")
    parser.add_argument("--journeys", type=Path, nargs="*", default=(), help="data left by stories")
    given = parser.parse_args(arguments)
    report = crowd.play(range(given.first, given.first + given.seeds), given.moves, _say)
    for folder in given.journeys:
        database = connect(f"sqlite:///{folder / 'bihuan.db'}")
        report.seen.read(database)
        database.close()
    _say(str(report))
    return 1 if report.broken else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
