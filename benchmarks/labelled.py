"""What the verdicts are worth: a labelled sample of real addresses, against the real geocoder.

python -m benchmarks.labelled           evaluate on 971 and 2A, on which nothing was fitted
python -m benchmarks.labelled develop   the same table on 48 and 90
python -m benchmarks.labelled fit       fit the confidence on 48 and 90, and write it into the package
python -m benchmarks.labelled errors    evaluate, and print each row that is wrong or lost
"""

from __future__ import annotations

import dataclasses
import gzip
import json
import math
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from frgov_clients.ban import Verdict
from frgov_clients.testing.addok import LocalAddok

from .cores import every_core
from .labelled_run import Result, accepted, agrees, is_right, run, steps_of
from .labelled_sample import ABSENT, CONTRADICTORY, EXTRA, KINDS, make_sample, read_documents, split
from .measure import Row

HERE = Path(__file__).parent
OUT = HERE / "out"
DEVELOPMENT = tuple(HERE.parent / f"examples/data/adresses-addok-{name}.ndjson.gz" for name in ("48", "90"))
EVALUATION = tuple(HERE / f"data/adresses-addok-{name}.ndjson.gz" for name in ("2A", "971"))
MODEL = HERE.parent / "src/frgov_clients/ban/address/confidence.py"
VERDICTS = tuple(verdict.value for verdict in Verdict)
BINS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.995, 1.0)


def results(documents: Sequence[Path], elsewhere: Sequence[Path], count: int, seed: int) -> list[Result]:
    """Every row of one sample, asked and judged."""
    kept, held = split(read_documents(documents), seed)
    sample = make_sample(kept, held, read_documents(elsewhere), count, seed + 1000)
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "kept.ndjson.gz"
        with gzip.open(index, "wt", encoding="utf-8", compresslevel=1) as lines:
            lines.writelines(json.dumps(one) + "\n" for one in kept)
        with every_core(), LocalAddok([index], workers=1) as server:
            return run(server.url, sample)


# ---- tables ------------------------------------------------------------------------------------------------


def share(part: int, whole: int) -> str:
    return f"{part / whole:.2%}" if whole else "-"


def quality_table(found: Sequence[Result]) -> str:
    lines = [
        "| kind | rows | accepted | precision | recall | " + " | ".join(VERDICTS) + " |",
        "|---|---:|---:|---:|---:|" + "---:|" * len(VERDICTS),
    ]
    lines += [_line(kind, [one for one in found if one.label.kind == kind]) for kind in (*KINDS, *ABSENT, *EXTRA)]
    lines.append(_line("**all that exist**", [one for one in found if one.label.kind in KINDS]))
    lines.append(_line("**all but the extra kinds**", [one for one in found if one.label.kind not in EXTRA]))
    return "\n".join(lines)


def _line(name: str, rows: Sequence[Result]) -> str:
    taken = [one for one in rows if accepted(one)]
    right = sum(map(is_right, taken))
    exist = sum(1 for one in rows if one.label.street_id)
    verdicts = Counter(one.found.verdict.value for one in rows)
    figures = (f"{len(rows):,}", share(len(taken), len(rows)), share(right, len(taken)), share(right, exist))
    return f"| {name} | " + " | ".join((*figures, *(str(verdicts[verdict]) for verdict in VERDICTS))) + " |"


def calibration_table(found: Sequence[Result]) -> str:
    lines = ["| confidence | rows | mean confidence | right |", "|---|---:|---:|---:|"]
    judged = [one for one in found if one.answer]
    for low, high in pairwise(BINS):
        rows = [one for one in judged if low <= one.confidence < high or one.confidence == high == BINS[-1]]
        if rows:
            mean = sum(one.confidence for one in rows) / len(rows)
            lines.append(
                f"| {low:g} to {high:g} | {len(rows):,} | {mean:.3f} | {sum(map(agrees, rows)) / len(rows):.3f} |"
            )
    brier = sum((one.confidence - agrees(one)) ** 2 for one in judged) / len(judged)
    return "\n".join(lines) + f"\n\nBrier score {brier:.4f}."


def reasons_table(found: Sequence[Result]) -> str:
    seen: dict[tuple[str, str], list[bool]] = {}
    for one in found:
        for reason in one.found.reasons or ("(none)",):
            seen.setdefault((one.found.verdict.value, reason), []).append(agrees(one))
    lines = ["| verdict | reason | rows | right |", "|---|---|---:|---:|"]
    for (verdict, reason), hits in sorted(seen.items()):
        lines.append(f"| {verdict} | {reason} | {len(hits):,} | {share(sum(hits), len(hits))} |")
    return "\n".join(lines)


def targets(found: Sequence[Result]) -> list[Row]:
    """The figures that have a target."""
    exist = [one for one in found if one.label.kind in KINDS]
    taken = [one for one in exist if accepted(one)]
    right = sum(map(is_right, taken))
    rows = [
        _at_least("precision of what is accepted, over the addresses that exist", right / len(taken), 0.998),
        _at_least("recall over the addresses that exist", right / len(exist), 0.985),
    ]
    for kind in ABSENT:
        hits = [accepted(one) for one in found if one.label.kind == kind]
        if hits:
            part = sum(hits) / len(hits)
            rows.append(Row(f"{kind} that are accepted", "%", 100 * part, target="at most 1", met=part <= 0.01))
    return rows


