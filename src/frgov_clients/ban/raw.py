"""The raw views of the geocoder's clients."""

from __future__ import annotations

from ..transport.raw import AsyncRawView, RawView
from .operations import BanEndpoints

__all__ = ["AsyncRawBan", "RawBan"]


class RawBan(RawView, BanEndpoints):
    """`BanClient.raw`: the same endpoints, answering the untouched reply."""


class AsyncRawBan(AsyncRawView, BanEndpoints):
    """`AsyncBanClient.raw`: the same endpoints, answering the untouched reply."""
