"""Look after the English catalogue from the command line."""

import sys

from app.web.translations import compile_catalogue, faults, update


def main(command: str) -> int:
    """Run one command and return the exit status."""
    if command == "update":
        sys.stdout.write(f"{update()} wordings lack English\n")
        return 0
    if command == "compile":
        sys.stdout.write(f"{compile_catalogue()}\n")
        return 0
    found = [str(fault) for fault in faults()]
    sys.stdout.write("\n".join(found) + f"\n{len(found)} to do\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1] if len(sys.argv) > 1 else "missing"))
