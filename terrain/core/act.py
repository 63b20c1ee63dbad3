"""What an automation proposes to do to one customer, and the act that follows once the guard let it through.

A *proposal* is weighed; an *act* stands in the outbox and leaves once. How far an act goes into a life
(`Reach`), who can take it back (`Undo`), how much is at stake (`Moment`), what it is worth to the customer
(`Benefit`) and what silence would cost (`Waiting`) are declared, never guessed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from terrain.core.consent import Channel, Purpose
from terrain.core.fact import FactKey
from terrain.core.identifier import CustomerKey
from terrain.core.word import Word


class Reach(Word):
    """How far an act goes into a life: `inbox < phone < account < home`."""

    INBOX = "inbox"
    PHONE = "phone"
    ACCOUNT = "account"
    HOME = "home"


class Undo(Word):
    """Who can take the act back, and how hard that is."""

    BY_CUSTOMER = "by_customer"
    EASILY = "easily"
    HARD = "hard"
    NEVER = "never"


class Moment(Word):
    """How much is at stake for the customer."""

    ROUTINE = "routine"
    IMPORTANT = "important"
    CRITICAL = "critical"


class Benefit(Word):
    """What the act is worth to the customer if it is right."""

    NONE = "none"
    PLEASANT = "pleasant"
    USEFUL = "useful"
    IMPORTANT = "important"
    VITAL = "vital"


class Waiting(Word):
    """What silence costs: is somebody waiting for an answer?"""

    NOBODY = "nobody"
    WAITING = "waiting"
    CRITICAL = "critical"
    DANGER = "danger"


class AskBy(Word):
    """How the customer would be asked."""

    CONVERSATION = "conversation"
    INBOX = "inbox"
    SMS = "sms"
    CALL = "call"


class ActKind(Word):
    """What is done."""

    SEND = "send"
    ASK = "ask"
    DO = "do"
    CALL = "call"
    CHANGE = "change"
    ANSWER = "answer"
    REFUSE = "refuse"


class Lane(Word):
    """Which queue an act leaves by; what is urgent never waits behind a newsletter."""

    URGENT = "urgent"
    USUAL = "usual"
    BULK = "bulk"


class Assumption(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that must be true for the act to be right. Without `expects`, the value that holds is meant."""

    key: FactKey
    expects: Any = None
    words: str = ""


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """One act as the guard sees it. Undo, moment and benefit are already settled for this customer.

    `solicited`: the customer asked for it or waits for it (a code, a delivery). `adverse` and `significant`:
    it takes something that matters from the customer, so only a person may do it. `obligation`: somebody is
    bound to act. `can_ask`: the automation has a question to put. `complaint` is the id of the open complaint
    that the act is about. `recipient` is the fact that holds the address it goes to (`email`, `phone`).
    """

    automation: str
    version: int
    step: str
    act: ActKind
    name: str
    purpose: Purpose
    benefit: Benefit
    reach: Reach
    undo: Undo
    channel: Channel | None = None
    moment: Moment = Moment.ROUTINE
    waiting: Waiting = Waiting.NOBODY
    ask_by: AskBy = AskBy.INBOX
    assumes: tuple[Assumption, ...] = ()
    can_ask: bool = True
    solicited: bool = False
    adverse: bool = False
    significant: bool = False
    obligation: bool = False
    complaint: str = ""
    sector: str = ""
    product: str = ""
    recipient: str = ""
    run_id: int = 0
    subject: str = ""


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """One act that reached, or is about to reach, the customer: what the caps count.

    `surveys`: it asks whether it helped, which uses the budget for such questions (`core/feedback.py`).
    """

    act_id: int
    at: datetime
    channel: Channel | None
    purpose: Purpose
    automation: str
    solicited: bool = False
    surveys: bool = False


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the outbox. Its id is its idempotency key: whatever crashes, it is the same act.

    `content` is what the channel needs: template, language and values for a message, URL and body for a
    webhook, text for a question. `expires_at`: later than this it is better not done at all.
    """

    key: CustomerKey
    act_id: int
    decision_id: int
    kind: ActKind
    name: str
    automation: str
    version: int
    step: str
    purpose: Purpose
    reach: Reach
    channel: Channel
    lane: Lane
    due_at: datetime
    recipient: str = ""
    run_id: int = 0
    solicited: bool = False
    surveys: bool = False
    expires_at: datetime | None = None
    content: dict[str, Any] = {}
