"""The raw views of the portal's clients."""

from __future__ import annotations

from ..transport.raw import AsyncRawView, RawView
from .plan_operations import PlanEndpoints
from .snapshot_operations import SnapshotEndpoints

__all__ = ["AsyncRawCerema", "RawCerema"]


class RawCerema(RawView, PlanEndpoints, SnapshotEndpoints):
    """`CeremaClient.raw`: the endpoints that make one request, answering the untouched reply; and the lists."""


class AsyncRawCerema(AsyncRawView, PlanEndpoints, SnapshotEndpoints):
    """`AsyncCeremaClient.raw`: the endpoints that make one request, answering the untouched reply; and the lists."""
