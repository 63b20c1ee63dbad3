"""Terrain: automate what helps, keep people in charge of the rest, and prove it act by act.

The way one event takes through the house, and where to find each part of it:

    take_in    `api/collector`, `flow/take_in`   accepted, committed, then answered; twice is once
    remember   `core/memory`, `core/belief`      who it is about, what was claimed, what holds now
    propose    `core/journey`                    what the automations would do about it
    weigh      `core/guard`                      act, ask, hold or hand over, with the reasons kept
    carry_out  `flow/carry_out`, `channels/`     what may leave does, once, asked again at the door
    listen     `flow/listen`, `core/crediting`   what came back, tied to the act that caused it
    oversee    `flow/overseeing`, `core/meter`, `flow/breaker`   what strays is stopped, its people told

What people do beside that way, and the modules that know about it (the pages are rows of `console/urls`):

    explain    `flow/explanation`, `flow/own_page`, `flow/own_history`, `flow/leaving`   why, and what was not done
    say        `flow/saying`        by customers (`customer_says`, `wishing`, `agreeing`), for them (`desk_says`)
    stop       `flow/stop`, `core/wishes`        at once, whichever door it comes through
    pull       `core/flag`, `flow/flagging`, `flow/answering`, `console/cord`, `flow/needs`   the cord
    rights     `flow/export`, `flow/freezing`, `flow/erasure` (asked), `flow/forgetting` (done), `flow/strays`
    change     `core/difference`, `core/approval`, `flow/proposals`, `flow/versions`, `flow/folder`
    foresee    `core/foresight`, `flow/shoes`    one customer's ninety days; `flow/rehearsal`  a month of all
    find       `core/directory`, `flow/directory`        by any name, with a slip of the pen
    recall     `flow/recall`, `flow/recall_look`, `flow/making_good`        whom it is about, and what makes good
    begin      `flow/morning`, `flow/desk`, `flow/owners`        what needs this person, the worst first
    write      `flow/telling`, `flow/weekly`, `flow/week`, `flow/drawn`        letters to staff, with their pictures
    work       `flow/tasks`, `flow/trays`, `flow/sources`        what waits for a person
    come in    `core/staff`, `flow/staff`, `console/access`, `console/accounts/`        who works here, and may what
    count      `store/counters`, `store/marks`, `console/live`        what happened, and telling open pages
    witness    `store/audit`, `console/audit`        what staff did

`core/` decides and is pure; `store/` remembers, in plain SQL; `flow/` moves, one transaction each;
`channels/` is the outside world; `api/` is where machines come in and `console/` where people do;
`embedded/` runs PostgreSQL where there is none. Imports only look down, in that order reversed.
"""

__version__ = "0.1.0"
