"""Runs terrain/store/schema/0003_work.sql."""

from terrain.console.migrations import run_sql

Migration = run_sql("0003_work")
