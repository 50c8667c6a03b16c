"""What a run came to, as counts: one tally that grows by a batch at a time and stays small however long the run is."""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from operator import itemgetter
from typing import Any, Final, NamedTuple

from ...exchange import Verdict
from ..model import Geocoded, Status

__all__ = [
    "BINS", "CONFIDENCES", "DISTANCES", "MOST_EXAMPLES", "MOST_POINTS", "OTHER", "Example", "Point", "Tally",
]  # fmt: skip

BINS: Final = 20
"""Bins of the histogram of scores, each 0.05 wide; 1 lies in the last one."""
CONFIDENCES: Final = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)
"""Lower edges of the histogram of confidences, the first bin has none: finer towards 1, where nearly all lie."""
DISTANCES: Final = (5.0, 10.0, 20.0, 50.0, 100.0, 200.0)
"""Upper edges, in metres, of the histogram of distances; the last bin has none."""
MOST_POINTS: Final = 5_000
"""Points that are kept for the map, drawn at random from all."""
MOST_EXAMPLES: Final = 20
MOST_WORDS: Final = 1_000
"""Different words that one counter keeps; what comes later is counted under `OTHER`."""
OTHER: Final = "(other)"
UNNAMED: Final = "(not told)"
"""Stands for an empty word."""

_LONGEST_WORD: Final = 100
_LONGEST_EXAMPLE: Final = 200
_MOST_MOMENTS: Final = 240
_SEED: Final = 20

_OF_ROW: Final = itemgetter(*map(Geocoded._fields.index, (
    "status", "verdict", "reasons", "confidence", "step", "repairs", "reason", "origin",
)))  # fmt: skip
_OF_ANSWER: Final = itemgetter(1, 3, 4, 5, 16)  # type, lon, lat, score, distance: by number for speed, held by a test


class Point(NamedTuple):
    """A place on the map; rounded to 0.001 degrees (about 100 m) unless the report keeps examples."""

    lon: float
    lat: float
    verdict: str


class Example(NamedTuple):
    """A row that failed, or whose answer is suspicious."""

    row: int
    """Its place in the input, from 0."""
    status: str
    verdict: str
    reasons: tuple[str, ...]
    """Why, whether it is the verdict or the failure that needs a reason."""
    step: str = ""
    asked: str = ""
    """The row's own values; only when the report keeps examples."""
    found: str = ""
    """The address that came back; only when the report keeps examples."""
    line: int | None = None
    """Where the row begins in its file, from 1; `None` where it comes from no file."""


