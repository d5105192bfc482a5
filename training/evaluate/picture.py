"""How the pictures of all reports look: SVG, with ids for labels, so that no font for Chinese is needed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib as mpl
from matplotlib.figure import Figure

__all__ = ["ACCENT", "FAINT", "INK", "SECOND", "style", "svg"]

INK, ACCENT, SECOND, FAINT = "#1f2933", "#1768ac", "#c05621", "#9aa5b1"


@contextmanager
def style() -> Iterator[None]:
    """Draw pictures as all reports have them."""
    with mpl.rc_context(
        {
            "axes.edgecolor": FAINT,
            "axes.labelcolor": INK,
            "font.size": 9,
            "text.color": INK,
            "xtick.color": INK,
            "ytick.color": INK,
            # The same report gives the same file.
            "svg.hashsalt": "triage",
        }
    ):
        yield


def svg(figure: Figure) -> str:
    """Return a figure as an SVG document."""
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()
