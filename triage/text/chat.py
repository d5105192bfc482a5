"""Chat transcripts: only the customer's turns are evidence, the agent's are context."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from triage.text.document import Document
from triage.text.schema import RolesSpec

__all__ = ["agent_turns", "read_chat"]

_TIME = r"(?:\s*[\[(（]?\d{1,4}[-/:.]\d{1,2}[-/:.\d ]*[\])）]?)?"


def read_chat(turns: Iterable[tuple[str, str]], roles: RolesSpec) -> Document:
    """Return one text of the turns ``(role, text)``, each on its own line as ``role：text``.

    A role that is not the agent's counts as the customer.
    """
    lines = [f"{role}：{text}" for role, text in turns]
    whole = "\n".join(lines)
    return Document(text=whole, context=agent_turns(whole, roles))


def agent_turns(text: str, roles: RolesSpec) -> tuple[tuple[int, int], ...]:
    """Return the stretches of ``text`` that an agent said; none when the text is no dialogue.

    A dialogue has at least one turn of each side; a turn begins with a role and a colon, at the start of a line or
    after a mark.
    """
    if ":" not in text and "：" not in text:
        return ()
    starts = [
        (match.start("role"), match["role"].lower()) for match in _turns(roles.customer, roles.agent).finditer(text)
    ]
    agents = {role.lower() for role in roles.agent}
    spoken = [(start, any(role.startswith(name) for name in agents)) for start, role in starts]
    if not any(agent for _, agent in spoken) or all(agent for _, agent in spoken):
        return ()
    ends = [start for start, _ in spoken[1:]] + [len(text)]
    return tuple((start, end) for (start, agent), end in zip(spoken, ends, strict=True) if agent)


@lru_cache(maxsize=8)
def _turns(customer: tuple[str, ...], agent: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(re.escape(name) for name in sorted((*customer, *agent), key=len, reverse=True))
    return re.compile(
        rf"(?:^|[\n\s。！？!?；;|｜/】])(?P<role>(?:{names})[\dA-Za-z]{{0,6}}){_TIME}\s*[:：]", re.IGNORECASE
    )
