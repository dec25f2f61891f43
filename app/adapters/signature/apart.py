"""Check the signatures of a file that a stranger handed in, in a process of its own.

pyHanko follows every way that leads to an object: a file of some kilobytes can hold more ways than
anybody could wait for, or has memory for. So that it keeps no page from anybody, the process that
reads it may take some seconds and some memory, and is ended then.
"""

import json
import pickle
import resource
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from app.adapters.signature.signing import Trust
from app.adapters.signature.verifying import Found, NotAPaper, check

LONGEST, LARGEST = 10, 2**30
"""Seconds of CPU and bytes of memory that one file is worth; a paper of 20 pages takes 1.5 s."""
AT_ONCE, PATIENCE = 2, 5.0
_places = threading.BoundedSemaphore(AT_ONCE)


def check_apart(pdf: bytes, trust: Trust, now: datetime) -> Sequence[Found]:
    """Return the signatures of a PDF as `check` does, within limits.

    :raises NotAPaper: if it cannot be read, or not within the limits
    """
    if not _places.acquire(timeout=PATIENCE):
        raise NotAPaper("Too many files are being read")
    try:
        told = subprocess.run(  # noqa: S603  (our own module)
            [sys.executable, "-m", __name__],
            input=pickle.dumps((pdf, trust, now, LONGEST, LARGEST)),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).resolve().parents[3],
            timeout=4 * LONGEST,
            check=True,
        ).stdout
    except subprocess.SubprocessError as ended:
        raise NotAPaper("It takes longer to read than any paper") from ended
    finally:
        _places.release()
    return [
        Found(**{**one, "at": one["at"] and datetime.fromisoformat(one["at"])})
        for one in json.loads(told)
    ]


def main() -> None:
    """Check the file on standard input, and write what was found; what is no paper ends badly."""
    pdf, trust, now, longest, largest = pickle.loads(sys.stdin.buffer.read())  # noqa: S301  (ours)
    resource.setrlimit(resource.RLIMIT_CPU, (longest, longest))
    resource.setrlimit(resource.RLIMIT_AS, (largest, largest))
    found = check(pdf, trust, now)
    rows = [{**asdict(one), "at": one.at and one.at.isoformat()} for one in found]
    sys.stdout.write(json.dumps(rows))


if __name__ == "__main__":
    main()
