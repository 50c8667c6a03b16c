"""The raw views of the portal's clients."""

from __future__ import annotations

from ..transport.raw import AsyncRawView, RawView
from .access_operations import AccessEndpoints
from .snapshot_operations import SnapshotEndpoints

__all__ = ["AsyncRawCerema", "RawCerema"]


class RawCerema(RawView, AccessEndpoints, SnapshotEndpoints):
    """`CeremaClient.raw`: the endpoints that make one request, answering the untouched reply; and the lists."""


class AsyncRawCerema(AsyncRawView, AccessEndpoints, SnapshotEndpoints):
    """`AsyncCeremaClient.raw`: the endpoints that make one request, answering the untouched reply; and the lists."""
