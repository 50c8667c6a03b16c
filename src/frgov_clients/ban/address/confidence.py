"""How likely an answer is right: a logistic model over verdict, reasons and score.

Fitted by `python -m benchmarks.labelled fit` on the départements 48 and 90, with streets kept out of the index: one
row in four asks for a street that does not exist. In a file with more such rows, answers are worth a little less. A
reason that the labelled sample does not hold counts for nothing, but for what is assumed.
"""

from __future__ import annotations

import math
from typing import Final

from ..exchange import Verdict

__all__ = ["confidence"]

# <fitted>
_INTERCEPT: Final = 5.4
_SCORE: Final = 2.11
_WEIGHTS: Final[dict[str, float]] = {
    "ambiguous": -2.66,
    "commune": 1.54,
    "commune_differs": -2.46,
    "commune_former": -0.14,
    "exact": 1.79,
    "kind_differs": -0.97,
    "kind_missing": 0.67,
    "number_missing": -5.77,
    "postcode_differs": -0.14,
    "street": 5.52,
    "street_close": -1.55,
    "street_differs": -2.02,
    "street_missing": 1.54,
    "street_shortened": -3.15,
    "suspicious": -6.17,
    "words_left_over": -0.96,
}
# </fitted>
_ASSUMED: Final[dict[str, float]] = {"departement_differs": -2.0, "fields_disagree": -1.5}
"""Weights of contradictions within a row: not fitted, since how often which side is right is made up in the sample."""
_USUAL: Final = 0.8
"""The score that stands for one that is not told."""

_MOST: Final = 0.9995
"""No more is claimed than some thousand labelled rows can show."""


def confidence(verdict: Verdict, reasons: tuple[str, ...], score: float | None) -> float:
    """Probability, 0 to 1, that the answer is right at the level that the verdict says."""
    total = _INTERCEPT + _SCORE * ((_USUAL if score is None else score) - _USUAL)
    total += sum([_WEIGHTS.get(name, 0.0) + _ASSUMED.get(name, 0.0) for name in (verdict.value, *reasons)])
    return min(_MOST, round(1.0 / (1.0 + math.exp(-total)), 4))
