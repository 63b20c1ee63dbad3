"""How people are looked for by name: words without their accents, and the keys by which a slip is forgiven.

Promise: whatever was typed with one slip in a word of four letters or more (a letter wrong, left out, put
in, or two changed round; of three letters, two changed round) shares a key with the word that was meant;
what does not really fit is sorted out again by `fit`. The keys are stored, so how they are made is part of
the format of every installation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from zlib import crc32

import msgspec

from terrain.core.customer import Customer
from terrain.core.fact import Claim, Evidence
from terrain.core.house import House
from terrain.core.identifier import CustomerKey
from terrain.core.own_page import called
from terrain.core.word import Word

# What a person is found by; everything else about them changes no line of the directory.
NAMING = ("name", "email", "phone", "card", "handle")
LONGEST_WORD = 24
MOST_WORDS = 24
MOST_NAMES = 40
MOST_ASKED = 6
LONGEST_VALUE = 300
# Shorter words are one slip from half of all others.
SHORTEST_WITH_A_SLIP = 4
TWO_SLIPS_FROM = 8
A_GRAM = 3
_WORD = re.compile(r"[^\W_]+")
_JOINTS = re.compile(r"['’ʼ`\-]")
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
_APART = {ord("\x1f"): " "}  # it keeps names apart on their way into the record
_TITLES = frozenset(
    ("m", "mr", "mrs", "ms", "miss", "mme", "mlle", "monsieur", "madame", "mademoiselle", "dr")
)


class How(Word):
    """How well a word fits, the best first."""

    EXACT = "exact"  # an address, a number: there is no better
    WHOLE = "whole"
    BEGINNING = "beginning"
    SLIP = "slip"
    INSIDE = "inside"


_WORTH = {How.EXACT: 10.0, How.WHOLE: 4.0, How.BEGINNING: 3.0, How.SLIP: 2.0, How.INSIDE: 1.0}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One person's line: what they are called, every name as `kind:value`, the keys that lead to them."""

    key: CustomerKey
    called: str
    names: tuple[str, ...]
    keys: tuple[int, ...]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """One word that is looked for: whoever has all of the first keys, or one of the second."""

    every: tuple[int, ...]
    some: tuple[int, ...] = ()


class Fit(msgspec.Struct, frozen=True, kw_only=True):
    """Why somebody was found: by what kind of name, which one, how well."""

    kind: str
    value: str
    how: How
    worth: float


def fold(text: str) -> str:
    """Return the text as it is compared: small letters without accents."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in apart if not unicodedata.combining(c))
    return plain.casefold().translate(_LETTERS)


@lru_cache(maxsize=8192)
def words_in(text: str) -> tuple[str, ...]:
    """Return the words of a name; what a hyphen or an apostrophe joins is also one word."""
    folded = fold(text[:LONGEST_VALUE])
    found = _WORD.findall(folded)
    if _JOINTS.search(folded):
        found += _WORD.findall(_JOINTS.sub("", folded))
    return tuple(dict.fromkeys(word[:LONGEST_WORD] for word in found))[:MOST_WORDS]


# -- what is kept ---------------------------------------------------------------------------------


def is_news(before: Customer, claims: Iterable[Claim], evidence: Iterable[Evidence]) -> bool:
    """Say whether what was just learned may change a customer's line."""
    if not before.claims:
        return True
    for claim in claims:
        key = claim.key
        if key.fact in NAMING and not any(
            row.value == claim.value for row in before.claims.get(key, ())
        ):
            return True
    return any(piece.key.fact in NAMING for piece in evidence)


def entry_of(customer: Customer, house: House, now: datetime) -> Entry | None:
    """Return a customer's line; None for a visitor of whom there is no name to look for."""
    names = _names(customer)
    if not names:
        return None
    keys = {key for name in names for key in _keys_of_name(*_parts(name))}
    return Entry(
        key=customer.key,
        called=called(customer, house, now)[:LONGEST_VALUE],
        names=names,
        keys=tuple(sorted(keys)),
    )


def _names(customer: Customer) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for fact in NAMING:
        for key, claims in customer.claims.items():
            if key.fact == fact:
                for claim in claims:
                    if isinstance(claim.value, str):
                        found[_name(fact, claim.value)] = None
    for identifier in customer.identifiers:
        if identifier.kind in NAMING:
            found[_name(identifier.kind, identifier.value)] = None
    return tuple(found)[:MOST_NAMES]


def _name(kind: str, value: str) -> str:
    return f"{kind}:{value[:LONGEST_VALUE]}".translate(_APART)


def _parts(name: str) -> tuple[str, str]:
    kind, _, value = name.partition(":")
    return kind, value


def _keys_of_name(kind: str, value: str) -> Iterator[int]:
    yield exact_key(kind, value)
    if kind in ("name", "handle"):
        for word in words_in(value):
            yield from _keys_of_word(word)
    if kind == "email":
        local, _, domain = value.rpartition("@")
        for word in words_in(local):
            yield from _keys_of_word(word)
        for word in words_in(domain.partition(".")[0]):
            yield _whole(word)
            yield from _grams(word)


@lru_cache(maxsize=8192)
def _keys_of_word(word: str) -> tuple[int, ...]:
    return (_whole(word), *_grams(word), *_slips(word))


def exact_key(kind: str, value: str) -> int:
    """Return the key of an address or number in its normal form."""
    return _key("@", f"{kind}:{fold(value)}")


