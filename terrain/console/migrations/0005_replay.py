"""Runs terrain/store/schema/0005_replay.sql."""

from terrain.console.migrations import run_sql

Migration = run_sql("0005_replay")
