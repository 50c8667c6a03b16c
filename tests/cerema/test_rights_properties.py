"""What holds for any data: drawn from a small world, so that references often meet."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from rights_parts import AT, OTHER, SIREN, group, perimeter, structure, user

from frgov_clients.cerema.rights import ABSENT, Decision, Establishment, covers, evaluate_rights, visible_communes

COMMUNES = ["67482", "67043", "68066", "2A004", "2B033", "97411", "98818", "75056", "75104", "13055", "13201"]
DEPARTEMENTS = ["67", "68", "2A", "2B", "974", "988", "75", "13", "1"]
REGIONS = ["44", "94", "04", "11", "93", "42"]
NUMBERS = st.integers(1, 4)
MOMENTS = st.one_of(
    st.none(),
    st.integers(-2, 2).map(lambda hours: (AT + timedelta(hours=hours)).astimezone(ZoneInfo("Europe/Paris"))),
)


def lists(codes: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(codes), max_size=3)


PERIMETERS = st.builds(
    perimeter,
    NUMBERS,
    fr_entiere=st.sampled_from([False, False, True]),
    comm=lists(COMMUNES),
    dep=lists(DEPARTEMENTS),
    reg=lists(REGIONS),
    epci=lists([SIREN, OTHER]),
)
ESTABLISHMENTS = st.builds(Establishment, st.just(SIREN), st.lists(st.sampled_from(COMMUNES), min_size=1, max_size=6))


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Any]:
    """Complete data: every reference leads somewhere."""
    number = st.one_of(st.none(), NUMBERS)
    return {
        "user": [
            user(
                place,
                structure=draw(number),
                groupe=draw(number),
                cgu_valide=draw(MOMENTS),
                date_expiration=draw(MOMENTS),
            )
            for place in range(draw(st.integers(0, 3)))
        ],
        "structures": {
            key: structure(key, draw(st.sampled_from([SIREN, SIREN, OTHER])), acces_lovac=draw(MOMENTS))
            for key in range(1, 5)
        },
        "groups": {
            key: group(key, perimetre=draw(number), niveau_acces=draw(st.sampled_from(["lovac", "df"])), lovac=False)
            for key in range(1, 5)
        },
        "perimeters": {key: draw(PERIMETERS) for key in range(1, 5)},
        "establishment": draw(ESTABLISHMENTS),
        "at": AT,
    }


@given(worlds())
def test_complete_data_never_leave_a_doubt(world: dict[str, Any]) -> None:
    found = evaluate_rights(**world)
    assert found.decision is not Decision.UNKNOWN
    assert bool(found.reasons) is (found.decision is Decision.DENY)
    visible = found.visible_communes
    if found.allowed:
        assert visible is None or visible
        assert found.expires_at is not None and found.expires_at > AT
    else:
        assert visible == frozenset()


@given(worlds(), st.data())
def test_what_is_not_seen_leads_to_the_same_answer_or_to_unknown(world: dict[str, Any], data: st.DataObject) -> None:
    whole = evaluate_rights(**world)
    less = dict(world)
    for kind in ("structures", "groups", "perimeters"):
        lost = data.draw(st.sets(NUMBERS), label=kind)
        gone = data.draw(st.sampled_from(["missing", "none"]))
        less[kind] = {key: record for key, record in world[kind].items() if key not in lost or gone == "none"}
        less[kind] |= dict.fromkeys(lost, None) if gone == "none" else {}
    for number in data.draw(st.sets(NUMBERS), label="sirets that can not be read"):
        if less["structures"].get(number) is not None:
            less["structures"][number] = less["structures"][number].model_copy(update={"siret": "2467004880001"})
    if data.draw(st.booleans(), label="communes"):
        less["establishment"] = Establishment(SIREN, [])
    found = evaluate_rights(**less)
    assert found.decision in {whole.decision, Decision.UNKNOWN}
    if found.decision is Decision.DENY:
        assert {*found.reasons} <= {*whole.reasons}
    if found.allowed:
        seen, all_seen = found.visible_communes, whole.visible_communes
        assert all_seen is None or (seen is not None and seen <= all_seen)


@given(worlds(), st.sampled_from(["groups", "perimeters"]), NUMBERS)
def test_a_record_that_contradicts_another_never_denies(world: dict[str, Any], kind: str, number: int) -> None:
    found = evaluate_rights(**world | {kind: world[kind] | {number: ABSENT}})
    assert found.decision in {evaluate_rights(**world).decision, Decision.UNKNOWN}


@given(worlds())
def test_the_order_of_rows_does_not_matter(world: dict[str, Any]) -> None:
    assert evaluate_rights(**world) == evaluate_rights(**world | {"user": world["user"][::-1]})


@given(PERIMETERS, ESTABLISHMENTS)
def test_a_commune_is_visible_when_it_is_covered(area: Any, establishment: Establishment) -> None:
    visible = visible_communes(area, establishment)
    covered = {code for code in establishment.communes if covers(area, code, siren=establishment.siren)}
    assert covered == (establishment.communes if visible is None else visible)
    assert visible is None or visible <= establishment.communes


@given(
    PERIMETERS,
    ESTABLISHMENTS,
    st.one_of(
        st.tuples(st.just("comm"), st.sampled_from(COMMUNES)),
        st.tuples(st.just("dep"), st.sampled_from(DEPARTEMENTS)),
        st.tuples(st.just("reg"), st.sampled_from(REGIONS)),
    ),
)
def test_one_more_place_takes_no_commune_away(area: Any, establishment: Establishment, more: tuple[str, str]) -> None:
    """But for the first place beside intercommunalities, which then count no more."""
    kind, code = more
    before = visible_communes(area, establishment)
    after = visible_communes(area.model_copy(update={kind: (*getattr(area, kind), code)}), establishment)
    if before is None and not area.fr_entiere:
        assert after is not None and not (area.comm or area.dep or area.reg)
    else:
        assert after is None if before is None else after is not None and before <= after


@given(worlds(), st.datetimes(datetime(2026, 8, 7, 6), datetime(2026, 8, 7, 14), timezones=st.just(ZoneInfo("UTC"))))  # noqa: DTZ001
def test_an_allow_holds_until_it_expires_and_no_longer(world: dict[str, Any], later: datetime) -> None:
    found = evaluate_rights(**world)
    if found.allowed and later >= AT:
        assert found.expires_at is not None
        assert evaluate_rights(**world | {"at": later}).allowed is (later < found.expires_at)
