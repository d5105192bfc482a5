"""The answers of two models to the same rows, as figures that can be drawn again together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from triage.config import Config
from triage.training.corpus_rows import labels_of
from triage.training.evaluate.answer import MULTIPLE, SINGLE, Answer, Case, right_answer
from triage.training.evaluate.calibration import score_calibration
from triage.training.evaluate.headline import Figures
from triage.training.evaluate.report import CUTS
from triage.training.gate.limits import Protected
from triage.training.labelled import Labelled

__all__ = ["Sides"]

Rows = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


class Sides:
    """The model in force and the candidate, on the same labelled complaints.

    Args:
        rows: the complaints, at least one.
        current: what the model in force says, in the same order.
        candidate: what the candidate says.
        config: the labels and the policy.
    """

    def __init__(
        self, rows: Sequence[Labelled], current: Sequence[Answer], candidate: Sequence[Answer], config: Config
    ) -> None:
        self.rows = rows
        right = [right_answer(row, config) for row in rows]
        sides = (current, candidate)
        self._cases = [
            [Case(row, due, said) for row, due, said in zip(rows, right, side, strict=True)] for side in sides
        ]
        facets = (*SINGLE, *MULTIPLE)
        orders = {facet: labels_of(config, "department" if facet == "co" else facet) for facet in facets}
        self._figures = [Figures(cases, orders) for cases in self._cases]
        self.labels = {facet: np.array([due.single[facet] for due in right]) for facet in SINGLE}
        self._hits = [
            {facet: np.array([case.said.single[facet] for case in cases]) == self.labels[facet] for facet in SINGLE}
            for cases in self._cases
        ]
        for hits in self._hits:
            hits["category"] = hits["business"] & hits["reason"]

    def figures(self) -> tuple[dict[str, float], dict[str, float]]:
        """Return the headline figures of both sides."""
        return self._figures[0](), self._figures[1]()

    def hits(self, facet: str) -> tuple[Mask, Mask]:
        """Return for each row whether each side is right about a single-label facet, or ``category``."""
        return self._hits[0][facet], self._hits[1][facet]

    def classes(self) -> Iterator[tuple[str, str, Rows]]:
        """Yield facet, label and places of every class that is right somewhere."""
        for facet, labels in self.labels.items():
            for label in dict.fromkeys(labels.tolist()):
                yield facet, label, np.flatnonzero(labels == label)

    def slices(self) -> Iterator[tuple[str, Rows]]:
        """Yield the name and the places of every slice: by voice, length and script."""
        for cut, of in CUTS.items():
            values = np.array([of(row) for row in self.rows])
            for value in np.unique(values):
                yield f"{cut} {value}", np.flatnonzero(values == value)

    def protected(self, one: Protected) -> tuple[Mask, Mask, Rows]:
        """Return for each row whether each side is right about a protected class, and the places that count.

        Of a recall those whose right label it is; of a precision those of which either side says it.
        """
        said = [np.array([_has(case.said, one) for case in cases]) for cases in self._cases]
        due = np.array([_has(case.right, one) for case in self._cases[0]])
        if one.measure == "recall":
            return said[0], said[1], np.flatnonzero(due)
        return said[0] & due, said[1] & due, np.flatnonzero(said[0] | said[1])

    def measured(self, one: Protected) -> tuple[float | None, float | None]:
        """Return the recall or precision of a protected class on both sides; None where there is none."""
        due = np.array([_has(case.right, one) for case in self._cases[0]])
        found = []
        for cases in self._cases:
            said = np.array([_has(case.said, one) for case in cases])
            among = due if one.measure == "recall" else said
            found.append(float(np.mean((said & due)[among])) if among.any() else None)
        return found[0], found[1]

    def calibration(self, facet: str) -> tuple[float | None, float | None, int]:
        """Return the expected calibration error of both sides, None where one gives no confidence, and the rows."""
        found: list[float | None] = []
        rows = 0
        for cases, hits in zip(self._cases, self._hits, strict=True):
            sure = [place for place, case in enumerate(cases) if facet in case.said.confidence]
            confidence = [cases[place].said.confidence[facet] for place in sure]
            right = hits[facet][sure].tolist()
            found.append(score_calibration(facet, confidence, right, said=True).equal_mass if sure else None)
            rows = max(rows, len(sure))
        return found[0], found[1], rows

    def differences(self, groups: Mapping[str, tuple[str, Rows]]) -> _Differences:
        """Return what gives candidate minus current for every headline figure, and for the hits of some groups.

        Args:
            groups: by name, a facet and the places that belong to the group.
        """
        return _Differences(self, groups)

    def drawn(self, rows: Rows) -> tuple[dict[str, float], dict[str, float]]:
        """Return the headline figures of both sides over ``rows``, places that may repeat."""
        return self._figures[0](rows), self._figures[1](rows)


class _Differences:
    """Candidate minus current, over any draw of the rows."""

    def __init__(self, sides: Sides, groups: Mapping[str, tuple[str, Rows]]) -> None:
        self._sides = sides
        self._gains, self._members = {}, {}
        for name, (facet, places) in groups.items():
            current, candidate = sides.hits(facet)
            self._gains[name] = candidate.astype(float) - current.astype(float)
            member = np.zeros(len(sides.rows), dtype=bool)
            member[places] = True
            self._members[name] = member

    def __call__(self, rows: Rows) -> dict[str, float]:
        current, candidate = self._sides.drawn(rows)
        found = {name: candidate[name] - current[name] for name in candidate if name in current}
        for name, gain in self._gains.items():
            member = self._members[name][rows]
            if member.any():
                found[name] = float(gain[rows][member].mean())
        return found


def _has(answer: Answer, one: Protected) -> bool:
    if one.facet in answer.multiple:
        return one.label in answer.multiple[one.facet]
    return answer.single.get(one.facet) == one.label
