# pyright: strict
"""Mistakes with the portal's clients that type checkers must reject: each line that ends with `# E`, and no other."""

from __future__ import annotations

from datetime import UTC, datetime

from frgov_clients import AsyncCeremaClient, CeremaClient
from frgov_clients.cerema import Establishment, LocalState, PartialSnapshot, Perimeter, plan_sync, visible_communes


def arguments(cerema: CeremaClient) -> None:
    CeremaClient(user="a")  # E
    CeremaClient(username="a", password="b", auth_version="v3")  # E
    cerema.users(mail="a@example.fr")  # E
    cerema.users(123)  # E
    cerema.structure("456")  # E
    cerema.structure()  # E
    cerema.access()  # E
    cerema.snapshot("out", kind=["users"])  # E
    cerema.snapshot("out", patience="1m")  # E
    cerema.snapshot(into="out")  # E
    print(cerema.structure(456).sirett)  # E
    print(cerema.users().first().email)  # E
    Establishment("246700488")  # E


def parts(cerema: CeremaClient, part: PartialSnapshot, local: LocalState, own: Establishment, where: Perimeter) -> None:
    cerema.snapshot("out").users()  # E
    part.users()  # E
    plan_sync(local, part, at=datetime.now(UTC))  # E
    plan_sync(local, cerema.snapshot("out"), at=datetime.now(UTC))  # E
    for commune in visible_communes(where, own):  # E
        print(commune)
    print(len(cerema.access("a@example.fr").rights(own).visible_communes))  # E


async def forgotten(cerema: AsyncCeremaClient) -> None:
    cerema.structure(456)  # E
    print(cerema.access("a@example.fr").users)  # E
    for _user in cerema.users():  # E
        pass
    print(cerema.snapshot("out").complete)  # E
    with cerema:  # E
        pass
