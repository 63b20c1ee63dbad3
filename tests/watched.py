"""An automation whose acts and signals are counted as a worker would have, and a look at its meters."""

from datetime import datetime, timedelta

import msgspec

from terrain.config import Settings, read
from terrain.core.automation import Automation
from terrain.core.signal import Signal
from terrain.core.watch import State
from terrain.flow import reference, watching
from terrain.flow.overseeing import Overseer
from terrain.flow.watching import Stand
from terrain.store import automations, counters
from terrain.store.connection import Record
from terrain.store.counters import Count, hour_of
from tests.journeys import written
from tests.oversight import DEPUTY, OWNER
from tests.people import NOON

AUTOMATION = "filter-reminder"
BODY = "starts: {when: order.placed}\nsteps: [{send: hello, by: email, reach: inbox}]\n"
COMPLAINT = 0.003
TODAY = NOON.date()


def an_automation(name: str = AUTOMATION, body: str = BODY, **changed: object) -> Automation:
    """Return an automation that writes, and accepts three complaints in a thousand."""
    given = {
        "name": name,
        "owner": OWNER,
        "deputy": DEPUTY,
        "bounds": {"complaint": COMPLAINT, "stop": 0.005},
        "digest": f"{name} {body} {changed}",
    }
    return msgspec.structs.replace(written(body), **{**given, **changed})


class Watched:
    """A house with one automation, and the looks of one worker."""

    def __init__(self, conninfo: str, **settings: object) -> None:
        self.record = Record(conninfo).open()
        self.settings: Settings = msgspec.structs.replace(read(), **settings)
        self.now = NOON
        self.overseer = Overseer(self.settings)

    def publish(self, automation: Automation | None = None) -> int:
        """Put a version live; return its number."""
        with self.record.local() as db, db.transaction():
            return automations.add_version(db, automation or an_automation(), "", self.now)

    def acts(
        self, many: int, at: datetime | None = None, version: int = 1, name: str = AUTOMATION
    ) -> None:
        self.count("act.left", many, at, version, name)

    def signals(
        self,
        many: int,
        at: datetime | None = None,
        version: int = 1,
        signal: Signal = Signal.COMPLAINT,
        name: str = AUTOMATION,
    ) -> None:
        """Let so many acts of that hour get this signal."""
        self.count(f"signal.{signal}", many, at, version, name)

    def count(self, what: str, many: int, at: datetime | None, version: int, name: str) -> None:
        row = Count(0, version, hour_of(at or self.now), many, name, what)
        with self.record.local() as db, db.transaction():
            counters.add(db, [row])

    def look(self, **later: float) -> int:
        """Let so much time pass, and look; return how many automations were stopped."""
        self.now += timedelta(**later)
        with self.record.local() as db:
            house = reference.house(db, self.settings)
        return self.overseer.look(self.record, house, self.now)

    def looks(self, minutes: int = 2) -> None:
        """Look until every part of all automations was read whole once."""
        for _ in range(minutes * 12):
            self.look(seconds=5)

    def stands(self, signal: Signal = Signal.COMPLAINT, name: str = AUTOMATION) -> list[Stand]:
        with self.record.local() as db:
            found = watching.stand(db, self.now, name)
        return [one for one in found if one.watch.signal is signal]

    def stand(self, signal: Signal = Signal.COMPLAINT, name: str = AUTOMATION) -> Stand:
        (found,) = self.stands(signal, name)
        return found

    def state(self, signal: Signal = Signal.COMPLAINT, name: str = AUTOMATION) -> State:
        return self.stand(signal, name).reading.state
