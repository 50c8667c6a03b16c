"""What the service has answered already, kept in SQLite."""

from __future__ import annotations

from .journal import Journal, JournalError, Known
from .later import LaterJournal

__all__ = ["Journal", "JournalError", "Known", "LaterJournal"]
