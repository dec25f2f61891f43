"""`manage.py robots`: everybody of the demo at random, one demo for each seed."""

import argparse
import sys

from tests.robots import crowd


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="manage.py robots")
    parser.add_argument("--seeds", type=int, default=10, help="how many demos are played")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--moves", type=int, default=crowd.MOVES, help="moves in each")
    given = parser.parse_args(arguments)
    report = crowd.play(range(given.first, given.first + given.seeds), given.moves, _say)
    _say(str(report))
    return 1 if report.broken else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
