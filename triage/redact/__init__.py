"""Personal data out of a text, positions kept.

What a user of Presidio knows is here under the same names: recognizers with patterns, context, scores and deny lists
in a YAML file, :meth:`Redactor.analyze` for results with explanations, a threshold. What differs: expressions are RE2,
so none can hang; they see folded text (width, script, invisible characters); tags are numbered, and stable in a text.

Decided, and tested: numbers that are masked or partial already (138****1111, 尾号1234) stay; so do public hotlines,
order and serial numbers, amounts and dates, places of institutions, places no finer than a district, a surname with
an office (李经理), and 张某. In doubt about a number that looks like an ID card, or that is called one, it goes.
"""

from triage.redact.redactor import Redactor
from triage.redact.results import RecognizerResult, Redacted, RedactedItem

__all__ = ["RecognizerResult", "Redacted", "RedactedItem", "Redactor"]
