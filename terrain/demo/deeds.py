"""An act of Terrain as the customer meets it: a reminder, a question, an announcement, a change.

Promise: pure; this is the only way from an act back into a life.
"""

from __future__ import annotations

from datetime import datetime

from terrain.core.act import Act, ActKind
from terrain.demo.reactions import Deed

_KINDS = {ActKind.ASK: "question", ActKind.DO: "change"}


def deed_of(act: Act, at: datetime) -> Deed:
    values = act.content.get("values", {})
    said = act.content.get("payload") or values.get("event", {})
    announces = act.kind is ActKind.SEND and "takes_effect_at" in values
    return Deed(
        kind="announcement" if announces else _KINDS.get(act.kind, "reminder"),
        automation=act.automation,
        act_id=act.act_id,
        at=at,
        subject=str(act.content.get("subject", "")),
        order=str(said.get("order", "")),
        question_id=int(act.content.get("question_id", 0)),
        offers=tuple(act.content.get("offers", ())),
    )
