"""Runs terrain/store/schema/0007_versions.sql."""

from terrain.console.migrations import run_sql

Migration = run_sql("0007_versions")
