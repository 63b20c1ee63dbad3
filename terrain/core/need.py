"""Unmet needs: "there is a need here that nothing serves", and which of them are alike.

Promise: never a black box. Two needs are alike by the words they share, and those words can be shown; a
person may put together what the words keep apart, and part what they put together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

import msgspec

from terrain.core.customer import Customer
from terrain.core.directory import fold, words_in
from terrain.core.event import Event
from terrain.core.flag import LONGEST_NAME, text_in
from terrain.core.identifier import CustomerKey, id_from, number_in

SEEN = "need.seen"
LONGEST_WORDS = 2_000
SHORTEST_STEM = 3
MOST_STEMS = 24
A_GRAM = 3
_A_PIECE = 120
_WORD = re.compile(r"[^\W_]+")
# Half of what both say, weighed by how many letters the shared words have.
ALIKE = 0.5
# Two stems are one word when they share this much of their trigrams: a slip of the pen, an ending.
ONE_WORD = 0.6

_EN = """a about after all also am an and any are as at be because been but by can cannot could did do does
done for from get give go got had has have he her here him his how i if in into is it its just like make me
more most my need needs never no not nothing of off on one only or other our out over please should since so
some someone something such than that the their them then there these they thing this those to too up us use
very want wanted wants was way we were what when where which while who why will with without would you your
customer customers"""
_FR = """a ai aie ait alors apres as au aucun aucune aussi autre autres aux avant avec avez avoir avons besoin
bien c ca car ce cela celle celui ces cet cette ceux chaque chez client cliente clients comme comment d dans
de des deux devrait doit donc dont du elle elles en encore est et etait ete etes etre eu eux faire fait faut
fois font ici il ils j je l la le les leur leurs lui m ma mais me meme mes moi moins mon n ne ni nos notre
nous on ont ou par pas personne peut peux plus pour pourquoi pouvoir qu quand que quel quelle quelque qui
quoi rien s sa sans se sera ses si soit son sont sous sur t ta te tes toi ton tout tous toute toutes tres tu
un une vers veut veux vos votre voudrait vous y"""
STOP_WORDS = frozenset((*_EN.split(), *_FR.split()))
# The longest first: of two endings that fit, the longer one goes.
_ENDINGS = (
    *("issements", "issement", "atrices", "ations", "ements", "ateurs", "atrice"),
    *(
        "ation",
        "ement",
        "ments",
        "ateur",
        "ities",
        "euses",
        "antes",
        "ings",
        "ment",
        "ions",
        "euse",
    ),
    *(
        "eurs",
        "ente",
        "ants",
        "ance",
        "ence",
        "ing",
        "ies",
        "ees",
        "ers",
        "eur",
        "ion",
        "ait",
        "ent",
    ),
    *("ant", "ity", "ed", "es", "er", "ee", "ez", "ir", "ly", "s", "e", "x", "y"),
)


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """One need that somebody saw, in their words. `node` is where its event is kept; 0: in no group yet."""

    node: CustomerKey
    need_id: int
    at: datetime
    words: str
    automation: str = ""
    act_id: int = 0
    decision_id: int = 0
    group_id: int = 0
    by_hand: bool = False


class Likeness(NamedTuple):
    """How alike two needs are, from 0 to 1, and the words that make them so."""

    share: float
    shared: tuple[str, ...]


class Gathered(NamedTuple):
    """Where a need belongs: a group, and the words for it; 0: to none that there is."""

    group_id: int
    likeness: Likeness


def need_in(event: Event, customer: Customer) -> Need | None:
    """Return the need that an event tells of, if it tells of one in words."""
    if event.name != SEEN:
        return None
    said = event.properties
    words = text_in(said.get("text"))[:LONGEST_WORDS]
    if not words:
        return None
    return Need(
        node=event.node or customer.key,
        need_id=id_from(event.at, "need", event.message_id),
        at=event.at,
        words=words,
        automation=text_in(said.get("automation"))[:LONGEST_NAME],
        act_id=number_in(said.get("act_id")),
        decision_id=number_in(said.get("decision_id")),
    )


def stems(words: str) -> tuple[str, ...]:
    """Return what is left of a sentence: its words without accents, endings and those that say nothing."""
    found = (stem(word) for word in _plain(words) if word not in STOP_WORDS)
    kept = (one for one in found if len(one) >= SHORTEST_STEM)
    return tuple(dict.fromkeys(kept))[:MOST_STEMS]


def spelled(texts: Iterable[str]) -> dict[str, str]:
    """Return for each stem a word that was said with it, accents and ending included: the one said most."""
    times = Counter(word.lower() for text in texts for word in _WORD.findall(_apart(text)))
    found: dict[str, str] = {}
    for word in sorted(times, key=lambda word: (-times[word], word)):
        found.setdefault(stem(fold(word)), word)
    return found


@lru_cache(maxsize=1 << 13)
def stem(word: str) -> str:
    """Return a folded word without its ending; what would leave too little stays as it is."""
    for ending in _ENDINGS:
        # One letter alone is taken from longer words only: bus, gas and pas stay what they are.
        least = SHORTEST_STEM + (len(ending) == 1)
        if word.endswith(ending) and len(word) - len(ending) >= least:
            return word[: -len(ending)]
    return word


def likeness(one: Sequence[str], other: Sequence[str]) -> Likeness:
    """Return how alike two needs are by their stems: what they share of all that both say."""
    if not one or not other:
        return Likeness(0.0, ())
    left, shared, weight = list(other), [], 0.0
    for mine in one:
        theirs = max(left, key=lambda each: _closeness(mine, each), default="")
        closeness = _closeness(mine, theirs)
        if closeness >= ONE_WORD:
            left.remove(theirs)
            shared.append(min(mine, theirs))
            weight += closeness * (len(mine) + len(theirs))
    total = sum(map(len, one)) + sum(map(len, other))
    return Likeness(round(weight / total, 6), tuple(sorted(shared)))


def belongs(said: Sequence[str], groups: Mapping[int, Sequence[Sequence[str]]]) -> Gathered:
    """Return the group whose needs this one is most like; of two as alike, the older one.

    It is compared with needs, never with an average of them, so that a large group swallows nothing.
    """
    best = Gathered(0, Likeness(0.0, ()))
    near = _near(said, groups)
    for group_id in sorted(groups):
        for each in groups[group_id]:
            if near.isdisjoint(each):
                continue  # most share nothing, and need not be looked at word by word
            found = likeness(said, each)
            if found.share >= ALIKE and found.share > best.likeness.share:
                best = Gathered(group_id, found)
    return best


def _near(said: Sequence[str], groups: Mapping[int, Sequence[Sequence[str]]]) -> set[str]:
    """Return the stems of these groups that count as one of these words."""
    every = {one for some in groups.values() for each in some for one in each}
    grams = frozenset[str]().union(*map(_grams, said))
    # What shares too little with all of them together shares too little with each.
    some = [one for one in every if 2 * len(grams & _grams(one)) >= ONE_WORD * len(_grams(one))]
    return {one for one in some if any(_closeness(mine, one) >= ONE_WORD for mine in said)}


def spoken_for(members: Iterable[Sequence[str]], most: int = 5) -> tuple[str, ...]:
    """Return the stems by which a group is known: those that most of its needs have.

    With two needs or more, what only one person said is left out: it might be somebody's name.
    """
    every = [tuple(dict.fromkeys(each)) for each in members]
    times = Counter(one for each in every for one in each)
    least = 2 if len(every) > 1 else 1
    ranked = sorted((-n, one) for one, n in times.items() if n >= least)
    return tuple(one for _, one in ranked[:most])


def _closeness(one: str, other: str) -> float:
    """Return how much of their trigrams two stems share: 1 for the same word."""
    if one == other:
        return 1.0
    mine, theirs = _grams(one), _grams(other)
    return 2 * len(mine & theirs) / (len(mine) + len(theirs)) if mine and theirs else 0.0


@lru_cache(maxsize=1 << 15)
def _grams(word: str) -> frozenset[str]:
    padded = f"^{word}$"
    return frozenset(padded[place : place + A_GRAM] for place in range(len(padded) - A_GRAM + 1))


def _plain(words: str) -> list[str]:
    """Return the folded words."""
    found: list[str] = []
    for sentence in _slices(_apart(words)):
        found += words_in(sentence)
    return [fold(word) for word in found]


def _apart(words: str) -> str:
    """Return the text with an elision apart from what follows it: l'adresse is adresse."""
    return words[:LONGEST_WORDS].replace("’", " ").replace("'", " ").replace("-", " ")


def _slices(text: str) -> list[str]:
    """Return the text in pieces that the directory reads whole, cut between words."""
    pieces, piece = [], ""
    for word in text.split():
        if len(piece) + len(word) > _A_PIECE and piece:
            pieces.append(piece)
            piece = ""
        piece = f"{piece} {word}".strip()
    return [*pieces, piece] if piece else pieces
