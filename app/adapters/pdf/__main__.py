"""The typesetting process: reads orders from standard input, writes papers to standard output."""

import gc
import sys
import traceback
from pathlib import Path

from app.adapters.fonts import activate


def main() -> None:
    """Typeset until standard input ends, which it does when the process that asks is gone."""
    data, runtime = sys.argv[1:]
    activate(Path(data), Path(runtime))
    # Only now: the libraries must be loaded before WeasyPrint looks for them.
    from app.adapters import MissingGlyphs  # noqa: PLC0415
    from app.adapters.pdf import receive_order, send  # noqa: PLC0415
    from app.adapters.pdf.typesetter import FATAL, prepare, typeset  # noqa: PLC0415

    fonts = prepare()
    gc.collect()
    gc.freeze()
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while (order := receive_order(source)) is not None:
        try:
            made = typeset(order, fonts)
        except MissingGlyphs as lacking:
            send(target, {"missing": lacking.characters})
        except (Exception, FATAL):  # noqa: BLE001  (told to whoever asked)
            send(target, {"error": traceback.format_exc()})
        else:
            send(target, {"pages": made.pages, "boxes": made.boxes}, made.pdf)


main()
