"""The schema of ``redaction.yaml``: recognizers as data, named as Presidio names them.

A recognizer has *patterns* (RE2 expressions with a base score), *context* words that lift the score and words that
speak against it, and a *validator* from a closed set, such as a checksum. A hit is redacted when its score reaches
``default_score_threshold`` or the recognizer's own ``score_threshold``.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

import re2
from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, model_validator

from triage.schema import CHECKED, Spec, Text, VersionedSpec

__all__ = ["AddressSpec", "NamesSpec", "PatternSpec", "RecognizerSpec", "RedactionSpec", "ValidatorName"]

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False


def _expression(value: str, info: ValidationInfo) -> str:
    if info.context is CHECKED:
        return value
    try:
        compiled = re2.compile(value, _OPTIONS)
    except re2.error as error:
        detail = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0])
        raise ValueError(
            f"not an RE2 expression ({detail}); look-around and back-references are not part of RE2: "
            "mark the personal part as (?P<value>…) and set 'boundary'"
        ) from None
    if compiled.search("") is not None:
        raise ValueError("an expression that matches the empty text would match everywhere; legal: one that needs text")
    if others := sorted(set(compiled.groupindex) - {"value"}):
        raise ValueError(f"the group {others[0]!r} is unknown; legal: (?P<value>…) around the personal part, or none")
    return value


Expression = Annotated[str, AfterValidator(_expression)]
"""An RE2 expression; it runs in time linear in the text."""

Entity = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=40)]
"""An entity type, written as Presidio writes it: ``PHONE_NUMBER``."""

Placeholder = Annotated[str, StringConstraints(pattern=r"^[^\s<>_\d]+$", max_length=20)]
"""What stands in a tag: ``手机号`` gives ``<手机号_1>``."""

Score = Annotated[float, Field(ge=0, le=1)]
Window = Annotated[int, Field(ge=0, le=64)]

ValidatorName = Literal[
    "id_card",
    "regional_id",
    "luhn",
    "mobile",
    "landline",
    "plate",
    "code",
    "not_a_date",
    "address",
    "labelled_address",
    "person_label",
    "person",
    "person_likely",
    "person_titled",
]
"""What can be checked in code; :mod:`triage.redact.validators` says what each does."""


class PatternSpec(Spec):
    """One expression of a recognizer.

    Attributes:
        name: says in explanations which pattern it was.
        regex: an RE2 expression over the folded text (see :mod:`triage.redact.fold`); case does not count. If it has
            a group ``(?P<value>…)``, only that part is personal; the rest is a label that stays.
        score: how sure a match alone is.
    """

    name: Text
    regex: Expression
    score: Score


class RecognizerSpec(Spec):
    """How one kind of personal data is found.

    Attributes:
        name: unique in the file.
        supported_entity: the entity type of its results.
        placeholder: what stands in the tag.
        enabled: False turns the recognizer off.
        patterns: expressions; any of them may hit.
        deny_list: words that always are personal data of this kind.
        deny_list_score: their score.
        context: words that make a hit likelier, before it or shortly after it.
        context_against: words that make it unlikelier (订单号); the word nearest before the hit counts, one of the two.
        context_before: characters before the hit in which context is looked for. Another long number, a tag and the
            end of a sentence end the window early: a label belongs to the first number after it.
        context_after: characters after the hit, for ``context`` only.
        context_boost: what a word of ``context`` adds to the score.
        context_penalty: what a word of ``context_against`` takes away.
        validator: a check in code; it may refuse the hit, narrow it, or support it.
        validator_boost: what full support adds to the score; a validator may give a part of it.
        boundary: which characters must not stand right before or after: ``digit``, ``alnum``, or ``none``. RE2 has no
            look-around, so this is said here.
        reject_before: a hit right after one of these words is none (¥).
        reject_after: a hit right before one of these words is none (元).
        score_threshold: the lowest score that is redacted; None takes the file's default.
    """

    name: Text
    supported_entity: Entity
    placeholder: Placeholder
    enabled: bool = True
    patterns: tuple[PatternSpec, ...] = ()
    deny_list: tuple[Text, ...] = ()
    deny_list_score: Score = 1.0
    context: tuple[Text, ...] = ()
    context_against: tuple[Text, ...] = ()
    context_before: Window = 12
    context_after: Window = 6
    context_boost: Score = 0.35
    context_penalty: Score = 0.4
    validator: ValidatorName | None = None
    validator_boost: Score = 0.3
    boundary: Literal["digit", "alnum", "none"] = "none"
    reject_before: tuple[Text, ...] = ()
    reject_after: tuple[Text, ...] = ()
    score_threshold: Score | None = None

    @model_validator(mode="after")
    def _finds_something(self) -> Self:
        if not (self.patterns or self.deny_list):
            raise ValueError("a recognizer needs one of: patterns, deny_list")
        return self


class NamesSpec(Spec):
    """What Chinese names are made of. Strings hold single characters; all are simplified, since text is folded.

    Attributes:
        surnames: surnames of one character that are hardly ever an ordinary word.
        word_surnames: surnames that often begin ordinary words (于, 曾, 高); they need more evidence.
        double_surnames: surnames of two characters.
        given: characters that are usual in given names.
        never_given: characters that no given name has (的, 了).
        follow: what may stand right after a name inside a sentence (在, 于, 身份证).
        titles: what makes a name of the surname before it (先生).
        stop_words: words that begin with a surname and are no names (高度, 江苏).
        roles: words that, inside a name, make it none (王经理 is an office, not a name).
    """

    surnames: Text
    word_surnames: str = ""
    double_surnames: tuple[Text, ...] = ()
    given: Text
    never_given: str = ""
    follow: tuple[Text, ...] = ()
    titles: tuple[Text, ...] = ()
    stop_words: tuple[Text, ...] = ()
    roles: tuple[Text, ...] = ()


class AddressSpec(Spec):
    """What tells where an address begins, ends, and whether it is private.

    Attributes:
        provinces: names of provinces and municipalities without 省 or 市; an address begins there.
        starts_after: words that stand before an address and are no part of it (住在).
        never_in: what no address contains (的); a labelled text with it is a sentence.
        no_roads: words that end like a road and are none (公路, 思路).
        institution: words near an address that make it the place of an institution (支行).
        institution_within: characters after the address in which they are looked for.
        private: units that only a home or an office room has (室); with one, an address is always private.
    """

    provinces: tuple[Text, ...] = ()
    starts_after: tuple[Text, ...] = ()
    never_in: tuple[Text, ...] = ()
    no_roads: tuple[Text, ...] = ()
    institution: tuple[Text, ...] = ()
    institution_within: Window = 8
    private: tuple[Text, ...] = ()


class RedactionSpec(VersionedSpec):
    """``redaction.yaml``: which personal data is found, how, and what stands in its place.

    Attributes:
        enabled: False turns redaction off as a whole; personal data then reaches stores, logs and exports.
        default_score_threshold: the lowest score that is redacted.
        allow_list: values that are never redacted, such as the institution's own numbers and addresses; spaces,
            hyphens, width and case do not count.
        recognizers: at equal length and score the earlier one wins.
        names: for the ``person`` validators.
        addresses: for the ``address`` validators.
    """

    enabled: bool = True
    default_score_threshold: Score = 0.5
    allow_list: tuple[Text, ...] = ()
    recognizers: tuple[RecognizerSpec, ...]
    names: NamesSpec
    addresses: AddressSpec = AddressSpec()

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        seen: set[str] = set()
        for recognizer in self.recognizers:
            if recognizer.name in seen:
                raise ValueError(f"two recognizers have the name {recognizer.name!r}; legal: each name once")
            seen.add(recognizer.name)
        return self
