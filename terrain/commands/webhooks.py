"""Show which webhooks may leave, where to, and the key with which each receiver knows that it was us."""

import click

from terrain.config import secret_of
from terrain.core.calling import signing_key, spoken_key
from terrain.core.catalogue import Action
from terrain.opening import opened
from terrain.store import automations
from terrain.terminal import Terminal, speaks
from terrain.words import _


@click.command()
@speaks
def command(terminal: Terminal) -> None:
    with opened() as (settings, record), record.local() as db:
        catalogue = automations.catalogue(db)
    secret = secret_of(settings)
    actions = sorted(catalogue.actions.values(), key=lambda each: each.name) if catalogue else []
    terminal.table(
        [_("Action"), _("Address"), _("Twice counts once"), _("Key")],
        [list(_row(each, secret).values()) for each in actions],
    )
    terminal.answer([_row(each, secret) for each in actions])


def _row(action: Action, secret: str) -> dict[str, object]:
    key = spoken_key(signing_key(secret, action.url)) if action.url else ""
    return {
        "action": action.name,
        "url": action.url,
        "idempotent": action.idempotent,
        "key": key,
    }
