"""How fast mail goes to each mail domain: one row a domain, shared by all senders of all workers.

Promise: over any stretch of time a domain gets no more than the rate and a burst of ten seconds'
worth, however many workers send; a letter that has to wait is told until when.
"""

from datetime import datetime, timedelta

from psycopg import Connection

BURST = timedelta(seconds=10)


def take_turn(
    db: Connection, domain: str, per_minute: int, now: datetime, *, urgent: bool
) -> datetime | None:
    """Take the next place for this domain; return None when it is now, else when to come again.

    What is urgent never waits, and the others wait for it.
    """
    gap = timedelta(minutes=1) / per_minute
    taken = db.execute(
        """
        INSERT INTO mail_pace AS p (domain, free_at) VALUES (%(domain)s, %(now)s + %(gap)s)
        ON CONFLICT (domain) DO UPDATE
           SET free_at = GREATEST(p.free_at, %(now)s - %(burst)s) + %(gap)s
         WHERE p.free_at <= %(now)s OR %(urgent)s
        """,
        {"domain": domain, "now": now, "gap": gap, "burst": BURST, "urgent": urgent},
    )
    if taken.rowcount:
        return None
    row = db.execute("SELECT free_at FROM mail_pace WHERE domain = %s", [domain]).fetchone()
    return row[0] if row else now
