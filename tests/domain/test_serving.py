"""What each manner of service demands, and when consent to the electronic one holds."""

from datetime import date

import pytest

from app.domain import serving
from app.domain.deadlines import Weekends
from app.domain.serving import Channel, Consent, Known

DAY = "2026-11-20"
SIGNED = {"manner": "direct", "receipt": "signed", "served_on": DAY, "served_at": "厂区办公室"}
NOTICE = {
    **SIGNED,
    "manner": "notice",
    "receipt": "not_present",
    "notice_on": "2026-10-21",
    "served_at": "县人民政府网站",
}
SENT = {**SIGNED, "manner": "electronic", "receipt": "not_present"}
MAILED = {**SENT, "served_at": "电子邮箱 anquan@example.cn"}


def consent(number=1, since="2026-11-01", until=None, address="anquan@example.cn"):
    ended = date.fromisoformat(until) if until else None
    return Consent(number, Channel.EMAIL, address, date.fromisoformat(since), ended)


def known(*consents):
    return Known(consents, Weekends())


@pytest.mark.parametrize(
    ("answers", "at"),
    [
        (SIGNED, []),
        (SIGNED | {"receipt": "refused"}, ["/manner"]),
        (SIGNED | {"receipt": "not_present"}, ["/receipt"]),
        (SIGNED | {"manner": "left"}, ["/receipt"]),
        (SIGNED | {"manner": "left", "receipt": "refused"}, []),
        (SIGNED | {"manner": "mail"}, []),
        (SIGNED | {"manner": "mail", "receipt": "not_present"}, []),
        (SIGNED | {"manner": "mail", "receipt": "refused"}, ["/manner"]),
        (SIGNED | {"manner": "entrusted", "receipt": "refused"}, []),
        (SIGNED | {"manner": "entrusted", "receipt": "not_present"}, ["/receipt"]),
        (MAILED, []),
        (MAILED | {"served_at": "邮箱 ANQUAN@Example.cn"}, []),
        (MAILED | {"receipt": "signed"}, ["/receipt"]),
        (SENT, ["/served_at"]),
        (NOTICE, []),
        (NOTICE | {"receipt": "refused"}, ["/receipt"]),
        (NOTICE | {"served_on": "2026-11-19"}, ["/served_on"]),
        (NOTICE | {"served_on": "2026-11-21"}, ["/served_on"]),
    ],
)
def test_what_does_not_go_together_is_told_at_its_field(answers, at):
    assert [pointer for pointer, _told in serving.wrong(known(consent()), answers)] == at


@pytest.mark.parametrize(
    ("consents", "at"),
    [
        ([], ["/manner"]),
        ([consent(since="2026-11-21")], ["/manner"]),
        ([consent(since=DAY)], []),
        ([consent(until=DAY)], ["/manner"]),
        ([consent(until="2026-11-21")], []),
        ([consent(2, DAY, address="new@example.cn"), consent(until=DAY)], ["/served_at"]),
    ],
)
def test_electronic_service_needs_a_consent_in_force_on_the_day(consents, at):
    told = list(serving.wrong(known(*consents), MAILED))
    assert [pointer for pointer, _why in told] == at


def test_who_uses_its_account_here_has_no_address_to_name():
    own = Consent(1, Channel.ACCOUNT, "", date(2026, 11, 1), None)
    assert list(serving.wrong(known(own), SENT)) == []


@pytest.mark.parametrize(
    ("published", "over"),
    [("2026-10-21", "2026-11-20"), ("2026-10-22", "2026-11-23"), ("2027-01-29", "2027-03-01")],
)
def test_a_notice_is_over_after_thirty_days_and_not_on_a_holiday(published, over):
    """21 November 2026 is a Saturday, 28 February 2027 a Sunday."""
    assert serving.notice_over(published, Weekends()) == date.fromisoformat(over)
