"""Bad luck: whatever the order, the batches, the kills and the merges, what is counted is what is there."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from psycopg import Connection

from terrain.core.act import Act, ActKind
from terrain.flow.turn import NOTHING, turn
from tests.people import NOON
from tests.returns import DAY, EVERYWHERE, HOUR, Returns

USERS = ("lea", "omar", "ines")
NOBODYS = "4711"


class Saying(NamedTuple):
    """What somebody says so many hours after noon, perhaps about one of the acts, perhaps another's."""

    user: str
    hours: int
    act: int | None
    event: str
    more: dict[str, Any]


def sayings(kinds: some.SearchStrategy[Any]) -> Any:
    one = some.builds(
        lambda user, hours, act, kind: Saying(user, hours, act, *kind),
        some.sampled_from(USERS),
        some.integers(0, 6 * 24),
        some.one_of(some.none(), some.integers(0, 6)),
        kinds,
    )
    return some.lists(one, min_size=1, max_size=8)


PLAIN = some.sampled_from(
    [
        ("complaint.opened", {}),
        ("message.complained", {}),
        ("automation.stopped", {"automation": "reminder"}),
        ("message.clicked", {}),
        ("help.judged", {"helped": True}),
        ("help.judged", {"helped": False}),
        ("signal.reported", {"kind": "override"}),
        ("signal.reported", {"kind": "nonsense"}),
        ("contact.made", {"order": "17"}),
    ]
)
ODD = some.one_of(
    PLAIN,
    some.builds(
        lambda other: ("identity.linked", {"other": f"user_id:{other}"}), some.sampled_from(USERS)
    ),
    some.builds(
        lambda other: ("identity.separated", {"other": f"user_id:{other}"}),
        some.sampled_from(USERS),
    ),
    some.builds(
        lambda to: ("fact.corrected", {"fact": "address", "to": to}),
        some.sampled_from(["3 rue Neuve", "12 rue des Lilas"]),
    ),
)
fast = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class World:
    """Three customers to whom two things each were done, some by a later version."""

    def __init__(self, db: Connection) -> None:
        self.returns = Returns(db)
        keys = [self.returns.customer(user, address="12 rue des Lilas") for user in USERS]
        used = {"address": "12 rue des Lilas"}
        self.acts: list[Act] = []
        # The cohort of the first three is closed for all but complaints.
        for version, at in ((1, NOON - 20 * DAY), (2, NOON)):
            self.returns.now = at
            kind = ActKind.SEND if version == 1 else ActKind.DO
            self.acts += [
                self.returns.sends(key, kind=kind, version=version, used=used, subject="order-17")
                for key in keys
            ]
        self.returns.now = NOON + 6 * DAY

    def hears(self, said: Sequence[tuple[int, Saying]]) -> None:
        for number, saying in said:
            named = {} if saying.act is None else {"act_id": self._number(saying.act)}
            self.returns.is_told(
                saying.user,
                saying.event,
                "desk" if saying.event.startswith("identity") else "page",
                at=NOON + saying.hours * HOUR,
                message_id=f"said-{number}",
                **named,
                **saying.more,
            )

    def works(self, dice: Any) -> None:
        """Take turns of a few events each; now and then one is killed before its commit, and taken again."""
        db, house, now = self.returns.db, self.returns.house, self.returns.now
        while True:
            if dice.random() < 0.3:
                with db.transaction(force_rollback=True):
                    turn(db, house, EVERYWHERE, now, dice.randint(1, 5))
            with db.transaction():
                if turn(db, house, EVERYWHERE, now, dice.randint(1, 5)) == NOTHING:
                    return

    def looks_again(self) -> None:
        """Let what names an act that was not known be looked at, as often as it ever is."""
        for _ in range(3):
            self.returns.now += timedelta(minutes=5)
            self.returns.looks_again()

    def _number(self, place: int) -> str:
        return str(self.acts[place].act_id) if place < len(self.acts) else NOBODYS


def cases(db: Connection) -> Counter[tuple[Any, ...]]:
    rows = db.execute(
        "SELECT automation, version, 'signal.' || kind, hour FROM signal WHERE counted"
    )
    return Counter(rows.fetchall())


def numbers(db: Connection) -> Counter[tuple[Any, ...]]:
    rows = db.execute(
        """
        SELECT automation, version, what, hour, sum(n)::int FROM counter
         WHERE what LIKE 'signal.%' GROUP BY automation, version, what, hour
        """
    )
    return Counter({tuple(key): n for *key, n in rows})


def test_of_a_hundred_complaints_about_three_letters_three_are_counted(db: Connection) -> None:
    world = World(db)
    world.hears(
        [(n, Saying(USERS[n % 3], 1 + n, n % 3, "complaint.opened", {})) for n in range(99)]
    )
    world.returns.works()

    assert sum(cases(db).values()) == sum(numbers(db).values()) == 3


def whole(db: Connection) -> list[tuple[Any, ...]]:
    return db.execute("SELECT act_id, kind, counted FROM signal ORDER BY 1, 2").fetchall()


def each_way(world: World, drawn: Sequence[Saying], dice: Any) -> Iterator[list[tuple[Any, ...]]]:
    """Let it all be said in two orders and other batches, some of it twice; yield what stands there."""
    told = list(enumerate(drawn))
    db, began = world.returns.db, world.returns.now
    for order in (told, dice.sample(told, len(told))):
        with db.transaction(force_rollback=True):
            left = [*order, *order[:2]]
            while left:
                size = dice.randint(1, len(left))
                world.hears(left[:size])
                left = left[size:]
                world.works(dice)
            world.looks_again()
            assert cases(db) == numbers(db)
            yield whole(db)
        world.returns.now = began


@fast
@given(drawn=sayings(ODD), dice=some.randoms(use_true_random=False))
def test_what_is_counted_is_what_is_there_whatever_happens(
    db: Connection, drawn: list[Saying], dice: Any
) -> None:
    with db.transaction(force_rollback=True):
        for found in each_way(World(db), drawn, dice):
            assert len({row[:2] for row in found}) == len(found)


@fast
@given(drawn=sayings(PLAIN), dice=some.randoms(use_true_random=False))
def test_what_is_there_is_the_same_in_any_order(
    db: Connection, drawn: list[Saying], dice: Any
) -> None:
    with db.transaction(force_rollback=True):
        one, other = each_way(World(db), drawn, dice)
        assert one == other
