"""Words travel without a language, and are read in one."""

from datetime import date, datetime

from app.domain.text import T, Term, Text

ENGLISH = {"请填写{field}": "Fill in {field}", "姓名": "the name"}.get


def english(wording):
    return ENGLISH(wording, wording)


def test_a_text_is_its_chinese_wording():
    assert str(T("请填写{field}", field="姓名")) == "请填写姓名"


def test_values_are_read_in_the_same_language():
    text = T("请填写{field}", field=T("姓名"))
    assert text.read(english, "en") == "Fill in the name"


def test_days_are_written_as_the_reader_writes_them():
    text = T("送达日期 {day}", day=date(2026, 12, 3))
    assert str(text) == "送达日期 2026年12月3日"
    assert text.read(english, "en") == "送达日期 3 Dec 2026"
    assert str(T("{at}", at=datetime(2026, 12, 3, 9))) == "2026-12-03 09:00:00"  # noqa: DTZ001


def test_a_term_brings_its_own_english():
    term = Term("隐患{等级}", english="Hazard {class}")
    assert term.read(english, "en") == "Hazard {class}"
    assert term.read(english, "zh") == str(term) == "隐患{等级}"
    assert T("请填写{field}", field=term).read(english, "en") == "Fill in Hazard {class}"


def test_a_term_without_english_is_read_in_chinese():
    assert Term("隐患").read(english, "en") == "隐患"


def test_what_people_typed_is_never_a_pattern():
    assert T("原因：{reason}", reason="{0} {x}").read(english) == "原因：{0} {x}"


def test_texts_are_compared_by_value():
    assert T("姓名") == Text("姓名")
    assert T("姓名", n=1) != T("姓名", n=2)
