"""The parts of France that the map shows in panels of their own."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["ELSEWHERE", "TERRITORIES", "Territory"]


class Territory(NamedTuple):
    """A part of France in a box of longitudes and latitudes, in degrees, wide enough to hold it whole."""

    name: str
    west: float
    south: float
    east: float
    north: float
    towns: tuple[tuple[str, float, float], ...] = ()
    """Name, longitude, latitude: to find one's way where there are no tiles."""


TERRITORIES: Final = (
    Territory(
        "Métropole", -5.6, 41.2, 9.8, 51.3,
        (
            ("Paris", 2.35, 48.86), ("Marseille", 5.37, 43.30), ("Lyon", 4.84, 45.76), ("Toulouse", 1.44, 43.60),
            ("Nice", 7.27, 43.70), ("Nantes", -1.55, 47.22), ("Montpellier", 3.88, 43.61), ("Strasbourg", 7.75, 48.58),
            ("Bordeaux", -0.58, 44.84), ("Lille", 3.06, 50.63), ("Rennes", -1.68, 48.11), ("Reims", 4.03, 49.26),
            ("Le Havre", 0.11, 49.49), ("Dijon", 5.04, 47.32), ("Brest", -4.49, 48.39), ("Limoges", 1.26, 45.83),
            ("Clermont-Ferrand", 3.08, 45.78), ("Tours", 0.68, 47.39), ("Perpignan", 2.90, 42.70),
            ("Ajaccio", 8.74, 41.93), ("Bastia", 9.45, 42.70), ("Bayonne", -1.47, 43.49), ("Grenoble", 5.72, 45.19),
            ("Mende", 3.50, 44.52), ("Belfort", 6.86, 47.64), ("Metz", 6.18, 49.12),
        ),
    ),
    Territory("Guadeloupe", -62.0, 15.7, -60.9, 16.7, (("Pointe-à-Pitre", -61.53, 16.24),)),
    Territory("Martinique", -61.4, 14.3, -60.7, 15.0, (("Fort-de-France", -61.07, 14.60),)),
    Territory("Guyane", -54.7, 2.0, -51.5, 6.0, (("Cayenne", -52.33, 4.94),)),
    Territory("La Réunion", 55.1, -21.5, 55.95, -20.8, (("Saint-Denis", 55.45, -20.88),)),
    Territory("Mayotte", 44.9, -13.1, 45.4, -12.5, (("Mamoudzou", 45.23, -12.78),)),
    Territory("Saint-Martin, Saint-Barthélemy", -63.3, 17.7, -62.7, 18.2),
    Territory("Saint-Pierre-et-Miquelon", -56.6, 46.6, -56.0, 47.3),
    Territory("Nouvelle-Calédonie", 158.0, -23.5, 172.5, -17.5, (("Nouméa", 166.45, -22.27),)),
    Territory("Polynésie française", -155.0, -28.0, -134.0, -7.5, (("Papeete", -149.57, -17.53),)),
    Territory("Wallis-et-Futuna", -178.5, -14.6, -175.9, -12.9),
)  # fmt: skip
"""Boxes that do not touch one another; a point in none of them lies elsewhere."""

ELSEWHERE: Final = Territory("Elsewhere", -180, -90, 180, 90)
