"""The Luhn check, by which a wrong digit and most swaps of two neighbours are seen."""

from __future__ import annotations

from typing import Final

__all__ = ["digit_sum", "passes_luhn"]

_VALUES: Final = bytes(max(0, byte - 48) if byte < 58 else 0 for byte in range(256))
"""From the byte of a digit to its value."""
_DOUBLED: Final = bytes(sum(divmod(2 * value, 10)) if value < 10 else 0 for value in _VALUES)
"""From the byte of a digit to the digit sum of its double."""


def digit_sum(digits: str) -> int:
    """The sum of ASCII digits."""
    return sum(digits.encode().translate(_VALUES))


def passes_luhn(digits: str) -> bool:
    """Whether ASCII digits, the check digit last, have a Luhn sum that ends in 0."""
    raw = digits.encode()
    return (sum(raw[-1::-2].translate(_VALUES)) + sum(raw[-2::-2].translate(_DOUBLED))) % 10 == 0
