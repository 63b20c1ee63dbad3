"""Remembers: functions over a psycopg Connection, SQL in place; the caller opens the transaction."""
