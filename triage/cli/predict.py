"""``triage predict``: one complaint, as a picture for people or as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from triage.errors import InputError
from triage.pipeline import Triage, load
from triage.text import Document
from triage.types import Decision, Evidence, Label

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

__all__ = ["URGENCY_COLOURS", "picture", "predict"]

SHOWN = 16
"""Characters of a piece of evidence that are shown."""

URGENCY_COLOURS = {"critical": "bold red", "high": "yellow", "normal": "cyan", "low": "green"}


def predict(options: argparse.Namespace) -> int:
    """Decide one complaint and print the decision."""
    triage = load(options.model, configs=options.configs, rules_only=options.rules_only or options.explain)
    document = _document(options, triage)
    if options.explain:
        print(json.dumps(triage.explain(document.text), ensure_ascii=False, indent=2))
        return 0
    decision = triage.predict(document, id=options.id, channel=options.channel, received=options.received)
    if options.json:
        print(decision.to_json(indent=2))
    else:
        from rich.console import Console  # noqa: PLC0415 - `--json` needs no picture

        Console().print(picture(decision, document.text))
    return 0


def _document(options: argparse.Namespace, triage: Triage) -> Document:
    if options.email:
        from triage.text import read_email  # noqa: PLC0415 - loads parsers of mail and HTML

        data = sys.stdin.buffer.read() if options.text == "-" else Path(options.text).read_bytes()
        return read_email(data, quoted=triage.config.text.quoted_mail)
    if options.text != "-":
        return Document(text=options.text)
    data = sys.stdin.buffer.read()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return Document(text=data.decode(encoding))
        except UnicodeDecodeError:
            continue
    raise InputError("standard input is neither UTF-8 nor GB18030; legal: a text in one of the two", field="text")


def picture(decision: Decision, text: str) -> Table:
    """Return a decision as a picture for a terminal: the text with its evidence marked, then facet by facet."""
    from rich.box import HORIZONTALS  # noqa: PLC0415
    from rich.panel import Panel  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    whole = Table.grid(padding=(0, 0))
    whole.add_column(overflow="fold")
    whole.add_row(
        Panel(_marked(decision, text), title=decision.id, title_align="left", border_style="dim", box=HORIZONTALS)
    )
    facets = Table.grid(padding=(0, 2))
    for _ in range(4):
        facets.add_column(overflow="fold")
    for title, label in (
        ("业务", decision.business), ("原因", decision.reason), ("渠道", decision.channel),
        ("紧急程度", decision.urgency), ("复杂程度", decision.complexity), ("主办部门", decision.department),
    ):  # fmt: skip
        colour = URGENCY_COLOURS.get(label.label, "") if label is decision.urgency else ""
        facets.add_row(title, Text(f"{label.name} ({label.label})", style=colour), _quotes(label), _sure(label))
    facets.add_row(
        "情绪", f"{decision.sentiment.name} ({decision.sentiment.score:+.2f})", _pieces(decision.sentiment.evidence)
    )
    if decision.department.co:
        facets.add_row("协办", "、".join(decision.department.co))
    for title, tags in (("诉求", decision.demands), ("标记", decision.flags)):
        if tags:
            facets.add_row(
                title, "、".join(tag.name for tag in tags), _pieces(tuple(e for t in tags for e in t.evidence))
            )
    for deadline in decision.deadlines:
        facets.add_row("法定期限", deadline.due[:16].replace("T", " "), deadline.source)
    facets.add_row("首次响应", decision.first_response_due[:16].replace("T", " "))
    facets.add_row("处理方式", decision.decision, "；".join(decision.reasons))
    for notice in (*decision.degraded, *decision.warnings):
        facets.add_row("提示", notice.code, notice.message)
    whole.add_row(facets)
    whole.add_row(
        Panel(decision.suggested_reply, title="建议首次回复", title_align="left", border_style="dim", box=HORIZONTALS)
    )
    return whole


def _marked(decision: Decision, text: str) -> Text:
    from rich.text import Text  # noqa: PLC0415

    marked = Text(text)
    parts: tuple[tuple[tuple[Evidence, ...], str], ...] = (
        (decision.business.evidence, "cyan"),
        (decision.reason.evidence, "magenta"),
        (decision.urgency.evidence, "bold red"),
        *((tag.evidence, "yellow") for tag in decision.flags),
    )
    for evidence, style in parts:
        for piece in evidence:
            marked.stylize(style, piece.start, piece.end)
    return marked


def _sure(label: Label) -> str:
    return label.decision if label.confidence is None else f"{label.decision} {label.confidence:.0%}"


def _quotes(label: Label) -> Text:
    return _pieces(label.evidence)


def _pieces(evidence: tuple[Evidence, ...]) -> Text:
    from rich.text import Text  # noqa: PLC0415

    words = list(dict.fromkeys(" ".join(piece.text.split()) for piece in evidence))
    # Model and rules often point at the same words: the longest piece stands for those inside it.
    whole = [word for word in words if not any(word in other for other in words if other != word)]
    shown = (word if len(word) <= SHOWN else f"{word[: SHOWN - 1]}…" for word in whole[:3])
    return Text("、".join(shown), style="dim")
