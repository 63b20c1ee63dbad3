"""Unmet needs: which are alike, and by which words."""

from time import process_time

import pytest

from terrain.core.need import (
    ALIKE,
    belongs,
    likeness,
    need_in,
    spelled,
    spoken_for,
    stem,
    stems,
)
from tests.people import a_customer, an_event


def alike(one: str, other: str) -> float:
    return likeness(stems(one), stems(other)).share


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The filters could be collected in the shop", "Collect my filter at your shop, please"),
        ("Je voudrais retirer ma commande en boutique", "retirer les commandes à la boutique"),
        ("Livraison le soir, après 20 heures", "on veut la livraison du soir"),
        ("Changer l’adresse de livraison", "changer l'adresse de livraison d’un colis"),
        ("Pay in three instalments", "paying by instalments"),
        ("Retrun a parcel from a locker", "Return parcels from lockers"),
    ],
)
def test_the_same_need_in_other_words_is_alike(one: str, other: str) -> None:
    assert alike(one, other) >= ALIKE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Evening delivery", "An invoice for my company"),
        ("Je veux une facture", "Je veux un échange"),
        ("Can I have it in red?", "Can I have it in Braille?"),
        ("I need something", "I want something else"),
    ],
)
def test_other_needs_are_not(one: str, other: str) -> None:
    assert alike(one, other) < ALIKE


def test_likeness_is_the_same_both_ways_and_whole_with_oneself() -> None:
    one, other = stems("Evening delivery to a locker"), stems("a locker near me")

    assert likeness(one, other).share == likeness(other, one).share
    assert likeness(one, one).share == 1.0
    assert likeness(one, ()).share == 0.0


def test_it_says_by_which_words() -> None:
    found = likeness(stems("Livraison le soir"), stems("livrer le soir, livraisons tardives"))

    assert found.shared == ("livraison", "soir")


@pytest.mark.parametrize(
    "text", ["", "   ", "je le les vous", "the of and", "??!", "a b c", "😀 😀", "\x00"]
)
def test_what_says_nothing_is_like_nothing(text: str) -> None:
    assert stems(text) == ()
    assert belongs(stems(text), {1: [stems(text), stems("anything")]}).group_id == 0


@pytest.mark.parametrize(
    ("word", "left"),
    [("filters", "filt"), ("commandes", "command"), ("gas", "gas"), ("bus", "bus"), ("pas", "pas")],
)
def test_an_ending_goes_and_a_short_word_stays(word: str, left: str) -> None:
    assert stem(word) == left


def test_a_need_goes_to_the_group_it_is_most_like() -> None:
    groups = {
        1: [stems("evening delivery")],
        2: [stems("delivery to a locker in the evening"), stems("parcel locker")],
    }

    assert belongs(stems("a parcel locker"), groups).group_id == 2
    assert belongs(stems("delivery in the evening"), groups).group_id == 1
    assert belongs(stems("an invoice"), groups).group_id == 0


def test_of_two_groups_as_alike_the_older_one_takes_it() -> None:
    said = stems("evening delivery")

    assert belongs(said, {7: [said], 3: [said]}).group_id == 3


def test_a_large_group_swallows_nothing() -> None:
    many = [stems(f"evening delivery number {n}") for n in range(200)]

    assert belongs(stems("an invoice with a number"), {1: many}).group_id == 0


def test_a_group_is_known_by_what_most_say_never_by_what_one_said() -> None:
    members = [stems("Martin wants evening delivery"), stems("delivery in the evening")]

    assert spoken_for(members) == ("deliver", "even")
    assert spoken_for([]) == ()


def test_a_stem_is_shown_as_the_word_that_was_said_most() -> None:
    said = ("Livraisons le soir", "une livraison l’été", "livraison", "")

    assert spelled(said)["livraison"] == "livraison"
    assert spelled(said)["ete"] == "été"
    assert spelled([]) == {}


def test_an_event_tells_a_need_in_words_only() -> None:
    said = an_event("need.seen", properties={"text": " Evening\n delivery ", "act_id": "12"})
    need = need_in(said, a_customer())

    assert need
    assert (need.words, need.act_id, need.group_id) == ("Evening delivery", 12, 0)
    assert need_in(an_event("need.seen", properties={"text": 4}), a_customer()) is None
    assert need_in(an_event("need.seen"), a_customer()) is None
    assert need_in(an_event("order.placed", properties={"text": "x"}), a_customer()) is None


def test_a_novel_is_cut_and_costs_little() -> None:
    need = need_in(an_event("need.seen", properties={"text": "delivery " * 5_000}), a_customer())

    assert need
    assert len(need.words) <= 2_000
    assert stems(need.words) == ("deliver",)


def test_among_many_it_is_found_without_looking_at_each_word_by_word() -> None:
    """The worker that gathers needs reads the meters, too: whoever tells of many must not keep it from that."""

    def need_of(number: int) -> tuple[str, ...]:
        return stems(" ".join(f"{number * 7919 + k * 104729:x}" for k in range(10**5, 10**5 + 24)))

    many = {n: [need_of(n)] for n in range(1, 1_500)}
    began = process_time()

    assert belongs(need_of(700), many).group_id == 700
    assert process_time() - began < 1
