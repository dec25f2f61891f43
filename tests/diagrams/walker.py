"""Walks through a procedure at random, with answers made from its own forms."""

import random
from collections import Counter
from datetime import date, timedelta
from functools import cache

from app.domain import Invalid
from app.domain.forms.fields import Kind
from app.domain.prefill import prefill
from app.engine import definitions, runtime
from app.engine.rules import is_rule
from app.services.documents.course import of
from app.services.forms import choices, form_of
from tests.diagrams.course import FORM, KINDS, REPORTING, asked, bundle, ledger

TEXT = "经现场核查，情况属实，依法依规处理"
FACTS = {
    "@today": "2026-05-06",
    "@subject": {"name": "兴县鑫源铸造有限公司"},
    "@checklist": [
        {
            "item": "build/1/1",
            "list": "建设项目",
            "text": "未经审查擅自建设",
            "basis": "通知三（六）",
        },
        {"item": "duty/1/1", "list": "负责人", "text": "未履行职责", "basis": "通知三（二）"},
    ],
    "@ground": {
        "basis": "《中华人民共和国安全生产法》第一百一十三条第四项",
        "matter": "提请依法关闭兴县鑫源铸造有限公司",
    },
    "@scope_divisions": [{"code": "141123", "name": "兴县", "count": 60, "included": True}],
    "@scope_sectors": [{"code": "steel", "name": "钢铁", "count": 8, "included": True}],
    "@campaign_days": [{"key": "plan_due", "name": "企业报送行动方案", "day": "2026-05-06"}],
    "@look_back": {
        "count": 3,
        "reported": "yes",
        "left": "own",
        **{
            name: [{"hazard_id": str(number), "hazard": "护栏缺失", "class": "general"}]
            for number, name in enumerate(("all", "closed", "own", "followed", "open"))
        },
    },
    "@campaign_summary": {
        "title": "兴县应急管理局关于冶金工贸行业专项行动的工作总结",
        "addressee": "吕梁市应急管理局",
        "overview": "专项行动纳入企业60家。",
        "figures": [{"key": "members", "group": "督查监管部门情况", "title": "应检查企业（家）"}],
    },
    "@closure": {
        "notice": "关于拟依法关闭兴县鑫源铸造有限公司的告知书",
        "hearing": "关于举行拟关闭兴县鑫源铸造有限公司听证的通知",
        "decision": "关于依法关闭兴县鑫源铸造有限公司的决定",
        "request": "《关于提请关闭兴县鑫源铸造有限公司的请示》（兴应急发〔2026〕1号）",
        "evidence": "责令停产停业整顿决定书和送达回证",
    },
    "@orders": {"seizure": {"number": "（兴）应急查扣〔2026〕1号", "date": "2026-05-06"}},
    "@reported_majors": [
        {"description": "未装泄爆装置", "place": "打磨车间", "criterion": "判定标准第十一条"}
    ],
    "@paper": {"from_day": "2026-05-06", "to_day": "2026-06-04"},
    "@draw": {"list": "1．兴县鑫源铸造有限公司（随机抽取）：李建国、王芳"},
    "@scores": {
        "rows": [
            {
                "key": "141123 coverage",
                "county": "兴县",
                "measure": "县级检查覆盖率",
                "counted": "58/60，满分30分",
            }
        ]
    },
    "@visit": {
        "drawn": "1411-2026-1：李建国、王芳",
        "officers": [
            {"name": "李建国", "certificate": "14-000001"},
            {"name": "王芳", "certificate": "14-000002"},
        ],
        "left": 0,
    },
    "@me": {"name": "李建国", "licence": "14112300101", "phone": "13800000000"},
}
TELLING = {
    "set_case_deadline": "deadline",
    "set_life_status": "status",
    "set_order_deadlines": "plan",
}
"""Effects that tell what they were given."""
STOPS = ("none", "suspended", "stopped")
BATCHED = ("self_inspection", "periodic_report", "issue_paper")
"""What no other case starts without what the start form asks: a campaign says it, or a person."""
COURSE = {
    "officers": 0,
    "host": False,
    "expert": False,
    "party": False,
    "deputy": False,
    "decides": False,
    "head": False,
    "government": False,
    "seal": False,
    "goes": "filed",
    "lasts": False,
}
RESULTS = {
    "count_missing": (0, 3),
    "hand_in_report": ("new", "zero"),
    "open_report": ("figures", "words"),
    "paper_course": (
        COURSE,
        COURSE | {"officers": 1, "party": True, "head": True, "seal": True, "goes": "served"},
        COURSE | {"officers": 2, "host": True, "party": True},
        COURSE | {"officers": 2, "deputy": True, "decides": True},
        COURSE | {"officers": 2, "seal": True, "goes": "served", "lasts": True},
        COURSE | {"expert": True, "deputy": True, "seal": True, "goes": "sent"},
        COURSE | {"government": True, "seal": True, "goes": "sent"},
    ),
    "paper_expert": ("李建国",),
    "answered_day": ("2026-12-20",),
    "begin_term": ("none", "listed"),
    "end_term": ("none", "off", "still"),
    "send_document": (0, 2),
    "check_closure_ground": ("complete", "incomplete"),
    "count_scope": (0, 60),
    "drawn_visitors": ({"first": 1, "second": 2},),
    "lift_card": ("none", "yellow"),
    "lift_supervision": ("none", "yes"),
    "next_report": ("2026-05-23", None),
    "close_draw": ("closed", "open"),
    "commit_draw": (
        {"state": "committed", "known_from": "2026-05-07T22:00:00+08:00"},
        {"state": "short", "known_from": ""},
    ),
    "enter_public_value": ("agreed", "differing"),
    "find_expert": ("known", "none"),
    "freeze_roster": ("frozen", "unfit"),
    "correct_scores": ("corrected", "unfit"),
    "record_arrival": ({"first": 1, "second": 2},),
    "take_stock": ("gone", "own", "late", "elsewhere", "escalated", "rest", "caught_up", "clear"),
    "weigh_hazards": ("major", "general", "none"),
}
VISIT, FINDINGS = "spot_check_visit", "hazards"
"""A procedure that goes another way when it finds nothing."""
ASKING = "paper_course"
"""In the part 制发文书: what it is told lies in the kind that the diagram names; it does nothing."""
TRIES = 400


