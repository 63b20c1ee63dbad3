"""The accounts of those who work here: who they are, how they come in, how long they stay in."""
