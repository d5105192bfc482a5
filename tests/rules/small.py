"""Small scopes and groups of words for the tests of the engine."""

from __future__ import annotations

from triage.rules.schema import ScopesFile, WordsFile

SCOPES = ScopesFile.model_validate(
    {
        "version": "1",
        "clause_marks": "，,",
        "sentence_marks": "。!?",
        "scopes": {
            "negated": {"cues": ["没有", "不是"], "exclude": ["是不是"], "reach": 6},
            "quoted": {"pairs": ["“”"], "shortest": 4},
            "hypothetical": {"cues": ["如果"], "reach": 12, "until": "sentence"},
            "settled": {"cues": ["已经解决"], "side": "both", "reach": 500, "until": "text"},
            "opening": {"first": 6},
        },
    }
)
WORDS = WordsFile.model_validate({"version": "1", "groups": {"thief": ["骗子", "@more"], "more": ["诈骗"]}})
