"""The people of the demo are always the same, and their truth never leaks."""

from datetime import UTC, date, datetime

from terrain.demo.chance import in_turn
from terrain.demo.days import begin, unfold
from terrain.demo.world import HAVE_A_MACHINE, people

OPENED = date(2025, 1, 6)
CHRISTMAS = datetime(2025, 12, 25, tzinfo=UTC)


def test_the_same_shop_opens_with_the_same_people() -> None:
    assert people(OPENED) == people(OPENED)


def test_lea_and_omar_are_always_there() -> None:
    lea, omar, *others = people(OPENED)

    assert (lea.first_name, omar.first_name) == ("Léa", "Omar")
    assert len(others) == 358


def test_nobody_shares_an_address_for_letters_with_somebody_else() -> None:
    assert len({person.email for person in people(OPENED)}) == 360


def test_a_life_said_in_two_halves_is_the_life_said_at_once() -> None:
    lea = begin(people(OPENED)[0])
    half = unfold(lea, datetime(2025, 5, 1, tzinfo=UTC))

    at_once, rest = unfold(lea, CHRISTMAS), unfold(half.life, CHRISTMAS)

    assert half.told + rest.told == at_once.told


def test_every_message_has_an_id_of_its_own() -> None:
    told = [each for person in people(OPENED) for each in unfold(begin(person), CHRISTMAS).told]
    ids = {each.message["messageId"] for each in told}

    assert len(ids) == len(told) > 2_000


def test_nothing_that_is_told_gives_the_truth_away() -> None:
    for person in people(OPENED):
        for told in unfold(begin(person), CHRISTMAS).told:
            said = str(told.message)
            assert not any(word in said for word in ("away", "wants_sooner", "pace", "dislikes"))


def test_the_platform_says_dog_where_lea_has_a_cat() -> None:
    lea = people(OPENED)[0]
    pets = {
        told.source: told.message["traits"]["pet"]
        for told in unfold(begin(lea), CHRISTMAS).told
        if "pet" in told.message.get("traits", {})
    }

    assert pets == {"marketing-platform": "dog", "customer-page": "cat"}


def test_of_any_twenty_people_each_share_of_a_kind_is_there() -> None:
    draws = [in_turn(number, "terrain", "reads") for number in range(40)]

    for twenty in (draws[:20], draws[20:]):
        assert sorted(int(each * 20) for each in twenty) == list(range(20))


def test_other_seeds_give_other_people_of_the_same_kinds() -> None:
    for seed in ("terrain", "autumn", "winter"):
        drawn = people(OPENED, 362, seed)[2:]
        machines = sum(bool(person.buys_filters) for person in drawn)

        assert abs(machines - HAVE_A_MACHINE * 360) <= 2
    assert people(OPENED, 12, "autumn")[2:] != people(OPENED, 12, "winter")[2:]


def test_few_who_dislike_contact_agree_to_it() -> None:
    dislike = [person for person in people(OPENED) if person.truth.dislikes_contact]

    assert len(dislike) > 20
    assert sum(person.agrees for person in dislike) < 0.3 * len(dislike)
