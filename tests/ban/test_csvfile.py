"""A CSV file before it is sent."""

from __future__ import annotations

import csv
import io
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import ban_helpers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frgov_clients.ban.csvfile import CsvFacts, check_csv, inspect_csv
from frgov_clients.ban.dialects import ADDOK, GEOPF
from frgov_clients.errors import InvalidRequest

SIMPLE = "adresse,cp,ville\n4 rue des Balastières,90400,Andelnans\n".encode()
FACTS = CsvFacts(("adresse", "cp", "ville"), ",", 7, 200, "utf-8")


def refused(match: str, facts: CsvFacts, dialect: Any = GEOPF, field: str = "data", **arguments: Any) -> None:
    ban_helpers.refused(check_csv, facts, dialect, field=field, match=match, **arguments)


# ---- what a file is ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["adresse;cp\n4 rue 7f3a;90000\n", "adresse\r4 rue 7f3a\r"])
def test_a_text_is_no_path_and_never_in_an_error(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"source: bytes, a path.*no path") as caught:
        inspect_csv(text)
    assert "7f3a" not in str(caught.value)


def test_facts_of_a_file() -> None:
    assert inspect_csv(SIMPLE) == CsvFacts(("adresse", "cp", "ville"), ",", 1, len(SIMPLE), "utf-8")
    assert inspect_csv(b"\xef\xbb\xbf" + SIMPLE).encoding == "utf-8-sig"
    assert inspect_csv(b"\xef\xbb\xbf" + SIMPLE).columns == ("adresse", "cp", "ville")
    assert inspect_csv(SIMPLE.rstrip()).rows == 1
    assert inspect_csv(SIMPLE.replace(b"\n", b"\r\n")).rows == 1
    assert inspect_csv(SIMPLE.replace(b"\n", b"\r")).rows == 1


def test_all_sources_are_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "Untel Zoé.csv"
    path.write_bytes(SIMPLE)
    expected = inspect_csv(SIMPLE)
    assert inspect_csv(path) == inspect_csv(str(path)) == expected
    with path.open("rb") as stream:
        assert inspect_csv(stream) == expected
        assert stream.read() == SIMPLE
    later = io.BytesIO(b"skipped" + SIMPLE)
    later.seek(7)
    assert inspect_csv(later) == expected
    assert later.tell() == 7


@pytest.mark.parametrize("source", [io.StringIO("a,b"), 5, None])
def test_what_is_no_source(source: Any) -> None:
    with pytest.raises(InvalidRequest, match="source"):
        inspect_csv(source)


def test_a_pipe_is_no_source() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    with pytest.raises(InvalidRequest, match="seekable"):
        inspect_csv(Pipe(SIMPLE))


def test_quoted_fields_may_hold_delimiters_and_line_ends() -> None:
    facts = inspect_csv(b'a,b\n"1, place\nde la R",90000\n"say ""x""",2\n')
    assert (facts.rows, facts.bad_line) == (2, None)


# The delimiter that papaparse 5 finds in these very files, with the settings of the service.
GUESSED = {
    b"a,b\n1,2\n": ",",
    b"a;b\n1;2\n": ",",
    b"a;b\n1;2": ";",
    b"a;b\n" + b"1;2\n" * 8: ",",
    b"a;b\n" + b"1;2\n" * 9: ";",
    b"a;b;c\n1;2;3\n": ";",
    b"a\tb\tc\n1\t2\t3\n": "\t",
    b"a|b|c\n1|2|3\n": "|",
    b"a;b;c\n1;x, y;3\n1;x, y;3\n": ";",
    b"a;b\n" + b'"1,2,3";2\n' * 12: ";",
    b"a\nx\ny\n": ",",
}


@pytest.mark.parametrize(("content", "guessed"), GUESSED.items())
def test_the_service_finds_the_delimiter_or_the_file_is_refused(content: bytes, guessed: str) -> None:
    facts = inspect_csv(content)
    if facts.guessable:
        assert facts.delimiter == guessed
        assert check_csv(facts, GEOPF) == ()
    else:
        assert (facts.delimiter, guessed) == (";", ",")
        refused("delimiter", facts)
        assert check_csv(facts, GEOPF, strict=False) == ()
        assert ("delimiter", ";") in check_csv(facts, ADDOK)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("adresse,b\nBalastières,1\n".encode(), "utf-8"),
        ("adresse,b\nBalastières,1\n".encode("latin-1"), "iso-8859-1"),
        ("adresse,b\nl’église,1\n".encode("cp1252"), "unknown-8bit"),
        (b"adresse,b\n" + b"rue X,1\n" * 150_000 + "Balastières,1\n".encode("latin-1"), "unknown-8bit"),
        (b"adresse,b\n" + b"rue X,1\n" * 150_000 + "Balastières,1\n".encode(), "utf-8"),
        ("adresse,b\nBalastières,1\n".encode("latin-1") + b"rue X,1\n" * 150_000, "iso-8859-1"),
        (b"adresse,b\nx,\xc3", "iso-8859-1"),
    ],
)
def test_encodings(content: bytes, encoding: str) -> None:
    facts = inspect_csv(content)
    assert facts.encoding == encoding
    if encoding != "utf-8":
        refused("UTF-8 for the dialect addok", replace(facts, size=100), ADDOK)
    if encoding == "unknown-8bit":
        refused("misread", facts)
        check_csv(facts, GEOPF, strict=False)
    else:
        check_csv(facts, GEOPF)


