"""What another system runs is watched like our own: counted, measured, stopped, and told so when it asks again."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from terrain.config import read
from terrain.core.act import Reach
from terrain.core.house import House, Outside
from terrain.core.outside import Done, Wanted
from terrain.core.signal import Signal
from terrain.core.watch import State
from terrain.core.watched import watched_outside
from terrain.flow import reference
from terrain.flow.decide import Answer, Asker, decide
from terrain.flow.done import MOST_OUTSIDE, Doer, Recorded, record
from terrain.flow.links import links_of
from terrain.store import automations
from terrain.store.trips import open_one
from tests.people import NOON
from tests.watched import Watched, an_automation

BOT = "chat-bot"
TALK: dict[str, Any] = {
    "customer": {"user_id": "lea"},
    "act": "answer",
    "name": "explain_the_bill",
    "purpose": "service",
    "benefit": "important",
    "reach": "inbox",
    "undo": "easily",
    "waiting": "critical",
    "ask_by": "conversation",
    "solicited": True,
    "automation": BOT,
}


class Outsider(Watched):
    """A bot on a channel of its own, in a house that watches."""

    @property
    def house(self) -> House:
        with self.record.local() as db:
            return reference.house(db, self.settings)

    def asks(self, **more: Any) -> Answer:
        wanted = msgspec.convert({**TALK, **more}, Wanted)
        with self.record.local() as db, db.transaction():
            return decide(db, self.house, wanted, Asker(source="bot"), self.now)

    def does(self, **more: Any) -> Recorded:
        number = self.asks(**more).decision_id
        with self.record.local() as db, db.transaction():
            doer = Doer(self.house, links_of(read()))
            return record(db, number, Done(done="acted"), doer, self.now)


@pytest.fixture
def bot(fresh_database: str) -> Iterator[Outsider]:
    outsider = Outsider(fresh_database)
    yield outsider
    outsider.record.close()


def test_once_it_says_what_it_did_it_is_known_and_watched(bot: Outsider) -> None:
    assert bot.house.outside == {}
    bot.does()
    bot.look()

    assert bot.house.outside == {BOT: Outside(reach=Reach.INBOX)}
    assert bot.stand(Signal.SAME_NEED, BOT).reading.acts == 1


def test_it_is_known_by_the_furthest_that_it_was_seen_to_go(bot: Outsider) -> None:
    bot.does()
    bot.does(reach="account", act="do", channel=None, name="credit")
    bot.does(channel="email", subject="another")

    assert bot.house.outside[BOT] == Outside(reach=Reach.ACCOUNT, by_mail=True)


def test_who_asks_and_does_nothing_is_not_known(bot: Outsider) -> None:
    bot.asks()

    assert bot.house.outside == {}


def test_one_that_strays_is_stopped_and_told_so_when_it_asks_again(bot: Outsider) -> None:
    bot.does()
    bot.acts(100, version=0, name=BOT)
    bot.signals(60, version=0, signal=Signal.A_PERSON, name=BOT)

    assert bot.look() == 1
    assert bot.state(Signal.A_PERSON, BOT) is State.RED
    answer = bot.asks()
    assert (answer.verdict, answer.because) == ("hold", "paused")
    with bot.record.local() as db:
        assert open_one(db, BOT) is not None


def test_one_that_keeps_within_bounds_goes_on(bot: Outsider) -> None:
    bot.does()
    bot.acts(200, version=0, name=BOT)
    bot.signals(20, version=0, signal=Signal.A_PERSON, name=BOT)

    assert bot.look() == 0
    assert bot.asks().verdict == "act"


def test_ours_stays_ours_whoever_acts_in_its_name(bot: Outsider) -> None:
    bot.publish(an_automation())
    bot.does(automation="filter-reminder")

    assert bot.house.outside == {}


def test_names_made_up_for_each_act_are_counted_and_not_watched(bot: Outsider) -> None:
    with bot.record.local() as db, db.transaction():
        for number in range(MOST_OUTSIDE):
            seen = Outside(reach=Reach.INBOX)
            automations.seen_outside(db, f"chat-{number}", seen, NOON)
    bot.does(automation="chat-too-many")
    bot.does(automation="a/b")

    assert len(bot.house.outside) == MOST_OUTSIDE


def test_told_again_it_does_not_move_the_house(bot: Outsider) -> None:
    bot.does()
    before = bot.house.reference_version
    bot.now += timedelta(minutes=1)
    bot.does()

    assert bot.house.reference_version == before


@pytest.mark.parametrize("by_mail", [True, False])
def test_only_what_writes_mail_can_bounce(*, by_mail: bool) -> None:
    found = {
        one.signal for one in watched_outside(BOT, Outside(reach=Reach.INBOX, by_mail=by_mail))
    }

    assert ({Signal.SPAM, Signal.BOUNCE} <= found) is by_mail
    assert Signal.NO_ANSWER not in found
    assert {Signal.STOP, Signal.DISSATISFIED, Signal.COMPLAINT} <= found
