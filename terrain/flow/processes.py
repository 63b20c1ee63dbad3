"""Every process there is: the automations, and what `processes.yaml` says of the ways that none of them serves.

Promise: what people do, a form, a phone menu can be declared in a few lines beside the automations, and is
checked like them: every mistake with its line and what was likely meant. Owner and benefit may be
missing: a process that nobody owns is one to see on the quadrant (as an F), not one to leave out.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from psycopg import Connection

from terrain.config import Settings
from terrain.core.act import Benefit, Reach
from terrain.core.approval import reach_of
from terrain.core.automation import Automation
from terrain.core.process import Costs, Process, Said, Served
from terrain.flow import values
from terrain.flow.automations import PROCESSES, beside, bounds
from terrain.flow.yaml_file import FileRefusal, Node, Reading, read_text, text_of
from terrain.store import automations

KEYS = ("what", "served", "owner", "benefit", "only_way", "minutes", "costs", "bounds")
REQUIRED = ("what", "served")
# As it is written, and as the formula calls it.
COSTS = {
    "own": "own",
    "person": "human",
    "complaint": "complaint",
    "making_good": "make_good",
    "purchase": "purchase",
}
# An automation says all this in its own file.
MAY_SERVE = tuple(served for served in Served if served is not Served.AUTOMATION)
USUAL_EFFORT = Process(name="", served=Served.PEOPLE).effort


def processes_of(path: Path | None) -> tuple[dict[str, Process], list[FileRefusal]]:
    """Return what is declared, and what is wrong with it; without a file, nothing of either."""
    if path is None or not path.exists():
        return {}, []
    found, problems = _declared(text_of(path), path.name)
    return dict(found), list(problems)


@lru_cache(maxsize=8)  # every page with a grade asks, and the file hardly ever says anything else
def _declared(text: str, file: str) -> tuple[dict[str, Process], list[FileRefusal]]:
    root, reading = read_text(text, file)
    if root is None:
        return {}, reading.problems
    node = reading.keys(root, ("processes",), PROCESSES).get("processes")
    named = {} if node is None or node.value is None else reading.mapping(node, "processes")
    found = {name: _process(name, each, reading) for name, each in named.items()}
    return found, reading.problems


def known(db: Connection, settings: Settings) -> list[Process]:
    """Return every process by name: each automation as it is live, each way that is declared beside them."""
    declared, _ = processes_of(beside(settings.automations, PROCESSES))
    ours = {each.name: of_automation(each) for each in automations.live(db)}
    # Of two with one name the automation is counted: what the other does is nowhere else.
    return [each for _, each in sorted((declared | ours).items())]


def of_automation(automation: Automation) -> Process:
    """Return what the automation's own file declares."""
    return Process(
        name=automation.name,
        served=Served.AUTOMATION,
        reach=reach_of(automation) or Reach.INBOX,
        words=automation.mandate,
        owner=automation.owner,
        benefit=Benefit(automation.benefit.otherwise),
        bounds=automation.bounds,
    )


def _process(name: str, node: Node, reading: Reading) -> Process:
    reading.automation = name
    keys = reading.keys(node, KEYS, name)
    for key in REQUIRED:
        if key not in keys:
            right = ", ".join(MAY_SERVE) if key == "served" else "en, fr"
            reading.missing(node, key, right)
    process = Process(
        name=name,
        served=_served(keys.get("served"), reading),
        words=values.words(keys["what"], reading, "what") if "what" in keys else {},
        owner=values.text(keys["owner"], reading, "owner") if "owner" in keys else "",
        benefit=_benefit(keys.get("benefit"), reading),
        only_way="only_way" in keys and values.yes_no(keys["only_way"], reading, "only_way"),
        effort=_more_than_nothing(keys.get("minutes"), reading, "minutes") or USUAL_EFFORT,
        costs=_costs(keys.get("costs"), reading),
        bounds=bounds(keys.get("bounds"), reading),
    )
    reading.automation = ""
    return process


def _served(node: Node | None, reading: Reading) -> Served:
    found = values.choice(node, reading, "served", Served) if node else None
    if node is not None and found is Served.AUTOMATION:
        reading.wrong(node, "served", ", ".join(MAY_SERVE))
    return found or Served.PEOPLE


def _benefit(node: Node | None, reading: Reading) -> Benefit:
    found = values.choice(node, reading, "benefit", Benefit) if node else None
    return found or Benefit.NONE


def _costs(node: Node | None, reading: Reading) -> Costs:
    declared = reading.keys(node, COSTS, "costs") if node else {}
    said = {
        COSTS[key]: cost
        for key, each in declared.items()
        if (cost := _more_than_nothing(each, reading, key)) is not None
    }
    return Costs(**said)


def _more_than_nothing(node: Node | None, reading: Reading, field: str) -> Said | None:
    value = values.number(node, reading, field) if node else None
    if node is None or value is None:
        return None
    if not 0 < value < float("inf"):
        reading.wrong(node, field, "0.1, 15")
        return None
    return Said(value=value)
