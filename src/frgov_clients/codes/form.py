"""What all codes share: cleaning what people write, refusing with a reason, and the tie to pydantic."""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from ..errors import InvalidRequest

__all__ = ["LOST_ZERO", "NUMBER_SEPARATORS", "Form", "InvalidCode", "PydanticCode", "accepts"]

LONGEST_INPUT: Final = 64
"""Characters; no code is half as long, so a longer text is refused without being read."""

# Spaces that `str.isspace` knows, then the invisible marks that come along when one copies from a spreadsheet or a
# PDF (zero width, direction, soft hyphen, byte order mark).
_SPACES: Final = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
_WIDE_SPACES: Final = "\u2028\u2029\u202f\u205f\u3000"
_INVISIBLE: Final = "\xad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"
_BLANKS: Final = dict.fromkeys(map(ord, _SPACES + _WIDE_SPACES + _INVISIBLE))

NUMBER_SEPARATORS: Final = _BLANKS | dict.fromkeys(map(ord, ".-\u2010\u2011\u2012\u2013\u2014\u2212"))
"""What may stand between the digits of a company's number: blanks, dots and dashes of all lengths."""

LOST_ZERO: Final = "a leading zero lost? Put 0 in front, and read the column as text"

_FLOAT: Final = re.compile(r"[0-9]+[.,]0{1,2}")
_SCIENTIFIC: Final = re.compile(r"[0-9]+([.,][0-9]+)?[Ee]\+?[0-9]+")
_SPREADSHEET: Final = "a spreadsheet made a number of it: read that column as text"


class InvalidCode(InvalidRequest):
    """Not such a code. `field` is the kind of code, `limit` the rule that is broken; the value is not repeated."""


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """The outward form of one kind of code, and how to read it."""

    name: str
    limit: str
    """The form in words."""
    pattern: re.Pattern[str]
    """The normal form, whole."""
    example: str
    separators: dict[int, None]
    """Characters to drop."""
    digits: int | None = None
    """How many digits, when there are only digits: a shorter number has probably lost its leading zeros."""
    hints: tuple[tuple[re.Pattern[str], str], ...] = ()
    """What to say of texts that are known mistakes; the first that matches the whole text wins."""

    def read(self, value: object) -> str:
        """The normal form of `value`; raises `InvalidCode`."""
        if type(value) is str and self.pattern.fullmatch(value):
            return value
        return self.check(self.clean(value))

    def clean(self, value: object) -> str:
        """`value` in upper case without its separators; raises `InvalidCode` when it is no text, or no ASCII."""
        if not isinstance(value, str):
            raise self.refusal(_about_type(value))
        if len(value) > LONGEST_INPUT:
            raise self.refusal(f"longer than {LONGEST_INPUT} characters")
        # As plain `str`, so that a subclass can neither lie nor pass through.
        trimmed = str.translate(value, _BLANKS)
        if _FLOAT.fullmatch(trimmed) or _SCIENTIFIC.fullmatch(trimmed):
            raise self.refusal(_SPREADSHEET)
        text = trimmed.translate(self.separators)
        if not text.isascii():
            raise self.refusal("only the digits 0 to 9 and the letters A to Z count, not their look-alikes")
        return text.upper()

    def check(self, text: str) -> str:
        """A cleaned text, when it has the form; raises `InvalidCode`."""
        if not self.pattern.fullmatch(text):
            raise self.refusal(self._hint(text))
        return text

    def refusal(self, hint: str = "", *, limit: str | None = None) -> InvalidRequest:
        """The error to raise: the rule (the form unless told), and what to do about it."""
        return InvalidCode.of(self.name, limit or self.limit, hint)

    def _hint(self, text: str) -> str:
        if not text:
            return "it is empty"
        for pattern, hint in self.hints:
            if pattern.fullmatch(text):
                return hint
        if self.digits and text.isdecimal():
            count = f"{len(text)} digit{'s' * (len(text) > 1)}"
            return f"{count}: {LOST_ZERO}" if len(text) < self.digits else count
        return ""


def _about_type(value: object) -> str:
    kind = type(value).__name__[:40]
    if value is None:
        return "None is no code: test for it before"
    if isinstance(value, float) and math.isnan(value):
        return "NaN is no code: test for missing values before"
    if isinstance(value, bool) or not isinstance(value, numbers.Number):
        return f"give text, not {kind}"
    return f"give text, not {kind}: a number has lost its leading zeros"


def accepts(parse: Callable[..., str], value: object, **options: bool) -> bool:
    """Whether `parse` takes `value`."""
    try:
        parse(value, **options)
    except InvalidCode:
        return False
    return True


@dataclass(frozen=True, slots=True, eq=False)
class PydanticCode:
    """The marker in `Annotated[str, …]` that makes pydantic parse a code.

    pydantic looks for the two methods by name, so that pydantic is imported only where it is used already.
    """

    form: Form
    parse: Callable[[str], str]

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(
            self.parse, serialization=core_schema.simple_ser_schema("str")
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        # The normal form alone, although more is taken: it is what others should send, and what comes out.
        return {"type": "string", "pattern": f"^(?:{self.form.pattern.pattern})$", "examples": [self.form.example]}
