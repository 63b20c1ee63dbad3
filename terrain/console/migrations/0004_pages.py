"""Runs terrain/store/schema/0004_pages.sql."""

from terrain.console.migrations import run_sql

Migration = run_sql("0004_pages")
