"""Machines come in here: the collector, the answers to questions, OpenAPI, health and metrics."""