class Tally:
    """Counts of rows. Nothing in it names a row or a place closely, unless `examples` allows it."""

    def __init__(self, *, examples: bool = False) -> None:
        self.examples = examples
        self.rows: int = 0
        """Rows whose result is known and handed over."""
        self.statuses: Counter[str] = Counter()
        self.verdicts: Counter[str] = Counter()
        self.types: Counter[str] = Counter()
        """By the type of address reached; rows with an answer only."""
        self.verdict_types: Counter[tuple[str, str]] = Counter()
        """By verdict and type; rows with an answer only."""
        self.reasons: Counter[str] = Counter()
        """Of the verdicts; a row may have several."""
        self.steps: Counter[str] = Counter()
        self.repairs: Counter[str] = Counter()
        self.origins: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        """Rows that were skipped, by reason."""
        self.failed: Counter[str] = Counter()
        """Rows that failed, by reason."""
        self.notes: Counter[str] = Counter()
        """What was mended in the input as a file; counted by who reads it."""
        self.scores: dict[str, list[int]] = {}
        """For each verdict, how many scores lie in each of the `BINS`."""
        self.confidences: dict[str, list[int]] = {}
        """For each verdict, how many confidences lie in each of the bins of `CONFIDENCES`."""
        self.distances: list[int] = [0] * (len(DISTANCES) + 1)
        """How many answers lie within each of `DISTANCES` metres (reverse only)."""
        self.points: list[Point] = []
        self.points_seen: int = 0
        """Answers that have a place; `points` is a fair sample of them."""
        self.worst: list[Example] = []
        """The first rows that failed or are suspicious."""
        self.timeline: list[tuple[float, int]] = []
        """Seconds, and rows done by then."""
        self._moment: float = 0.0
        self._random = random.Random(_SEED)  # noqa: S311  # a sample, no secret: the same run gives the same map

    @property
    def answered(self) -> int:
        """Rows for which the service gave an address."""
        return self.statuses[Status.OK]

    @property
    def usable(self) -> int:
        """Rows with the verdict `exact` or `street`."""
        return self.verdicts[Verdict.EXACT] + self.verdicts[Verdict.STREET]

    def count(self, batch: Sequence[Geocoded]) -> None:
        """Add the rows of `batch`."""
        alarming = self._count_words(Counter(map(_OF_ROW, batch)))
        self._count_answers(batch)
        self.rows += len(batch)
        if alarming and len(self.worst) < MOST_EXAMPLES:
            self._keep_worst(batch)

    def _count_words(self, combinations: Counter[tuple[Any, ...]]) -> bool:
        """Add how often each combination of words occurs; tells whether a row failed or is suspicious."""
        alarming = False
        for (status, verdict, reasons, confidence, step, repairs, reason, origin), rows in combinations.items():
            alarming = alarming or status == Status.FAILED or verdict == Verdict.SUSPICIOUS
            self.statuses[str(status)] += rows
            self.verdicts[str(verdict)] += rows
            self.origins[str(origin)] += rows
            if confidence is not None and confidence == confidence:  # noqa: PLR0124  # NaN is not itself
                bins = self.confidences.get(verdict)
                if bins is None:
                    bins = self.confidences[str(verdict)] = [0] * (len(CONFIDENCES) + 1)
                bins[bisect_right(CONFIDENCES, confidence)] += rows
            if step:
                _more(self.steps, step, rows)
            for word in reasons:
                _more(self.reasons, word, rows)
            for word in repairs:
                _more(self.repairs, word, rows)
            if status == Status.SKIPPED:
                _more(self.skipped, reason, rows)
            elif status == Status.FAILED:
                _more(self.failed, reason, rows)
        return alarming

    def _count_answers(self, batch: Sequence[Geocoded]) -> None:
        """Add types, scores, distances and points."""
        reached: dict[tuple[Verdict, str], int] = {}
        occurred, scores, distances = reached.get, self.scores, self.distances
        points, seen, draw = self.points, self.points_seen, self._random.random
        for row in batch:
            answer = row[4]
            if answer is None:
                continue
            verdict = row[3]
            kind, lon, lat, score, distance = _OF_ANSWER(answer)
            reached[verdict, kind] = occurred((verdict, kind), 0) + 1
            if score is not None and score == score:  # noqa: PLR0124
                _bin(scores, verdict, score)
            if distance is not None and distance == distance:  # noqa: PLR0124
                distances[bisect_left(DISTANCES, distance)] += 1
            if lon is not None and lat is not None and -180 <= lon <= 180 and -90 <= lat <= 90:
                if seen < MOST_POINTS:
                    points.append(self._point(lon, lat, verdict))
                elif (place := int(draw() * (seen + 1))) < MOST_POINTS:
                    points[place] = self._point(lon, lat, verdict)
                seen += 1
        self.points_seen = seen
        for (verdict, kind), rows in reached.items():
            _more(self.types, kind, rows)
            _more(self.verdict_types, (str(verdict), kind[:_LONGEST_WORD] or UNNAMED), rows, (str(verdict), OTHER))

    def _point(self, lon: float, lat: float, verdict: str) -> Point:
        digits = 6 if self.examples else 3
        return Point(round(lon, digits), round(lat, digits), str(verdict))

    def _keep_worst(self, batch: Sequence[Geocoded]) -> None:
        for each in batch:
            if each.status == Status.FAILED or each.verdict == Verdict.SUSPICIOUS:
                reasons = each.reasons or ((each.reason,) if each.reason else ())
                asked = found = ""
                if self.examples:
                    asked = " | ".join(str(value) for value in each.row.values() if value is not None)
                    found = each.answer.label if each.answer else ""
                self.worst.append(
                    Example(
                        each.position,
                        str(each.status),
                        str(each.verdict),
                        tuple(word[:_LONGEST_WORD] for word in reasons),
                        each.step,
                        asked[:_LONGEST_EXAMPLE],
                        found[:_LONGEST_EXAMPLE],
                        getattr(each.row, "line", 0) or None,
                    )
                )
                if len(self.worst) == MOST_EXAMPLES:
                    return

    def mark(self, seconds: float, *, last: bool = False) -> None:
        """Keep how many rows are done by now; old moments are thinned out, so that a few hundred remain."""
        timeline = self.timeline
        if timeline and seconds - timeline[-1][0] < self._moment and not last:
            return
        timeline.append((round(seconds, 3), self.rows))
        if len(timeline) > _MOST_MOMENTS:
            self._moment = 2 * timeline[-1][0] / _MOST_MOMENTS
            del timeline[1:-1:2]


def _bin(histograms: dict[str, list[int]], verdict: str, value: float) -> None:
    histogram = histograms.get(verdict)
    if histogram is None:
        histogram = histograms[str(verdict)] = [0] * BINS
    histogram[0 if value <= 0 else BINS - 1 if value >= 1 else int(value * BINS)] += 1


def _more(counter: Counter[Any], word: Any, rows: int, other: Any = OTHER) -> None:
    """Count a word, shortened; or `other` once there are too many."""
    if isinstance(word, str):
        word = word[:_LONGEST_WORD] or UNNAMED
    counter[word if word in counter or len(counter) < MOST_WORDS else other] += rows
