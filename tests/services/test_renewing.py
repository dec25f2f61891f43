"""Papers and keys over the years: stamped anew in time, replaced before they end."""

import io
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from cryptography import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from sqlalchemy import select, text

from app.adapters.signature import authority
from app.adapters.signature.lasting import holds
from app.adapters.signature.verifying import check
from app.cli.keys import rotate_key
from app.domain.documents import KeyUse
from app.models.documents import DocumentRevision, SigningKey
from app.models.records import HistoryEntry
from app.services import incidents, sessions
from app.services.documents import reading
from app.services.pdf import certificates, keys, renewing, verifying
from app.services.pdf.verifying import Verdict
from app.services.sweeping import Sweep
from tests.casework import ANSWERS, Play
from tests.migrating import migrate_to

STAFF, SECOND = "xingxian.staff1", "xingxian.staff2"
HERE = sessions.Origin("203.0.113.9")


@pytest.fixture
def play(deps, actor):
    return Play(deps, actor)


def sealed(play, **order):
    """A sealed order: the paper, and its file."""
    case = play.start(STAFF)
    play.do(STAFF, "draft_order", **{**ANSWERS["draft_order"], **order})
    play.finish_papers()
    (paper,) = play.papers(STAFF, case)
    return paper, play.run(STAFF, reading.file, paper.id).data


def certificate_of(deps, use):
    """The certificate in use."""
    with deps.system_reading("test") as work:
        wanted = select(SigningKey).where(SigningKey.use == use, SigningKey.holder.is_not(None))
        return work.session.scalars(wanted).one()


def asked(deps, data):
    return verifying.by_file(deps, data, HERE).verdict


def trust_at(deps):
    return lambda moment: keys.trust(deps, moment)


def told(app, data, language="zh"):
    """What the public page says of a file."""
    browser = app.test_client()
    browser.get(f"/language/{language}")
    return browser.post("/verify", data={"file": (io.BytesIO(data), "a.pdf")}).text


def test_a_paper_of_2026_in_2036(app, play, deps, clock, monkeypatch):
    monkeypatch.setitem(authority.LIFE, "stamp", 6 * authority.YEAR)
    paper, original = sealed(play)
    monkeypatch.undo()
    clock.now = datetime(2029, 3, 1, 1, tzinfo=UTC)
    assert renewing.renew_all(deps) == 0  # there is time
    clock.now = datetime(2031, 3, 1, 1, tzinfo=UTC)
    Sweep(deps).run()
    assert f"{renewing.JOB}:2031" in deps.jobs.waiting
    deps.jobs.drain(deps)  # each job is done twice
    view = play.run(STAFF, reading.get, paper.id)
    assert [one.made_by for one in view.revisions][-2:] == ["seal", "renewed"]
    renewed = play.run(STAFF, reading.file, paper.id).data
    assert renewed.startswith(original)
    assert [asked(deps, original), asked(deps, renewed)] == [Verdict.ORIGINAL] * 2

    clock.now = now = datetime(2036, 11, 20, 1, tzinfo=UTC)
    assert asked(deps, renewed) is Verdict.ORIGINAL
    assert holds(renewed, trust_at(deps), now)
    assert asked(deps, original) is Verdict.EXPIRED
    assert not holds(original, trust_at(deps), now)
    assert "时间戳已过期" in told(app, original)
    assert "The time stamp has ended" in told(app, original, "en")
    assert "是登记的原件" in told(app, renewed)
    assert asked(deps, renewed + b"\n%") is Verdict.UNKNOWN  # these papers bear no code
    cut = deps.files.get(view.revisions[1].sha256)
    assert asked(deps, cut) is Verdict.CUT_BACK


def file_of(play, tmp_path, paper):
    digest = play.run(STAFF, reading.get, paper.id).row.sha256
    (path,) = (tmp_path / "files").glob(f"*/{digest}")
    return path


def newest(play, paper):
    return play.run(STAFF, reading.get, paper.id).revisions[-1].made_by


