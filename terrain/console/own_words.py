"""What a customer's own page says: reasons, lines and choices, spoken to the person they are about.

Promise: every reason that can be stored has its words here, and no value of the record is shown as it is
kept: a language is called by its name, a country by its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from babel import Locale
from babel.dates import get_timezone_location

from terrain.core.act import ActKind, AskBy, Benefit, Moment, Undo, Waiting
from terrain.core.catalogue import Catalogue
from terrain.core.consent import Channel
from terrain.core.decision import Decision, Verdict
from terrain.core.fact import FactKey
from terrain.core.house import House
from terrain.core.wishes import ByChannel
from terrain.flow.explanation import fact_named
from terrain.words import _, say

# Why something was done or not, said to the person it touched; each goes on after a colon.
WHY = {
    "sure_enough": _("we were sure enough that it helps you"),
    "better_asked": _("we were not sure enough to do it without asking you"),
    "better_by_a_person": _("a person does this better than a machine"),
    "not_sure_enough": _("we were not sure enough that it would help you"),
    "no_benefit": _("it would have brought you nothing"),
    "legal_obligation": _("the law asks us to"),
    "allowed": _("nothing stood against it"),
    "assumed_consent": _("older records say that you agreed"),
    "paused": _("our people have paused these messages"),
    "stopped": _("you asked us to stop"),
    "never_wanted": _("you told us: never"),
    "channel_unwanted": _("you do not want to be reached this way"),
    "suppressed": _("you asked not to be contacted at this address"),
    "objection": _("you do not want reminders and offers"),
    "no_consent": _("you have not agreed to get such things this way"),
    "consent_withdrawn": _("you said no, or took back your yes"),
    "consent_without_proof": _("we cannot prove that you agreed"),
    "consent_too_old": _("you agreed too long ago for it to count"),
    "legal_hours": _("the law does not allow it at that hour"),
    "usual_hours": _("it was no hour to disturb you"),
    "quiet_hours": _("you asked for peace at that time"),
    "no_common_hours": _("we found no hour that would suit you"),
    "contact_cap": _("you had heard enough from us lately"),
    "absent": _("you told us that you are away"),
    "too_many_attempts": _("we had tried as often as the law allows"),
    "refused_lately": _("you said no to it not long ago"),
    "no_sign_of_life": _("we have not heard from you for too long"),
    "on_register": _("you are on a list of people who do not want such calls"),
    "forbidden_sector": _("such messages are forbidden in this trade"),
    "message_lacks": _("something was missing from the message"),
    "open_complaint": _("your complaint is open, and only what is about it reaches you"),
    "person_in_charge": _("one of our people is looking after you"),
    "person_wanted": _("you asked for a person"),
    "adverse": _("only a person may take away something that matters to you"),
    "flagged": _("somebody said that something is wrong with it, and we look into that first"),
    "canary": _("we are trying it again with a few people first"),
    "held_out": _("you are in the group that does not get it, so that we can see whether it helps"),
    "frozen": _("you asked us to leave your data alone for now"),
    "held_too_long": _("it waited for too long"),
    "expired": _("it came too late to be of use"),
    "nobody_there": _("we could not find you any more"),
    "crashed_while_leaving": _("something broke on the way, and a person looks into it"),
}
# What was done, in one line; {way} is how.
LINES = {
    "wrote": _("We reached you {way}"),
    "asked": _("We asked you something {way}"),
    "did": _("We did something for you in our systems"),
    "leaving": _("This is about to leave {way}"),
    "waiting": _("We are holding this back"),
    "stopped": _("This was stopped before it left"),
    "failed": _("This could not be sent"),
    "unclear": _("We do not know yet whether this was done; a person finds out"),
    "allowed": _("Another of our systems was allowed to do this"),
    "handed": _("We left this to a person"),
    "held": _("We did not write to you"),
    "held_call": _("We did not call you"),
    "held_do": _("We did not do this"),
}
# What the page of one line is called.
QUESTIONS = {
    "wrote": _("Why did I get this?"),
    "asked": _("Why did you ask me?"),
    "did": _("Why did you do this?"),
    "leaving": _("Why will I get this?"),
    "waiting": _("Why are you holding this back?"),
    "stopped": _("Why was this stopped?"),
    "failed": _("Why did I not get this?"),
    "unclear": _("Why did you do this?"),
    "allowed": _("Why did you do this?"),
    "handed": _("Why did you leave this to a person?"),
    "held": _("Why did you not write to me?"),
    "held_call": _("Why did you not call me?"),
    "held_do": _("Why did you not do this?"),
}
WISHES = {
    ByChannel.ANY: _("Whatever helps me"),
    ByChannel.SERVICE: _("Only my orders and my questions"),
    ByChannel.NONE: _("Nothing"),
}
WAYS = {
    Channel.EMAIL: _("E-mail"),
    Channel.SMS: _("Text message"),
    Channel.CALL: _("Phone call"),
    Channel.POST: _("Post"),
}
STOPS = {"all": _("everything"), "prospecting": _("all reminders and offers")}
# What a recall is for: it has no file that says so, and its name is a number.
MAKES_GOOD = _("Make good what we did wrong.")
DAYS = {
    "mon": _("Monday"),
    "tue": _("Tuesday"),
    "wed": _("Wednesday"),
    "thu": _("Thursday"),
    "fri": _("Friday"),
    "sat": _("Saturday"),
    "sun": _("Sunday"),
}
# What would have changed a decision, up to what would then have happened.
_IF = {
    ("undo", Undo.BY_CUSTOMER): _("If you could have undone it yourself, {then}."),
    ("undo", Undo.EASILY): _("If it could have been undone easily, {then}."),
    ("undo", Undo.HARD): _("If it had been hard to undo, {then}."),
    ("undo", Undo.NEVER): _("If it could never have been undone, {then}."),
    ("moment", Moment.ROUTINE): _("If less had been at stake for you, {then}."),
    ("moment", Moment.IMPORTANT): _("If something important had been at stake for you, {then}."),
    ("moment", Moment.CRITICAL): _("If everything had been at stake for you, {then}."),
    ("benefit", Benefit.NONE): _("If it had been of no use to you, {then}."),
    ("benefit", Benefit.PLEASANT): _("If it had been merely pleasant for you, {then}."),
    ("benefit", Benefit.USEFUL): _("If it had been useful to you, {then}."),
    ("benefit", Benefit.IMPORTANT): _("If it had been important to you, {then}."),
    ("benefit", Benefit.VITAL): _("If it had been vital to you, {then}."),
    ("waiting", Waiting.NOBODY): _("If you had not been waiting for it, {then}."),
    ("waiting", Waiting.WAITING): _("If you had been waiting for it, {then}."),
    ("waiting", Waiting.CRITICAL): _("If you had been waiting for it urgently, {then}."),
    ("waiting", Waiting.DANGER): _("If you had been in danger, {then}."),
    ("ask_by", AskBy.CONVERSATION): _("If we had been talking with you, {then}."),
}
_IF_SURER = _("If we had been {sure} sure – {fact} –, {then}.")
_IF_NOT = _("Without that, {then}.")
_THEN = {
    Verdict.ACT: _("we would have done it"),
    Verdict.ASK: _("we would have asked you first"),
    Verdict.HOLD: _("we would have left it"),
    Verdict.HAND: _("we would have left it to a person"),
}
_DONE = frozenset({ActKind.DO, ActKind.CHANGE, ActKind.REFUSE})


def line_of(code: str, decision: Decision | None) -> str:
    """Return the code of a line: what was held may be a message, a call, or something in our systems."""
    if code != "held" or decision is None:
        return code
    if decision.proposal.act in _DONE:
        return "held_do"
    return "held_call" if decision.proposal.channel is Channel.CALL else "held"


def about(said: Mapping[str, Any], house: House, language: str) -> str:
    """Return what a saying was about: the fact that was corrected, the thing that was stopped."""
    fact, name = said.get("fact"), said.get("automation")
    if isinstance(fact, str) and fact:
        return fact_named(FactKey(fact, str(said.get("about") or "")), house.catalogue, language)
    if isinstance(name, str) and name in STOPS:
        return say(language, STOPS[name])
    automation = house.live.get(name) if isinstance(name, str) else None
    return automation.mandate.get(language, "") if automation else ""


def why(code: str, language: str) -> str:
    """Return the words of a reason; one that is not for customers to read says nothing."""
    return say(language, WHY[code]) if code in WHY else ""


def otherwise(decision: Decision, house: House, language: str) -> str:
    """Return the smallest change that would have turned the decision, where one is known."""
    nearest = decision.weighing.nearest if decision.weighing else None
    if nearest is None or decision.weighing is None:
        return ""
    then = say(language, _THEN[nearest.verdict])
    what, _colon, _which = nearest.of.partition(":")
    if what == "gate":
        return say(language, _IF_NOT, then=then)
    if what == "fact":
        weakest = decision.weighing.weakest
        fact = fact_named(weakest, house.catalogue, language) if weakest else ""
        sure = f"{float(nearest.to) * 100:.0f}\N{NO-BREAK SPACE}%"
        return say(language, _IF_SURER, sure=sure, fact=fact, then=then)
    return say(language, _IF[what, nearest.to], then=then)


def spoken(
    language: str, value: Callable[[Any], str], catalogue: Callable[[], Catalogue]
) -> Callable[[FactKey, Any], str]:
    """Return how the value of a fact is said: `en` is English, `FR` is France, `cat` a cat."""

    def said(key: FactKey, of: Any) -> str:
        if not isinstance(of, str):
            return value(of)
        kind, speak = catalogue().facts.get(key.fact), _SPOKEN.get(key.fact)
        name = speak(of, language) if speak else None
        choice = kind.said.get(of, {}).get(language) if kind else None
        return name or choice or value(of)

    return said


def _language_named(code: str, language: str) -> str | None:
    return Locale(language).languages.get(code.replace("-", "_").split("_")[0].lower())


def _country_named(code: str, language: str) -> str | None:
    return Locale(language).territories.get(code.upper())


def _zone_named(name: str, language: str) -> str | None:
    try:
        return get_timezone_location(name, locale=language, return_city=True)
    except LookupError:
        return None


_SPOKEN: dict[str, Callable[[str, str], str | None]] = {
    "language": _language_named,
    "country": _country_named,
    "time_zone": _zone_named,
}