def order_key(text: str) -> int | None:
    """Return the number under which an order is found, however its own is spelled: `#A-1`, `a 1`."""
    plain = "".join(_WORD.findall(fold(text[:LONGEST_VALUE])))
    if not plain:
        return None
    return int.from_bytes(blake2b(plain.encode(), digest_size=8).digest(), "big") >> 1


def _whole(word: str) -> int:
    return _key("=", word)


def _grams(word: str) -> tuple[int, ...]:
    """Return the keys of every three letters in a row, and of the two that it begins with."""
    inner = tuple(_key("~", word[at : at + A_GRAM]) for at in range(len(word) - A_GRAM + 1))
    return (_key("^", word[:2]), *inner) if len(word) > 1 else inner


def _slips(word: str) -> tuple[int, ...]:
    return tuple(_key("-", each) for each in sorted(_less_one(word)))


@lru_cache(maxsize=8192)
def _less_one(word: str) -> frozenset[str]:
    """Return the word, and the word less one letter: two words that are a slip apart share one of these."""
    if len(word) < A_GRAM:
        return frozenset()
    if len(word) < SHORTEST_WITH_A_SLIP:
        return frozenset({word})
    return frozenset({word, *(word[:at] + word[at + 1 :] for at in range(len(word)))})


def _key(kind: str, text: str) -> int:
    number = crc32((kind + text).encode())
    return number - 2**32 if number >= 2**31 else number


# -- what is looked for ---------------------------------------------------------------------------


def asked(text: str) -> tuple[str, ...]:
    """Return the words that are looked for: without « Madame », where more than that was typed."""
    words = [
        word[:LONGEST_WORD]
        for part in text.split()
        for word in dict.fromkeys(_WORD.findall(fold(part)))
    ]
    words = list(dict.fromkeys(words))
    telling = [word for word in words if word not in _TITLES and len(word) > 1]
    return tuple((telling or words)[:MOST_ASKED])


def whole(word: str) -> Wanted:
    """Look for exactly this word."""
    return Wanted(every=(_whole(word),))


def loose(word: str) -> Wanted:
    """Look for words that begin like it, hold it, or are a slip away from it."""
    grams = _grams(word)
    if len(word) < A_GRAM:
        return Wanted(every=grams or (_whole(word),))
    return Wanted(every=grams[1:], some=_slips(word) + _changed_round(word))


def _changed_round(word: str) -> tuple[int, ...]:
    """Return the keys of a word of three letters with two of them changed round: the one slip it is forgiven."""
    if len(word) != A_GRAM:
        return ()
    return (_key("-", word[1] + word[0] + word[2]), _key("-", word[0] + word[2] + word[1]))


def fit(words: tuple[str, ...], names: Iterable[str]) -> Fit | None:
    """Return how these words fit somebody's names, and by which they were found; None where one fits none."""
    known = [(kind, value, _words_of(kind, value)) for kind, value in map(_parts, names)]
    best = [_best(word, known) for word in words]
    if not best or any(found is None for found in best):
        return None
    found = [each for each in best if each is not None]
    telling = max(found, key=lambda each: each.worth)
    weakest = min(found, key=lambda each: each.worth)
    worth = sum(each.worth for each in found)
    return Fit(kind=telling.kind, value=telling.value, how=weakest.how, worth=worth)


def _words_of(kind: str, value: str) -> tuple[str, ...]:
    if kind == "email":
        local, _, domain = value.rpartition("@")
        return (*words_in(local), *words_in(domain.partition(".")[0]))
    return words_in(value) if kind in ("name", "handle") else ()


def _best(word: str, known: list[tuple[str, str, tuple[str, ...]]]) -> Fit | None:
    found: Fit | None = None
    for kind, value, words in known:
        for each in words:
            how = _how(word, each)
            if how is None:
                continue
            worth = _worth(how, word, each) + (0.5 if kind == "name" else 0.0)
            if found is None or worth > found.worth:
                found = Fit(kind=kind, value=value, how=how, worth=worth)
    return found


def _how(asked: str, word: str) -> How | None:
    if word == asked:
        return How.WHOLE
    if word.startswith(asked):
        return How.BEGINNING
    if _is_a_slip(asked, word):
        return How.SLIP
    return How.INSIDE if len(asked) >= A_GRAM and asked in word else None


def _worth(how: How, asked: str, word: str) -> float:
    """Return what a fit is worth: nearer in length is better, and people seldom miss the first letter."""
    near = 1 - abs(len(asked) - len(word)) / LONGEST_WORD
    return _WORTH[how] + near * 0.5 + (0.3 if asked[0] == word[0] else 0.0)


def _is_a_slip(asked: str, word: str) -> bool:
    longer = max(len(asked), len(word))
    if len(asked) == len(word) == A_GRAM:
        return word in (asked[1] + asked[0] + asked[2], asked[0] + asked[2] + asked[1])
    if longer < SHORTEST_WITH_A_SLIP or _less_one(asked).isdisjoint(_less_one(word)):
        return False
    return slips_between(asked, word) <= (2 if longer >= TWO_SLIPS_FROM else 1)


@lru_cache(maxsize=8192)
def slips_between(one: str, other: str) -> int:
    """Return how many letters were mistaken, missed, put in or changed round with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            turned = i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted
            row.append(min(cost, last[j - 2] + 1) if turned else cost)
    return row[-1]