@pytest.mark.parametrize(
    "content", ["a,b\n1,2\n".encode("utf-16"), "a,b\n1,2\n".encode("utf-16-le"), b"PK\x03\x04\0\0"]
)
def test_zero_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(InvalidRequest, match="UTF-16"):
        inspect_csv(content)


def test_a_multibyte_character_across_two_pieces() -> None:
    content = b"a,b\n" + b"x" * (1024 * 1024 - 5) + "é,1\n".encode()
    assert inspect_csv(content).encoding == "utf-8"


# ---- limits ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("dialect", "most"), [(GEOPF, 50 * 1024 * 1024), (ADDOK, 1024 * 1024)])
def test_the_largest_file(dialect: Any, most: int) -> None:
    check_csv(replace(FACTS, size=most), dialect)
    refused(f"at most {most // 2**20} MiB", replace(FACTS, size=most + 1), dialect)


def test_the_most_rows() -> None:
    check_csv(replace(FACTS, rows=200_000), GEOPF)
    refused("at most 200,000 rows", replace(FACTS, rows=200_001), GEOPF)
    check_csv(replace(FACTS, rows=200_001), ADDOK)
    assert inspect_csv(b"a,b\n" + b"1,2\n" * 200_001).rows == 200_001


def test_a_file_that_is_too_large_is_not_read() -> None:
    class Counted(io.BytesIO):
        reads = 0

        def read(self, size: int | None = -1, /) -> bytes:
            self.reads += 1
            return super().read(size)

    stream = Counted(b"a,b\n" * 100)
    with pytest.raises(InvalidRequest, match="at most"):
        inspect_csv(stream, max_bytes=399)
    assert stream.reads == 0
    assert inspect_csv(stream, max_bytes=400).rows == 99


def test_a_large_file_does_not_lie_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_bytes(b"adresse,cp\n" + b"12 avenue Jean Jaures,90000\n" * 400_000)  # 11 MB
    tracemalloc.start()
    try:
        assert inspect_csv(path).rows == 400_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.parametrize("content", [b"", b"\n", b"a,b\n", b"a,b", b"\n\n\n", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("dialect", [GEOPF, ADDOK])
def test_empty_files(content: bytes, dialect: Any) -> None:
    refused("at least one row", inspect_csv(content), dialect, strict=False)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"a,b\n1\n1,2\n", 2),
        (b"a,b\n1,2\n1,2,3\n1\n", 3),
        (b'a,b\n1,2\n"x\ny",2\n1\n', 5),
        (b'a,b\n1,2\n"x"y,2\n', 3),
        (b'a,b\n"1,2\n', 2),
        (b"a\nx, y\n", 2),
        (b"\na,b\n1,2\n", 2),
    ],
)
def test_rows_that_do_not_fit_the_header(content: bytes, line: int) -> None:
    facts = inspect_csv(content)
    assert facts.bad_line == line
    if facts.columns:
        refused(f"line {line}", facts, strict=False)
        refused(f"line {line}", facts, ADDOK)
    else:
        refused("a header", facts)


def test_a_field_longer_than_python_reads() -> None:
    before = csv.field_size_limit(20)
    try:
        facts = inspect_csv(b"a,b\n1,2\n" + b"x" * 21 + b",2\n")
    finally:
        csv.field_size_limit(before)
    assert facts.bad_line == 3


def test_blank_lines() -> None:
    several = inspect_csv(b"a,b\n1,2\n\n3,4\n")
    assert (several.rows, several.blank_line, several.bad_line) == (2, 3, None)
    refused("line 3", several)
    refused("line 3", several, ADDOK)
    single = inspect_csv(b"a\nx\n\ny\n")
    assert (single.rows, single.blank_line) == (3, 3)
    assert check_csv(single, GEOPF) == ()
    refused("line 3", single, ADDOK)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=120) | st.text(alphabet='a,;\t|"\n\r é\ufeff', max_size=60).map(str.encode))
def test_hostile_files(content: bytes) -> None:
    try:
        facts = inspect_csv(content)
        assert facts.size == len(content)
        check_csv(facts, GEOPF)
        check_csv(facts, ADDOK)
    except InvalidRequest:
        return
    assert facts.rows