def test_one_that_is_broken_is_an_incident_and_keeps_no_other_from_being_stamped(
    play, deps, clock, client, monkeypatch, tmp_path
):
    monkeypatch.setitem(authority.LIFE, "stamp", 6 * authority.YEAR)
    first, _file = sealed(play)
    second, _file = sealed(play)
    monkeypatch.undo()
    path = file_of(play, tmp_path, first)
    kept = path.read_bytes()
    path.write_bytes(b"gone")
    clock.now = datetime(2031, 3, 1, 1, tzinfo=UTC)
    assert [renewing.renew_all(deps) for _turn in range(2)] == [1, 0]
    assert [newest(play, paper) for paper in (first, second)] == ["seal", "renewed"]

    admin = "xingxian.admin"
    (row,) = play.run(admin, incidents.find)
    assert (row.command, row.case_id, row.attempts) == (renewing.JOB, first.case_id, 2)
    assert row.fault.startswith("OSError ")
    assert list(row.papers) == [first.number]
    assert f"paper {first.id}, revision 3" in incidents.trace(deps, row.id)
    page = client(admin).get("/incidents/").text
    assert "文书续加时间戳" in page
    assert first.number in page
    assert "明年再试" in page
    assert row.retriable

    play.run(admin, incidents.retry, row.id)
    deps.jobs.drain(deps)  # in vain: the file is still gone
    (row,) = play.run(admin, incidents.find)
    assert row.attempts == 4
    path.write_bytes(kept)
    clock.advance(minutes=1)
    play.run(admin, incidents.retry, row.id)
    deps.jobs.drain(deps)
    assert newest(play, first) == "renewed"
    assert play.run(admin, incidents.find) == []
    acts = [line.action for line in play.case(STAFF, first.case_id).history]
    told = [act for act in acts if act.startswith("incident.")]
    assert sorted(told) == ["incident.close", "incident.open", *["incident.retry"] * 2]


def test_what_cannot_be_mended_is_closed_with_its_reason(play, deps, clock, monkeypatch, tmp_path):
    monkeypatch.setitem(authority.LIFE, "stamp", 6 * authority.YEAR)
    paper, _file = sealed(play)
    monkeypatch.undo()
    path = file_of(play, tmp_path, paper)
    kept = path.read_bytes()
    clock.now = datetime(2033, 3, 1, 1, tzinfo=UTC)  # its stamp has ended
    renewing.renew_all(deps)
    (row,) = play.run("xingxian.admin", incidents.find)
    assert row.fault.startswith("TooLate ")
    play.run("xingxian.admin", incidents.close, row.id, "原件另有纸质存档")
    assert play.run("xingxian.admin", incidents.find) == []
    assert path.read_bytes() == kept


def root_of(file):
    """The name of the root that the last signature in a file goes back to."""
    seal = PdfFileReader(io.BytesIO(file)).embedded_regular_signatures[-1]
    return {
        one.subject.native["common_name"]
        for one in seal.other_embedded_certs
        if one.subject == one.issuer
    }


def test_the_root_is_replaced_in_time_and_old_papers_stay_good(play, deps, clock, client, app):
    """From 2026 to 2060, over the end of the first root: each stamp is good when the next is put."""
    clock.now = datetime(2026, 11, 20, 1, tzinfo=UTC)
    paper, first = sealed(play)
    old = certificate_of(deps, KeyUse.ROOT)
    warned = []
    for year in (2040, 2045, 2049, 2050):
        clock.now = datetime(year, 3, 1, 1, tzinfo=UTC)
        renewing.renew_all(deps)
        warned.append("根证书将于 2056" in client("xingxian.admin").get("/incidents/").text)
    assert warned == [False, True, False, False]  # in 2049 there is another one
    new = certificate_of(deps, KeyUse.ROOT)
    assert new.id != old.id
    assert (old.ends_at.year, new.made_at.year, new.ends_at.year) == (2056, 2049, 2079)
    with deps.system_reading("test") as work:
        uses = work.session.scalars(select(SigningKey.use)).all()
    assert (uses.count(KeyUse.ROOT), uses.count(KeyUse.ISSUING)) == (2, 2)
    assert play.run("xingxian.admin", incidents.find) == []

    clock.now = now = datetime(2060, 3, 1, 1, tzinfo=UTC)
    renewed = play.run(STAFF, reading.file, paper.id).data
    assert renewed.startswith(first)
    assert holds(renewed, trust_at(deps), now)
    assert [asked(deps, first), asked(deps, renewed)] == [Verdict.EXPIRED, Verdict.ORIGINAL]
    _paper, fresh = sealed(play, deadline="2060-04-20")
    assert all(one.good for one in check(fresh, keys.trust(deps), now))
    assert (root_of(first), root_of(fresh)) == ({"闭环签名根证书"}, {"闭环签名根证书 2"})
    for serial in (old.serial, new.serial):
        assert app.test_client().get(f"/revoked/{serial}.crl").status_code == 200


