"""The clients of the geocoder: `BanClient` and `AsyncBanClient`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Unpack, cast

from ..errors import ConfigurationError
from ..transport.client import AsyncClient, SyncClient
from ..transport.config import ClientConfig, ClientOptions, read_variable
from ..transport.service import Service
from ..transport.windows import Window
from .bulk_operations import BulkEndpoints
from .dialects import DIALECTS, GEOPF, Dialect, DialectName, dialect_for, read_error
from .operations import PROBE, BanEndpoints

if TYPE_CHECKING:
    from .bulk.engine import Run
    from .bulk.run import AsyncGeocoding, Geocoding
    from .raw import AsyncRawBan, RawBan

__all__ = ["AsyncBanClient", "BanClient", "BanOptions"]

BASE_URL: Final = "https://data.geopf.fr/geocodage"
LOOKUP_URL: Final = "https://plateforme.adresse.data.gouv.fr"

# The service allows 50 and 10 requests per second and address, then blocks for 5 s; it advises to stay below.
_QUOTAS: Final = {"geocoding": (Window(limit=45, seconds=1.0),), "completion": (Window(limit=9, seconds=1.0),)}


class BanOptions(ClientOptions, total=False):
    """Options of the geocoder besides those of every client."""

    dialect: DialectName | Dialect
    """Which server answers at `base_url`: `geopf` (the Géoplateforme) or `addok` (self-hosted). Default: `geopf` for
    geopf.fr, `addok` elsewhere. `FRGOV_BAN_DIALECT`."""
    lookup_base_url: str
    """Where `lookup` asks. `FRGOV_BAN_LOOKUP_BASE_URL`."""


class _Ban(BanEndpoints, BulkEndpoints):
    """What both clients share: which server they speak to."""

    @classmethod
    def _describe(cls, options: dict[str, Any]) -> tuple[Service, ClientConfig]:
        chosen = options.pop("dialect", None) or read_variable("FRGOV_BAN_DIALECT", str)
        lookup = options.pop("lookup_base_url", None) or read_variable("FRGOV_BAN_LOOKUP_BASE_URL", str) or LOOKUP_URL
        config = ClientConfig.resolve("ban", BASE_URL, options, also=("dialect", "lookup_base_url"))
        if not isinstance(chosen, Dialect | None) and chosen not in DIALECTS:
            msg = f"dialect (or FRGOV_BAN_DIALECT) must be one of {', '.join(DIALECTS)}, or a Dialect"
            raise ConfigurationError(msg, option="dialect")
        dialect = dialect_for(config.base_url, cast("DialectName | Dialect | None", chosen))
        service = Service(
            name="ban",
            base_urls={"default": BASE_URL, "lookup": lookup},
            probe=PROBE,
            quotas=_QUOTAS if dialect.name == GEOPF.name else {},
            read_error=read_error,
            pause_on_429=5.0,
            dialect=dialect,
        )
        return service, config


class BanClient(SyncClient, _Ban):
    """Geocode with the Géoplateforme, or with an addok of your own.

        with BanClient() as ban:
            best = ban.search("4 rue des Balastières, Andelnans").best

    No key. Thread-safe: make one, share it, close it. At most 45 requests per second (9 for `completion`), kept for
    all clients of this process together.
    """

    def __init__(self, **options: Unpack[BanOptions]) -> None:
        self._start(dict(options))

    def _geocode(self, work: Run) -> Geocoding:
        from .bulk.run import Geocoding

        return Geocoding(work, self._driver)

    @property
    def raw(self) -> RawBan:
        """The same endpoints, answering status, headers and bytes as they came."""
        from .raw import RawBan

        return RawBan(self._config, self._policies, self._driver)


class AsyncBanClient(AsyncClient, _Ban):
    """`BanClient` for asyncio and trio: the same methods, awaited.

    async with AsyncBanClient() as ban:
        best = (await ban.search("4 rue des Balastières, Andelnans")).best
    """

    def __init__(self, **options: Unpack[BanOptions]) -> None:
        self._start(dict(options))

    def _geocode(self, work: Run) -> AsyncGeocoding:
        from .bulk.run import AsyncGeocoding

        return AsyncGeocoding(work, self._driver)

    @property
    def raw(self) -> AsyncRawBan:
        """The same endpoints, answering status, headers and bytes as they came."""
        from .raw import AsyncRawBan

        return AsyncRawBan(self._config, self._policies, self._driver)
