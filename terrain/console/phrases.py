"""What pages call the codes of the record: who says it, what was decided, how something stands.

Promise: every code that can be stored has its phrase; a test walks them all.
"""

from collections.abc import Mapping
from typing import Any

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
# What staff did, as the audit log tells it, by the name of the page that took the form.
DEEDS = {
    "signed_in": _("came in"),
    "signed_out": _("went out"),
    "sign_in_failed": _("did not come in: wrong password"),
    "second_factor_failed": _("did not come in: wrong second factor"),
    "join": _("accepted an invitation"),
    "new_password": _("chose a new password by a link"),
    "task": _("closed a task"),
    "customer_say": _("said something for a customer"),
    "customer_rights": _("served a right of a customer’s"),
    "cord": _("pulled the cord"),
    "flag_answer": _("answered what was said to be wrong"),
    "flag_go_on": _("let an automation go on for one customer"),
    "need_step": _("put needs together or parted them"),
    "automation_new": _("proposed a new automation"),
    "automation_change": _("proposed a new version"),
    "automation_pause": _("paused an automation"),
    "automation_resume": _("let an automation go on"),
    "watch_pause": _("paused an automation"),
    "watch_answer": _("took charge of what was stopped"),
    "watch_resume": _("let an automation go on"),
    "proposal_approve": _("put live what was proposed"),
    "proposal_reject": _("turned a proposal down"),
    "proposal_withdraw": _("withdrew a proposal"),
    "recall_new": _("opened a recall"),
    "recall_remedy": _("wrote what makes good in a recall"),
    "recall_approve": _("approved what makes good in a recall"),
    "recall_send": _("sent a recall"),
    "recall_stop": _("stopped a recall"),
    "source_belief": _("said how far a source is to be believed"),
    "trays": _("closed something in a tray"),
    "keys": _("made a key"),
    "key": _("replaced a key"),
    "key_revoke": _("closed a key"),
    "audit": _("took the audit log along"),
    "staff": _("invited somebody"),
    "way_in": _("had a way in printed"),
    "colleague": _("changed somebody’s roles"),
    "colleague_step": _("let somebody go or back in, or saw to an invitation"),
    "account": _("changed their name or language"),
    "change_password": _("took a new password"),
    "change_email": _("asked for another e-mail address"),
    "confirm_email": _("took another e-mail address"),
    "end_sessions": _("signed out elsewhere"),
    "account_reauthenticate": _("typed their password once more"),
    "mfa_reauthenticate": _("showed their second factor once more"),
    "mfa_activate_totp": _("set up an app that shows codes"),
    "mfa_add_webauthn": _("added a passkey"),
    "mfa_generate_recovery_codes": _("made new codes for paper"),
    "factor_remove": _("removed a second factor of their own"),
    "factor_forget": _("took somebody’s second factor away"),
    "second_factor_rule": _("said who needs a second factor"),
}
# How somebody came in.
WAYS_IN = {
    "password": _("password"),
    "link": _("an address good once"),
    "socialaccount": _("the company’s own sign-in"),
    "openid": _("the company’s own sign-in"),
    "totp": _("a code of an app"),
    "webauthn": _("a passkey"),
    "recovery_codes": _("a code on paper"),
}
# How it ended.
OUTCOMES = {
    "done": _("done"),
    "was_refused": _("was refused"),
    "broke": _("broke"),
}
# What was done, where one form does several things.
DONE_THERE = {
    "export": _("took their data along"),
    "freeze": _("left them alone, or let it go on"),
    "erase": _("asked to erase them"),
    "keep": _("took an erasure back"),
    "asked": _("took down what they asked"),
    "retry": _("tried it again"),
    "close": _("closed it"),
    "again": _("invited again"),
    "withdraw": _("took an invitation back"),
    "let-go": _("let somebody go"),
    "bring-back": _("let somebody in again"),
}
# What was said for a customer.
SAID_FOR = {
    "answer": _("an answer"),
    "correct": _("a correction"),
    "confirm": _("that something is right"),
    "move": _("another date"),
    "away": _("that they are away"),
    "back": _("that they are back"),
    "reach": _("how to reach them"),
    "quiet": _("when to leave them in peace"),
    "unquiet": _("that any usual hour will do again"),
    "stop": _("a stop"),
    "person": _("that they want a person"),
    "need": _("a need that nothing serves"),
    "charge": _("that somebody looks after them"),
    "let_go": _("that nobody in particular looks after them any more"),
    "complaint": _("a complaint"),
    "complaint_closed": _("that a complaint is settled"),
}
# What the details of a line are called.
DETAILS = {
    "key": _("key"),
    "source": _("source"),
    "scopes": _("opens"),
    "successor": _("followed by"),
    "days": _("days"),
    "lines": _("lines"),
    "by": _("by"),
    "refused": _("refused because"),
    "task": _("task"),
    "automation": _("automation"),
    "who": _("who"),
    "what": _("what"),
    "since": _("since"),
    "roles": _("roles"),
    "do": _("what was done"),
    "kind": _("kind"),
    "proposal": _("proposal"),
    "recall": _("recall"),
    "version": _("version"),
    "name": _("name"),
    "saying": _("saying"),
    "step": _("step"),
    "active": _("lets in"),
    "person": _("account"),
    "factor": _("second factor"),
    "factors": _("second factors"),
    "removed": _("removed"),
    "address_hash": _("mark of the address"),
    "flag": _("flag"),
    "group": _("group"),
}
# How a detail is said, where it is a code and neither a name nor a number.
DETAIL_SAID: dict[str, Mapping[Any, str]] = {
    "by": WAYS_IN,
    "do": DONE_THERE,
    "factors": WAYS_IN,
    "kind": WHO_AT_WORK,
    "removed": WAYS_IN,
    "roles": ROLES,
    "saying": SAID_FOR,
    "scopes": SCOPES,
    "step": DONE_THERE,
    "what": DEEDS,
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
