"""Runs terrain/store/schema/0008_walks.sql."""

from terrain.console.migrations import run_sql

Migration = run_sql("0008_walks")
