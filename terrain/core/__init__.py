"""Decides. Values in, values out: no clock, no database, no network; `now` is an argument everywhere.

Only Python's standard library and msgspec may be imported here (a test holds it).
"""
