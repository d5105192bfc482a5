"""Every baseline on the same complaints."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from triage.config import Config
from triage.errors import InputError
from triage.training.baselines.category_alone import CategoryAlone
from triage.training.baselines.fasttext import FastText
from triage.training.baselines.linear_probe import Embed, LinearProbe
from triage.training.baselines.linear_svm import LinearSVM
from triage.training.baselines.majority import Majority
from triage.training.baselines.protocol import Baseline
from triage.training.baselines.pysenti import Pysenti
from triage.training.baselines.rules import Rules
from triage.training.baselines.snownlp import Snow
from triage.training.evaluate.answer import Answer, right_answer
from triage.training.labelled import Labelled

__all__ = ["answers", "default_baselines"]


def default_baselines(embed: Embed | None = None) -> list[Baseline]:
    """Return the baselines, untrained; the linear probe is among them where there is an encoder to freeze."""
    probe: list[Baseline] = [] if embed is None else [LinearProbe(embed)]
    return [Majority(), Rules(), LinearSVM(), FastText(), *probe, Snow(), Pysenti()]


def answers(
    train: Sequence[Labelled],
    test: Sequence[Labelled],
    config: Config,
    *,
    baselines: Sequence[Baseline],
    said: Sequence[Answer] | None = None,
    progress: Callable[[str], None] = lambda name: None,
) -> dict[str, list[Answer]]:
    """Return what each baseline answers for ``test``, by the baselines' names.

    Urgency and department from the category alone stand beside them twice: from the right category, and from the
    category that ``said`` gives.

    Args:
        train: the complaints to learn from, at least one.
        test: the complaints to answer for, at least one.
        config: the labels and the policy.
        baselines: untrained.
        said: a model's answers for ``test``, in its order; those of the linear SVM by default, if it is there.
        progress: called with the name of each baseline before it starts.

    Raises:
        InputError: either side is empty, or a text stands on both.
    """
    _apart(train, test)
    texts = [row.text for row in test]
    found: dict[str, list[Answer]] = {}
    for baseline in baselines:
        progress(baseline.name)
        found[baseline.name] = baseline.fit(train, config).predict(texts)
    alone = CategoryAlone().fit(train, config)
    found["right category alone"] = alone.predict_from([right_answer(row, config) for row in test])
    categories = found.get(LinearSVM.name) if said is None else said
    if categories is not None:
        by = LinearSVM.name if said is None else "the model"
        found[f"category of {by} alone"] = alone.predict_from(categories)
    return found


def _apart(train: Sequence[Labelled], test: Sequence[Labelled]) -> None:
    for name, rows in (("train", train), ("test", test)):
        if not rows:
            raise InputError(f"{name} has no labelled complaints; legal: at least one row", field=name)
    known = {"".join(row.text.split()) for row in train}
    both = [row.id for row in test if "".join(row.text.split()) in known]
    if both:
        shown = ", ".join(both[:3])
        raise InputError(
            f"test shares {len(both)} texts with train ({shown}); legal: none, or the figures are worth nothing",
            field="test",
        )
