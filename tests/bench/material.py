"""What is measured: a procedure of five human tasks with a five-field form each."""

import json
from itertools import pairwise

from app.engine.bundle import Bundle

TASKS = 5
ANSWERS = {
    "place": "一号高炉出铁场",
    "found": "护栏缺失",
    "level": "general",
    "count": 3,
    "ok": True,
}
FORM = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "检查",
    "x-en": {"title": "Check"},
    "type": "object",
    "additionalProperties": False,
    "required": ["place", "found", "level", "count"],
    "properties": {
        "place": {"title": "部位", "type": "string", "maxLength": 80, "x-en": {"title": "Place"}},
        "found": {"title": "问题", "type": "string", "maxLength": 500, "x-en": {"title": "Found"}},
        "level": {
            "title": "等级",
            "type": "string",
            "oneOf": [
                {"const": "general", "title": "一般", "x-en": {"title": "General"}},
                {"const": "major", "title": "重大", "x-en": {"title": "Major"}},
            ],
            "x-en": {"title": "Class"},
        },
        "count": {"title": "数量", "type": "integer", "minimum": 0, "x-en": {"title": "Count"}},
        "ok": {"title": "已核", "type": "boolean", "x-en": {"title": "Checked"}},
    },
}
NAMESPACES = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
)


def diagram() -> bytes:
    """Return the procedure as BPMN; stock SpiffWorkflow reads it as well."""
    nodes = [f"t{number}" for number in range(1, TASKS + 1)]
    chain = ["start", *nodes, "end"]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions {NAMESPACES} id="d" targetNamespace="urn:bench">
<bpmn:process id="bench" name="测量" isExecutable="true">{_properties(nameEn="Bench")}
<bpmn:laneSet id="lanes"><bpmn:lane id="lane" name="执法人员">{
        "".join(f"<bpmn:flowNodeRef>{node}</bpmn:flowNodeRef>" for node in chain)
    }</bpmn:lane></bpmn:laneSet>
<bpmn:startEvent id="start" name="开始">{_form_of("Start", variables="")}</bpmn:startEvent>
{"".join(f'<bpmn:userTask id="{n}" name="第{n[1]}步">{_form_of(n)}</bpmn:userTask>' for n in nodes)}
<bpmn:endEvent id="end" name="结束">{_properties(nameEn="End")}</bpmn:endEvent>
{
        "".join(
            f'<bpmn:sequenceFlow id="f{i}" sourceRef="{a}" targetRef="{b}" />'
            for i, (a, b) in enumerate(pairwise(chain))
        )
    }
</bpmn:process></bpmn:definitions>""".encode()


def _properties(**values: str) -> str:
    inner = "".join(
        f'<spiffworkflow:property name="{name}" value="{value}" />'
        for name, value in values.items()
        if value
    )
    return (
        "<bpmn:extensionElements><spiffworkflow:properties>"
        f"{inner}</spiffworkflow:properties></bpmn:extensionElements>"
    )


def _form_of(english: str, variables: str = "level") -> str:
    return _properties(
        nameEn=english,
        formJsonSchemaFilename="bench/check-schema.json",
        formUiSchemaFilename="bench/check-uischema.json",
        variables=variables,
    )


def bundle() -> Bundle:
    """Return what our side deploys."""
    return Bundle(
        {
            "bpmn/bench.bpmn": diagram(),
            "forms/bench/check-schema.json": json.dumps(FORM, ensure_ascii=False).encode(),
            "forms/bench/check-uischema.json": b"{}",
        }
    )
