"""Where treated people are not like those held out, that is said, and alike ones are compared."""

import random

from terrain.core import traits
from terrain.core.alike import CODES, Person, Unalike, told, unalike
from terrain.core.interval import Share


def some(many: int, got: int = 0, *, treated: bool = True, **known: str) -> list[Person]:
    """Return so many alike people, of whom so many got the signal."""
    return [Person(known, treated, n < got) for n in range(many)]


def unlike() -> list[Person]:
    """Return two groups: whoever is a professional complains, and most of those treated are."""
    return [
        *some(300, 30, customer="professional"),
        *some(100, 1, customer="private"),
        *some(100, 10, customer="professional", treated=False),
        *some(300, 3, customer="private", treated=False),
    ]


def test_groups_that_are_alike_need_no_word() -> None:
    people = [*some(90, 3, step="first"), *some(30, 3, step="first", treated=False)]

    assert unalike(people) == ()


def test_the_kind_of_people_that_one_group_has_more_of_is_named() -> None:
    [found] = unalike(unlike())

    assert found.trait == "customer"
    assert {(one.kind, one.treated) for one in found.kinds} == {
        ("professional", Share(300, 400)),
        ("private", Share(100, 400)),
    }


def test_each_kind_is_shown_by_itself() -> None:
    [found] = unalike(unlike())

    assert found.strata == (
        ("private", Share(1, 100), Share(3, 300)),
        ("professional", Share(30, 300), Share(10, 100)),
    )


def test_among_alike_people_the_difference_is_gone() -> None:
    [found] = unalike(unlike())

    assert found.among is not None
    assert found.among.value == 0
    assert found.among.interval is not None
    assert not found.among.interval.excludes(0)


def test_it_is_said_first_how_they_differ_and_then_what_is_so_among_alike_people() -> None:
    lines = told(unalike(unlike()))

    assert [line.code for line in lines] == ["not_alike", "among_alike"]
    assert {line.code for line in lines} == CODES
    assert lines[0].values["trait"] == "customer"


def test_where_no_kind_is_in_both_groups_nothing_can_be_compared() -> None:
    people = [*some(90, step="first"), *some(30, step="second", treated=False)]
    [found] = unalike(people)

    assert found.among is None
    assert [line.code for line in told([found])] == ["not_alike"]


def test_when_it_was_done_says_nothing_about_people() -> None:
    people = [*some(90, hour="9", weekday="0"), *some(30, treated=False, hour="18", weekday="6")]

    assert {traits.HOUR, traits.WEEKDAY} == {*people[0].traits}
    assert unalike(people) == ()


def test_of_whom_it_is_not_known_is_in_neither_group() -> None:
    people = [*some(90), *some(90, product="filter"), *some(60, product="filter", treated=False)]

    assert unalike(people) == ()


def test_with_nobody_held_out_there_is_nothing_to_compare() -> None:
    assert unalike(some(90, step="first")) == unalike([]) == ()


def test_the_groups_of_a_draw_are_hardly_ever_called_unlike() -> None:
    """Ten traits, each of a few values, known of people who were drawn blindly."""
    luck = random.Random(5)  # noqa: S311 - the same people each time

    def drawn(many: int, *, treated: bool) -> list[Person]:
        return [
            Person({f"t{n}": luck.choice("abc") for n in range(10)}, treated, got=False)
            for _ in range(many)
        ]

    def house() -> tuple[Unalike, ...]:
        return unalike([*drawn(180, treated=True), *drawn(60, treated=False)])

    assert sum(bool(house()) for _ in range(60)) <= 5