def _at_least(name: str, part: float, goal: float) -> Row:
    return Row(name, "%", 100 * part, target=f"at least {100 * goal:g}", met=part >= goal)


def report(found: Sequence[Result]) -> str:
    lines = [
        f"- {row.name}: {row.ours:.2f} % ({row.target}): {'met' if row.met else 'NOT met'}" for row in targets(found)
    ]
    asked = sum(len(one.found.steps) for one in found) / len(found)
    steps = ", ".join(f"{name} {count:,}" for name, count in steps_of(found).most_common())
    accepted_at = f"Accepted at: {steps}. {asked:.2f} steps per row."
    return "\n\n".join(
        (quality_table(found), "\n".join(lines), accepted_at, calibration_table(found), reasons_table(found))
    )


def rows(_url: str = "") -> list[Row]:
    """For `make bench`: evaluate, keep the tables in `benchmarks/out/labelled.md`, answer what has a target."""
    found = results(EVALUATION, DEVELOPMENT, 800, 1)
    OUT.mkdir(exist_ok=True)
    (OUT / "labelled.md").write_text(report(found) + "\n", encoding="utf-8")
    (OUT / "kinds.md").write_text(quality_table(found) + "\n", encoding="utf-8")
    print(report(found), flush=True)
    return [dataclasses.replace(row, name=f"(i) {row.name}") for row in targets(found)]


def print_errors(found: Sequence[Result]) -> None:
    for one in found:
        exists = bool(one.label.street_id) and one.label.kind not in EXTRA
        if accepted(one) != exists or (accepted(one) and not is_right(one)):
            answer = one.answer and (one.answer.label, one.answer.id, one.answer.oldcity, one.answer.score)
            print(one.label.kind, tuple(one.label.fields), one.label.number_id or one.label.street_id or "(absent)")
            print("   ", one.found.verdict.value, one.found.reasons, answer, one.found.step, one.found.steps)


# ---- the confidence ----------------------------------------------------------------------------------------


def fit(found: Sequence[Result], strength: float = 0.5, rounds: int = 4000) -> tuple[float, float, dict[str, float]]:
    """Logistic regression with a ridge, by gradient descent over the distinct cases."""
    cases: Counter[tuple[tuple[str, ...], float, bool]] = Counter()
    for one in found:
        if one.answer:
            score = round(0.8 if one.answer.score is None else one.answer.score, 2) - 0.8
            cases[((one.found.verdict.value, *one.found.reasons), score, agrees(one))] += 1
    names = sorted({name for features, _, _ in cases for name in features})
    weights = dict.fromkeys((*names, "(intercept)", "(score)"), 0.0)
    squares = dict.fromkeys(weights, 1e-8)
    for _ in range(rounds):
        slopes = {name: strength * weights[name] if not name.startswith("(") else 0.0 for name in weights}
        slopes["(score)"] = 2.0 * weights["(score)"]
        for (features, score, right), many in cases.items():
            total = weights["(intercept)"] + weights["(score)"] * score + sum(weights[name] for name in features)
            miss = many * (1.0 / (1.0 + math.exp(-total)) - right)
            slopes["(intercept)"] += miss
            slopes["(score)"] += miss * score
            for name in features:
                slopes[name] += miss
        for name, slope in slopes.items():  # each weight with a step of its own size
            squares[name] = squares[name] * 0.95 + 0.05 * slope * slope
            weights[name] -= 0.01 * slope / math.sqrt(squares[name])
    rounded = {name: round(weight, 2) for name, weight in weights.items()}
    return rounded.pop("(intercept)"), rounded.pop("(score)"), rounded


def write_model(intercept: float, score: float, weights: dict[str, float]) -> None:
    told = "\n".join(f'    "{name}": {weight},' for name, weight in sorted(weights.items()))
    text = (
        f"# <fitted>\n_INTERCEPT: Final = {intercept}\n_SCORE: Final = {score}\n"
        f"_WEIGHTS: Final[dict[str, float]] = {{\n{told}\n}}\n# </fitted>"
    )
    source = MODEL.read_text(encoding="utf-8")
    MODEL.write_text(re.sub(r"# <fitted>.*?# </fitted>", lambda _: text, source, flags=re.DOTALL), encoding="utf-8")


def main(what: str, count: int) -> None:
    begun = time.monotonic()
    if what == "fit":
        one, other = DEVELOPMENT[:1], DEVELOPMENT[1:]  # each of the two is elsewhere for the other
        runs = ((DEVELOPMENT, (), 1), (DEVELOPMENT, (), 2), (one, other, 3), (other, one, 4))
        found = [row for here, elsewhere, seed in runs for row in results(here, elsewhere, count, seed)]
        write_model(*fit([row for row in found if row.label.kind not in CONTRADICTORY]))
        print(f"fitted on {len(found):,} rows in {time.monotonic() - begun:.0f} s: {MODEL.name}")
        return
    sets = (DEVELOPMENT, ()) if what == "develop" else (EVALUATION, DEVELOPMENT)
    found = results(*sets, count, 1)
    print(report(found))
    print(f"\n{len(found):,} rows in {time.monotonic() - begun:.0f} s.")
    if what == "errors":
        print_errors(found)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "evaluate", int(sys.argv[2]) if len(sys.argv) > 2 else 800)
