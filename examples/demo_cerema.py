"""Rights to the Données foncières: extract the portal, lose the connection, go on, and plan what would change.

The portal is a fake with 13,064 made-up users, started for this run on this machine: the real one answers nobody
without an account. It is faithful to the payloads that are known of the real one.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from frgov_clients import CeremaClient, FrgovError
from frgov_clients.cerema import (
    Establishment,
    LocalEstablishment,
    LocalState,
    LocalUser,
    PartialSnapshot,
    Plan,
    PlanRefused,
    Reason,
    RightsEvaluator,
    Snapshot,
    plan_sync,
)
from frgov_clients.testing.cerema import FakeCerema, Fault

OUT = Path(__file__).parent / "out"
FOLDER = OUT / "portail"
NOW = datetime.now(UTC)
console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)


def extracted(cerema: CeremaClient) -> Snapshot | PartialSnapshot:
    """One try, and how it ended."""
    started = time.perf_counter()
    found = cerema.snapshot(FOLDER, patience=0)
    console.print(f"{found} [{time.perf_counter() - started:.1f} s]", markup=False)
    console.print(f"  {', '.join(sorted(path.name for path in FOLDER.glob('*.json*')))}\n")
    return found


def application(portal: Snapshot) -> LocalState:
    """An application that followed the portal until lately: a few users have lost their rights since, or came back."""
    groups, perimeters = {each.id: each for each in portal.groups()}, {each.id: each for each in portal.perimeters()}
    structures = {each.id: each for each in portal.structures()}
    communes: defaultdict[int, set[str]] = defaultdict(lambda: {"59350"})
    for group in groups.values():
        communes[group.structure or 0].update(perimeters[group.perimetre or 0].comm)
    establishments: dict[int, LocalEstablishment] = {}
    for number, each in structures.items():
        if each.siren is not None:
            is_open = (each.acces_lovac is not None and each.acces_lovac > NOW) or number % 97 == 0
            cause = None if is_open else "droits structure expires"
            own = Establishment(each.siren, communes[number])
            establishments[number] = LocalEstablishment(f"e{number}", own, None if is_open else NOW, cause)
    evaluator = RightsEvaluator(structures, groups, perimeters, at=NOW)
    users: dict[str, LocalUser] = {}
    for user in portal.users():
        home = establishments.get(user.structure or 0)
        if home is None or user.email in users:
            continue
        allowed = evaluator.rights(user, home.establishment).allowed
        if allowed or user.id % 97 == 0:
            cause = "cgu vides" if allowed and user.id % 200 == 0 else None
            users[user.email] = LocalUser(
                f"u{user.id}", user.email, [home.id], suspended_at=NOW if cause else None, suspended_cause=cause
            )
    gone = [LocalUser(f"gone{number}", f"gone{number}@example.fr", ["e1"]) for number in range(3)]
    return LocalState([*users.values(), *gone], establishments.values())


def planned(local: LocalState, portal: Snapshot) -> Plan | None:
    """What would change, or why nobody should be told so."""
    try:
        plan = plan_sync(local, portal, at=NOW)
    except PlanRefused as refused:
        console.print(f"No plan: {refused}\n", markup=False)
        return None
    console.print(str(plan), markup=False)
    example = next(each for each in plan.suspend if each.rights is not None)
    console.print(f"\nWhy user {example.user} would be suspended:\n{example.rights.explain()}\n", markup=False)
    return plan


def confirm(cerema: CeremaClient, plan: Plan, local: LocalState, fake: FakeCerema) -> None:
    """Ask for everybody by name who would lose something; one of them has accepted the terms of use by now."""
    accepted = next(each.user for each in plan.suspend if each.reasons == (Reason.CGU_VIDES,))
    fake.users.change(int(accepted.removeprefix("u")), cgu_valide=NOW.isoformat())
    started = time.perf_counter()
    confirmed = cerema.confirm_plan(plan, local)
    console.print(
        f"The portal was asked by name for the {len(plan.harmed_users)} users who would lose something"
        f" [{time.perf_counter() - started:.1f} s]: {len(confirmed.harmed_users)} still would, and"
        f" {', '.join(sorted(plan.harmed_users - confirmed.harmed_users))} has accepted the terms of use by now.\n"
    )


def main() -> int:
    shutil.rmtree(FOLDER, ignore_errors=True)
    options = {"username": "username", "password": "password", "limiters": {"portal": None}}
    with FakeCerema.crowd(latency=0.002) as fake, CeremaClient(base_url=fake.url, circuit=None, **options) as cerema:
        console.print(f"A fake portal answers at {fake.url}. It fails in the middle of the extraction:\n")
        fake.faults.append(Fault(path="/api/utilisateurs", skip=150, times=None, status=503))
        assert isinstance(extracted(cerema), PartialSnapshot), "a part was taken for the whole"
        fake.faults.clear()
        console.print("It is back. The same call goes on:\n")
        portal = extracted(cerema).require_complete()
        console.print("What an application that knows its users would change:\n")
        local = application(portal)
        plan = planned(local, portal)
        assert plan is not None, "a plan of a few changes was refused"
        confirm(cerema, plan, local, fake)
        console.print("Now the portal loses a column: nobody has accepted the terms of use any more.\n")
        for user in list(fake.users):
            fake.users.change(user["id_user"], cgu_valide=None)
        planned(local, extracted(cerema).require_complete())
    console.print(f"Look at {os.path.relpath(FOLDER)}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except FrgovError as error:
        console.print(f"{type(error).__name__}: {error}", markup=False)
        sys.exit(1)
