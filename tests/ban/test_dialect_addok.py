"""What the dialect `ADDOK` says, held to a real addok."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from frgov_clients.ban.csvfile import check_csv, inspect_csv, read_csv_result
from frgov_clients.ban.dialects import ADDOK, read_error
from frgov_clients.ban.models import SearchResult
from frgov_clients.ban.params import reverse_params, search_params

KEY = "90001_0003_00004"


def post(url: str, content: bytes, fields: Any) -> httpx.Response:
    form: dict[str, list[str]] = {}
    for name, value in fields:
        form.setdefault(name, []).append(value)
    return httpx.post(url, data=form, files={"data": ("data.csv", content, "text/csv")}, timeout=60)


def test_search_and_reverse_at_the_limit(addok_url: str) -> None:
    query = search_params(
        "4 rue des balastières andelnans", dialect=ADDOK, limit=100, postcode="90400", lon=6.8, lat=47.6
    )
    found = SearchResult.model_validate_json(httpx.get(f"{addok_url}/search", params=query).content)
    assert found.best is not None
    assert (found.best.id, found.filters, found.limit) == (KEY, {"postcode": "90400"}, 100)
    place = reverse_params(dialect=ADDOK, lon=6.865203, lat=47.602674, type="housenumber")
    nearest = SearchResult.model_validate_json(httpx.get(f"{addok_url}/reverse", params=place).content)
    assert [feature.id for feature in nearest] == [KEY]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told(addok_url: str, delimiter: str) -> None:
    content = "adresse,ville\n4 rue des Balastières,Andelnans\nzzzz,qqqq\n".replace(",", delimiter).encode()
    facts = inspect_csv(content)
    answer = post(f"{addok_url}/search/csv", content, check_csv(facts, ADDOK, columns=["adresse", "ville"]))
    result = read_csv_result(answer.content, answer.headers, facts.rows, ADDOK)
    assert [row["result_id"] for row in result.rows()] == [KEY, ""]
    assert result.status_counts == {"ok": 1, "not-found": 1}


def test_the_largest_file_is_one_mebibyte(addok_url: str) -> None:
    assert ADDOK.csv.max_bytes is not None
    rows = b"adresse,note\n" + (b"4 rue des Balastieres Andelnans," + b"x" * 100_000 + b"\n") * 10
    content = rows + b"4 rue des Balastieres Andelnans," + b"x" * (ADDOK.csv.max_bytes - len(rows) - 33) + b"\n"
    assert len(content) == ADDOK.csv.max_bytes
    facts = inspect_csv(content)
    fields = check_csv(facts, ADDOK, columns=["adresse"])
    answer = post(f"{addok_url}/search/csv", content, fields)
    assert read_csv_result(answer.content, answer.headers, facts.rows, ADDOK).status_counts == {"ok": 11}
    refusal = post(f"{addok_url}/search/csv", content + b"\n", fields)
    assert refusal.status_code == 400
    assert read_error(400, refusal.headers, refusal.content).details == ("body part is too large",)