def test_the_operator_replaces_the_root_beside_papers_that_stay_good(
    play, deps, database_url, tmp_path, monkeypatch
):
    _paper, before = sealed(play)
    old = certificate_of(deps, KeyUse.ROOT)
    monkeypatch.setenv("DATABASE_URL", database_url)
    (tmp_path / "data").mkdir()
    (tmp_path / "data/master_key").write_text(bytes(32).hex(), "ascii")
    told = CliRunner().invoke(rotate_key, ["--data", str(tmp_path / "data"), "--root"])
    assert told.exit_code == 0, told.output
    new = certificate_of(deps, KeyUse.ROOT)
    assert new.id != old.id
    assert told.output.strip() == new.serial
    # What is open in this process takes it up at once.
    keys.of_person(deps, play.actor("xingxian.staff3").id, "260518")
    _paper, after = sealed(play)
    for file in (before, after):
        assert all(one.good for one in check(file, keys.trust(deps), deps.clock()))
    assert deps.clock() + 29 * authority.YEAR < certificate_of(deps, KeyUse.ROOT).ends_at
    acts = [line.body for line in installation(deps)]
    assert any('"key.root"' in act for act in acts)


def installation(deps):
    with deps.system_reading("test") as work:
        return work.session.scalars(select(HistoryEntry).filter_by(stream="installation")).all()


def lasting(deps):
    """Until when each state of each paper is proved."""
    columns = (DocumentRevision.document_id, DocumentRevision.revision)
    with deps.system_reading("test") as work:
        rows = work.session.execute(select(*columns, DocumentRevision.lasts_until)).all()
    return {tuple(row[:2]): row[2] for row in rows}


