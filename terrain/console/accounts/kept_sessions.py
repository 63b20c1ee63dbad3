"""Sessions as the record keeps them: by a keyed hash of what the browser holds.

Promise: whoever reads the record, or a backup of it, signs in nowhere with what stands there.

Django's own engine would write down the very key that opens the session.
"""

from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.utils import timezone

from terrain.config import secret_of
from terrain.console.accounts.sessions import BEGAN, BROWSER, PLACE, SEEN


def kept_as(key: str) -> str:
    """Return by what the session with this key is kept."""
    own = blake2b(secret_of(settings.TERRAIN).encode(), digest_size=32, person=b"sessions").digest()
    return blake2b(key.encode(), key=own, digest_size=20).hexdigest()


class SessionStore(db.SessionStore):
    """One session; its `session_key` is what the browser holds and is written down nowhere."""

    @classmethod
    def get_model_class(cls) -> Any:
        # Only known once Django is ready.
        from terrain.console.accounts.models import Session  # noqa: PLC0415

        return Session

    @property
    def kept_as(self) -> str:
        """Return by what this session is kept; nothing while it is not."""
        return kept_as(self.session_key) if self.session_key else ""

    def exists(self, session_key: str) -> bool:
        return bool(super().exists(kept_as(session_key)))

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            super().delete(kept_as(key))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        return self.model(
            session_key=kept_as(self._get_or_create_session_key()),
            session_data=self.encode(data),
            expire_date=self.get_expiry_date(),
            staff_id=data.get(SESSION_KEY),
            ip=data.get(PLACE),
            browser=data.get(BROWSER, ""),
            began_at=_moment(data.get(BEGAN)),
            seen_at=_moment(data.get(SEEN)),
        )

    def _get_session_from_db(self) -> Any:
        kept = self.model.objects.filter(
            session_key=self.kept_as, expire_date__gt=timezone.now()
        ).first()
        if kept is None:
            self._session_key = None  # a key that opens nothing is not taken over
        return kept


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
