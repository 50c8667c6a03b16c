"""The clients of the data API: `ApidfClient` and `AsyncApidfClient`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar, Unpack

from ...errors import ConfigurationError
from ...transport.answers import json_model
from ...transport.auth import StaticBearer
from ...transport.client import AsyncClient, SyncClient
from ...transport.config import ClientConfig, ClientOptions, read_variable
from ...transport.operation import Operation, Parts, Spec
from ...transport.service import Service
from ...transport.tokens import secret_value
from ...transport.windows import Window
from ..answers import read_error
from .listing import AsyncFeatures, AsyncRows, Features, Rows
from .operations import ApidfEndpoints

if TYPE_CHECKING:
    from pydantic import SecretStr

    from .raw import AsyncRawApidf, RawApidf

__all__ = ["ApidfClient", "ApidfOptions", "AsyncApidfClient"]

T = TypeVar("T")

BASE_URL: Final = "https://apidf-preprod.cerema.fr"
"""The service's only public address, whatever its name says."""

# The service tells no quota. This is ours: as fast as one would read, and no burden.
_QUOTAS: Final = {"default": (Window(limit=10, seconds=1.0),)}

_FROM_VARIABLE: Final = object()


class ApidfOptions(ClientOptions, total=False):
    """Options of the data API besides those of every client."""

    token: str | SecretStr | None
    """Opens `dv3f` and `ff` to those who are entitled; https://portaildf.cerema.fr gives it. `FRGOV_APIDF_TOKEN`. Open
    data are asked for without it."""


def _page() -> Any:
    from ..pages import Envelope

    return Envelope[Any]


# Open data, asked for with the token where there is one: the service refuses a dead token also there.
_PROBE: Final[Spec[Any]] = Spec(
    name="apidf.check", method="GET", path="/indicateurs/conso_espace/departements/75/", decode=json_model(_page)
)


def _alone(token: str | SecretStr) -> str | SecretStr:
    """The token, when nothing stands before it: the service would refuse the whole as an unknown token."""
    text = secret_value(token, "token").strip()
    if ":" in text or len(text.split()) != 1:
        msg = (
            "token: the token alone, without blanks and colons. A word before it, as `Token`, is written by the client"
        )
        raise ConfigurationError(msg, option="token")
    return token


class _Apidf(ApidfEndpoints):
    """What both clients share: which service they speak to, and who they are."""

    @classmethod
    def _describe(cls, options: dict[str, Any]) -> tuple[Service, ClientConfig]:
        given = options.pop("token", None if "auth" in options else _FROM_VARIABLE)
        token = read_variable("FRGOV_APIDF_TOKEN", str) if given is _FROM_VARIABLE else given
        if token is not None and options.get("auth") is not None:
            raise ConfigurationError("token: not together with auth", option="token")
        if token is not None:
            options = {**options, "auth": StaticBearer(_alone(token), scheme="Token")}
        config = ClientConfig.resolve("apidf", BASE_URL, options, also=("token",))
        service = Service(
            name="apidf",
            base_urls={"default": BASE_URL, "open": config.base_url},
            probe=Operation(_PROBE, (("page_size", "1"),)),
            quotas=_QUOTAS,
            read_error=read_error,
            pause_on_429=5.0,
        )
        return service, config


class ApidfClient(SyncClient, _Apidf):
    """Property data of the Cerema: sales, parcels, premises, owners, brownfield sites, indicators.

        with ApidfClient() as apidf:
            for sale in apidf.dvf_mutations(code_insee="59350", anneemut=2023):
                print(sale.datemut, sale.valeurfonc)

    Sales (DVF+), brownfield sites and indicators are open; `dv3f_...` and the tax files need a token. Thread-safe:
    make one, share it, close it. At most 10 requests per second, which is our own choice: the service tells no limit.
    """

    def __init__(self, **options: Unpack[ApidfOptions]) -> None:
        self._start(dict(options))

    def _list_rows(self, parts: Parts[T]) -> Rows[T]:
        return Rows(parts, self._execute)

    def _list_features(self, parts: Parts[T]) -> Features[T]:
        return Features(parts, self._execute)

    @property
    def raw(self) -> RawApidf:
        """The endpoints that make one request, answering status, headers and bytes as they came."""
        from .raw import RawApidf

        return RawApidf(self._config, self._policies, self._driver)


class AsyncApidfClient(AsyncClient, _Apidf):
    """`ApidfClient` for asyncio and trio: the same methods; lists are walked with `async for`, the others awaited.

    async with AsyncApidfClient() as apidf:
        sales = await apidf.dvf_mutations(code_insee="59350", anneemut=2023).all()
    """

    def __init__(self, **options: Unpack[ApidfOptions]) -> None:
        self._start(dict(options))

    def _list_rows(self, parts: Parts[T]) -> AsyncRows[T]:
        return AsyncRows(parts, self._execute)

    def _list_features(self, parts: Parts[T]) -> AsyncFeatures[T]:
        return AsyncFeatures(parts, self._execute)

    @property
    def raw(self) -> AsyncRawApidf:
        """The endpoints that make one request, answering status, headers and bytes as they came."""
        from .raw import AsyncRawApidf

        return AsyncRawApidf(self._config, self._policies, self._driver)
