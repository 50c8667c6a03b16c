"""A file of any cells goes through a run and comes out with the caller's columns as they were."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from bulk_parts import SETTINGS, every_address
from hypothesis import example, given, settings
from hypothesis import strategies as st

from frgov_clients.ban import BanClient
from frgov_clients.testing.geopf import FakeGeopf

HEADER = ["id", "adresse", "note", "ville"]
KNOWN = "4 rue des Lilas 90000 BELFORT"
HOSTILE = [
    *(",", ";", "\t", "|", '"', '""', "'", "\r", "\n", "\r\n", "\0", " ", "\u00a0", "\u2028", "\x85", "\ufeff", "\\"),
    *("🏠", "é", "e\u0301", "=1+1", "@SUM(A1)", "+33", "-2", "0012", "1,5", "NA", "x"),
]
CELLS = st.one_of(
    st.lists(st.sampled_from(HOSTILE), max_size=4).map("".join),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    st.just(""),
)
ADDRESSES = st.one_of(
    CELLS,
    st.sampled_from([KNOWN, f" {KNOWN} "]),
    st.tuples(st.sampled_from(HOSTILE), st.sampled_from(HOSTILE)).map(KNOWN.join),
)
ROWS = st.lists(st.tuples(CELLS, ADDRESSES, CELLS, CELLS), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def ban() -> Iterator[BanClient]:
    with FakeGeopf(answer=every_address) as fake, BanClient(base_url=fake.url, **SETTINGS) as client:
        yield client


def text_of(rows: list[tuple[str, ...]], delimiter: str, end: str, *, quoted: bool) -> str:
    """A file in which all that needs quotes has them, or all has."""

    def cell(value: str) -> str:
        if quoted or any(sign in value for sign in (delimiter, '"', "\r", "\n")):
            return '"' + value.replace('"', '""') + '"'
        return value

    return "".join(delimiter.join(map(cell, row)) + end for row in [tuple(HEADER), *rows])


@settings(max_examples=100, deadline=None)
@given(
    rows=ROWS,
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
    quoted=st.booleans(),
    told=st.booleans(),
)
@example(
    rows=[("\r", "\n", "\0", '"'), (" a ", KNOWN, "=1+1", "🏠")], delimiter=";", end="\r\n", quoted=False, told=False
)
def test_the_callers_columns_come_out_cell_by_cell(
    ban: BanClient,
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, ...]],
    delimiter: str,
    end: str,
    quoted: bool,
    told: bool,
) -> None:
    folder = tmp_path_factory.mktemp("any")
    source, target = folder / "in.csv", folder / "out.csv"
    text = text_of(rows, delimiter, end, quoted=quoted)
    source.write_bytes(text.encode())
    expected = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    assert expected == [HEADER, *map(list, rows)]
    forms = {"delimiter": delimiter, "encoding": "utf-8"} if told else {}
    report = ban.geocode_many(source, columns={"address": "adresse", "city": "ville"}, **forms).write(target)
    assert (report.rows, report.complete) == (len(rows), True)
    with target.open(encoding="utf-8", newline="") as file:
        written = list(csv.reader(file, delimiter=delimiter, strict=True))
    assert [line[: len(HEADER)] for line in written] == expected
    assert written[0][len(HEADER)] == "ban_status"
    assert len({len(line) for line in written}) == 1, "a row has more cells than the header"
