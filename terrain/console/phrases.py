"""What pages call the codes of the record: who says it, what was decided, how something stands.

Promise: every code that can be stored has its phrase; a test walks them all.
"""

from terrain.core import flag
from terrain.core.act import Benefit, Moment, Reach, Undo
from terrain.core.approval import Settled
from terrain.core.consent import Channel, Purpose
from terrain.core.decision import Verdict
from terrain.core.fact import SourceKind
from terrain.core.flag import Reason
from terrain.core.identifier import Kind
from terrain.core.key import Scope
from terrain.core.outbox import ActState
from terrain.core.rights import Right
from terrain.core.run import RunState
from terrain.core.served import Outcome
from terrain.core.situation import Because
from terrain.core.staff import Role
from terrain.core.task import TaskKind
from terrain.core.timeline import Only
from terrain.flow import cord, finding
from terrain.words import _

# To the person it is about.
WHO = {
    SourceKind.CUSTOMER_SAID: _("you told us"),
    SourceKind.STAFF_HEARD: _("one of our people heard it from you"),
    SourceKind.TRANSACTION: _("it follows from an order or a delivery"),
    SourceKind.BEHAVIOUR: _("it follows from what you did"),
    SourceKind.THIRD_PARTY: _("somebody else told us"),
    SourceKind.INFERRED: _("we supposed it; nobody told us"),
}
# To whoever works here.
WHO_AT_WORK = {
    SourceKind.CUSTOMER_SAID: _("the customer said so"),
    SourceKind.STAFF_HEARD: _("staff heard it"),
    SourceKind.TRANSACTION: _("a transaction implies it"),
    SourceKind.BEHAVIOUR: _("observed behaviour"),
    SourceKind.THIRD_PARTY: _("a third party says so"),
    SourceKind.INFERRED: _("inferred"),
}
ROLES = {
    Role.OWNER: _("owner of automations"),
    Role.ADVISER: _("adviser"),
    Role.MANAGER: _("manager"),
    Role.ADMINISTRATOR: _("administrator"),
    Role.VIEWER: _("viewer"),
}
ROLES_WHY = {
    Role.OWNER: _("Writes automations, sees what they did, puts live what somebody else wrote."),
    Role.ADVISER: _("Speaks with customers, puts right what is wrong, closes tasks."),
    Role.MANAGER: _("Answers for the whole: everything but accounts and keys."),
    Role.ADMINISTRATOR: _("Lets people and machines in, reads the audit log; sees no customer."),
    Role.VIEWER: _("Sees counts and automations, and nobody’s data."),
}
# What is wrong with what somebody typed about themselves.
WRONG = {
    "name_missing": _("Please tell your name."),
    "name_too_long": _("At most eighty characters, please."),
    "old_wrong": _("This is not your password."),
    "email_wrong": _("This is not an e-mail address."),
    "email_taken": _("There is an account with this address already."),
    "password_too_short": _("At least ten characters, please."),
    "password_too_long": _("At most a thousand characters, please."),
    "password_too_common": _("Many people use this password, so it is tried first."),
    "password_entirely_numeric": _("Please not only digits."),
    "password_too_similar": _("This is too close to your name or your address."),
}
ANSWERS = {
    "yes": _("Yes"),
    "no": _("No"),
    "always": _("Yes, always"),
    "never": _("No, never"),
}
VERDICTS = {
    Verdict.ACT: _("done"),
    Verdict.ASK: _("asked first"),
    Verdict.HOLD: _("held back"),
    Verdict.HAND: _("handed to a person"),
}
RUNS = {
    RunState.READY: _("ready"),
    RunState.WAITING: _("waiting"),
    RunState.HELD: _("held back"),
    RunState.ASKED: _("waiting for an answer"),
    RunState.WITH_PERSON: _("with a person"),
    RunState.LEAVING: _("leaving"),
    RunState.ENDED: _("ended"),
    RunState.FAILED: _("failed"),
}
TASKS = {
    TaskKind.HAND: _("a person decides"),
    TaskKind.STEP: _("something to do"),
    TaskKind.A_PERSON_PLEASE: _("asked for a person"),
    TaskKind.UNKNOWN_OUTCOME: _("nobody knows whether it happened"),
    TaskKind.REPEATED_FAILURE: _("failed again and again"),
    TaskKind.RIGHT: _("a right under data protection law"),
}
RIGHTS = {
    Right.ACCESS: _("to see what we have about them"),
    Right.RECTIFY: _("to have something put right"),
    Right.ERASE: _("to be erased"),
    Right.RESTRICT: _("that we leave their data alone"),
    Right.PORTABILITY: _("for what they gave us"),
    Right.OBJECT: _("that we stop, they object"),
    Right.HUMAN: _("that a person look at a decision"),
}
PURPOSES = {
    Purpose.SERVICE: _("service"),
    Purpose.PROSPECTING: _("prospecting"),
    Purpose.LEGAL_OBLIGATION: _("legal obligation"),
    Purpose.SAFETY: _("safety"),
}
BENEFITS = {
    Benefit.NONE: _("no benefit"),
    Benefit.PLEASANT: _("pleasant"),
    Benefit.USEFUL: _("useful"),
    Benefit.IMPORTANT: _("important to them"),
    Benefit.VITAL: _("vital"),
}
REACHES = {
    Reach.INBOX: _("their inbox"),
    Reach.PHONE: _("their phone"),
    Reach.ACCOUNT: _("their account"),
    Reach.HOME: _("their home"),
}
UNDOS = {
    Undo.BY_CUSTOMER: _("by the customer"),
    Undo.EASILY: _("easily"),
    Undo.HARD: _("hardly"),
    Undo.NEVER: _("never"),
}
MOMENTS = {
    Moment.ROUTINE: _("routine"),
    Moment.IMPORTANT: _("important"),
    Moment.CRITICAL: _("critical"),
}
IDENTIFIERS = {
    Kind.USER_ID: _("customer number"),
    Kind.EMAIL: _("e-mail"),
    Kind.PHONE: _("phone"),
    Kind.CARD: _("card"),
    Kind.HANDLE: _("name on a network"),
    Kind.ANONYMOUS_ID: _("visitor"),
}
CHANNELS = {
    Channel.EMAIL: _("by e-mail"),
    Channel.SMS: _("by text message"),
    Channel.CALL: _("by phone"),
    Channel.CHAT: _("by chat"),
    Channel.POST: _("by post"),
    Channel.WEBHOOK: _("in our systems"),
    Channel.SHADOW: _("only written down"),
}
TAKEN_IN = {
    "answer": _("Thank you for your answer. We act on it from now on."),
    "correct": _("Thank you. From now on what you told us counts, and not what we believed."),
    "confirm": _("Thank you. Now we know that it is right."),
    "move": _("Your date is kept. Nothing will come before it."),
    "away": _("We will leave you in peace while you are away."),
    "back": _("Welcome back. We know that you are there again."),
    "reach": _("Noted. From now on we reach you the ways you chose."),
    "quiet": _("Noted. We leave you in peace at these times."),
    "unquiet": _("Noted. Any usual hour will do again."),
    "stop": _("Stopped. It holds for what was already on its way, too."),
    "resume": _("Taken back. What starts from now on reaches you again."),
    "ask_again": _("Taken back. From now on we ask you each time."),
    "person": _("A person will get back to you. They see what you wrote and what we did."),
    "help": _("Thank you. This counts more than what we think ourselves."),
    "wrong": _("Thank you. Nothing more of it reaches you until a person has answered you here."),
    "need": _("Thank you. We count what people need and do not find here."),
}
# Why something is wrong, as the person it was done to would say it.
THEIR_REASONS = {
    Reason.WRONG_FACT: _("What you believe about me is not so"),
    Reason.TOO_MUCH: _("It is too much"),
    Reason.WRONG_PERSON: _("It is meant for somebody else"),
    Reason.VULNERABLE: _("It hurts somebody who should be spared"),
    Reason.SAFETY: _("It could be dangerous"),
    Reason.LEGAL: _("It is against the law"),
    Reason.OTHER: _("Something else"),
}
TOLD = {
    "question.answered": _("You answered a question"),
    "fact.corrected": _("You corrected something"),
    "fact.stated": _("You confirmed something"),
    "date.moved": _("You chose a date"),
    "absence.set": _("You told us when you are away"),
    "automation.stopped": _("You stopped something"),
    "automation.resumed": _("You took a stop back"),
    "channel.chosen": _("You chose how we may reach you"),
    "quiet_hours.set": _("You told us when to leave you in peace"),
    "complaint.opened": _("You complained"),
    "complaint.closed": _("Your complaint was closed"),
    "person.wanted": _("You asked for a person"),
    "automation.flagged": _("You said that something is wrong"),
    "need.seen": _("You told us what you need"),
    "help.judged": _("You told us whether it helped"),
    "message.clicked": _("You followed a link"),
    "consent.given": _("You agreed to something"),
    "consent.withdrawn": _("You took back your consent"),
}
ADDRESS = {
    "street": _("Street and number"),
    "postcode": _("Postcode"),
    "city": _("Town"),
    "country": _("Country"),
}
ACTS = {
    ActState.QUEUED: _("about to leave"),
    ActState.LEAVING: _("leaving"),
    ActState.LEFT: _("left"),
    ActState.STOPPED: _("stopped before it left"),
    ActState.FAILED: _("failed"),
    ActState.UNKNOWN: _("nobody knows whether it left"),
}
TRAYS = {
    "event": _("messages that could not be understood"),
    "overflow": _("more than the tray can hold"),
    "bug": _("events that met a bug of ours"),
    "act": _("acts that could not be done"),
    "mail": _("answers that could not be read"),
}
TRAY_KINDS = {
    "event": _("a message"),
    "overflow": _("how many more there were"),
    "bug": _("an event that met a bug of ours"),
    "act": _("an act"),
    "mail": _("a mail"),
}
# What a key opens, in plain words, and when one needs it.
SCOPES = {
    Scope.WRITE: _("say what happened"),
    Scope.DECIDE: _("ask before acting"),
    Scope.SIGNALS: _("report what came back"),
    Scope.IMPORT: _("bring the past"),
    Scope.METRICS: _("read the numbers of the web process"),
}
SCOPES_WHY = {
    Scope.WRITE: _("For shops, apps and tracking libraries: events of today."),
    Scope.DECIDE: _(
        "For other systems and AI agents: may I do this? Decisions only, nobody’s data."
    ),
    Scope.SIGNALS: _(
        "For help desks, call centres and survey tools: complaints and answers about what was done. "
        "Never in a page or an app: whoever reads it there could invent complaints."
    ),
    Scope.IMPORT: _(
        "Events with the dates you give. Keep it for the day of the import, then close it."
    ),
    Scope.METRICS: _("For Prometheus on another machine. Counts only, nobody’s data."),
}
FOUND_BY: dict[str, str] = {
    **{kind.value: words for kind, words in IDENTIFIERS.items()},
    "name": _("name"),
    "order": _("order"),
    "number": _("number here"),
}
HOLDS_BECAUSE = {
    Because.ALONE: _("nobody says otherwise"),
    Because.DISPUTED: _("others say otherwise, and are believed nearly as much"),
    Because.OWN_WORD: _("their own word counts more than what others say"),
    Because.MORE_RELIABLE: _("the others are less reliable"),
    Because.LATEST: _("it was said last"),
    Because.WEIGHS_MORE: _("more speaks for it than for anything else"),
}
LINE_SHOWS = {
    Only.ALL: _("Everything"),
    Only.MESSAGES: _("Messages"),
    Only.DECISIONS: _("Decisions"),
    Only.EVENTS: _("Events"),
    Only.SAID: _("What they said"),
}
STOPPABLE = {"all": _("everything"), "prospecting": _("all prospecting")}
# Events of every house, as those who work here read them; a catalogue's own have its words.
HEARD = {
    "customer.identified": _("Said who they are"),
    "question.answered": _("Answered a question"),
    "fact.corrected": _("Corrected something"),
    "fact.stated": _("Confirmed something"),
    "date.moved": _("Chose a date"),
    "absence.set": _("Said when they are away"),
    "automation.stopped": _("Stopped something"),
    "automation.resumed": _("Took a stop back"),
    "channel.chosen": _("Chose how to be reached"),
    "quiet_hours.set": _("Chose their quiet hours"),
    "person.wanted": _("Asked for a person"),
    "automation.flagged": _("Said that something is wrong"),
    "flag.answered": _("Was answered what they said is wrong"),
    "need.seen": _("Told of a need that nothing serves"),
    "need.served": _("Was served by something else"),
    "person.took_charge": _("Somebody looks after them"),
    "person.let_go": _("Nobody in particular looks after them any more"),
    "complaint.opened": _("Complained"),
    "complaint.closed": _("A complaint was settled"),
    "consent.given": _("Agreed to something"),
    "consent.withdrawn": _("Took back their consent"),
    "help.judged": _("Said whether it helped"),
    "message.bounced": _("A message could not be delivered"),
    "message.clicked": _("Followed a link"),
    "message.complained": _("Called a message unwanted"),
    "task.done": _("Somebody did what there was to do"),
    "identity.linked": _("Turned out to be one person with somebody"),
    "identity.separated": _("Turned out to be two people"),
}
# What stands in the picture of an automation, by the word that begins it in the file.
STEPS = {
    "start": _("begins"),
    "wait": _("waits"),
    "send": _("sends"),
    "ask": _("asks"),
    "do": _("does"),
    "branch": _("chooses"),
    "split": _("shares out"),
    "change": _("notes"),
    "task": _("hands to a person"),
    "repeat": _("repeats"),
    "end": _("ends"),
}
SETTLED = {
    Settled.WAITS: _("waits"),
    Settled.LIVE: _("was put live"),
    Settled.WITHDRAWN: _("was taken back"),
    Settled.REJECTED: _("was refused by somebody"),
}
# What comes back, and how a watch stands: in the words of letters and the terminal.
SIGNALS, STATES = finding.SIGNALS, finding.STATES
# What tells people who were hit from others (`core/traits.py`).
TRAITS = {
    "version": _("version"),
    "step": _("step"),
    "channel": _("channel"),
    "product": _("product"),
    "hour": _("hour of the day"),
    "weekday": _("day of the week"),
    "source": _("source of the weakest fact"),
    "who": _("who says the weakest fact"),
}
# What stopped an automation.
CAUSES = {
    "meter": _("the meter"),
    "flag": _("flags"),
    "event": _("something of which one is too many"),
    "hand": _("a person"),
    "recall": _("a recall"),
}
# Which reasons are severe.
SEVERE = flag.SEVERE
FLAG_REASONS = cord.REASONS
BECAUSE_OF_FLAGS = {
    "severe_flag": _("One flag with a reason that holds for everybody."),
    "three_people_in_a_day": _("Three different people within a day."),
}
HOWS = {
    "new_version": _("a new version"),
    "bound_was_wrong": _("the bound was wrong"),
    "goes_on": _("it just goes on"),
}
TOLD_BY = {
    "mail": _("by e-mail"),
    "console": _("on this console"),
    "webhook": _("by webhook, your own systems"),
}
# How a need ended, as whoever served it told (core/served.py).
NEEDS_ENDED = {
    Outcome.SOLVED: _("solved"),
    Outcome.DONE: _("done in the system"),
    Outcome.GAVE_UP: _("gave up"),
    Outcome.DEAD_END: _("got nowhere"),
}
