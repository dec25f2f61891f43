"""What is sealed until a day, and prolonged: played by the demo people."""

from tests.paper_samples import OFFICERS, SHORT

STAFF, SECOND, KEEPER, HEAD = (
    "xingxian.staff1",
    "xingxian.staff2",
    "xingxian.seal",
    "xingxian.head",
)
PROLONGED = {"outcome": "prolonged"}
LONGER = {"measure": "seal", "reason": "涉案产能需要委托鉴定", "to_day": "2027-01-18"}


def seized(play, **more):
    """Have equipment sealed until 19 December, and the decision served."""
    case = play.start(STAFF, "issue_paper", kind="seizure", **more)
    play.do(STAFF, "draft", **SHORT["seizure"])
    play.deps.jobs.drain(play.deps)
    play.sign_task(STAFF, "sign")
    play.sign_task(SECOND, "cosign")
    play.do(KEEPER, "approve_seal")
    play.deps.jobs.drain(play.deps)
    play.do(STAFF, "serve", officers=OFFICERS)
    return case


def to_be_prolonged(play):
    """Have what was sealed brought to the step that drafts the decision to prolong it."""
    case = seized(play)
    play.do(STAFF, "ends", **PROLONGED)
    return case, play.open_of(case)[0]


def prolonged(play):
    """Have it prolonged until 18 January: signed by two and by the head, sealed, not served."""
    case, _task = to_be_prolonged(play)
    play.do(STAFF, "prolong", **LONGER, officers=OFFICERS)
    play.sign_task(STAFF, "paper_sign", paper_state="made")
    play.sign_task(SECOND, "paper_countersign", paper_state="made")
    play.sign_task(HEAD, "paper_head", paper_state="made")
    play.do(KEEPER, "paper_approve", paper_state="made")
    play.deps.jobs.drain(play.deps)
    return case


def released(play, case):
    """Have what was sealed released before its day."""
    task = play.open_of(case)[0]
    number = "（兴）应急解封〔2026〕1号"
    play.do(STAFF, task.node, outcome="released", release_number=number, done_on="2026-11-20")


def to_be_listed(play):
    """Have it decided that the plant is listed for serious breach of trust, and not served."""
    case = play.start(STAFF, "issue_paper", kind="blacklist_decision")
    play.do(STAFF, "draft", **SHORT["blacklist_decision"])
    play.deps.jobs.drain(play.deps)
    play.sign_task(HEAD, "head")
    play.do(KEEPER, "approve_seal")
    play.deps.jobs.drain(play.deps)
    return case


def listed(play):
    """Have the plant listed for serious breach of trust, and the decision served."""
    case = to_be_listed(play)
    play.do(STAFF, "serve", officers=OFFICERS)
    return case