class Refused(AssertionError):
    """The form accepts no answer with what was wanted."""


@cache
def load(procedure):
    """Return a procedure's definition and its forms, by node id and what a case chose them by."""
    files = bundle(procedure)
    definition = definitions.load(files)
    forms = {
        id_ if choice is None else (id_, choice): form_of(files, node, choice)
        for id_, node in definition.nodes.items()
        for choice in choices(files, definition, node) or (None,)
        if FORM in node.properties
    }
    return definition, forms


class Walk:
    """One case; `effects` holds what it asked for, `passed` the nodes and flows it went through."""

    def __init__(
        self,
        definition,
        forms,
        rng,
        results=None,
        *,
        child=False,
        used=None,
        stop="none",
        **answers,
    ):
        self.definition, self.forms, self.rng = definition, forms, rng
        self.used = Counter() if used is None else used
        self.results = results or {}
        self.sources = {**FACTS}
        self._stop(stop)
        self.effects, self.passed, self.ended = [], [], []
        start = definition.start.id
        if child:  # started by another case: nobody has filled in the form
            self.sources[start] = {"reason": "检查发现"}
        given = {} if child else self.answer(start, answers)
        self.run(runtime.start(definition, 1, given))

    def answer(self, node, wanted):
        """Return answers that the node's form accepts: the wanted ones, and for the rest any."""
        choice = self._choice(node)
        form = self.forms.get(node if choice is None else (node, choice))
        if form is None:
            return {}
        before = prefill(form, self.sources)
        last = None
        for _ in range(TRIES):
            try:
                found = form.check({**self._any(node, form.fields, before), **wanted}, before)
            except Invalid as invalid:
                last = invalid
                continue
            self.sources[node] = found
            if node != REPORTING and (noted := ledger(found)):
                self.sources["@hazards"] = noted
            if node == "self_check_inspect":
                self.sources["@ledger"] = {}
            elif node == "self_check_ledger":
                self.sources["@ledger"] = {**found, "majors": "重大隐患"}
            return found
        raise Refused(f"{node}: {last.errors}")

    def _choice(self, node):
        """Return what the start chose the form of a node by, if it is chosen."""
        name = self.definition.nodes[node].chosen_by
        chosen = self.sources[self.definition.start.id][name] if name else None
        if name is None or not self.definition.nodes[node].variables:
            return chosen
        # Where it goes on hangs on the answers: the walk takes one of the forms there are.
        there = [key[1] for key in self.forms if key[0] == node]
        return chosen if chosen in there else self.rng.choice(there)

    def _any(self, node, fields, before):
        found = {}
        for field in fields:
            given = before.get(field.key)
            if field.widget == "hidden" and given is None and not field.required:
                continue
            if field.kind is Kind.BOOLEAN and not field.required and self.rng.random() < 0.5:
                continue
            if self.definition.procedure == VISIT and field.key == FINDINGS and self._none(node):
                continue
            if given is None or not (field.fixed or self.rng.random() < 0.7):
                found[field.key] = self._one(node, field)
            elif field.kind is Kind.ROWS:
                found[field.key] = [{**self._any(node, field.fields, {}), **row} for row in given]
            else:
                found[field.key] = given
        return found

    def _none(self, node):
        return node == "visit" and self.rng.random() < 0.3

    def _one(self, node, field):  # noqa: PLR0911
        schema, rng = field.schema, self.rng
        match field.kind:
            case Kind.CHOICE:
                return self._least((node, field.key), [choice.value for choice in field.choices])
            case Kind.CHOICES:
                least = schema.get("minItems", 1)
                most = min(schema.get("maxItems", 99), len(field.choices))
                count = rng.randint(min(least, most), most)
                return [choice.value for choice in rng.sample(field.choices, count)]
            case Kind.NUMBER:
                return schema["minimum"]
            case Kind.BOOLEAN:
                return True
            case Kind.FILE:
                return "0" * 32
            case Kind.FILES:
                return ["0" * 32] * max(1, schema.get("minItems", 1))
            case Kind.LINES:
                return ["张伟", "王芳", "陈静", "赵强"]
            case Kind.ROWS:
                least = max(1, schema.get("minItems", 1))
                count = rng.randint(least, min(least + 1, schema["maxItems"]))
                return [self._any(node, field.fields, {}) for _ in range(count)]
            case Kind.GROUP:
                return self._any(node, field.fields, {})
        return self._text(schema)

    def _least(self, what, values):
        """Choose by chance, and every other time what was chosen least."""
        chosen = self.rng.choice(values)
        if self.rng.random() < 0.5:
            chosen = min(values, key=lambda value: self.used[what, value])
        self.used[what, chosen] += 1
        return chosen

    def _text(self, schema):
        if "examples" in schema:
            return schema["examples"][0]
        match schema.get("format"):
            case "date":
                return str(date(2026, 5, 6) + timedelta(days=self.rng.randint(1, 90)))
            case "date-time":
                return "2026-05-06T10:00:00+08:00"
            case "phone":
                return "13800000000"
        text = TEXT * (1 + schema.get("minLength", 0) // len(TEXT))
        return text[: min(schema.get("maxLength", 80), max(schema.get("minLength", 1), 20))]

    def _stop(self, stop):
        """Let the register say which stop is in force; one decided long ago has run out."""
        self.sources["@stop_in_force"] = stop
        self.sources["@after_stop"] = "any" if stop == "stopped" else "none"

    def _judged(self, source):
        """Return what became of a report as the answers that judge it say."""
        return ("accepted" if self.sources[source]["accepted"] == "yes" else "returned",)

    def run(self, step):
        while step.effect:
            effect = step.effect
            if effect.node != ASKING:
                self.effects.append((effect.node, effect.name, dict(effect.parameters)))
            told = (effect.parameters.get(TELLING.get(effect.name), "yes"),)
            if effect.name == "set_life_status":
                self._stop(told[0] if told[0] in STOPS else "none")
            elif effect.node == ASKING:
                told = (asked(effect.parameters),)
            elif effect.name == "judge_report":
                told = self._judged(effect.parameters["source"])
            known = self.results.get(effect.name) or RESULTS.get(effect.name, told)
            known = told if effect.node == ASKING else known
            answer = self.rng.choice(known)
            if effect.name == "take_stock":  # the ledger says the same to the forms
                self.sources["@look_back"] = {**FACTS["@look_back"], "left": answer}
            step.answer(answer)
        self.outcome = step.outcome()
        self.passed += self.outcome.passed
        self.ended += self.outcome.ended
        for times in (self.outcome.timers, self.outcome.tasks):
            for found in times:
                rule = getattr(found, "rule", None) or getattr(found, "due", None)
                assert rule is None or is_rule(rule), (found.node, rule)

    @property
    def open(self):
        return sorted(task.node for task in self.outcome.tasks)

    @property
    def timers(self):
        return {timer.node: timer.rule for timer in self.outcome.timers}

    def do(self, node, **answers):
        """Complete one open task of `node`."""
        task = next(task for task in self.outcome.tasks if task.node == node)
        given = self.answer(node, answers)
        self.run(runtime.complete(self.definition, 1, self.outcome.state, task.seq, given))
        return self

    def all(self, node, **answers):
        """Complete every open task of `node` (会签)."""
        while node in self.open:
            self.do(node, **answers)
        return self

    def make(self, *states):
        """Make the paper in hand: sign it, approve its seal; `states` are what each one says."""
        told = iter(states)
        for node in MAKING:
            if node in self.open:
                self.do(node, paper_state=next(told, "made"))
        return self

    def fire(self, node):
        timer = next(timer for timer in self.outcome.timers if timer.node == node)
        self.run(runtime.fire(self.definition, 1, self.outcome.state, timer.seq))
        return self

    def send_back(self, node, target):
        task = next(task for task in self.outcome.tasks if task.node == node)
        self.run(runtime.jump(self.definition, 1, self.outcome.state, task.seq, target))
        return self

    def stroll(self):
        """Go on by one step, by chance."""
        tasks, timers = self.outcome.tasks, self.outcome.timers
        assert tasks or timers, "the case waits for nobody"
        if timers and (not tasks or self.rng.random() < 0.25):
            self.fire(self._least("timer", sorted(timer.node for timer in timers)))
            return
        task = self.rng.choice(tasks)
        back = self.definition.nodes[task.node].words("returnTo")
        if back and self.rng.random() < 0.05:
            self.send_back(task.node, self.rng.choice(back))
        else:
            self.do(task.node)


def walk(procedure, results=None, **more):
    """Begin one walk that is the same each time.

    Hazards weigh heavily, and no card nor listing is there to be lifted, unless it is said.
    """
    none = dict.fromkeys(("lift_card", "lift_supervision"), ("none",))
    results = {"weigh_hazards": ("major",), **none, **(results or {})}
    return Walk(*load(procedure), random.Random(7), results, **more)  # noqa: S311


MAKING = (
    "paper_sign",
    "paper_countersign",
    "paper_deputy",
    "paper_head",
    "paper_approve",
    "government_paper_sign",
    "government_paper_approve",
)
"""What lies between drafting a paper and serving it."""
SIGNED_BY_TWO = (
    "paper_sign",
    "paper_gw_signed",
    "paper_countersign",
    "paper_gw_countersigned",
    "paper_gw_seal",
)
LED = {"paper_m_led", "paper_gw_led"}


def settled(definition):
    """Return the flows of the part 制发文书 that no call in this procedure ever asks for."""
    flows, calls = definition.flows.values(), [node.given for node in definition.nodes.values()]
    asked = {given.get("paper_officers") for given in calls}
    found = _unled(flows, calls)
    if not {'"yes"', '"only"'} & asked:
        return found | {flow.id for flow in flows if {flow.source, flow.target} & {*SIGNED_BY_TWO}}
    taken = {
        "paper_f_gw_officers_m_signed": '"no"',
        "paper_f_gw_seal_m_signed": '"yes"',
        "paper_f_gw_seal_end_signed": '"only"',
    }
    return found | {flow for flow, answer in taken.items() if answer not in asked}


def _unled(flows, calls):
    """Return the flows of leaders who sign none of the papers that are made."""
    made = [given["paper_kind"].strip('"') for given in calls if "paper_officers" in given]
    courses = [of(KINDS[kind]) for kind in made]
    unled = {
        f"paper_{who}"
        for who in ("deputy", "head")
        if not any(getattr(course, who) for course in courses)
    }
    unled |= LED if len(unled) == 2 else set()
    found = {flow.id for flow in flows if {flow.source, flow.target} & unled}
    if all(course.deputy or course.head for course in courses):
        found |= {"paper_f_gw_leader_m_leader"}
    return found
