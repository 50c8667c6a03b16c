"""The clients of the portal Données foncières: `CeremaClient` and `AsyncCeremaClient`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Unpack, cast

from ..errors import ConfigurationError
from ..transport.client import AsyncClient, SyncClient
from ..transport.config import ClientConfig, ClientOptions, read_variable
from ..transport.origin import Origin
from ..transport.service import Service
from ..transport.windows import Window
from .answers import read_error
from .auth import REFRESH_PATH, AuthVersion, PortalLogin
from .operations import first_page
from .plan_operations import PlanEndpoints
from .snapshot_operations import SnapshotEndpoints

if TYPE_CHECKING:
    from pydantic import SecretStr

    from ..transport.auth import Auth
    from ..transport.tokens import TokenStore
    from .raw import AsyncRawCerema, RawCerema
    from .snapshot.extraction import Extraction
    from .snapshot.run import Outcome

__all__ = ["AsyncCeremaClient", "CeremaClient", "CeremaOptions"]

BASE_URL: Final = "https://portaildf.cerema.fr"
_QUOTAS: Final = {"portal": (Window(limit=5, seconds=1.0),)}
"""The portal tells no limit. This is the pace that Zero Logement Vacant documents for it."""
_OWN: Final = ("username", "password", "auth_version", "refresh_path", "token_store")


class CeremaOptions(ClientOptions, total=False):
    """Options of the portal besides those of every client."""

    username: str
    """Of an account of the portal. `FRGOV_CEREMA_USERNAME`."""
    password: str | SecretStr
    """Its password. `FRGOV_CEREMA_PASSWORD`."""
    auth_version: AuthVersion
    """How to log in: `v1`, `v2`, or `auto` (the default), which tries V2, then V1. `FRGOV_CEREMA_AUTH_VERSION`."""
    refresh_path: str
    """Where a token of V2 is renewed: `/api/token/refresh/`. Without such a page the password is sent again."""
    token_store: TokenStore | None
    """Where tokens are kept besides the memory of this client, for other processes: `RedisTokenStore(...)`."""


class _Cerema(PlanEndpoints, SnapshotEndpoints):
    """What both clients share: who they log in as."""

    @classmethod
    def _describe(cls, options: dict[str, Any]) -> tuple[Service, ClientConfig]:
        own = {name: options.pop(name, None) for name in _OWN}
        given = options.pop("auth", None)
        config = ClientConfig.resolve("cerema", BASE_URL, options, also=(*_OWN, "auth"))
        base_url = config.base_url.rstrip("/").removesuffix("/api")  # the paths have it already
        service = Service(
            name="cerema",
            base_urls={"default": BASE_URL},
            probe=first_page("structures", Origin.parse(base_url).host, 1),
            quotas=_QUOTAS,
            read_error=read_error,
        )
        return service, replace(config, base_url=base_url, auth=_auth(given, own))


def _auth(given: Auth | None, own: dict[str, Any]) -> Auth:
    if given is None:
        return _login(own)
    ignored = [name for name, value in own.items() if value is not None]
    if ignored:
        raise ConfigurationError(f"{', '.join(ignored)}: has no effect beside `auth`", option=ignored[0])
    return given


def _login(own: dict[str, Any]) -> PortalLogin:
    told = {name: own[name] or read_variable(f"FRGOV_CEREMA_{name.upper()}", str) for name in _OWN[:3]}
    for name in ("username", "password"):
        if not told[name]:
            msg = f"{name} (or FRGOV_CEREMA_{name.upper()}) is missing: the portal answers nobody without an account"
            raise ConfigurationError(msg, option=name)
    store = own["token_store"]
    if store is not None and not (hasattr(store, "load") and hasattr(store, "save")):
        raise ConfigurationError("token_store must be a store, such as RedisTokenStore(...)", option="token_store")
    return PortalLogin(
        cast("str", told["username"]),
        cast("str", told["password"]),
        version=cast("AuthVersion", str(told["auth_version"] or "auto").lower()),
        refresh_path=own["refresh_path"] or REFRESH_PATH,
        store=store,
    )


class CeremaClient(SyncClient, _Cerema):
    """Ask the portal who may see the Données foncières.

        with CeremaClient() as cerema:  # FRGOV_CEREMA_USERNAME, FRGOV_CEREMA_PASSWORD
            for user in cerema.users("camille@example.fr"):
                print(cerema.structure(user.structure).raison_sociale)

    Thread-safe: make one, share it, close it. At most 5 requests per second, kept for all clients of this process and
    account together; the portal tells no limit of its own.
    """

    def __init__(self, **options: Unpack[CeremaOptions]) -> None:
        self._start(dict(options))

    def _extract(self, work: Extraction) -> Outcome:
        from .snapshot.run import result_of

        return result_of(work, self._driver)

    @property
    def raw(self) -> RawCerema:
        """The same endpoints, answering status, headers and bytes as they came."""
        from .raw import RawCerema

        return RawCerema(self._config, self._policies, self._driver)


class AsyncCeremaClient(AsyncClient, _Cerema):
    """`CeremaClient` for asyncio and trio: the same methods, awaited.

    async with AsyncCeremaClient() as cerema:
        async for user in cerema.users("camille@example.fr"):
            print((await cerema.structure(user.structure)).raison_sociale)
    """

    def __init__(self, **options: Unpack[CeremaOptions]) -> None:
        self._start(dict(options))

    async def _extract(self, work: Extraction) -> Outcome:
        from .snapshot.run import result_of_async

        return await result_of_async(work, self._driver)

    @property
    def raw(self) -> AsyncRawCerema:
        """The same endpoints, answering status, headers and bytes as they came."""
        from .raw import AsyncRawCerema

        return AsyncRawCerema(self._config, self._policies, self._driver)
