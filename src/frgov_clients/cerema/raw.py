"""The raw views of the portal's clients."""

from __future__ import annotations

from ..transport.raw import AsyncRawView, RawView
from .operations import PortalEndpoints

__all__ = ["AsyncRawCerema", "RawCerema"]


class RawCerema(RawView, PortalEndpoints):
    """`CeremaClient.raw`: the same endpoints, answering the untouched reply."""


class AsyncRawCerema(AsyncRawView, PortalEndpoints):
    """`AsyncCeremaClient.raw`: the same endpoints, answering the untouched reply."""
