"""The answer to a CSV file: whole, or refused."""

from __future__ import annotations

import csv
import pickle
from collections import Counter
from typing import Any

import pytest
from ban_helpers import body_of, exchanges
from hypothesis import given, settings
from hypothesis import strategies as st

from frgov_clients.ban.csvfile import inspect_csv
from frgov_clients.ban.csvresult import CsvResult, read_csv_result
from frgov_clients.ban.dialects import ADDOK, GEOPF
from frgov_clients.errors import IncompleteResult, InvalidResponse, TruncatedResponse, UnexpectedContent

HEADERS = {"content-type": "text/csv; charset=utf-8"}
BODY = (
    b"adresse,longitude,latitude,result_score,result_label,result_status\n"
    b'4 rue X,6.8,47.6,0.9,"4 Rue X, Andelnans",ok\n'
    b"zzzz,,,,,not-found\n"
    b"(rien),,,,,skipped\n"
)


def sent_rows(exchange: dict[str, Any]) -> int:
    file = exchange["request"]["file"]
    return inspect_csv(file["text"].encode()).rows if "text" in file else 7


# How each recorded file went. Those without `result_status` were asked without it, which `check_csv` prevents.
GEOPF_COUNTS = {
    "csv-search": {"ok": 4, "not-found": 1, "skipped": 2},
    "csv-search-filter": {"ok": 4, "not-found": 1, "skipped": 2},
    "csv-search-nocolumns": {"ok": 4, "not-found": 1, "skipped": 2},
    "csv-search-result-columns": None,
    "csv-search-semicolon-bom-crlf": {"ok": 4, "not-found": 1, "skipped": 2},
    "csv-search-latin1": {"ok": 4, "not-found": 1, "skipped": 2},
    "csv-search-onecol": {"ok": 1},
    "csv-search-collision": {"ok": 1},
    "csv-search-header-only": {},
    "csv-search-dup-header": {"skipped": 1},
    "csv-reverse": {"ok": 2, "not-found": 2, "skipped": 1},
    "csv-reverse-result-columns": None,
}
ADDOK_COUNTS = {
    "csv-search": {"ok": 4, "not-found": 3},
    "csv-search-filter": {"ok": 3, "not-found": 4},
    "csv-search-nocolumns": {"ok": 4, "not-found": 3},
    "csv-search-result-columns": {"ok": 4, "not-found": 3},
    "csv-search-semicolon-bom-crlf": {"ok": 4, "not-found": 3},
    "csv-search-tab": {"ok": 1},
    "csv-search-onecol": {"ok": 1},
    "csv-search-collision": {"ok": 1},
    "csv-search-type-value": {"ok": 3, "not-found": 4},
    "csv-search-header-only": {},
    "csv-search-dup-header": None,
    "csv-reverse": {"ok": 2, "not-found": 3},
    "csv-reverse-result-columns": {"ok": 2, "not-found": 3},
}


@pytest.mark.parametrize(
    ("file", "dialect", "expected"), [("gpf_geocodeur", GEOPF, GEOPF_COUNTS), ("addok_1.2.1", ADDOK, ADDOK_COUNTS)]
)
def test_every_recorded_csv_is_read(file: str, dialect: Any, expected: dict[str, Any]) -> None:
    found: dict[str, Any] = {}
    for exchange in exchanges(file):
        if "text/csv" not in exchange["response"]["headers"].get("content-type", ""):
            continue
        headers, body, rows = exchange["response"]["headers"], body_of(exchange), sent_rows(exchange)
        try:
            result = read_csv_result(body, headers, rows, dialect)
        except UnexpectedContent:
            found[exchange["name"]] = None
            continue
        assert result.rows_count == rows == len(list(result.rows()))
        text = exchange["response"]["text"]
        assert list(result.rows()) == list(csv.DictReader(text.splitlines(keepends=True), delimiter=result.delimiter))
        assert result.content == body
        found[exchange["name"]] = dict(result.status_counts)
    assert found == expected


# ---- reading by name ---------------------------------------------------------------------------------------


def test_rows_are_read_by_name() -> None:
    result = read_csv_result(BODY, HEADERS, 3, GEOPF)
    assert result.columns == ("adresse", "longitude", "latitude", "result_score", "result_label", "result_status")
    assert [row["result_label"] for row in result.rows()] == ["4 Rue X, Andelnans", "", ""]
    assert result.status_counts == Counter({"ok": 1, "not-found": 1, "skipped": 1})
    assert (result.rows_count, result.errors) == (3, 0)
    assert "Rue X" not in repr(result)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_other_delimiters_line_ends_and_marks(delimiter: str, end: bytes) -> None:
    body = b"\xef\xbb\xbf" + delimiter.join(("a", "result_score", "result_status")).encode() + end
    body += delimiter.join(("x, y", "0.5", "ok")).encode() + end
    result = read_csv_result(body, HEADERS, 1, GEOPF)
    assert list(result.rows()) == [{"a": "x, y", "result_score": "0.5", "result_status": "ok"}]


