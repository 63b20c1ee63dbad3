"""The addresses that stand in messages, and what they open (`core/link.py`).

Promise: everything a message leads to is one of these three paths, and none of them acts on GET.
"""

from datetime import datetime

import msgspec

from terrain.config import Settings, public_address, secret_of
from terrain.core import link
from terrain.core.identifier import CustomerKey
from terrain.core.link import Link, LinkKind

# The pages mount these; `{token}` is what `core/link.py` signs.
PATHS = {
    LinkKind.PAGE: "/my/{token}",
    LinkKind.UNSUBSCRIBE: "/stop/{token}",
    LinkKind.CLICK: "/to/{token}",
}
# The parts of the customer's page that a message leads to.
PLACES = {
    "why": "/why",
    "helped": "/why?helped=yes#help",
    "not_helped": "/why?helped=no#help",
    "tell_us": "/why#tell-us",
    "date": "#date",
    "stop": "#stop",
    "stop_all": "#stop-all",
    "person": "#person",
}


class Links(msgspec.Struct, frozen=True):
    """Makes and reads the links of this installation."""

    secret: str
    address: str

    def page(self, key: CustomerKey, act_id: int, now: datetime) -> str:
        """Return the address of the page that explains this act to its customer."""
        return self._to(link.link_to(LinkKind.PAGE, key, act_id, now))

    def unsubscribe(self, key: CustomerKey, act_id: int, now: datetime) -> str:
        """Return the address that stops on POST: one click in the mail client."""
        return self._to(link.link_to(LinkKind.UNSUBSCRIBE, key, act_id, now))

    def click(self, key: CustomerKey, act_id: int, now: datetime, to: str) -> str:
        """Return the address that leads on to `to` and leaves word that somebody went there."""
        return self._to(link.link_to(LinkKind.CLICK, key, act_id, now, to))

    def read(self, kind: LinkKind, token: str, now: datetime) -> Link:
        """Return what a token of this kind says; one of another kind opens nothing here."""
        said = link.read(self.secret, token, now)
        if said.kind is not kind:
            raise link.LinkForged(field="link")
        return said

    def _to(self, said: Link) -> str:
        return self.address + PATHS[said.kind].format(token=link.sign(self.secret, said))


NOTHING_OPENS = "…"


class Unlinked(Links, frozen=True):
    """Links as they stand in a preview: of the same place, and they open nothing."""

    def _to(self, said: Link) -> str:
        return self.address + PATHS[said.kind].format(token=NOTHING_OPENS)


def links_of(settings: Settings) -> Links:
    return Links(secret_of(settings), public_address(settings))
