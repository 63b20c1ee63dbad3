"""What the audit log calls what staff did, and the details of it.

Promise: every form that staff can send has its phrase; a test walks them all.
"""

from collections.abc import Mapping
from typing import Any

from terrain.console.phrases import ROLES, SCOPES, WHO_AT_WORK
from terrain.words import _

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