def test_the_charset_of_the_answer_is_heeded() -> None:
    body = "a,result_score\nBalastières,0.5\n".encode("latin-1")
    result = read_csv_result(body, {"content-type": "text/csv; charset=ISO-8859-1"}, 1, ADDOK)
    assert next(result.rows())["a"] == "Balastières"
    with pytest.raises(UnexpectedContent, match="not in utf-8"):
        read_csv_result(body, HEADERS, 1, ADDOK)
    assert read_csv_result(BODY, {"content-type": "text/csv; charset=klingon"}, 3, GEOPF).rows_count == 3


def test_an_async_project_answers_octets() -> None:
    assert read_csv_result(BODY, {"content-type": "application/octet-stream"}, 3, GEOPF).rows_count == 3


def test_a_file_without_rows_has_an_empty_answer() -> None:
    result = read_csv_result(b"", {**HEADERS, "x-rows-count": "0"}, 0, GEOPF)
    assert (result.rows_count, result.columns, list(result.rows())) == (0, (), [])


# ---- what is not whole -------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", range(len(BODY)))
def test_a_body_cut_anywhere_is_never_a_result(length: int) -> None:
    with pytest.raises((TruncatedResponse, UnexpectedContent)):
        read_csv_result(BODY[:length], HEADERS, 3, GEOPF)


@pytest.mark.parametrize(
    ("body", "rows", "announced", "match"),
    [
        (b"", 3, "3", "middle of a line"),
        (BODY, 4, "3", "3 of 4 rows"),
        (BODY, 3, "4", "4 were announced"),
        (BODY, 3, "2", "2 were announced"),
        (BODY + b'"x,y,z\n', 4, "", "inside quotes"),
        (BODY + b"x,y,z\n", 4, "", "line 5"),
        (BODY + b"\n", 4, "", "line 5"),
    ],
)
def test_truncated_answers(body: bytes, rows: int, announced: str, match: str) -> None:
    with pytest.raises(TruncatedResponse, match=match) as caught:
        read_csv_result(body, {**HEADERS, "x-rows-count": announced}, rows, GEOPF)
    assert caught.value.retryable


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<!DOCTYPE html>\n<html></html>\n", "text/csv"),
        (b"<html>\n", ""),
        (b"  <HTML>\n", "text/plain"),
        (BODY, "text/html; charset=utf-8"),
        (b'{"code": 500}\n', "application/json"),
        (b"", "text/html"),
        (b"adresse,cp\n4 rue X,90400\nx,y\nz,t\n", "text/csv"),  # the file that was sent, not geocoded
        (b"a,result_status,result_status\nx,ok,ok\n", "text/csv"),
        (b"\n\n\n\n", "text/csv"),
    ],
)
def test_what_is_no_geocoded_file(body: bytes, kind: str) -> None:
    with pytest.raises(UnexpectedContent):
        read_csv_result(body, {"content-type": kind}, 3, GEOPF)
    with pytest.raises(InvalidResponse):
        read_csv_result(body, {"content-type": kind}, 3, ADDOK)


def test_more_rows_than_were_sent() -> None:
    with pytest.raises(UnexpectedContent, match="3 rows came back, 2 were sent") as caught:
        read_csv_result(BODY, HEADERS, 2, GEOPF)
    assert not caught.value.retryable


def test_rows_in_error_are_told_with_the_rest() -> None:
    body = BODY + b"5 rue X,,,,,error\n6 rue X,,,,,error\n"
    with pytest.raises(IncompleteResult, match="2 of 5 rows failed") as caught:
        read_csv_result(body, {**HEADERS, "x-rows-count": "5"}, 5, GEOPF)
    result = caught.value.result
    assert isinstance(result, CsvResult)
    assert (result.errors, result.rows_count, result.content) == (2, 5, body)
    assert [row["adresse"] for row in result.rows() if row["result_status"] == "error"] == ["5 rue X", "6 rue X"]
    assert "rue X" not in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).result == result


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=80)
    | st.text(alphabet='a,;"\n\r é\ufeff', max_size=50).map(lambda text: (text + ",result_status\nx,ok\n").encode()),
    st.integers(0, 3),
    st.sampled_from([GEOPF, ADDOK]),
    st.sampled_from(
        ["text/csv", "text/csv; charset=utf-8-sig", "text/csv; charset=utf-16", "", "text/csv;charset=base64"]
    ),
)
def test_hostile_answers(body: bytes, rows: int, dialect: Any, kind: str) -> None:
    try:
        result = read_csv_result(body, {"content-type": kind, "x-rows-count": "x"}, rows, dialect)
    except InvalidResponse:
        return
    assert len(list(result.rows())) == result.rows_count == rows
