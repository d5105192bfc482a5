"""Windows: every token is read, long texts overlap, places are the text's own."""

from __future__ import annotations

from itertools import pairwise

import pytest
from tokenizers import Tokenizer

from triage.model.files import EMBEDDED, TOKENIZER
from triage.model.tokens import Tokens

TEXT = "我的信用卡昨天在境外被盗刷了三笔，每笔两千元，到现在还在扣款，请马上冻结！"


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(EMBEDDED / TOKENIZER))


def test_a_short_text_is_one_window(tokenizer: Tokenizer) -> None:
    (windows,) = Tokens(tokenizer)([TEXT])
    (window,) = windows
    assert (window.ids[0], window.ids[-1]) == (Tokens.FIRST, Tokens.LAST)
    assert len(window.spans) == len(window.ids) - 2
    assert window.spans[-1][1] == len(TEXT)


@pytest.mark.parametrize("times", [1, 3, 20, 200])
def test_windows_cover_the_text_and_overlap(tokenizer: Tokenizer, times: int) -> None:
    text = TEXT * times
    (windows,) = Tokens(tokenizer, longest=32, overlap=8)([text])
    assert all(len(window.ids) <= 32 for window in windows)
    covered = {place for window in windows for start, end in window.spans for place in range(start, end)}
    assert covered == set(range(len(text)))
    for before, after in pairwise(windows):
        assert before.spans[-8:] == after.spans[: len(before.spans[-8:])]


def test_exactly_full_windows_leave_no_empty_one(tokenizer: Tokenizer) -> None:
    tokens = Tokens(tokenizer, longest=16, overlap=4)
    for length in range(1, 60):
        (windows,) = tokens(["卡" * length])
        assert all(len(window.spans) > (4 if number else 0) for number, window in enumerate(windows)), length


@pytest.mark.parametrize("text", ["", "□□□□", "😀😀", "1234567890", "hello world", "ไทย", "\ue000\ue001"])
def test_any_text_has_a_window(tokenizer: Tokenizer, text: str) -> None:
    (windows,) = Tokens(tokenizer)([text])
    assert len(windows) == 1


def test_hidden_data_is_one_token_however_long(tokenizer: Tokenizer) -> None:
    short, long = Tokens(tokenizer)(["卡号□□被刷", "卡号□□□□□□□□□□□□□□被刷"])
    assert short[0].ids == long[0].ids
