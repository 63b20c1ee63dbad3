"""Runs terrain/store/schema/0004_door.sql."""

from terrain.console.migrations import run_sql

Migration = run_sql("0004_door")
