"""The journal: what it knows, for whom, for how long."""

from __future__ import annotations

import copy
import pickle
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from journal_parts import answer, ask, assert_whole, pairs

from crowd import crowd
from frgov_clients.ban.bulk.journal import Journal, JournalError, Known
from frgov_clients.ban.bulk.journal import journal as module
from frgov_clients.ban.exchange import Answer, Ask
from frgov_clients.errors import ClientClosed, FrgovError, InvalidRequest
from support import unmeasured

FULL = Answer(
    *("11bis Rue de l’Église 48000 Mende", "housenumber", "48095_0820_00011_bis"),
    *(3.497342, -44.517753, 0.9634545454545454, 1 / 3),
    *("11bis", "Rue de l’Église", "48000", "Mende", "48095", "48001", "Ancienne 😀", "1er", "48, Lozère", 12.5),
)
BARE = Answer("Mende", "municipality", "48095", None, None)


@pytest.fixture(params=["a file", "temporary"])
def journal(request: pytest.FixtureRequest, file: Path) -> Iterator[Journal]:
    with Journal(file if request.param == "a file" else None, clock=lambda: 1000.5) as made:
        yield made


@pytest.fixture
def early_merges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_YOUNG_MOST", 10)


def test_what_was_answered_is_known_exactly_and_in_order(journal: Journal) -> None:
    journal.remember([(ask(1), FULL), (ask(2), None), (ask(3), BARE)])
    asked = [ask(3), ask(9), ask(2), ask(1), ask(3)]
    expected = [Known(BARE, 1000.5), None, Known(None, 1000.5), Known(FULL, 1000.5), Known(BARE, 1000.5)]
    assert journal.recall(asked) == expected
    known = journal.recall([ask(1)])[0]
    assert known is not None
    assert type(known.answer) is Answer
    assert list(map(type, known.answer)) == list(map(type, FULL))
    assert len(journal) == 3


def test_nothing_is_asked_and_nothing_is_answered(journal: Journal) -> None:
    journal.remember([])
    assert journal.recall([]) == []
    assert journal.recall([ask(1)]) == [None]
    assert len(journal) == 0
    assert journal  # `journal or other` must not pass over an empty one


@pytest.mark.parametrize("count", [1, 2, 3, 511, 512, 513, 1500])
def test_batches_of_any_size(journal: Journal, count: int) -> None:
    journal.remember(pairs(range(count)))
    known = journal.recall([ask(number) for number in range(count + 1)])
    assert [one and one.answer for one in known[:-1]] == [answer(number) for number in range(count)]
    assert None not in known[:-1]
    assert known[-1] is None


def test_a_newer_answer_replaces_an_older_one(file: Path, early_merges: None) -> None:
    now = [1.0]
    with Journal(file, clock=lambda: now[0]) as journal:
        for round_ in range(12):  # within the young keys, across a merge, in the same batch
            now[0] = float(round_)
            journal.remember([(ask(1), BARE), (ask(1), FULL if round_ % 2 else None), (ask(100 + round_), BARE)])
            assert journal.recall([ask(1)]) == [Known(FULL if round_ % 2 else None, float(round_))]
        assert len(journal) == 13
    assert assert_whole(file) == 13


def test_answers_older_than_max_age_are_unknown_until_asked_again(file: Path) -> None:
    now = [0.0]
    with Journal(file, clock=lambda: now[0]) as forever:
        forever.remember(pairs([1]))
        now[0] = 50.0
        forever.remember(pairs([2]))
        with Journal(file, max_age=timedelta(minutes=1), clock=lambda: now[0]) as fresh:
            now[0] = 60.0
            assert fresh.recall([ask(1), ask(2)]) == [Known(answer(1), 0.0), Known(answer(2), 50.0)]
            now[0] = 60.5
            assert fresh.recall([ask(1), ask(2)]) == [None, Known(answer(2), 50.0)]
            fresh.remember(pairs([1]))
            assert fresh.recall([ask(1)]) == [Known(answer(1), 60.5)]
        now[0] = 1e9
        assert forever.recall([ask(1), ask(2)]) == [Known(answer(1), 60.5), Known(answer(2), 50.0)]
        assert len(forever) == 2


@pytest.mark.parametrize("max_age", [-1, float("nan"), timedelta(seconds=-1)])
def test_an_impossible_age_is_refused(file: Path, max_age: Any) -> None:
    with pytest.raises(InvalidRequest, match="max_age: 0 or more seconds"):
        Journal(file, max_age=max_age)
    assert not file.exists()


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_an_impossible_patience_is_refused(file: Path, seconds: float) -> None:
    with pytest.raises(InvalidRequest, match="busy_timeout: more than 0 seconds"):
        Journal(file, busy_timeout=seconds)


