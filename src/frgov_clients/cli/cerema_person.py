"""`frgov cerema user`, `rights` and `check`: what is asked of one person, or of the portal itself."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from zoneinfo import ZoneInfo

import typer

from ..cerema import Access, CeremaClient, Decision, Establishment, Rights, Snapshot
from ..errors import IncompleteResult
from .health import PATIENCE, show_health
from .outcomes import Code, Stop
from .screen import console, json_line, say, table

if TYPE_CHECKING:
    from ..cerema.models import Group, Perimeter, Structure, User
    from .cerema import RightsArguments

__all__ = ["check", "show_rights", "show_user"]

_SHOWN_CODES: Final = 12
_BETWEEN: Final = re.compile(r"[\s,;]+")
_CODES: Final = {Decision.ALLOW: Code.DONE, Decision.DENY: Code.DENIED, Decision.UNKNOWN: Code.NOT_WHOLE}


# ---- a user ------------------------------------------------------------------------------------------------


def show_user(email: str, client_options: Mapping[str, Any], *, as_json: bool) -> None:
    """Print the rows of a user, one for each structure."""
    with CeremaClient(**client_options) as portal:
        found = portal.access(email)
    rows = [_row(found, each) for each in found.users]
    if as_json:
        for row in rows:
            print(json_line(row))
    elif rows:
        for number, row in enumerate(rows):
            if number:
                print()
            console().print(table("", "", rows=[[name, _shown(value)] for name, value in _flat(row)]))
    for name, failure in found.failures.items():
        say(f"{name} could not be fetched: {failure}")
    if not rows:
        say("The portal knows nobody with this address.")
        raise typer.Exit(Code.NOTHING_FOUND)
    if not found.complete:
        raise typer.Exit(Code.NOT_WHOLE)


def _row(found: Access, user: User) -> dict[str, Any]:
    """A user with what it refers to, in place of the numbers."""
    group: Group | None = _record(found.groups, user.groupe)
    structure: Structure | None = _record(found.structures, user.structure)
    perimeter: Perimeter | None = _record(found.perimeters, None if group is None else group.perimetre)
    row: dict[str, Any] = user.model_dump(mode="json")
    for name, record in {"structure": structure, "groupe": group, "perimetre": perimeter}.items():
        row[name] = row.get(name) if record is None else record.model_dump(mode="json")
    return row


def _record(records: Mapping[int, Any], number: int | None) -> Any:
    """The record itself, where it came."""
    found = None if number is None else records.get(number)
    return found if hasattr(found, "model_dump") else None


def _flat(row: Mapping[str, Any]) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in row.items():
        if isinstance(value, dict):
            found += [(f"{name}.{inner}", each) for inner, each in cast("dict[str, Any]", value).items()]
        else:
            found.append((name, value))
    return found


def _shown(value: Any) -> str:
    if value is None or value == []:
        return "-"
    if isinstance(value, list):
        codes = cast("list[str]", value)
        return f"{', '.join(codes[:_SHOWN_CODES])}{f', ... ({len(codes)})' if len(codes) > _SHOWN_CODES else ''}"
    return str(value) if not isinstance(value, bool) else "yes" if value else "no"


# ---- rights ------------------------------------------------------------------------------------------------


def show_rights(arguments: RightsArguments) -> None:
    """Print a decision and its reasons, and leave with its code."""
    establishment = Establishment(arguments.siren, _communes(arguments))
    at = _moment(arguments.at)
    if arguments.snapshot is None:
        with CeremaClient(**arguments.client_options) as portal:
            found = portal.access(arguments.email)
    else:
        found = _from_snapshot(arguments.snapshot, arguments.email)
    rights = found.rights(establishment, at=at, group_required=arguments.group_required)
    print(json_line(_told(rights)) if arguments.json else rights.explain())
    for name, failure in found.failures.items():
        say(f"{name} could not be fetched: {failure}")
    if (code := _CODES[rights.decision]) is not Code.DONE:
        raise typer.Exit(code)


def _from_snapshot(folder: str, email: str) -> Access:
    try:
        return Access.of_snapshot(Snapshot.load(folder), email)
    except IncompleteResult as error:
        raise Stop(Code.NOT_WHOLE, f"Error: {error.message}") from error


def _communes(arguments: RightsArguments) -> list[str]:
    text = "\n".join(arguments.commune or ())
    if arguments.communes == "-":
        text += "\n" + sys.stdin.read()
    elif arguments.communes is not None:
        text += "\n" + Path(arguments.communes).read_bytes().decode("utf-8-sig", "replace")
    codes = [code for code in _BETWEEN.split(text) if code]
    if not codes:
        hint = "name the communes of the establishment, with --commune or --communes"
        raise Stop(Code.USAGE, f"Error: whether a perimeter covers it can not be told: {hint}")
    return codes


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Stop(Code.USAGE, "Error: --at: a date like 2026-12-31, or 2026-12-31T12:00+01:00") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=ZoneInfo("Europe/Paris"))


def _told(rights: Rights) -> dict[str, Any]:
    visible = None if rights.decision is Decision.UNKNOWN else rights.visible_communes
    return {
        "decision": rights.decision,
        "reasons": list(rights.reasons),
        "notes": list(rights.notes),
        "suspended_cause": rights.suspended_cause,
        "restricted": None if rights.decision is Decision.UNKNOWN else visible is not None,
        "visible_communes": None if visible is None else sorted(visible),
        "expires_at": None if rights.expires_at is None else rights.expires_at.isoformat(),
        "at": rights.at.isoformat(),
        "siren": rights.establishment.siren,
    }


# ---- the portal itself -------------------------------------------------------------------------------------


def check(client_options: Mapping[str, Any], *, as_json: bool) -> None:
    """Print what the client finds out about the portal."""
    with CeremaClient(**client_options) as portal:
        health = portal.with_options(retries=0, timeout=PATIENCE, deadline=PATIENCE).check()
    show_health(health, as_json=as_json)
