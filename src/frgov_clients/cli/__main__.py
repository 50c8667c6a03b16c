"""`python -m frgov_clients.cli`."""

from __future__ import annotations

from . import main

main()