def test_the_answers_of_another_service_are_unknown(file: Path) -> None:
    with Journal(file, dialect="geopf") as public, Journal(file, dialect="addok") as own:
        public.remember(pairs([1]))
        assert own.recall([ask(1)]) == [None]
        own.remember([(ask(1), BARE)])
        assert [one and one.answer for one in (*public.recall([ask(1)]), *own.recall([ask(1)]))] == [answer(1), BARE]
        assert len(public) == len(own) == 2


def test_it_outlives_the_process_and_is_private(file: Path) -> None:
    nested = file.parent / "new" / "folder" / "answers.journal"
    with Journal(str(nested)) as first:
        first.remember(pairs(range(100)))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in nested.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(nested.parent.stat().st_mode) == 0o700
    with Journal(nested) as again:
        assert again.path == nested
        assert None not in again.recall([ask(number) for number in range(100)])
    assert [path.name for path in nested.parent.iterdir()] == ["answers.journal"]


def test_questions_are_not_stored(file: Path) -> None:
    with Journal(file) as journal:
        journal.remember([(Ask("MADAME UNTEL 3 RUE SECRETE 48123", citycode="48095"), None)])
        content = b"".join(path.read_bytes() for path in file.parent.iterdir())
    assert b"SECRETE" not in content
    assert b"48123" not in content


# ---- keys ------------------------------------------------------------------------------------------------

TEXTS = st.text(st.sampled_from("ab\0\x1f'\ud800\\"), max_size=4)
ASKS = st.builds(Ask, TEXTS, TEXTS, TEXTS, TEXTS)


@given(st.lists(ASKS, max_size=30))
def test_different_questions_have_different_keys(asks: list[Ask]) -> None:
    with Journal() as journal:
        assert len(set(journal.keys(asks))) == len(set(asks))


def test_every_field_and_the_dialect_count(journal: Journal) -> None:
    plain = Ask("a", "b", "c", "d")
    others = [plain._replace(**{field: "x"}) for field in Ask._fields]
    shifted = [Ask("a", "", "b"), Ask("a", "b"), Ask("", "a", "b"), Ask("a\0b"), Ask("ab"), Ask("a\0b\0\0\0")]
    everything = [plain, *others, *shifted]
    with Journal(dialect="another") as another:
        assert len({*journal.keys(everything), *another.keys(everything)}) == 2 * len(everything)


def test_keys_are_the_same_in_every_version() -> None:
    """Journals that people keep for years depend on it."""
    with Journal(dialect="geopf") as journal:
        (key,) = journal.keys([Ask("10 rue de la Paix", citycode="75102")])
    assert key.hex() == "948a528c0a5c5bacb8badd76917e3beb"


class Longer(NamedTuple):
    """`Ask` as it may be one day."""

    q: str = ""
    citycode: str = ""
    lon: str = ""
    lat: str = ""
    more: str = ""


def test_a_field_that_is_added_empty_does_not_change_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    with Journal(dialect="geopf") as journal:
        before = journal.keys([Ask("a", "b"), Ask(lon="1", lat="2")])
        monkeypatch.setattr(module, "_SEPARATORS", len(Longer._fields) - 1)
        after: list[Any] = [Longer("a", "b"), Longer(lon="1", lat="2"), Longer("a", "b", more="c")]
        assert journal.keys(after)[:2] == before
        assert len(set(journal.keys(after))) == 3


def test_texts_that_the_tables_can_not_hold(journal: Journal) -> None:
    strange = FULL._replace(label="half \ud800 pair", city="sep\x1farator", street="nul\0tab\tline\nend")
    journal.remember([(ask(1), FULL), (Ask("half \ud800"), strange), (ask(2), None)])
    answers = [one and one.answer for one in journal.recall([ask(1), Ask("half \ud800"), ask(2), Ask("half \udfff")])]
    cleaned = strange._replace(label="half ? pair", city="sep arator")
    assert answers == [FULL, cleaned, None, None]


# ---- against a dictionary --------------------------------------------------------------------------------


@given(st.lists(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=15), max_size=12))
def test_it_behaves_as_a_dictionary(batches: list[list[tuple[int, int]]]) -> None:
    model: dict[Ask, Answer | None] = {}
    with pytest.MonkeyPatch.context() as patch, Journal() as journal:
        patch.setattr(module, "_YOUNG_MOST", 10)
        for batch in batches:
            answered = [(ask(number), answer(other)) for number, other in batch]
            journal.remember(answered)
            model.update(answered)
            everything = [ask(number) for number in range(42)]
            known = journal.recall(everything)
            assert {one: found.answer for one, found in zip(everything, known, strict=True) if found} == model
            assert len(journal) == len(model)


