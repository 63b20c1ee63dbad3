"""Story 6. The platform says *has a dog*; she says *a cat*. The cat stays."""

import pytest

from terrain.store import trust
from tests.stories.shop import Person, Shop


def lea_who_has_a_cat(shop: Shop) -> Person:
    lea = shop.customer("Léa")
    lea.the_platform_says(pet="dog")
    shop.goes_on_for("9 months")
    lea.is_known_as({"pet": "cat"})
    return lea


def test_until_she_says_something_the_platform_is_half_believed(shop: Shop) -> None:
    lea = shop.customer("Léa")

    lea.the_platform_says(pet="dog")

    dog = lea.believed("pet")
    assert dog is not None
    assert dog.value == "dog"
    assert dog.confidence == pytest.approx(0.60)


def test_the_cat_stays(shop: Shop) -> None:
    lea = lea_who_has_a_cat(shop)

    shop.goes_on_for("3 months")

    cat = lea.believed("pet")
    assert cat is not None
    assert cat.value == "cat"
    assert cat.confidence == pytest.approx(0.915, abs=0.001)


def test_the_platform_says_dog_again_and_the_cat_still_stays(shop: Shop) -> None:
    lea = lea_who_has_a_cat(shop)
    shop.goes_on_for("6 months")

    lea.the_platform_says(pet="dog")

    cat = lea.believed("pet")
    assert cat is not None
    assert cat.value == "cat"


def test_both_are_kept_with_who_said_it(shop: Shop) -> None:
    lea = lea_who_has_a_cat(shop)

    cat = lea.believed("pet")

    assert cat is not None
    assert cat.holder.source == "customer-page"
    assert [(rival.value, rival.source) for rival in cat.rivals] == [("dog", "marketing-platform")]


def test_it_shows_which_source_keeps_being_wrong_and_how_often(shop: Shop) -> None:
    lea_who_has_a_cat(shop)
    omar = shop.customer("Omar")
    omar.the_platform_says(pet="dog")
    omar.is_known_as({"pet": "dog"})

    with shop.record.local() as db:
        (worst, *_) = trust.report(db)

    assert (worst.source, worst.fact) == ("marketing-platform", "pet")
    assert (worst.wrong, worst.right) == (1, 1)
