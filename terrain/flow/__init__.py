"""Moves: reads, asks core, writes; one transaction each."""