# ---- notes -----------------------------------------------------------------------------------------------


def test_notes_are_kept_replaced_and_forgotten(journal: Journal) -> None:
    assert journal.noted("project") is None
    journal.note("project", None)
    journal.note("project", '{"id": "é"}')
    journal.note("other", "")
    assert (journal.noted("project"), journal.noted("other")) == ('{"id": "é"}', "")
    journal.note("project", "2")
    assert journal.noted("project") == "2"
    journal.note("project", None)
    assert journal.noted("project") is None
    assert len(journal) == 0


def test_notes_outlive_the_process(file: Path) -> None:
    with Journal(file) as journal:
        journal.note("project", "1")
    with Journal(file) as journal:
        assert journal.noted("project") == "1"


# ---- life ------------------------------------------------------------------------------------------------


def test_a_temporary_journal_leaves_nothing_and_shares_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    with Journal() as one, Journal() as other:
        one.remember(pairs(range(30_000)))  # more than its cache holds
        assert None not in one.recall([ask(number) for number in range(30_000)])
        assert other.recall([ask(1)]) == [None]
        assert one.path is None
    assert list(tmp_path.iterdir()) == []


def test_used_after_close(journal: Journal) -> None:
    journal.remember(pairs([1]))
    journal.close()
    journal.close()
    for use in (
        lambda: journal.recall([ask(1)]),
        lambda: journal.remember(pairs([1])),
        lambda: journal.note("name", "value"),
        lambda: journal.noted("name"),
        lambda: len(journal),
    ):
        with pytest.raises(ClientClosed, match="the journal was closed"):
            use()


def test_an_exception_in_the_middle_leaves_nothing_behind(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    journal.remember(pairs([1]))

    def interrupted(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "_YOUNG_MOST", 1)
        patch.setattr(module.tables, "merge", interrupted)
        with pytest.raises(KeyboardInterrupt):
            journal.remember(pairs([2, 3]))
    assert [one and one.answer for one in journal.recall([ask(1), ask(2), ask(3)])] == [answer(1), None, None]
    journal.remember(pairs([2]))
    assert len(journal) == 2


def test_threads_share_one_journal(journal: Journal, early_merges: None) -> None:
    def work(mine: int, together: threading.Barrier) -> None:
        together.wait(30)
        for start in range(0, 400, 20):
            numbers = range(mine * 200 + start, mine * 200 + start + 20)  # half of them are also the next thread's
            journal.remember(pairs(numbers))
            known = journal.recall([ask(number) for number in numbers])
            assert [one and one.answer for one in known] == [answer(number) for number in numbers]
            assert None not in known

    crowd(work, 6)
    assert len(journal) == 1400
    if journal.path is not None:
        assert assert_whole(journal.path) == 1400


def test_it_is_imported_cheaply() -> None:
    script = (
        "import sys, frgov_clients.ban.bulk.journal; print(sorted({'pydantic', 'httpx', 'pickle'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], env=unmeasured(), capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("travel", [copy.copy, FrgovError.twin, lambda error: pickle.loads(pickle.dumps(error))])
def test_its_error_travels(travel: Any) -> None:
    error = JournalError("what happened", file="answers.journal", retryable=True)
    there = travel(error)
    assert type(there) is JournalError
    assert (str(there), vars(there)) == (str(error), vars(error))
    assert (there.file, there.retryable) == ("answers.journal", True)
    assert (JournalError("x").file, JournalError("x").retryable) == (None, False)


def test_the_fields_of_an_answer_are_those_of_the_layout() -> None:
    """A change of `Answer` needs a new layout of the file, and a way from the old one."""
    numbers = {"lon", "lat", "score", "score_next", "distance"}
    texts = [field for field in Answer._fields if field not in numbers]
    assert len(texts) == module.tables._SEPARATORS + 1
    assert Answer._fields[:8] == ("label", "type", "id", "lon", "lat", "score", "score_next", "housenumber")
    assert Answer._fields[-2:] == ("context", "distance")
    with Journal() as journal:
        assert journal._connection is not None
        names = [row[1] for row in journal._connection.execute("PRAGMA table_info(answers)")]
    assert names == ["number", "asked_at", "texts", "lon", "lat", "score", "score_next", "distance"]
    assert sqlite3.sqlite_version_info >= (3, 24)  # upsert
