"""Runs terrain/store/schema/0001_record.sql."""

from terrain.console.migrations import run_sql

Migration = run_sql("0001_record")
