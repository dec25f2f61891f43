"""`python -m app.cli`."""

import gc

gc.disable()  # all that is loaded stays: to look for garbage in it costs a quarter of the start

from app.cli import main  # noqa: E402

gc.freeze()
gc.enable()
main(prog_name="manage.py")
