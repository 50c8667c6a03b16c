"""The raw views of the data API's clients."""

from __future__ import annotations

from ...transport.raw import AsyncRawView, RawView
from .operations import ApidfEndpoints

__all__ = ["AsyncRawApidf", "RawApidf"]


class RawApidf(RawView, ApidfEndpoints):
    """`ApidfClient.raw`: the endpoints that make one request, answering the untouched reply."""


class AsyncRawApidf(AsyncRawView, ApidfEndpoints):
    """`AsyncApidfClient.raw`: the endpoints that make one request, answering the untouched reply."""
