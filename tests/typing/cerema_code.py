# pyright: strict
"""Code of a user of the portal's clients: it is never run, only read by type checkers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal, assert_type

from pydantic import SecretStr

from frgov_clients import AsyncCeremaClient, CeremaClient, FrgovError, RedisTokenStore, StaticBearer
from frgov_clients.cerema import (
    Access,
    CeremaOptions,
    Establishment,
    Group,
    LocalState,
    PartialSnapshot,
    Permissions,
    Plan,
    Rights,
    RightsEvaluator,
    Snapshot,
    SnapshotPage,
    Structure,
    User,
    plan_sync,
    visible_communes,
)
from frgov_clients.transport.pager import AsyncPager, Pager
from frgov_clients.transport.raw import RawReply


def make(store: RedisTokenStore) -> CeremaClient:
    CeremaClient()
    CeremaClient(username="a", password=SecretStr("b"), auth_version="v2", refresh_path="/x/", token_store=store)
    CeremaClient(auth=StaticBearer("t", scheme="Token"), limiters={"portal": None}, timeout=3)
    options: CeremaOptions = {"username": "a", "password": "b", "base_url": "https://portail.test"}
    return CeremaClient(**options)


def portal(cerema: CeremaClient) -> bool:
    assert_type(cerema.users("a@example.fr"), Pager[User])
    for user in cerema.users(page_size=100):
        assert_type(user.structure, int | None)
        assert_type(user.cgu_valide, datetime | None)
    assert_type(cerema.structure(456), Structure)
    assert_type(cerema.perimeter(20).comm, tuple[str, ...])
    assert_type(cerema.raw.group(173), RawReply[Group])
    assert_type(cerema.permissions("a@example.fr"), Permissions)
    access = cerema.access("a@example.fr")
    assert_type(access, Access)
    rights = access.rights(Establishment("246700488", ["67482"]))
    assert_type(rights.visible_communes, frozenset[str] | None)
    return rights.allowed


def snapshots(cerema: CeremaClient, local: LocalState) -> Plan:
    found = cerema.snapshot("out", kinds=["users"], progress=lambda state: print(state.expected))
    assert_type(found, Snapshot | PartialSnapshot)
    cerema.snapshot(into=lambda page: print(page.records), checkpoint="state.json", max_age=timedelta(hours=1))
    if isinstance(found, PartialSnapshot):
        assert_type(found.failures, dict[str, FrgovError])
        assert_type(found.complete, Literal[False])
        found.require_complete()
    assert_type(found, Snapshot)
    assert_type(list(found.users()), list[User])
    evaluator = RightsEvaluator({}, {}, {each.id: each for each in found.perimeters()}, at=found.taken_at)
    assert_type(evaluator.rights(found.users(), Establishment("246700488", ["67482"])), Rights)
    plan = plan_sync(local, Snapshot.load("out"), at=datetime.now(UTC))
    assert_type(cerema.confirm_plan(plan, local), Plan)
    return plan


async def awaited(cerema: AsyncCeremaClient, own: Establishment, plan: Plan, local: LocalState) -> Snapshot:
    async def into(page: SnapshotPage) -> None:
        print(page.kind)

    assert_type(cerema.users("a@example.fr"), AsyncPager[User])
    assert_type([user async for user in cerema.users()], list[User])
    assert_type(await cerema.groups().all(max_items=10), list[Group])
    assert_type(visible_communes(await cerema.perimeter(20), own), frozenset[str] | None)
    assert_type((await cerema.access("a@example.fr")).rights(own), Rights)
    assert_type(await cerema.confirm_plan(plan, local), Plan)
    assert_type(await cerema.snapshot(into=into), Snapshot | PartialSnapshot)
    return (await cerema.snapshot("out")).require_complete()
