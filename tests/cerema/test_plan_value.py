"""A plan as a value: to read, to export, to compare; without addresses."""

from __future__ import annotations

import csv
import io
import json
import pickle
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from plan_parts import AWAY, HOME, MEMBER, NOBODY, SUSPENDED, Remote, plan
from rights_parts import AT, OTHER, group, perimeter, structure, user

from frgov_clients.cerema.plan import LocalState, LocalUser, Plan, plan_sync

USERS = (
    MEMBER,
    LocalUser("u2", "two@example.fr", ["home"]),
    LocalUser("u3", "three@example.fr", ["home"], None, SUSPENDED, "cgu vides"),
    LocalUser("u4", "four@example.fr", ["home"], None, SUSPENDED, "cgu vides, compte partagé"),
    LocalUser("u5", "five@example.fr", ["home", "away"], "home"),
    LocalUser("u6", "six@example.fr", []),
    LocalUser("u7", "seven@example.fr", ["home"], exempt=True),
    LocalUser("u8", "eight@example.fr", ["home"]),
)
ROWS = (
    user(1, cgu_valide=None, date_expiration="2020-01-01T00:00:00+01:00"),
    user(2, email="two@example.fr", groupe=9),
    user(3, email="three@example.fr"),
    user(4, email="four@example.fr"),
    user(5, email="five@example.fr"),
    user(6, email="six@example.fr"),
    user(8, email="eight@example.fr"),
)
ENDED = (structure(), structure(457, OTHER, acces_lovac=None))


def test_it_reads_as_a_summary() -> None:
    assert str(plan(USERS, *ROWS, all_structures=ENDED)) == (
        "Plan for 2026-08-07 10:00 UTC, from records of 2026-08-07 08:00 UTC\n"
        "  suspend          1  cgu vides 1, droits utilisateur expires 1\n"
        "  reactivate       1\n"
        "  restate          1\n"
        "  grant            1\n"
        "  leave            1  structure_manquante 1\n"
        "  undecided        1  groupe_inconnu 1\n"
        "  unchanged        1 users, 1 exempt\n"
        "2 users would lose something; 5 are active\n"
        "2 users would gain something; 7 were looked at\n"
        "Establishments\n"
        "  suspend          1  droits structure expires 1\n"
        "  reactivate       0\n"
        "  restate          0\n"
        "  undecided        0"
    )


def test_it_is_exported_flat() -> None:
    found = plan(USERS, *ROWS, all_structures=ENDED).rows()
    assert json.loads(json.dumps(found)) == found
    written = io.StringIO()
    writer = csv.DictWriter(written, found[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    assert written.getvalue() == (
        "action,subject,user,establishment,reasons,suspended_cause\n"
        "suspend,establishment,,away,droits structure expires,droits structure expires\n"
        'suspend,user,u1,home,"cgu vides, droits utilisateur expires","cgu vides, droits utilisateur expires"\n'
        "reactivate,user,u3,home,,\n"
        "restate,user,u4,home,,compte partagé\n"
        "grant,membership,u6,home,,\n"
        "leave,membership,u5,away,structure_manquante,\n"
        "undecided,user,u2,home,groupe_inconnu,\n"
    )


def test_no_address_and_no_words_of_a_person_are_shown() -> None:
    found = plan(USERS, *ROWS)
    for shown in (str(found), repr(found), repr(USERS), repr(found.changes[0].rights)):
        assert "@" not in shown and "compte" not in shown
    assert "@" not in json.dumps(found.rows())


def test_it_is_a_value_whose_order_does_not_depend_on_the_order_of_what_it_is_made_from() -> None:
    one = plan(USERS, *ROWS)
    other = plan_sync(LocalState(USERS[::-1], [AWAY, HOME]), Remote((NOBODY, *ROWS[::-1])), at=AT)
    assert one == other and hash(one) == hash(other)
    assert pickle.loads(pickle.dumps(one)) == one
    assert one != plan(USERS, *ROWS[1:])


STORED = st.sampled_from([None, "", "cgu vides", "par la mairie", "par la mairie, droits structure expires"])
CHOICES = st.fixed_dictionaries(
    {
        "cgu_valide": st.sampled_from([None, "2024-10-02T16:21:33+02:00"]),
        "structure": st.sampled_from([456, 457, 9]),
        "groupe": st.sampled_from([173, 174, 9, None]),
    }
)


def carried_out(local: LocalUser, found: Plan) -> LocalUser:
    """The user after the plan; the current establishment stays what it was."""
    after = replace(local, current=local.judged_by)
    for change in found.changes:
        if change.action in {"suspend", "restate"}:
            after = replace(after, suspended_at=SUSPENDED, suspended_cause=change.suspended_cause)
        elif change.action == "reactivate":
            after = replace(after, suspended_at=None, suspended_cause=None)
        else:
            after = replace(after, establishments={*after.establishments} ^ {change.establishment})
    return after


@given(
    rows=st.lists(CHOICES, max_size=3),
    member=st.sets(st.sampled_from(["home", "away"])),
    current=st.sampled_from([None, "home", "away"]),
    stored=STORED,
    is_suspended=st.booleans(),
)
def test_carrying_a_plan_out_leaves_nothing_to_change(rows, member, current, stored, is_suspended) -> None:
    """And never touches what is not known, nor what a person wrote."""
    local = LocalUser("u1", "user@example.fr", member, current, SUSPENDED if is_suspended else None, stored)
    records = [user(number, **fields) for number, fields in enumerate(rows, 1)]
    options = {"all_groups": (group(), group(174, niveau_acces="df", lovac=False)), "all_perimeters": (WHOLE,)}
    found = plan(local, *records, **options)
    after = carried_out(local, found)
    if local.judged_by is None:  # nothing says by which of several suspension is judged, until one alone is left
        after = carried_out(after, plan(after, *records, **options))
    assert plan(after, *records, **options).changes == ()
    unknown = {each.establishment for each in found.undecided}
    assert unknown.isdisjoint(change.establishment for change in found.changes)
    if is_suspended and (not stored or "mairie" in stored):
        assert after.suspended_at and ("mairie" in (after.suspended_cause or "") or not stored)


WHOLE = perimeter(fr_entiere=True)
