"""Names of streets: read, written out, and compared."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from .text import plain
from .words import ABBREVIATIONS, ALIKE, ARTICLES, KIND_ABBREVIATIONS, KINDS, LOOSE_KINDS, MONTHS, TITLES, TWOFOLD

__all__ = [
    "CLOSE",
    "DIFFERENT",
    "KIND_MISSING",
    "LEFT_OVER",
    "OTHER_KIND",
    "SAME",
    "SHORTENED",
    "Street",
    "likeness",
    "street_of",
]

SAME: Final = 0
"""The same name, articles and titles apart."""
CLOSE: Final = 1
"""The same but for a letter, or an initial, or a word joined or split."""
SHORTENED: Final = 2
"""A first name left out, or a kind like RESIDENCE."""
KIND_MISSING: Final = 3
"""The same name, and the question does not say whether it is a rue or a place."""
LEFT_OVER: Final = 4
"""The whole name of the answer, and more words in the question."""
OTHER_KIND: Final = 5
"""The same name on another kind of street: place for rue."""
DIFFERENT: Final = 6
"""Another name."""

_NOT_LAST: Final = frozenset(("REP", "CHT", "CHAU", "ST"))
"""Abbreviations that are names of their own at the end: RUE DE LA REP."""


_OPPOSITES: Final = {"DESSUS", "DESSOUS"}

_ARTICLES_OF_PLACES: Final = frozenset(("L", "LA", "LE", "LES", "AU", "AUX", "CHEZ", "SUR", "EN"))


class Street(NamedTuple):
    """The name of a street or place."""

    text: str
    """In capitals, abbreviations written out: what is asked."""
    kind: str
    """RUE, PLACE, ...; empty where the name does not begin with one."""
    words: tuple[str, ...]
    """The words that count, without kind and articles."""
    articles: tuple[str, ...]
    """The articles among them."""
    compact: str
    """All but the kind, glued: equal for LA FAYETTE and LAFAYETTE."""


@lru_cache(maxsize=8_192)
def street_of(text: str) -> Street:
    """A street by its name, in any spelling."""
    words = plain(text).split()
    if not words:
        return Street("", "", (), (), "")
    written = _written_out(words)
    kind, rest = ("", written)
    if len(written) > 1 and written[0] in KINDS:
        kind, rest = written[0], written[1:]
        if kind == "ROND" and rest[0] == "POINT" and len(rest) > 1:
            kind, rest = "ROND POINT", rest[1:]
    counting = [word for word in rest if word not in ARTICLES]
    if not counting:
        counting = rest
    articles = tuple(word for word in rest if word in ARTICLES)
    return Street(" ".join(written), kind, tuple(counting), articles, "".join(rest))


def _written_out(words: list[str]) -> list[str]:
    written: list[str] = []
    last = len(words) - 1
    kind = KIND_ABBREVIATIONS.get(words[0]) if last else None
    if kind:
        written += kind.split()
        words = words[1:]
        last -= 1
    for place, word in enumerate(words):
        full = ABBREVIATIONS.get(word)
        if full and (place < last or word not in _NOT_LAST):
            written += full.split()
        else:
            written.append(word)
    if len(written) > 2 and len(written[-1]) == 2 and written[-2] in MONTHS and written[-1].isdecimal():
        written[-1] = f"19{written[-1]}"
    return written


def likeness(asked: Street, found: Street) -> int:
    """How far the street found is the one asked: `SAME` to `DIFFERENT`, the lower the closer."""
    if asked.text == found.text:
        return SAME
    slip = SAME
    if found.kind and not asked.kind and (mended := _kind_mended(asked, found.kind)):
        asked, slip = mended, CLOSE
    level = max(slip, _names(asked, found))
    if level >= OTHER_KIND:
        return level
    kinds = _kinds(asked.kind, found.kind)
    if kinds == OTHER_KIND and not asked.kind and level == SAME and not _is_place(asked):
        return KIND_MISSING
    return max(level, kinds)


def _is_place(street: Street) -> bool:
    """Whether a name without a kind is a place of its own, by its article: LES LILAS, but not DES LILAS, PASTEUR."""
    return street.text.partition(" ")[0] in _ARTICLES_OF_PLACES


def _kind_mended(asked: Street, kind: str) -> Street | None:
    """The street with its first word read as the kind that it misspells: IMPASES, URE."""
    first, _, rest = asked.text.partition(" ")
    return street_of(f"{kind} {rest}") if rest and _one_slip(first, kind) else None


def _kinds(asked: str, found: str) -> int:
    if asked == found:
        return SAME
    if not asked:
        return CLOSE if found in LOOSE_KINDS else OTHER_KIND
    if not found:
        return CLOSE if asked in LOOSE_KINDS else OTHER_KIND
    return CLOSE if _one_slip(asked, found) else OTHER_KIND


def _names(asked: Street, found: Street) -> int:
    ours, theirs = asked.words, found.words
    if ours == theirs or asked.compact == found.compact:
        return SAME
    if len(ours) == len(theirs):
        level = _aligned(asked, found)
        if level != DIFFERENT:
            return level
    plainly, theirs_plainly = _without_titles(ours), _without_titles(theirs)
    if plainly == theirs_plainly:
        return SAME
    if len(ours) != len(theirs) and _one_slip(asked.compact, found.compact):
        return CLOSE
    return _part(ours, theirs)


def _without_titles(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple([word for word in words if word not in TITLES]) or words


def _aligned(asked: Street, found: Street) -> int:
    """Names of as many words: at most one of them misspelt."""
    slips = initials = 0
    for ours, theirs in zip(asked.words, found.words, strict=True):
        if ours == theirs or ALIKE.get(ours, ours) == ALIKE.get(theirs, theirs):
            continue
        if (len(ours) == 1 and theirs[0] == ours and ours.isalpha()) or theirs in TWOFOLD.get(ours, ()):
            initials += 1
        elif _one_slip(ours, theirs):
            slips += 1
        else:
            return DIFFERENT
    if not slips and not initials:
        return SAME
    if slips > 1 or (initials == len(asked.words) and len(asked.words[-1]) == 1):
        return DIFFERENT
    if slips and asked.articles != found.articles:
        return DIFFERENT  # RUE DU MOULIN, RUE DES MOULINS
    return CLOSE


def _one_slip(ours: str, theirs: str) -> bool:
    """Whether two words differ by one letter put, lost, changed, or by two exchanged; numbers must be equal."""
    shorter = min(len(ours), len(theirs))
    if shorter < 3 or abs(len(ours) - len(theirs)) > 1 or not (ours.isalpha() and theirs.isalpha()):
        return False
    if {ours, theirs} == _OPPOSITES:
        return False
    from rapidfuzz.distance import OSA

    return OSA.distance(ours, theirs, score_cutoff=1) <= 1


def _part(ours: tuple[str, ...], theirs: tuple[str, ...]) -> int:
    """One name is part of the other."""
    if not ours or not theirs:
        return DIFFERENT
    if len(ours) < len(theirs):
        if (
            theirs[: len(ours)] == ours
            and ours[-1] in MONTHS
            and len(theirs) == len(ours) + 1
            and theirs[-1].isdecimal()
        ):
            return SAME  # the year left out
        if theirs[-len(ours) :] == ours and len(ours[-1]) > 3:
            return SHORTENED
    elif len(theirs) < len(ours) and ours[: len(theirs)] == theirs:
        return LEFT_OVER
    return DIFFERENT
