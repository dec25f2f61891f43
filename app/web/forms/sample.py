"""A form with every kind of control, for the page that shows all components."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from app.domain import Invalid
from app.domain.forms import Form
from app.web.forms.sheet import lay_out, read_only

SCHEMA: dict[str, Any] = {
    "title": "现场检查记录",
    "x-en": {"title": "Record of an inspection"},
    "description": "示例表单，包含每一种控件。",
    "type": "object",
    "required": ["place", "date", "kind", "hazards", "officers", "confirmed"],
    "properties": {
        "enterprise": {
            "type": "string",
            "title": "被检查单位",
            "readOnly": True,
            "x-en": {"title": "Enterprise inspected"},
        },
        "uscc": {
            "type": "string",
            "title": "统一社会信用代码",
            "readOnly": True,
            "x-en": {"title": "Unified social credit code"},
        },
        "place": {
            "type": "string",
            "title": "检查场所",
            "maxLength": 80,
            "x-en": {"title": "Place"},
        },
        "date": {
            "type": "string",
            "format": "date",
            "title": "检查日期",
            "x-en": {"title": "Date"},
        },
        "arrived": {
            "type": "string",
            "format": "date-time",
            "title": "到达时间",
            "x-en": {"title": "Time of arrival"},
        },
        "kind": {
            "type": "string",
            "title": "检查方式",
            "x-en": {"title": "Manner"},
            "oneOf": [
                {"const": "plan", "title": "计划检查", "x-en": {"title": "Planned"}},
                {"const": "random", "title": "双随机", "x-en": {"title": "Double random"}},
                {"const": "tip", "title": "举报核查", "x-en": {"title": "Following a tip"}},
            ],
        },
        "tip": {
            "type": "string",
            "title": "举报编号",
            "minLength": 4,
            "x-en": {"title": "Number of the tip"},
        },
        "themes": {
            "type": "array",
            "title": "检查内容",
            "uniqueItems": True,
            "x-en": {"title": "What is inspected"},
            "items": {
                "type": "string",
                "oneOf": [
                    {"const": "dust", "title": "粉尘涉爆", "x-en": {"title": "Combustible dust"}},
                    {"const": "confined", "title": "有限空间", "x-en": {"title": "Confined space"}},
                    {"const": "gas", "title": "煤气", "x-en": {"title": "Coal gas"}},
                ],
            },
        },
        "workers": {
            "type": "integer",
            "title": "涉粉作业人数",
            "minimum": 0,
            "x-en": {"title": "Workers in dust"},
        },
        "hazards": {
            "type": "array",
            "title": "发现的问题",
            "minItems": 1,
            "x-en": {"title": "Findings"},
            "items": {
                "type": "object",
                "title": "问题",
                "x-en": {"title": "Finding"},
                "required": ["description", "class"],
                "properties": {
                    "description": {
                        "type": "string",
                        "title": "隐患描述",
                        "minLength": 5,
                        "x-en": {"title": "Description"},
                    },
                    "class": {
                        "type": "string",
                        "title": "隐患等级",
                        "x-en": {"title": "Class"},
                        "oneOf": [
                            {"const": "general", "title": "一般", "x-en": {"title": "General"}},
                            {"const": "major", "title": "重大", "x-en": {"title": "Major"}},
                        ],
                    },
                    "criterion": {
                        "type": "string",
                        "title": "重大隐患判定依据",
                        "x-en": {"title": "Criterion"},
                    },
                    "photos": {
                        "type": "array",
                        "title": "现场照片",
                        "maxItems": 6,
                        "x-en": {"title": "Photos"},
                        "items": {"type": "string", "format": "attachment"},
                    },
                },
                "allOf": [
                    {
                        "if": {"properties": {"class": {"const": "major"}}},
                        "then": {"required": ["criterion"]},
                    }
                ],
            },
        },
        "officers": {
            "type": "array",
            "title": "执法人员",
            "minItems": 2,
            "x-en": {"title": "Inspectors"},
            "items": {
                "type": "object",
                "title": "执法人员",
                "x-en": {"title": "Inspector"},
                "required": ["name", "certificate"],
                "properties": {
                    "name": {"type": "string", "title": "姓名", "x-en": {"title": "Name"}},
                    "certificate": {
                        "type": "string",
                        "title": "执法证号",
                        "x-en": {"title": "Certificate no."},
                    },
                },
            },
        },
        "attachments": {
            "type": "array",
            "title": "附件",
            "x-en": {"title": "Attachments"},
            "items": {"type": "string", "format": "attachment"},
        },
        "confirmed": {
            "type": "boolean",
            "const": True,
            "title": "以上内容已与被检查单位现场核对",
            "x-en": {"title": "Checked on site with the enterprise"},
        },
    },
    "allOf": [
        {"if": {"properties": {"kind": {"const": "tip"}}}, "then": {"required": ["tip"]}},
        {
            "if": {"properties": {"themes": {"contains": {"const": "dust"}}}},
            "then": {"required": ["workers"]},
        },
    ],
}

UI: dict[str, Any] = {
    "ui:groups": [
        {
            "title": "检查情况",
            "x-en": {"title": "Inspection"},
            "fields": [
                *("enterprise", "uscc", "place", "date", "arrived"),
                *("kind", "tip", "themes", "workers"),
            ],
        },
        {"title": "发现的问题", "x-en": {"title": "Findings"}, "fields": ["hazards"]},
        {"title": "执法人员", "x-en": {"title": "Inspectors"}, "fields": ["officers"]},
        {
            "title": "附件和确认",
            "x-en": {"title": "Attachments and confirmation"},
            "fields": ["attachments", "confirmed"],
        },
    ],
    "date": {"ui:options": {"col": 3}},
    "arrived": {"ui:options": {"col": 3}},
    "place": {
        "ui:options": {"col": 6},
        "ui:help": "写到车间或工段",
        "x-en": {"ui:help": "Down to the workshop or section"},
    },
    "kind": {"ui:widget": "radio", "ui:options": {"col": 6}},
    "tip": {"ui:options": {"col": 6}, "ui:placeholder": "JB20261120"},
    "themes": {"ui:options": {"col": 6}},
    "workers": {
        "ui:options": {"col": 6, "unit": "人"},
        "x-en": {"ui:options": {"unit": "people"}},
    },
    "hazards": {
        "ui:options": {"addLabel": "添加一项问题", "summary": ["description", "class"], "rows": 1},
        "x-en": {"ui:options": {"addLabel": "Add a finding"}},
        "items": {
            "description": {"ui:widget": "textarea"},
            "class": {"ui:widget": "radio", "ui:options": {"col": 6}},
            "criterion": {"ui:options": {"col": 6}},
            "photos": {
                "ui:widget": "photos",
                "ui:help": "最多 6 张，上传前自动压缩",
                "x-en": {"ui:help": "Up to 6, made smaller before they are sent"},
            },
        },
    },
    "officers": {
        "ui:widget": "people",
        "ui:options": {"addLabel": "添加执法人员", "rows": 2},
        "x-en": {"ui:options": {"addLabel": "Add an inspector"}},
        "items": {
            "name": {"ui:options": {"col": 6}},
            "certificate": {"ui:options": {"col": 6}},
        },
    },
}

ANSWERS: dict[str, Any] = {
    "enterprise": "滨海华东精密铸造有限公司",
    "uscc": "91350211M000100Y43",
    "place": "二车间打磨工段",
    "date": "2026-11-20",
    "arrived": "2026-11-20T09:30:00+08:00",
    "kind": "random",
    "themes": ["dust"],
    "workers": 24,
    "hazards": [
        {
            "description": "除尘器未设置泄爆装置，积尘未及时清理",
            "class": "major",
            "criterion": "第六条",
        },
        {"description": "配电箱门未关闭", "class": "general"},
    ],
    "officers": [{"name": "王建国", "certificate": "14112300015"}, {"name": "李敏"}],
    "attachments": ["plan"],
}

INVENTED = {
    "plant": "滨海市华东精密铸造有限责任公司第二分公司",
    "long": "滨海市华东精密铸造有限责任公司第二分公司（原滨海市第三机械制造总厂铸造车间）",
    "food": "长河粮油食品厂",
    "stone": "宏达建材有限公司",
    "sector": "有色金属压延",
    "level": "县级",
    "hazard": "除尘器未设置泄爆装置。\n车间积尘未及时清理，最厚处超过 3 毫米。",
    "officer": "王建国",
    "deputy": "张立军",
    "head": "赵志强",
    "reviewer": "刘法制",
    "agreed": "同意。请按期复查。",
    "returned": "依据条款不准确，请核对第九十九条。",
    "power": "用电安全",
    "fire": "消防安全",
    "chemicals": "危险化学品",
}


def sample() -> Form:
    """Return the form itself."""
    return Form(SCHEMA, UI)


def context(now: datetime) -> dict[str, Any]:
    """Return what `styleguide.html` shows: the form with what is still wrong, and to be read."""
    form = sample()
    wrong: dict[str, Any] = {}
    try:
        form.check(ANSWERS, given=ANSWERS)
    except Invalid as invalid:
        wrong = invalid.errors
    return {
        "now": now,
        "invented": INVENTED,
        "days_of": lambda days: timedelta(days=days),
        "sheet": lay_out(form, ANSWERS, errors=wrong, describe=_describe, key="styleguide"),
        "shown": read_only(form, ANSWERS, _describe),
    }


def _describe(name: str) -> Mapping[str, Any]:
    return {"name": f"{name}.pdf", "size": 120_000, "kind": "application/pdf"}
