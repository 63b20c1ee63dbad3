"""Terrain: automate what helps, keep people in charge of the rest, and prove it act by act.

The way one event takes through the house, and where to find each part of it:

    take_in    `api/collector`, `flow/take_in`   accepted, committed, then answered; twice is once
    remember   `core/memory`, `core/belief`      who it is about, what was claimed, what holds now
    propose    `core/journey`                    what the automations would do about it
    weigh      `core/guard`                      act, ask, hold or hand over, with the reasons kept
    carry_out  `flow/carry_out`, `channels/`     what may leave does, once, asked again at the door
    listen     `flow/listen`, `core/crediting`   what came back, tied to the act that caused it
    oversee    meters, breakers, flags, recalls  (not built yet)

`core/` decides and is pure; `store/` remembers, in plain SQL; `flow/` moves, one transaction each;
`channels/` is the outside world; `api/` is where machines come in and `console/` where people do;
`embedded/` runs PostgreSQL where there is none. Imports only look down, in that order reversed.
"""

__version__ = "0.1.0"
