"""Real papers for tests: a press that is started once, keys of an authority of the test's own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from app.adapters import Order, pdf
from app.adapters.fonts import papers
from app.adapters.pdf import Press
from app.adapters.signature import authority
from app.adapters.signature.authority import Holder, Issuer
from app.adapters.signature.identity import Identity
from app.adapters.signature.signing import Trust
from app.adapters.signature.vault import fresh_key
from config import ROOT

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
READY = papers().ready
FILL_IN = """
import json, sys
from pathlib import Path
from app.adapters.fonts import activate
activate(Path("/nowhere"))
from app.adapters.pdf import typesetter
bundle, wanted = json.load(sys.stdin)
environment = typesetter._environment(tuple(sorted(bundle["sources"].items())))
more = {"mark": "", "qr": True, "gap": None}
def filled(kind, data):
    wording = bundle["wording"].get(kind, {})
    try:
        return environment.get_template(f"{kind}.html").render(d=data, wording=wording, **more)
    except Exception as wrong:
        raise SystemExit(f"{kind} {wrong!r} {sorted(data)}")
json.dump([filled(kind, data) for kind, data in wanted], sys.stdout)
"""
"""What fills templates in, in a process of its own: WeasyPrint's libraries may be our own."""


def kill_while_typesetting(patched) -> list[int]:
    """Have each process killed (kill -9) once it was given a paper; return what fills with them."""
    killed: list[int] = []
    busy: list[int] = []
    typeset, receive = pdf._Process.typeset, pdf.receive

    def noted(process, order, longest):
        busy.append(process._child.pid)
        return typeset(process, order, longest)

    def answer(source):
        os.kill(busy[-1], signal.SIGKILL)
        killed.append(busy[-1])
        return receive(source)

    patched.setattr(pdf._Process, "typeset", noted)
    patched.setattr(pdf, "receive", answer)
    return killed


@cache
def press() -> Press:
    return Press(Path("/nowhere"))


def typeset(papers, kind, data, mark=""):
    """Typeset a paper of a kind from its data; `mark` is what a preview bears."""
    bundle = json.loads(papers.templates.bundle)
    qr = ("image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>')
    order = Order(
        sources=bundle["sources"],
        template=f"{kind}.html",
        data={"d": data, "wording": bundle["wording"].get(kind, {}), "mark": mark, "qr": not mark},
        assets={} if mark else {"qr": qr},
        attached={},
    )
    return papers.press.typeset(order)


def filled_in(templates, wanted: Iterable[tuple[str, Mapping[str, Any]]]) -> list[str]:
    """Return the HTML of papers, by kind and data: all that a template does, without typesetting."""
    order = json.dumps([json.loads(templates.bundle), list(wanted)])
    command = [sys.executable, "-c", FILL_IN]
    done = subprocess.run(
        command, cwd=ROOT, input=order, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stdout)
    return found


class Authority:
    """A root, an issuing authority, and whoever they certify."""

    def __init__(self, name="测试") -> None:
        root, issuing = fresh_key(), fresh_key()
        self.root = Issuer(root, authority.certify_authority(root, Holder("根", name), NOW))
        certificate = authority.certify_authority(issuing, Holder("签发", name), NOW, self.root)
        self.issuing = Issuer(issuing, certificate)

    def identity(self, name, use="person", since=NOW, of="兴县应急管理局") -> Identity:
        key = fresh_key()
        holder = Holder(name, of, "14-000001")
        certificate = authority.certify(key.public_key(), holder, since, self.issuing, use)
        return Identity(key, certificate, (self.issuing.certificate, self.root.certificate))

    def trust(self, *revoked: Identity) -> Trust:
        numbers = [(authority.serial_of(one.der), NOW) for one in revoked]
        lists = (
            authority.list_revoked(self.root, [], NOW),
            authority.list_revoked(self.issuing, numbers, NOW),
        )
        return Trust([self.root.certificate], [self.issuing.certificate], lists)
