"""One module a room: what is shown and what is taken in. No rule of the domain lives here."""