def test_what_was_complete_before_is_stamped_anew_too(play, deps):
    sealed(play)
    unsigned = play.start(STAFF)
    play.do(STAFF, "draft_order", **ANSWERS["draft_order"])
    assert play.papers(STAFF, unsigned)[0].state == "signing"
    case = play.start(
        STAFF, "county_inspection"
    )  # its plan has no seal: it is signed, and complete
    officers = ANSWERS["draft_order"]["officers"]
    play.walk(case, "arrive", plan={"officers": officers, "expert_wanted": "no"})
    wanted = lasting(deps)
    assert len([until for until in wanted.values() if until]) == 2
    assert len(wanted) == 4 + 1 + 2
    with deps.database.engine.connect().execution_options(unscoped="test") as connection:
        connection.execute(text("DROP INDEX ix__document_revision__lasts_until"))
        connection.execute(text("ALTER TABLE document_revision DROP COLUMN lasts_until"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0023'"))
        connection.commit()
    migrate_to(deps.database, "0024")
    assert lasting(deps) == wanted


def test_the_operator_replaces_the_issuing_key(deps, database_url, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database_url)
    told = CliRunner().invoke(rotate_key, ["--data", str(tmp_path / "data")])
    assert told.exit_code == 0, told.output
    assert told.output.strip() == certificate_of(deps, KeyUse.ISSUING).serial


def test_papers_of_an_old_issuing_key_stay_good(play, deps):
    _paper, before = sealed(play)
    old = certificate_of(deps, KeyUse.ISSUING)
    signer = certificate_of(deps, KeyUse.SEAL)
    number = keys.rotate(deps)
    new = certificate_of(deps, KeyUse.ISSUING)
    assert (new.serial, new.id) != (old.serial, old.id)
    assert number == new.serial
    _paper, after = sealed(play)  # by the same people, whose certificates are still good
    now = deps.clock()
    for file in (before, after):
        assert all(one.good for one in check(file, keys.trust(deps), now))
    assert certificate_of(deps, KeyUse.SEAL).id == signer.id

    account = play.actor(SECOND).id
    with deps.system_reading("test") as work:
        key = work.session.scalars(select(SigningKey).filter_by(account_id=account)).one()
    play.run("xingxian.admin", certificates.revoke, key.id, "口令泄露")
    revoked = {
        one.serial: [
            line.serial_number for line in x509.load_der_x509_crl(keys.published(deps, one.serial))
        ]
        for one in (old, new)
    }
    assert revoked[old.serial] == [int(key.serial, 16)]
    assert revoked[new.serial] == []
    assert authority.is_of(key.certificate, old.certificate)
    # Whoever signs for the first time now is certified by the new one.
    opened = keys.of_person(deps, play.actor("xingxian.staff3").id, "260518")
    assert authority.is_of(opened.identity.der, new.certificate)
    assert opened.identity.above[0] == new.certificate


def test_a_key_is_replaced_before_its_certificate_ends(play, deps, clock):
    sealed(play)
    seal, stamp = certificate_of(deps, KeyUse.SEAL), certificate_of(deps, KeyUse.STAMP)
    clock.now = datetime(2031, 11, 10, 1, tzinfo=UTC)
    _paper, file = sealed(play, deadline="2031-12-20")
    assert all(one.good for one in check(file, keys.trust(deps), deps.clock()))
    fresh = certificate_of(deps, KeyUse.SEAL)
    assert fresh.id != seal.id
    assert fresh.ends_at > clock.now + 4 * authority.YEAR
    assert certificate_of(deps, KeyUse.STAMP).id == stamp.id


def test_no_certificate_outlives_its_issuers(deps, clock):
    clock.now = datetime(2026, 11, 20, 1, tzinfo=UTC)
    keys.stamp(deps)
    clock.now = datetime(2042, 11, 20, 1, tzinfo=UTC)
    deps.papers.opened.clear()
    keys.stamp(deps)
    issuing, stamp = certificate_of(deps, KeyUse.ISSUING), certificate_of(deps, KeyUse.STAMP)
    assert stamp.ends_at <= issuing.ends_at
    assert stamp.made_at.year == 2042


def test_the_list_of_revoked_is_published_and_fresh(app, deps, play, clock):
    browser = app.test_client()
    sealed(play)
    issuing = certificate_of(deps, KeyUse.ISSUING)
    address = f"/revoked/{issuing.serial}.crl"
    made = x509.load_der_x509_crl(browser.get(address).data)
    assert made.is_signature_valid(x509.load_der_x509_certificate(issuing.certificate).public_key())
    clock.advance(days=60)
    again = x509.load_der_x509_crl(browser.get(address).data)
    assert again.last_update_utc > made.next_update_utc
    seal = x509.load_der_x509_certificate(certificate_of(deps, KeyUse.SEAL).certificate)
    (point,) = seal.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert point.full_name[0].value.endswith(address)


def test_a_list_that_nobody_has_is_not_signed(app, deps, play, monkeypatch):
    signed, made = [], authority.list_revoked

    def told(issuer, revoked, now):
        signed.append(issuer.certificate)
        return made(issuer, revoked, now)

    monkeypatch.setattr(authority, "list_revoked", told)
    browser = app.test_client()
    for number in ("0", "zz", "9" * 400):  # and on a new installation no key is made
        assert browser.get(f"/revoked/{number}.crl").status_code == 404, number
    with deps.system_reading("test") as work:
        assert work.session.scalars(select(SigningKey.id)).all() == []
    sealed(play)
    signed.clear()
    seal, issuing = certificate_of(deps, KeyUse.SEAL), certificate_of(deps, KeyUse.ISSUING)
    for number in ("0", seal.serial):
        assert browser.get(f"/revoked/{number}.crl").status_code == 404, number
    assert signed == []
    assert browser.get(f"/revoked/{issuing.serial}.crl").status_code == 200
    assert signed == [issuing.certificate]
