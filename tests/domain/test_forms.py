"""What a form asks, takes and refuses."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain import Invalid
from app.domain.forms import Form, Kind, Unsupported
from app.domain.text import T, Term
from tests.forms_samples import form, repository_forms
from tests.forms_samples.answers import answers

EVERYTHING = form("everything")
VALID = {
    "name": "华东铸造",
    "deadline": "2026-12-20",
    "manner": "plan",
    "decision": "agree",
    "address": {"street": "滨海路 1 号"},
    "confirmed": True,
}


def refused(asked: Form, answers_) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        asked.check(answers_)
    return {pointer: str(text) for pointer, text in caught.value.errors.items()}


def small(properties, **schema) -> Form:
    return Form({"type": "object", "title": "表", "properties": properties, **schema})


def test_valid_answers_come_back_with_unticked_boxes_filled_in():
    assert EVERYTHING.check(VALID) == {
        **VALID,
        "urgent": False,
        "address": {"street": "滨海路 1 号", "zone": False},
    }


def test_every_missing_answer_is_named_in_the_order_of_the_page():
    assert list(refused(EVERYTHING, {}).items()) == [
        ("/name", "请填写名称"),
        ("/deadline", "请填写整改期限"),
        ("/manner", "请选择检查方式"),
        ("/decision", "请选择决定"),
        ("/address/street", "请填写街道"),
        ("/confirmed", "请勾选：以上内容已现场核对"),
    ]


@pytest.mark.parametrize(
    ("key", "answer", "message"),
    [
        ("name", "华", "名称至少 2 个字"),
        ("name", "华" * 21, "名称最多 20 个字"),
        ("name", "华\x00东", "名称含有无法保存的字符，请重新输入"),
        ("name", "华\ud800东", "名称含有无法保存的字符，请重新输入"),
        ("name", 5, "名称不符合要求"),
        ("deadline", "2026-02-30", "整改期限不是有效日期，应形如 2026-11-20"),
        ("deadline", "20261120", "整改期限不是有效日期，应形如 2026-11-20"),
        ("arrived", "昨天", "到达时间不是有效时间，应形如 2026-11-20 15:04"),
        ("phone", "123", "联系电话应为手机号码或带区号的座机号码"),
        (
            "uscc",
            "91350211M000100Y44",
            "统一社会信用代码不是有效的统一社会信用代码，请核对 18 位代码",
        ),
        ("workers", "多", "人数应为整数"),
        ("workers", 1.5, "人数应为整数"),
        ("workers", -1, "人数不能小于 0"),
        ("workers", 20001, "人数不能大于 20000"),
        ("workers", True, "人数应为整数"),
        ("amount", 0.001, "金额应为 0.01 的整数倍"),
        ("amount", float("nan"), "金额应为数字"),
        ("amount", 10**400, "金额应为数字"),
        ("manner", "other", "检查方式不在可选范围内，请重新选择"),
        ("grade", 7, "等级不在可选范围内，请重新选择"),
        ("themes", ["dust", "dust"], "检查内容有重复项"),
        ("report", "../etc", "评价报告中的文件已失效，请重新上传"),
        ("photos", list("abcde"), "照片最多 4 张"),
        ("officers", [{"name": "王建国", "certificate": "1"}], "执法人员至少 2 人"),
        ("officers", "王建国", "执法人员不符合要求"),
        ("equipment", ["炉"] * 21, "主要设备最多 20 项"),
    ],
)
def test_what_is_wrong_is_said_precisely(key, answer, message):
    extra = {"dust_workers": 1} if key == "themes" else {}
    assert refused(EVERYTHING, {**VALID, **extra, key: answer}) == {f"/{key}": message}


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            {"type": "array", "items": {"type": "string", "format": "attachment"}},
            "照片至少 1 个文件",
        ),
        (
            {"type": "array", "items": {"type": "string", "enum": ["甲"]}, "minItems": 2},
            "请选择照片",
        ),
        ({"type": "array", "items": {"type": "object", "properties": {}}}, "照片至少 1 项"),
        ({"type": "string", "format": "attachment"}, "请上传照片"),
        ({"type": "boolean"}, "请选择照片"),
    ],
)
def test_a_missing_answer_is_asked_for_by_its_kind(asked, message):
    assert refused(small({"x": {**asked, "title": "照片"}}, required=["x"]), {}) == {"/x": message}


def test_photos_are_counted_in_their_own_measure():
    asked = Form(
        {
            "type": "object",
            "required": ["photos"],
            "properties": {
                "photos": {
                    "title": "照片",
                    "type": "array",
                    "minItems": 1,
                    "items": {"type": "string", "format": "attachment"},
                }
            },
        },
        {"photos": {"ui:widget": "photos"}},
    )
    assert refused(asked, {"photos": []}) == {"/photos": "照片至少 1 张"}


def test_a_field_asked_for_in_one_case_only_is_neither_required_nor_kept_in_others():
    tip = {**VALID, "manner": "tip"}
    assert refused(EVERYTHING, tip) == {"/tip": "请填写举报编号", "/tip_kind": "请选择举报类别"}
    named = {**tip, "tip": "JB20261120", "tip_kind": "named"}
    assert refused(EVERYTHING, named) == {"/tipper": "请填写举报人"}
    full = {**named, "tipper": "张三"}
    assert EVERYTHING.check(full)["tipper"] == "张三"
    # Without the tip all that hangs on it goes, also what hangs on what hangs on it.
    assert not {"tip", "tip_kind", "tipper"} & set(EVERYTHING.check({**full, "manner": "plan"}))


def test_a_field_that_is_always_shown_can_be_required_in_one_case():
    assert EVERYTHING.check({**VALID, "reason": "顺便说明"})["reason"] == "顺便说明"
    assert refused(EVERYTHING, {**VALID, "decision": "return"}) == {"/reason": "请填写理由"}


def test_conditions_inside_groups_and_rows_look_at_their_own_fields():
    zone = {**VALID, "address": {"street": "滨海路", "zone": True}}
    assert refused(EVERYTHING, zone) == {"/address/zone_name": "请填写开发区"}
    row = {
        "place": "一车间",
        "description": "配电箱未接地",
        "class": "major",
        "deadline": "2026-12-01",
    }
    assert refused(EVERYTHING, {**VALID, "hazards": [row]}) == {
        "/hazards/0/criterion": "请填写判定依据"
    }
    assert (
        "criterion"
        not in EVERYTHING.check(
            {**VALID, "hazards": [{**row, "class": "general", "criterion": "第三条"}]}
        )["hazards"][0]
    )


@pytest.mark.parametrize(
    ("condition", "passing", "failing"),
    [
        ({"properties": {"n": {"minimum": 10}}}, {"n": 10}, {"n": 9}),
        ({"properties": {"n": {"maximum": 10}}}, {"n": 10}, {"n": 11}),
        ({"properties": {"n": {"not": {"const": 3}}}}, {"n": 4}, {}),
        ({"properties": {"n": {"enum": [1, 2]}}}, {"n": 2}, {"n": 3}),
        ({"required": ["n"]}, {"n": 0}, {}),
        ({"properties": {"n": {"const": 1}, "t": {"const": "a"}}}, {"n": 1, "t": "a"}, {"n": 1}),
    ],
)
def test_conditions(condition, passing, failing):
    asked = small(
        {"n": {"type": "integer"}, "t": {"type": "string"}, "why": {"type": "string"}},
        **{"if": condition, "then": {"required": ["why"]}},
    )
    assert list(refused(asked, passing)) == ["/why"]
    assert asked.check({**failing, "why": "不问"}) == failing


def test_else_is_the_opposite_and_counts_an_unanswered_field():
    asked = small(
        {"a": {"type": "string"}, "b": {"type": "string"}, "c": {"type": "string"}},
        **{
            "if": {"properties": {"a": {"const": "x"}}},
            "then": {"properties": {"b": True}},
            "else": {"required": ["c"]},
        },
    )
    assert asked.check({"a": "x", "b": "1", "c": "2"}) == {"a": "x", "b": "1"}
    assert list(refused(asked, {})) == ["/c"]


def test_a_rule_between_fields_speaks_its_own_words_at_its_own_place():
    rule = {
        "x-message": "只要有一项为重大隐患，即选重大隐患",
        "x-at": "b",
        "anyOf": [{"properties": {"a": {"const": "x"}}}, {"properties": {"b": {"const": "y"}}}],
    }
    strings = {"a": {"type": "string"}, "b": {"type": "string"}}
    wrong = {"a": "1", "b": "2"}
    assert refused(small(strings, allOf=[rule]), wrong) == {"/b": rule["x-message"]}
    silent = {"anyOf": rule["anyOf"]}
    assert refused(small(strings, allOf=[silent]), wrong) == {"/a": "各项内容互相矛盾，请核对"}


def test_unknown_keys_are_dropped_and_read_only_fields_come_from_what_is_given():
    found = EVERYTHING.check(
        {**VALID, "case_number": "forged", "strange": 1}, given={"case_number": "YH1"}
    )
    assert found["case_number"] == "YH1"
    assert "strange" not in found
    assert "case_number" not in EVERYTHING.check({**VALID, "case_number": "forged"})


def test_given_rows_can_neither_be_added_nor_removed_nor_rewritten():
    given_ = {"orders": [{"text": "一"}, {"text": "二"}]}
    sent = {"orders": [{"text": "改写", "result": "fixed"}, {"result": "open"}, {"result": "open"}]}
    assert EVERYTHING.check({**VALID, **sent}, given=given_)["orders"] == [
        {"text": "一", "result": "fixed"},
        {"text": "二", "result": "open"},
    ]


def test_given_rows_with_a_key_find_their_answers_wherever_they_stand():
    row = {"id": {"type": "string", "readOnly": True}, "ok": {"type": "string"}}
    rows = {"type": "array", "items": {"type": "object", "properties": row, "required": ["ok"]}}
    form = Form(
        {"type": "object", "title": "T", "properties": {"rows": rows}},
        {"rows": {"ui:options": {"fixed": True, "key": "id"}}},
    )
    given_ = {"rows": [{"id": "new"}, {"id": "b"}, {"id": "a"}]}
    sent = {"rows": [{"id": "a", "ok": "1"}, {"id": "b", "ok": "2"}, {"id": "gone", "ok": "3"}]}
    assert form.clean(sent, given_)["rows"] == [
        {"id": "new"},
        {"id": "b", "ok": "2"},
        {"id": "a", "ok": "1"},
    ]
    with pytest.raises(Invalid) as refusal:
        form.check(sent, given_)
    assert list(refusal.value.errors) == ["/rows/0/ok"]
    in_order = {"rows": [{"ok": "1"}, {"ok": "2"}, {"ok": "3"}]}
    assert [one["ok"] for one in form.check(in_order, given_)["rows"]] == ["1", "2", "3"]


def test_texts_numbers_and_moments_get_one_canonical_form():
    found = EVERYTHING.check(
        {
            **VALID,
            "name": "  华东\u3000铸造 ",
            "story": "一\r\n二\v三",
            "workers": 3.0,
            "amount": 0.29,
            "arrived": "2026-11-20T01:30:00Z",
            "equipment": [" 中频炉 ", ""],
            "photos": [],
        }
    )
    assert found["name"] == "华东\u3000铸造"
    assert found["story"] == "一\n二\n三"
    assert found["workers"] == 3
    assert isinstance(found["workers"], int)
    assert found["amount"] == 0.29
    assert found["arrived"] == "2026-11-20T09:30:00+08:00"
    assert found["equipment"] == ["中频炉"]
    assert "photos" not in found


def test_messages_are_read_in_the_readers_language():
    with pytest.raises(Invalid) as caught:
        EVERYTHING.check({**VALID, "manner": "tip", "tip": "1", "tip_kind": "nameless"})
    (own,) = caught.value.errors.values()
    assert str(own) == "举报编号形如 JB20261120"
    assert own.read(str, "en") == "A tip number looks like JB20261120"
    with pytest.raises(Invalid) as caught:
        EVERYTHING.check({**VALID, "name": ""})
    (missing,) = caught.value.errors.values()
    english = {"请填写{field}": "Fill in “{field}”"}
    assert missing.read(lambda wording: english[wording], "en") == "Fill in “Name”"


def test_a_term_without_english_is_read_in_chinese_and_braces_are_no_places():
    assert Term("整改{期限}").read(str, "en") == "整改{期限}"
    assert T("请填写{field}", field=Term("a{b}", english="c{d}")).read(str, "en") == "请填写c{d}"


def test_kinds_are_told_from_the_schema():
    kinds = {one.key: one.kind for one in EVERYTHING.fields}
    assert kinds["grade"] is Kind.CHOICE
    assert kinds["equipment"] is Kind.LINES
    assert kinds["report"] is Kind.FILE
    assert kinds["address"] is Kind.GROUP


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": {"$ref": "https://example.org/x"}}},
        {"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"$ref": "#/$defs/a"}}},
        {"properties": {"a": {"type": "null"}}},
        {"properties": {"a.b": {"type": "string"}}},
        {"properties": {"a": {"type": "array", "items": {"type": "array"}}}},
        {"properties": {"a": {"type": "string"}}, "if": {"anyOf": []}, "then": {"required": ["a"]}},
    ],
)
def test_what_these_forms_cannot_do_is_refused_when_the_form_is_made(schema):
    with pytest.raises(Unsupported):
        Form({"type": "object", **schema})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=10,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.fixed_dictionaries({}, optional={one.key: JSON for one in EVERYTHING.fields}))
def test_whatever_is_sent_is_taken_or_refused_but_never_breaks_the_check(sent):
    try:
        found = EVERYTHING.check(sent)
    except Invalid as invalid:
        assert all(str(text) for text in invalid.errors.values())  # noqa: PT017
    else:
        assert EVERYTHING.check(found) == found


@pytest.mark.parametrize("sent", [None, [], "x", 5])
def test_answers_that_are_no_object_are_refused(sent):
    assert list(refused(EVERYTHING, sent)) == [""]


def test_answers_nested_beyond_reason_are_refused():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert refused(EVERYTHING, {**VALID, "themes": [deep, deep]}) == {"": "内容的层次太深"}


@given(answers(EVERYTHING))
def test_a_checked_answer_checks_again(found):
    assert EVERYTHING.check(found, given=found) == found


@pytest.mark.parametrize("name", repository_forms())
def test_every_form_of_the_repository_can_be_made(name):
    assert form(name).fields
