"""What may stop an act before anything is weighed: people, law, hours, caps, absence, complaints.

Promise: each gate is asked twice, when the act is decided and when it leaves, by the same function;
a hold that ends at a time ends at a moment at which no gate would hold it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from terrain.core.act import Act, ActKind, AskBy, Benefit, Contact, Proposal, Undo, Waiting
from terrain.core.breaker import is_in
from terrain.core.checks import ask_the_law, suppressed
from terrain.core.claims import latest
from terrain.core.consent import Channel, Purpose
from terrain.core.customer import Customer
from terrain.core.decision import Said
from terrain.core.fact import FactKey
from terrain.core.flag import WISH as FLAG
from terrain.core.flag import hold_of
from terrain.core.hours import Opening, next_open, start_of, week_of
from terrain.core.house import House
from terrain.core.matter import Matter
from terrain.core.rights import WISH as FREEZE
from terrain.core.rights import is_frozen, may_still_be_done
from terrain.core.wishes import keeps_away, week_of_quiet

# The stronger first: what never may, then what must change, then a person, then waiting.
STRENGTH = {"forbid": 0, "hold": 1, "hand": 2, "hold_until": 3}

_STOP_ALL = FactKey("wish.stop", "all")
_STOP_PROSPECTING = FactKey("wish.stop", "prospecting")
_ABSENCE = FactKey("wish.absence")
_QUIET = FactKey("wish.quiet_hours")
_IN_CHARGE = FactKey("in_charge")
_WANTS_A_PERSON = FactKey("wants_a_person")

_CHANNEL_OF_QUESTION = {
    AskBy.CONVERSATION: Channel.CHAT,
    AskBy.INBOX: Channel.EMAIL,
    AskBy.SMS: Channel.SMS,
    AskBy.CALL: Channel.CALL,
}
# Words said in a conversation; when a person has taken it over, no machine talks in it.
_SPEAKING = (ActKind.ANSWER, ActKind.REFUSE)
_MOST_MOVES = 60
_WEEK, _MONTH = 7, 30


def ask(matter: Matter) -> list[Said]:
    """Return what every gate says that has something to say, in their order."""
    said = [one for gate in _BEFORE_THE_LAW if (one := gate(matter)) is not None]
    said += ask_the_law(matter)
    said += [one for gate in _AFTER_THE_LAW if (one := gate(matter)) is not None]
    return said


def strongest(said: Sequence[Said]) -> Said | None:
    """Return what holds the act back, the strongest first; None when all let it through."""
    against = [one for one in said if one.verdict != "ok"]
    return min(against, key=lambda one: STRENGTH[one.verdict]) if against else None


def closed(matter: Matter) -> tuple[list[Said], Said | None]:
    """Return what the gates said and what stops the matter; a hold until a time is moved until it is true."""
    said = ask(matter)
    stop = strongest(said)
    if stop is None or stop.verdict != "hold_until":
        return said, stop
    return said, _moved(stop, said, matter)


def _moved(stop: Said, said: Sequence[Said], matter: Matter) -> Said:
    """Return the hold with the first time at which no gate would hold it again."""
    for _ in range(_MOST_MOVES):
        times = [one.until for one in said if one.verdict == "hold_until" and one.until is not None]
        if not times:
            return msgspec.structs.replace(stop, until=matter.now)
        matter = matter.at(max(times))
        said = ask(matter)
    return msgspec.structs.replace(stop, verdict="hold", until=None)


def question_about(proposal: Proposal) -> Proposal:
    """Return the question that would be put first, as an act with the reach of its own channel."""
    return msgspec.structs.replace(
        proposal,
        act=ActKind.ASK,
        channel=_CHANNEL_OF_QUESTION[proposal.ask_by],
        # Who is talking with us is not disturbed by a question.
        solicited=proposal.solicited or proposal.ask_by is AskBy.CONVERSATION,
        adverse=False,
    )


# -- when an act leaves -------------------------------------------------------------------------


def terms_for_leaving(proposal: Proposal) -> dict[str, Any]:
    """Return what an act must remember of its proposal, under `content["gates"]`, to be asked again."""
    return {
        "benefit": str(proposal.benefit),
        "waiting": str(proposal.waiting),
        "complaint": proposal.complaint,
        "sector": proposal.sector,
        "product": proposal.product,
        "assumes": [str(one.key) for one in proposal.assumes],
    }


def gate_again(
    act: Act,
    customer: Customer,
    house: House,
    now: datetime,
    carries: frozenset[str] | None = None,
) -> Said | None:
    """Return what stops an act at the moment it leaves, or None when it may go.

    `carries` names the parts its message has (`sender`, `way_to_object`, `one_click`); without it,
    what a message must carry is not asked. What was decided is not weighed again.
    """
    matter = Matter(_proposal_of(act), customer, house, now, act.act_id)
    matter.carries = carries
    return closed(matter)[1]


def _proposal_of(act: Act) -> Proposal:
    kept = act.content.get("gates")
    terms: dict[str, Any] = kept if isinstance(kept, dict) else {}
    return Proposal(
        automation=act.automation,
        version=act.version,
        step=act.step,
        act=act.kind,
        name=act.name,
        purpose=act.purpose,
        benefit=Benefit(terms.get("benefit", Benefit.NONE)),
        reach=act.reach,
        undo=Undo.BY_CUSTOMER,
        channel=act.channel,
        waiting=Waiting(terms.get("waiting", Waiting.NOBODY)),
        solicited=act.solicited,
        complaint=str(terms.get("complaint", "")),
        sector=str(terms.get("sector", "")),
        product=str(terms.get("product", "")),
        run_id=act.run_id,
    )


# -- the gates of the house ---------------------------------------------------------------------


def _paused(matter: Matter) -> Said | None:
    if matter.proposal.automation in matter.house.paused:
        return _say(matter, "paused", "hold", automation=matter.proposal.automation)
    return None


def _canary(matter: Matter) -> Said | None:
    """What was stopped and goes on again does so for a few first."""
    name = matter.proposal.automation
    share = matter.house.canaries.get(name)
    if share is None:
        return None
    # By the version that is live: a run that stands on an older one may reach the same people, and nobody more.
    live = matter.house.live.get(name)
    version = live.version if live else matter.proposal.version
    if is_in(share, name, version, matter.customer.key):
        return None
    return _say(matter, "canary", "hold", automation=name, share=share)


def _flagged(matter: Matter) -> Said | None:
    """Hold what somebody said is wrong for this customer, until it is answered."""
    if matter.bound or FLAG not in matter.facts:
        return None
    own = matter.proposal.automation
    return (
        _say(matter, "flagged", "hold", wish=f"{FLAG}({own})")
        if matter.said(hold_of(own))
        else None
    )


def _stopped(matter: Matter) -> Said | None:
    """Stop means stop; only what law or safety demands still reaches who stopped it."""
    if matter.bound or "wish.stop" not in matter.facts:
        return None
    own = matter.proposal.automation
    if matter.said(FactKey("wish.stop", own)):
        return _say(matter, "stopped", "forbid", wish=f"wish.stop({own})")
    # Who stopped everything still gets the code they are waiting for.
    if not matter.proposal.solicited and matter.reaches and matter.said(_STOP_ALL):
        return _say(matter, "stopped", "forbid", wish=str(_STOP_ALL))
    return None


def _frozen(matter: Matter) -> Said | None:
    """Leave alone whoever asked for it, and whoever will be erased (GDPR 18, 21 and 17)."""
    if FREEZE not in matter.facts or may_still_be_done(matter.proposal):
        return None
    return _say(matter, "frozen", "hold", wish=FREEZE) if is_frozen(matter.customer) else None


def _never_wanted(matter: Matter) -> Said | None:
    """`Never` is a standing answer: nothing that assumes it is proposed again."""
    if matter.bound or "wish.never" not in matter.facts:
        return None
    for assumption in matter.proposal.assumes:
        for about in {str(assumption.key), assumption.key.fact}:
            if matter.said(FactKey("wish.never", about)):
                return _say(matter, "never_wanted", "forbid", wish=f"wish.never({about})")
    return None


def _unwanted_channel(matter: Matter) -> Said | None:
    """Go by no way that the customer does not want; what they wait for at this moment still comes.

    It holds and does not forbid, so that a file may go another way, and a change of mind opens it.
    """
    channel = matter.proposal.channel
    if "wish.channel" not in matter.facts or channel is None or matter.vital:
        return None
    wish = matter.said(FactKey("wish.channel", channel.value))
    waited_for = matter.proposal.waiting is not Waiting.NOBODY
    if waited_for or not keeps_away(wish, matter.proposal.purpose):
        return None
    return _say(
        matter, "channel_unwanted", "hold", wish=f"wish.channel({channel.value})", said=wish
    )


def _suppressed(matter: Matter) -> Said | None:
    found = suppressed(matter)
    return _say(matter, "suppressed", "forbid", list=found) if found else None


def _objected(matter: Matter) -> Said | None:
    """Who stopped all prospecting gets none, also where no table of law says so."""
    if matter.proposal.purpose is Purpose.PROSPECTING and matter.said(_STOP_PROSPECTING):
        return _say(matter, "objection", "forbid", wish=str(_STOP_PROSPECTING))
    return None


def _usual_hours(matter: Matter) -> Said | None:
    channel = matter.proposal.channel
    if matter.pressing or channel is None:
        return None
    hours = matter.house.settings.hours.get(channel)
    return None if hours is None else _within(matter, "usual_hours", week_of(hours))


def _quiet_hours(matter: Matter) -> Said | None:
    """Keep the hours and days that the customer asked for, on any channel that rings or blinks."""
    if matter.pressing or matter.proposal.channel not in (Channel.EMAIL, Channel.SMS, Channel.CALL):
        return None
    week = week_of_quiet(matter.said(_QUIET))
    return None if week is None else _within(matter, "quiet_hours", week)


def _within(
    matter: Matter, because: str, week: tuple[tuple[tuple[int, int], ...], ...]
) -> Said | None:
    openings = [Opening(week, zone) for zone in matter.zones]
    if all(opening.is_open(matter.now) for opening in openings):
        return None
    until = next_open(openings, matter.now)
    zones = [str(zone) for zone in matter.zones]
    if until is None:
        return _say(matter, "no_common_hours", "hold", zones=zones)
    return _say(matter, because, "hold_until", until, zones=zones)


def _cap(matter: Matter) -> Said | None:
    """The customer sees one company: prospecting counts over all automations and teams together."""
    proposal, settings = matter.proposal, matter.house.settings
    if proposal.purpose is not Purpose.PROSPECTING or not matter.reaches or matter.pressing:
        return None
    limits = ((_WEEK, settings.prospecting_per_week), (_MONTH, settings.prospecting_per_30_days))
    sent = matter.contacts_since(_MONTH)
    for days, most in limits:
        if len(sent) >= most and (full := _full(matter, sent, days, most)):
            return full
    return None


def _full(matter: Matter, sent: Sequence[Contact], days: int, most: int) -> Said | None:
    since = matter.now - timedelta(days=days)
    made = sorted(
        contact.at
        for contact in sent
        if contact.purpose is Purpose.PROSPECTING and contact.at > since
    )
    inputs = {"made": len(made), "most": most, "days": days}
    if len(made) < most:
        return None
    if most == 0:
        return _say(matter, "contact_cap", "hold", **inputs)
    until = made[len(made) - most] + timedelta(days=days)
    return _say(matter, "contact_cap", "hold_until", until, **inputs)


def _absent(matter: Matter) -> Said | None:
    """Leave people alone while they are away; the day they name is still a day away."""
    wish = None if matter.pressing else matter.said(_ABSENCE)
    if not isinstance(wish, dict):
        return None
    begins, ends = (
        _bound(wish.get(side), matter, inclusive=side == "until") for side in ("from", "until")
    )
    if begins is not None and matter.now < begins:
        return None
    if ends is None and begins is not None:
        return _say(matter, "absent", "hold", wish=str(_ABSENCE))
    if ends is None or matter.now >= ends:
        return None
    return _say(matter, "absent", "hold_until", ends, wish=str(_ABSENCE))


def _bound(said: object, matter: Matter, *, inclusive: bool) -> datetime | None:
    if not isinstance(said, str):
        return None
    zone = matter.zones[0]
    try:
        moment = datetime.fromisoformat(said)
        if len(said) == len("2026-12-31"):
            day: date = moment.date() + timedelta(days=inclusive)
            return start_of(day, zone)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def _open_complaint(matter: Matter) -> Said | None:
    """While a complaint is open, only what is about it, or vital, or asked for, reaches the customer."""
    if matter.vital or not matter.open_complaints:
        return None
    proposal = matter.proposal
    if proposal.purpose is not Purpose.PROSPECTING and (
        proposal.solicited or proposal.complaint in matter.open_complaints
    ):
        return None
    return _say(matter, "open_complaint", "hold", complaints=list(matter.open_complaints))


def _person_in_charge(matter: Matter) -> Said | None:
    who = matter.said(_IN_CHARGE)
    if not who or matter.vital:
        return None
    proposal = matter.proposal
    speaks = proposal.act in _SPEAKING
    if proposal.solicited and not speaks:
        return None
    waits = speaks or proposal.waiting is not Waiting.NOBODY
    return _say(matter, "person_in_charge", "hand" if waits else "hold", who=who)


def _person_wanted(matter: Matter) -> Said | None:
    """Who asked for a person is not answered by a machine."""
    if matter.proposal.act not in _SPEAKING or not matter.said(_WANTS_A_PERSON):
        return None
    claim = latest(matter.customer, _WANTS_A_PERSON)
    days = matter.house.settings.person_wanted_days
    if claim is None or claim.at + timedelta(days=days) < matter.now:
        return None
    return _say(matter, "person_wanted", "hand", since=claim.at)


def _adverse(matter: Matter) -> Said | None:
    """A machine may say yes; only a person says no."""
    proposal = matter.proposal
    if proposal.adverse and proposal.significant:
        return _say(matter, "adverse", "hand")
    return None


_BEFORE_THE_LAW = (
    *(_paused, _canary, _flagged, _stopped, _frozen, _never_wanted, _unwanted_channel, _suppressed),
)
_AFTER_THE_LAW = (
    *(_objected, _usual_hours, _quiet_hours, _cap, _absent),
    *(_open_complaint, _person_in_charge, _person_wanted, _adverse),
)


def _say(
    matter: Matter, because: str, verdict: str, until: datetime | None = None, /, **inputs: Any
) -> Said:
    version = f"guard:{matter.house.settings.version}"
    return Said(
        rule=because, version=version, verdict=verdict, because=because, inputs=inputs, until=until
    )
