"""The outside world: how an act leaves. A channel says how it went and never raises for it."""
