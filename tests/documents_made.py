"""Real papers for tests: a press that is started once, keys of an authority of the test's own."""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from app.adapters import Order
from app.adapters.fonts import papers
from app.adapters.pdf import Press
from app.adapters.signature import authority
from app.adapters.signature.authority import Holder, Issuer
from app.adapters.signature.identity import Identity
from app.adapters.signature.signing import Trust
from app.adapters.signature.vault import fresh_key

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
READY = papers().ready


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


class Authority:
    """A root, an issuing authority, and whoever they certify."""

    def __init__(self, name="测试") -> None:
        root, issuing = fresh_key(), fresh_key()
        self.root = Issuer(root, authority.certify_authority(root, Holder("根", name), NOW))
        certificate = authority.certify_authority(issuing, Holder("签发", name), NOW, self.root)
        self.issuing = Issuer(issuing, certificate)

    def identity(self, name, use="person") -> Identity:
        key = fresh_key()
        holder = Holder(name, "兴县应急管理局", "14-000001")
        certificate = authority.certify(key.public_key(), holder, NOW, self.issuing, use)
        return Identity(key, certificate, (self.issuing.certificate, self.root.certificate))

    def trust(self, *revoked: Identity) -> Trust:
        numbers = [(authority.serial_of(one.der), NOW) for one in revoked]
        lists = (
            authority.list_revoked(self.root, [], NOW),
            authority.list_revoked(self.issuing, numbers, NOW),
        )
        return Trust([self.root.certificate], [self.issuing.certificate], lists)
