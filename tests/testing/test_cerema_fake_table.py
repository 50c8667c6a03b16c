"""The records of the fake portal, against a plain dict."""

from __future__ import annotations

import json
import threading
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from frgov_clients.testing.cerema_records import Table

NUMBERS = st.integers(1, 8)
EMAILS = st.sampled_from(["a@example.fr", "A@example.fr", "é@example.fr", "b@example.fr"])
STEPS = st.lists(st.tuples(st.sampled_from(["add", "remove", "change"]), NUMBERS, EMAILS), max_size=40)


@settings(max_examples=150, deadline=None)
@given(STEPS, st.integers(0, 9), st.integers(0, 9))
def test_a_table_is_a_list_in_the_order_of_its_numbers(
    steps: list[tuple[str, int, str]], start: int, stop: int
) -> None:
    table, plain = Table("id_user", index="email"), dict[int, dict[str, Any]]()
    for step, number, email in steps:
        record = {"id_user": number, "email": email}
        if step == "add" and number not in plain:
            table.add(record)
            plain[number] = record
        elif step == "remove" and number in plain:
            table.remove(number)
            del plain[number]
        elif step == "change" and number in plain:
            table.change(number, email=email)
            plain[number] = record
    expected = [plain[number] for number in sorted(plain)]
    assert list(table) == expected
    total, written = table.slice(start, stop)
    assert (total, list(map(json.loads, written))) == (len(expected), expected[start:stop])
    for email in ("a@example.fr", "É@EXAMPLE.FR", "c@example.fr"):
        wanted = [each for each in expected if each["email"].casefold() == email.casefold()]
        assert table.having(email) == wanted
        assert table.slice(0, 99, email).total == len(wanted)


def test_a_page_and_its_count_belong_together_while_others_change_the_table() -> None:
    table = Table("id", ({"id": number} for number in range(100)))
    over = threading.Event()

    def change() -> None:
        while not over.is_set():
            table.remove(0)
            table.add({"id": 0})

    other = threading.Thread(target=change)
    other.start()
    try:
        for _ in range(3_000):
            total, written = table.slice(0, 200)
            assert total == len(written)
    finally:
        over.set()
        other.join()
