"""A recall before it happens: what opening it would stop, and what five real customers would get of a remedy.

Promise: nothing leaves and nothing is stopped. What is shown is what would be sent, but its links open nobody's
page: whoever prepares a letter is not its reader.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec.structs import replace
from psycopg import Connection

from terrain.config import Settings
from terrain.core import guard
from terrain.core.condition import ALWAYS
from terrain.core.decision import DONE_TO
from terrain.core.house import House
from terrain.core.identifier import BUCKETS
from terrain.core.outbox import ActState
from terrain.core.own_page import called
from terrain.core.proposing import language_of
from terrain.core.recall import (
    Fate,
    Kind,
    Recall,
    State,
    act_of,
    proposal_of,
)
from terrain.core.scene import Scene
from terrain.errors import Refusal
from terrain.flow import recall as steps
from terrain.flow import versions
from terrain.flow.letters import Desk, message_of
from terrain.flow.links import Unlinked, links_of
from terrain.flow.making_good import ELSEWHERE, made_elsewhere
from terrain.flow.recall import Opening
from terrain.flow.recall_look import about, gone
from terrain.store import customers, people, recalled, recalls
from terrain.store.recalled import Recalled
from terrain.store.recalls import Cursor
from terrain.words import LANGUAGES, refusal_sentence

FEW = 5
# Among so many are those five chosen, so that each language is seen where people speak several.
AMONG = 25
# What would be stopped is counted up to so many decisions of a verdict, fewer where each customer is read.
MOST, MOST_READ = 2_000, 200


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """What opening a recall would find and stop; `is_all` is false where there is more than was looked at."""

    people: int
    acts_done: int
    acts_queued: int
    is_all: bool
    stops_automation: bool
    is_stopped: bool


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What one real customer would get: the guard's verdict, and the message as they would read it."""

    customer: int
    done: int
    verdict: str
    because: str
    called: str = ""
    language: str = ""
    subject: str = ""
    text: str = ""
    refusal: str = ""
    refused: dict[str, str] = {}


def foresee(db: Connection, said: Opening, house: House, now: datetime) -> Foreseen:
    """Return what opening this recall would stop and find, without doing any of it."""
    listed = versions.known(db, said.automation)
    recall = steps.drafted(db, said, house, now)
    most = MOST if recall.scope.segment == ALWAYS else MOST_READ
    found, is_all = [], True
    for verdict in DONE_TO:
        cursor = Cursor(0, verdict.value, recall.since, 0)
        page = recalls.decided(db, recall, cursor, range(BUCKETS), most + 1)
        is_all = is_all and len(page) <= most
        found += about(db, recall, page[:most], house, now)
    followed = recalls.acts_of(db, found)
    queued = sum(act.state == ActState.QUEUED for of in followed.values() for act in of)
    return Foreseen(
        people=len({one.key for one in found}),
        acts_done=sum(gone(one, followed.get(one.decision_id, ())) for one in found),
        acts_queued=queued,
        is_all=is_all,
        stops_automation=steps.stops(listed, said.version),
        is_stopped=listed.paused_at is not None,
    )


def preview(
    db: Connection, recall_id: int, house: House, settings: Settings, now: datetime
) -> list[Shown]:
    """Show what five real customers would get now, and note that somebody saw it. Nothing leaves."""
    recall = steps.held(db, recall_id, State.PREPARED, State.APPROVED)
    recalls.move(db, replace(recall, previewed_at=now))
    return shown(db, recall, house, settings, now)


def shown(
    db: Connection, recall: Recall, house: House, settings: Settings, now: datetime
) -> list[Shown]:
    """Return what five of these customers would get now of the remedy that is prepared."""
    some = recalled.people(db, recall.recall_id, AMONG)
    homes = customers.survivors(db, [one.key for one in some])
    known = people.load(db, set(homes.values()), now, secret=house.secret)
    scenes = [
        (one, Scene(known[homes[one.key]], house, now, {}))
        for one in some
        if homes.get(one.key) in known
    ]
    desk = Desk(settings, Unlinked(links_of(settings).secret, links_of(settings).address))
    return [
        _had(one, scene)
        if made_elsewhere(db, recall, one, scene.customer.nodes)
        else _shown(recall, one, scene, desk)
        for one, scene in _few(scenes)
    ]


def _few(scenes: Iterable[tuple[Recalled, Scene]]) -> list[tuple[Recalled, Scene]]:
    """Return five of them, of each language in turn."""
    spoken: dict[str, list[tuple[Recalled, Scene]]] = {}
    for one, scene in scenes:
        spoken.setdefault(language_of(scene), []).append((one, scene))
    in_turn = (
        each[place]
        for place in range(FEW)
        for _, each in sorted(spoken.items())
        if place < len(each)
    )
    return [pair for _, pair in zip(range(FEW), in_turn, strict=False)]


def _had(one: Recalled, scene: Scene) -> Shown:
    """Return that another recall makes good to this customer already: they get nothing of this one."""
    return Shown(
        customer=one.customer_id,
        done=one.done,
        verdict=Fate.ELSEWHERE.value,
        because=ELSEWHERE,
        called=called(scene.customer, scene.house, scene.now),
        language=language_of(scene),
    )


def _shown(recall: Recall, one: Recalled, scene: Scene, desk: Desk) -> Shown:
    remedy, customer = recall.remedy, scene.customer
    assert remedy is not None  # it was prepared
    proposal = proposal_of(recall, remedy, customer)
    decision = guard.weigh(proposal, customer, scene.house, scene.now)
    said = Shown(
        customer=one.customer_id,
        done=one.done,
        verdict=decision.verdict.value,
        because=decision.because,
        called=called(customer, scene.house, scene.now),
        language=language_of(scene),
    )
    if remedy.kind is not Kind.MESSAGE:
        return said
    try:
        act = act_of(recall, decision, customer, scene.house)
        message = message_of(act, customer, scene.house, desk)
    except Refusal as refusal:
        told = {language: refusal_sentence(language, refusal) for language in LANGUAGES}
        return replace(said, refusal=refusal.code, refused=told)
    return replace(said, subject=message.subject, text=message.text)
