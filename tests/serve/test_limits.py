from __future__ import annotations

import pytest

from triage.serve.limits import nests_deeper


@pytest.mark.parametrize(
    ("body", "deeper"),
    [
        (b"", False),
        (b"[[[]]]", False),
        (b"[[[[]]]]", True),
        (b'{"a": {"b": {"c": 1}}}', False),
        (b'{"a": {"b": {"c": {}}}}', True),
        (b"[[], [], [], [], [], []]", False),
        (b'{"text": "[[[[[[[["}', False),
        (b'{"text": "\\"[[[[[[[["}', False),
        (b'{"text": "\\\\", "a": [[[1]]]}', True),
        (b'{"text": "open [[[[', False),
        (b"[" * 10_000 + b"]" * 10_000, True),
        (b"[" * 10_000, True),
        ('{"text": "【【【【[[[["}'.encode(), False),
    ],
)
def test_depth(body: bytes, deeper: bool) -> None:
    assert nests_deeper(body, 3) is deeper


def test_a_large_flat_batch_is_no_deep_one() -> None:
    body = b'{"items": [' + b",".join([b'{"text": "[{x}]"}'] * 5000) + b"]}"
    assert not nests_deeper(body, 3)
    assert nests_deeper(body, 2)
