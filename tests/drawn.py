"""Small procedures for tests of the services, deployed beside the product's own."""

from app.domain.access import Actor, Grant, Role
from app.services import procedures
from tests.engine.draw import FORM, Drawing, bundle, for_each, timer

FORMS = {
    "forms/f/ok-schema.json": b'{"type": "object", "title": "T", "properties":'
    b' {"ok": {"type": "string", "title": "ok"},'
    b' "panel": {"type": "array", "title": "panel", "items": {"type": "string"}}}}',
}
NATIONAL = Actor(1, "国家管理员", (Grant(Role.ADMIN, 1, ""),))


def deploy(deps, *drawings: Drawing) -> None:
    """Deploy drawings as an administrator of the whole installation would."""
    for drawing in drawings:
        with deps.transaction(NATIONAL) as work:
            procedures.deploy(work, bundle(drawing, more=FORMS))


def ticking(id_="ticking", rule="P10D", **props) -> Drawing:
    """Wait for a time, then ask somebody; a reminder on the border of the task."""
    p = Drawing(id_)
    p.start(props=FORM)
    p.catch("pause", timer(rule))
    p.user("ask", **props)
    p.end()
    return p.chain("start", "pause", "ask", "end")


def asking(id_="asking", **props) -> Drawing:
    p = Drawing(id_)
    p.start(props=FORM)
    p.user("ask", **props)
    p.end("end_asked")
    return p.chain("start", "ask", "end_asked")


def parent(id_="parent", child="asking") -> Drawing:
    """Start a child and wait for its end, which decides how to go on."""
    p = Drawing(id_)
    p.start(props=FORM)
    p.service("child", "start_case", "result", procedure=f'"{child}"', wait='"yes"')
    p.user("after")
    p.end()
    return p.chain("start", "child", "after", "end")


def discussing(id_="discussing") -> Drawing:
    """Ask each of a panel for an opinion; whoever then writes it down may send it back."""
    p = Drawing(id_)
    p.start(props=FORM | {"variables": "panel"})
    p.user("say", "ok", inner=for_each(result="ok"), lane="集体讨论成员")
    p.user("write", returnTo="say", notBy="say")
    p.end()
    return p.chain("start", "say", "write", "end")


def waiting(id_="waiting", rule="P10D") -> Drawing:
    """Wait for a time while somebody is asked, twice."""
    p = Drawing(id_)
    p.start(props=FORM)
    p.both("fork")
    p.catch("pause", timer(rule))
    p.user("ask")
    p.user("again")
    p.both("join")
    p.end()
    p.chain("start", "fork", "pause", "join", "end")
    return p.chain("fork", "ask", "again", "join")
