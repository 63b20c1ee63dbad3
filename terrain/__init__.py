"""Terrain: customer-facing automation with people at the controls."""
