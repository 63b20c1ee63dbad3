"""Runs terrain/store/schema/0006_mail.sql."""

from terrain.console.migrations import run_sql

Migration = run_sql("0006_mail")
