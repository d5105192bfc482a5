"""Web forms: many fields, one text."""

from __future__ import annotations

from collections.abc import Mapping

from triage.errors import InputError
from triage.text.document import Document

__all__ = ["read_form"]

_SUBJECT = ("subject", "title", "标题", "主题")
_BODY = ("text", "content", "body", "description", "message", "内容", "投诉内容", "正文", "问题描述", "描述", "留言")
_DEMAND = ("demand", "request", "诉求", "期望", "希望解决方案", "您的诉求")
_ID = ("id", "ticket_id", "工单号", "编号")


def read_form(fields: Mapping[str, object]) -> Document:
    """Return one text of a form: subject, body, and demand, in this order, each on lines of its own.

    Known names (any case): subject, title, 标题, 主题; text, content, body, description, message, 内容, 正文 …;
    demand, request, 诉求 …; id, 编号 …; ``channel``. Other fields are left out, and the document's notes say which.

    Raises:
        InputError: no field holds a body, or a field is no text.
    """
    lowered = {name.lower(): (name, value) for name, value in fields.items() if value not in (None, "")}
    subject, body, demand = (_first(lowered, names) for names in (_SUBJECT, _BODY, _DEMAND))
    if body is None and subject is None:
        names = ", ".join(fields) or "none"
        raise InputError(f"the form has no text; its fields are: {names}; legal: {', '.join(_BODY)}", field="text")
    parts = [subject, body, f"诉求：{demand}" if demand else None]
    known = {*_SUBJECT, *_BODY, *_DEMAND, *_ID, "channel"}
    ignored = sorted(name for key, (name, _) in lowered.items() if key not in known)
    notes = (f"fields left out: {', '.join(ignored)}",) if ignored else ()
    return Document(
        text="\n".join(part for part in parts if part),
        channel=_first(lowered, ("channel",)),
        id=_first(lowered, _ID),
        notes=notes,
    )


def _first(fields: Mapping[str, tuple[str, object]], names: tuple[str, ...]) -> str | None:
    for name in names:
        if name in fields:
            given, value = fields[name]
            if isinstance(value, bool) or not isinstance(value, (str, int)):
                raise InputError(f"the field {given!r} is {type(value).__name__}; legal: text", field=given)
            return str(value)
    return None
