"""Runs terrain/store/schema/0002_reference.sql."""

from terrain.console.migrations import run_sql

Migration = run_sql("0002_reference")
