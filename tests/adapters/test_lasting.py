"""Papers years later: what was stamped anew in time is proved, what was not is not."""

from datetime import timedelta

import pytest

from app.adapters.signature import authority
from app.adapters.signature.lasting import TooLate, holds, renew
from app.adapters.signature.signing import Look, Slot, Trust, add_fields, put_seal, sign
from tests import fakes
from tests.documents_made import NOW, Authority

LOOK = Look(b"0 0 10 10 re f", 100, 30)
YEAR = authority.YEAR
SHORT = 6 * YEAR


@pytest.fixture(scope="module")
def ours():
    return Authority()


@pytest.fixture(scope="module")
def seal(ours):
    return ours.identity("兴县应急管理局", "seal")


@pytest.fixture(scope="module")
def made(ours, seal):
    """A paper sealed in 2026, under a stamp whose certificate ends in 2032."""
    boxes = fakes.Press.BOXES
    slots = [Slot(name, box, name, closes=name == "seal") for name, box in boxes.items()]
    with pytest.MonkeyPatch.context() as shorter:
        shorter.setitem(authority.LIFE, "stamp", SHORT)
        stamp = ours.identity("时间戳", "stamp")
    pdf = add_fields(fakes._empty_page(), slots)
    pdf = sign(pdf, "officer1", ours.identity("张伟"), stamp, LOOK, "签名", NOW, first=True)
    return put_seal(pdf, "seal", seal, stamp, LOOK, "用印", NOW, ours.trust())


def trust_at(ours, *revoked):
    """Whom papers go back to at a moment; `revoked` are certificates with when they were."""

    def at(moment):
        lists = (
            authority.list_revoked(ours.root, [], moment),
            authority.list_revoked(ours.issuing, revoked, moment),
        )
        return Trust([ours.root.certificate], [ours.issuing.certificate], lists)

    return at


@pytest.fixture(scope="module")
def renewed(ours, made):
    """The same, stamped anew in 2031 by a stamp that is good until 2046 and not made before."""
    later = NOW + 5 * YEAR
    again = ours.identity("时间戳", "stamp", since=later)
    return renew(made, again, trust_at(ours), later)


@pytest.mark.parametrize(
    ("years", "as_made", "as_renewed"),
    [
        (1, True, False),
        (5.1, True, True),
        (6.1, False, True),
        (10, False, True),
        (26, False, False),
    ],
)
def test_ten_years_later(ours, made, renewed, years, as_made, as_renewed):
    day = NOW + years * YEAR
    assert holds(made, trust_at(ours), day) is as_made
    assert holds(renewed, trust_at(ours), day) is as_renewed


def test_it_is_only_added_to(made, renewed):
    assert renewed.startswith(made)
    assert len(renewed) - len(made) < 20_000


def test_too_late_is_told(ours, made):
    late = NOW + 7 * YEAR
    with pytest.raises(TooLate):
        renew(made, ours.identity("时间戳", "stamp", since=late), trust_at(ours), late)


def test_what_was_changed_is_not_proved_by_a_stamp_over_it(ours, renewed):
    flipped = bytearray(renewed)
    flipped[600] ^= 1
    assert not holds(bytes(flipped), trust_at(ours), NOW + 10 * YEAR)
    assert not holds(b"junk", trust_at(ours), NOW)
    assert not holds(fakes._empty_page(), trust_at(ours), NOW)


@pytest.mark.parametrize(("after", "proved"), [(-timedelta(days=1), False), (7 * YEAR, True)])
def test_what_was_revoked_counts_from_then_on(ours, renewed, seal, after, proved):
    revoked = (authority.serial_of(seal.der), NOW + after)
    assert holds(renewed, trust_at(ours, revoked), NOW + 10 * YEAR) is proved


@pytest.mark.parametrize(("paper", "moments"), [("made", 2), ("renewed", 3)])
def test_whom_to_trust_is_asked_for_once_a_moment(ours, paper, moments, request):
    """Each answer is lists that are signed anew; the paper bears two signatures and its stamps."""
    asked, at = [], trust_at(ours)

    def told(moment):
        asked.append(moment)
        return at(moment)

    assert holds(request.getfixturevalue(paper), told, NOW + 5.1 * YEAR)
    assert len(asked) == len(set(asked)) == moments
