"""Who takes part in a case gets the files that its pages show them, and no others."""

import pytest

from app.domain import Invalid, NotFound
from app.models.people import RoleGrant
from app.services import procedures
from app.services.cases import files
from app.services.tasks import commands
from tests import drawn
from tests.casework import Play
from tests.engine.draw import FORM, Drawing, bundle

STAFF, SECOND, LEADER = "xingxian.staff1", "xingxian.staff2", "xingxian.head"
PLANT, COLLEAGUE = "xingxian.plant", "xingxian.congress"
FORMS = {
    "forms/f/ok-schema.json": b'{"type": "object", "title": "T", "properties": {"ok": {"type":'
    b' "array", "title": "ok", "items": {"type": "string", "format": "attachment"}}}}',
    "forms/f/ok-uischema.json": b'{"ok": {"ui:widget": "files"}}',
}


@pytest.fixture
def play(deps, actor):
    """A procedure whose first step is the bureau's own; what its second says, the plant reads."""
    p = Drawing("dossier")
    p.start(props=FORM)
    p.user("inside")
    p.user("outside", disclosedTo="企业")
    p.user("answer", lane="企业")
    p.user("closing")
    p.end()
    p.chain("start", "inside", "outside", "answer", "closing", "end")
    with deps.transaction(drawn.NATIONAL) as work:
        procedures.deploy(work, bundle(p, more=FORMS))
    return Play(deps, actor)


@pytest.fixture
def case(play):
    return play.start(STAFF, "dossier", ok=[])


def handed_in(play, username, node):
    """Do a step with a file, and return the file's id."""
    name = play.upload(username)
    play.do(username, node, ok=[name])
    return name


def sees(play, username, name):
    try:
        data = play.run(username, files.content, name, shown=False).data
    except NotFound:
        return False
    assert list(play.run(username, files.described, [name])) == [name]
    return bool(data)


def test_the_bureau_sees_all_and_the_plant_what_is_disclosed(play, case):
    assert case
    inside = handed_in(play, STAFF, "inside")
    outside = handed_in(play, STAFF, "outside")
    mine = handed_in(play, PLANT, "answer")
    for username in (STAFF, SECOND, LEADER, "lvliang.staff1"):
        assert [sees(play, username, name) for name in (inside, outside, mine)] == [True] * 3
    assert [sees(play, PLANT, name) for name in (inside, outside, mine)] == [False, True, True]
    assert play.run(PLANT, files.described, [inside, outside]).keys() == {outside}
    for stranger in ("fenyang.plant", "fenyang.staff1", "xingxian.expert"):
        assert not any(sees(play, stranger, name) for name in (inside, outside, mine))


def test_page_and_api_say_the_same(play, case, client):
    assert case
    inside, outside = handed_in(play, STAFF, "inside"), handed_in(play, STAFF, "outside")
    for end in ("", "/shown"):
        assert client(PLANT).get(f"/files/{inside}{end}").status_code == 404
        assert client(PLANT).get(f"/files/{outside}{end}").status_code == 200
        assert client(SECOND).get(f"/files/{inside}{end}").status_code == 200
    page = client(PLANT).get(f"/cases/{case}").text
    assert outside in page
    assert inside not in page


def test_naming_a_file_is_no_way_to_it(play, case):
    """Whoever got to know an id neither hands the file in as their own nor sees it in a draft."""
    assert case
    inside = handed_in(play, STAFF, "inside")
    outside = handed_in(play, STAFF, "outside")
    (item,) = [row.id for row in play.todo(PLANT)]
    with pytest.raises(Invalid) as refused:
        play.run(PLANT, commands.complete, item, {"ok": [inside]})
    assert list(refused.value.errors) == ["/ok/0"]
    play.run(PLANT, commands.save_draft, item, {"ok": [inside]})
    assert not sees(play, PLANT, inside)
    play.run(PLANT, commands.complete, item, {"ok": [outside]})


def test_who_goes_on_with_a_draft_has_its_files(play, case, deps):
    assert case
    handed_in(play, STAFF, "inside")
    handed_in(play, STAFF, "outside")
    (item,) = [row.id for row in play.todo(PLANT)]
    mine = play.upload(PLANT)
    play.run(PLANT, commands.save_draft, item, {"ok": [mine]})
    assert sees(play, PLANT, mine)
    assert sees(play, SECOND, mine), "the bureau sees its area"
    assert not sees(play, COLLEAGUE, mine), "another role's draft"
    seat = play.actor(PLANT).grants[0]
    with deps.system("test") as work:
        colleague = RoleGrant(
            account_id=play.actor(COLLEAGUE).id, role=seat.role, organisation_id=seat.organisation
        )
        work.session.add(colleague)
    assert sees(play, COLLEAGUE, mine)
    play.run(PLANT, commands.release, item)
    play.run(COLLEAGUE, commands.complete, item, {"ok": [mine]})
