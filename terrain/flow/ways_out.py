"""The ways out of one sender: its mail server, its lines to receivers, the shadow that only notes.

Promise: every act is packed before it is marked as leaving, so what cannot be packed never looks as
if it had left; and of each parcel it is known whether doing it twice would count once.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from terrain.channels.email import Mailer
from terrain.channels.webhook import Call, Caller, Receiver
from terrain.config import Settings, mail_server
from terrain.core.act import Act
from terrain.core.calling import body_of, key_of_act, signing_key
from terrain.core.consent import Channel
from terrain.core.customer import Customer
from terrain.core.house import House
from terrain.core.message import Letter
from terrain.core.outbox import How, Result
from terrain.errors import Refusal
from terrain.flow.letters import Desk, address_of, letter_of, message_of
from terrain.flow.links import links_of


class NoWayOut(Refusal):
    """Nobody declared who does this: the catalogue has no action of that name with an address."""

    code = "no_way_out"


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """One act, ready to be given to its channel. With neither letter nor call it is only noted."""

    act: Act
    harmless: bool
    letter: Letter | None = None
    call: Call | None = None

    @property
    def mail_domain(self) -> str:
        """The domain that this letter goes to."""
        return self.letter.to.rpartition("@")[2].lower() if self.letter else ""


class WaysOut:
    """What one sender sends with. Nobody else uses it, so nothing of it is locked."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.desk = Desk(settings, links_of(settings))
        self.mailer = Mailer(mail_server(settings))
        self.caller = Caller()

    def close(self) -> None:
        self.mailer.close()
        self.caller.close()

    @property
    def per_minute(self) -> int:
        """How many letters a minute one domain gets; 0 for as many as there are, as in the sink."""
        return self.settings.mail_per_minute if self.settings.smtp_url else 0

    def is_harmless(self, act: Act, house: House) -> bool:
        """Say whether doing this act twice counts once."""
        if act.channel in (Channel.EMAIL, Channel.SHADOW):
            return True
        action = house.catalogue.actions.get(_action_name(act))
        return action.idempotent if action else bool(act.content.get("idempotent"))

    def pack(self, act: Act, customer: Customer, house: House, now: datetime) -> Parcel:
        """Return what is given to the channel, or refuse what has a gap or no way out."""
        harmless = self.is_harmless(act, house)
        if act.channel is Channel.SHADOW:
            return Parcel(act=act, harmless=harmless)
        if act.channel is Channel.EMAIL:
            letter = letter_of(act, customer, house, self.desk, now)
            return Parcel(act=act, harmless=harmless, letter=letter)
        if act.channel is not Channel.WEBHOOK:
            act = self._spoken(act, customer, house, now)
        call = self._call(act, customer, house, now)
        return Parcel(act=act, harmless=harmless, call=call)

    def send(self, parcels: Sequence[Parcel], now: datetime) -> list[Result]:
        """Give them to their channel, all of one kind; return how it went, in the same order."""
        if not parcels:
            return []
        if parcels[0].call:
            return self.caller.call([parcel.call for parcel in parcels if parcel.call])
        return [
            self.mailer.send(parcel.letter, now) if parcel.letter else Result(how=How.LEFT)
            for parcel in parcels
        ]

    def _spoken(self, act: Act, customer: Customer, house: House, now: datetime) -> Act:
        """Return the act with its words in what a gateway is told: for SMS, calls, chat and post."""
        message = message_of(act, customer, house, self.desk)
        said = {"to": address_of(act, customer, house, now), "text": message.text}
        return msgspec.structs.replace(act, content=act.content | {"payload": said})

    def _call(self, act: Act, customer: Customer, house: House, now: datetime) -> Call:
        action = house.catalogue.actions.get(_action_name(act))
        url = (action.url if action else "") or str(act.content.get("url", ""))
        if not url:
            raise NoWayOut(field=act.step, value=_action_name(act))
        receiver = Receiver(
            name=_action_name(act), url=url, secret=signing_key(self.desk.links.secret, url)
        )
        body = body_of(act, customer)
        return Call(receiver=receiver, key=key_of_act(act), body=body, at=int(now.timestamp()))


def _action_name(act: Act) -> str:
    """Return the action of the catalogue that does this; a channel has one of its own name."""
    if act.channel is Channel.WEBHOOK:
        return str(act.content.get("action") or act.name)
    return act.channel.value
