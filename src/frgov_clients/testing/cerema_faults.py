"""What else may go wrong in the fakes of the Cerema, whose lists come in pages."""

from __future__ import annotations

from dataclasses import dataclass

from . import faults
from .cerema_links import LinkForm

__all__ = ["Fault"]


@dataclass(slots=True, kw_only=True)
class Fault(faults.Fault):
    """One rule of what goes wrong, see `frgov_clients.testing.faults.Fault`, with what is particular to pages."""

    entries_of: int | None = None
    """Send the entries of this page in place of the right ones."""
    without: int = 0
    """Leave so many entries out at the end of the page."""
    count: int | None = None
    """Say that the whole list has so many entries."""
    next: LinkForm | None = None
    """Write the link to the next page so, this time."""
