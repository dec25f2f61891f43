"""Forms from JSON Schema 2020-12 and a uischema: one file says what is asked, shown and checked.

The file convention is SpiffArena's. English wordings stand under `x-en`, beside the Chinese
ones and under the same key. Beyond the convention:

- a field named in `then` or `else` is asked for only in that case (`rules`);
- `readOnly` fields show what is given and take nothing from the browser;
- a rule between fields (`anyOf`, `oneOf`, `not` inside `allOf`) has its words in `x-message`, shown
  at the field `x-at`;
- formats: date, date-time, month, time, phone, digits, email, uscc (统一社会信用代码), attachment.

| key of the uischema | meaning |
|---|---|
| `ui:order` | fields in the order of the page; what is not named follows |
| `ui:groups` | cards: `{title, fields}`; then every field is in one of them |
| `ui:widget` | text textarea date datetime month time email tel number select radio checkboxes
  checkbox photos files file rows people facts hidden; by default what the schema suggests |
| `ui:help`, `ui:placeholder`, `ui:autocomplete` | beside, in, and about the control |
| `ui:errorMessages` | own wording of a failure, by keyword of the schema |
| `ui:options` `col` | width in twelfths of a row on a wide screen |
| `ui:options` `unit` | measure after a number, or measure word of rows |
| `ui:options` `always` | shown in every case; a `then` only makes it required |
| `ui:options` `addLabel`, `summary`, `rows` | of rows: the button's words, the fields that
  stand for a row in one line, how many rows to begin with |
| `ui:options` `fixed` | of rows: they are given; only their other fields are answered |
| `ui:options` `one` | of fixed rows: the one field that is answered, its label the row's summary |
| `ui:options` `open` | of rows: each is shown whole, however many there are |
| `ui:options` `english` | of a given text in rows: the field of the row that has its English |
| `ui:options` `once` | of rows: what they say is carried out with the step, so that a step that is
  returned starts without them |
| `ui:options` `key` | of fixed rows: the read-only field by which an answer finds its row, so that
  rows that come, go or move meanwhile take no other row's answer |
"""

from app.domain.forms.faults import faults
from app.domain.forms.fields import Choice, Field, Kind
from app.domain.forms.form import Answers, Form
from app.domain.forms.messages import messages, pointer
from app.domain.forms.rules import ALWAYS, Rule, Test, Unsupported, holds

__all__ = [
    "ALWAYS",
    "Answers",
    "Choice",
    "Field",
    "Form",
    "Kind",
    "Rule",
    "Test",
    "Unsupported",
    "faults",
    "holds",
    "messages",
    "pointer",
]
