"""python examples/show.py DECISIONS.jsonl [PAGE.html]: decided complaints as one table, then two of them in full.

Reads what ``triage batch … DECISIONS.jsonl`` wrote, and beside it the complaints of ``examples/complaints.jsonl``.
PAGE.html gets the first of the two in full, for a browser to take the picture of the README from.
"""

from __future__ import annotations

import io
import json
import sys
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from triage import Decision
from triage.cli.predict import URGENCY_COLOURS, picture

COMPLAINTS = Path(__file__).parent / "complaints.jsonl"
WIDE = 118
PAPER = """<!DOCTYPE html><meta charset="utf-8"><body style="background:#fff; margin:16px; overflow:hidden">
<pre style="font:16px/1.35 'Noto Sans Mono CJK SC', monospace"><code style="font-family:inherit">{code}</code></pre>
</body>"""


def main(path: Path, drawing: Path | None = None) -> None:
    """Print the decisions of ``path``, and draw one of them."""
    texts = {row["id"]: row["text"] for row in map(json.loads, COMPLAINTS.read_text(encoding="utf-8").splitlines())}
    decisions = [Decision.from_json(line) for line in path.read_text(encoding="utf-8").splitlines()]
    console = Console(width=None if sys.stdout.isatty() else WIDE)
    console.print(_table(decisions, texts))
    console.print(_counts(decisions))
    urgent = next(d for d in decisions if d.urgency.label == "critical")
    rich_in_evidence = max(decisions, key=lambda d: len(d.flags) + len(d.demands) + len(d.department.co))
    for decision in (urgent, rich_in_evidence):
        console.print()
        console.print(picture(decision, texts[decision.id]))
    if drawing is not None:
        paper = Console(width=100, record=True, file=io.StringIO(), force_terminal=True)
        paper.print(picture(urgent, texts[urgent.id]))
        paper.save_html(str(drawing), inline_styles=True, code_format=PAPER)


def _table(decisions: list[Decision], texts: dict[str, str]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title, width in (
        ("编号", 7),
        ("投诉", 40),
        ("业务 × 原因", 26),
        ("紧急", 4),
        ("主办部门", 16),
        ("情绪", 5),
        ("最晚", 10),
    ):
        table.add_column(title, width=width, no_wrap=True, overflow="ellipsis")
    for decision in decisions:
        urgency = decision.urgency
        table.add_row(
            decision.id,
            " ".join(texts[decision.id].split()),
            f"{decision.business.name} × {decision.reason.name}",
            Text(urgency.name, style=URGENCY_COLOURS.get(urgency.label, "")),
            decision.department.name,
            f"{decision.sentiment.score:+.2f}",
            decision.deadlines[0].due[:10] if decision.deadlines else "",
        )
    return table


def _counts(decisions: list[Decision]) -> str:
    urgencies = Counter(decision.urgency.name for decision in decisions)
    handling = Counter(decision.decision for decision in decisions)
    parts = (f"{name} {count}" for counts in (urgencies, handling) for name, count in counts.most_common())
    return f"\n{len(decisions)} 件：{' · '.join(parts)}"


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
