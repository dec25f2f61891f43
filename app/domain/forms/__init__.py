"""Forms from JSON Schema 2020-12 and a uischema: one file says what is asked, shown and checked.

The file convention is SpiffArena's, with English wordings under `x-en`. Beyond it:

- a field named in `then` or `else` is asked for only in that case (`rules`); `ui:options` `always`
  shows it all the time and lets the case only make it required;
- `readOnly` fields show what is given and take nothing from the browser; rows with the option
  `fixed` are given, too, and only their other fields are answered;
- a rule between fields (`anyOf` … inside `allOf`) has its words in `x-message`, shown at `x-at`;
- formats: date, date-time, month, time, phone, digits, email, uscc (统一社会信用代码), attachment.
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
