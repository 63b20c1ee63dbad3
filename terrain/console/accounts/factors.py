"""Second factors: an app that shows codes, passkeys, and codes on paper for the day both are lost.

Promise: secrets are kept encrypted with the key of this installation, a code opens once, and every try at one
is counted (`terrain/console/throttle.py`) before it is looked at.

django-allauth keeps the factors and checks passkeys; which code was used last is kept in the record and
not in a process, so that it opens once however many processes there are.
"""

import base64
import json
import struct
from hashlib import blake2b
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.internal.flows import delete_and_cleanup
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as app_codes
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn.internal import auth as passkeys
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from terrain.config import secret_of

Type = Authenticator.Type
LONGEST_ANSWER = 32_000
LONGEST_NAME = 80
DIGITS = 6


class Factors(DefaultMFAAdapter):
    """What django-allauth asks of us about factors."""

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return str(settings.TERRAIN.company)

    def _get_site_name(self) -> str:
        return str(settings.TERRAIN.company)

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return entity | {"display_name": user.name, "name": user.email}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Name the house; behind a proxy by the address that browsers reach, not by the one we are asked at."""
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        public = urlsplit(settings.TERRAIN.public_url).hostname
        return entity | {"id": public} if public else entity


def _box() -> Fernet:
    key = blake2b(secret_of(settings.TERRAIN).encode(), digest_size=32, person=b"second factor")
    return Fernet(base64.urlsafe_b64encode(key.digest()))


def of(person: Any) -> dict[str, list[Authenticator]]:
    """Return what somebody has, by type, the oldest first."""
    found: dict[str, list[Authenticator]] = {each.value: [] for each in Type}
    for each in Authenticator.objects.filter(user_id=person.pk).order_by("pk"):
        found[each.type].append(each)
    return found


def has_one(person: Any) -> bool:
    """Say whether somebody has a factor that stands for itself, which codes on paper do not."""
    return bool(Authenticator.objects.filter(user_id=person.pk, type__in=STRONG).exists())


def right_code(person: Any, typed: str) -> Authenticator | None:
    """Return the factor that this code is of, and use the code up."""
    code = "".join(typed.split())
    kept = Authenticator.objects.select_for_update().filter(user_id=person.pk)
    for each in kept.exclude(type=Type.WEBAUTHN).order_by("pk"):
        is_right = (
            _uses_up(each, code) if each.type == Type.TOTP else each.wrap().validate_code(code)
        )
        if is_right:
            return each
    return None


def _uses_up(app: Authenticator, code: str) -> bool:
    """Say whether the app shows this code now; one that was used, and those before it, open no more."""
    counter = counter_of(decrypt(app.data["secret"]), code)
    if counter is None or counter <= app.data.get("last_used", -1):
        return False
    app.data["last_used"] = counter
    app.save(update_fields=["data"])
    return True


def counter_of(secret: str, code: str) -> int | None:
    """Return the half minute in which this secret makes this code, if that is about now."""
    if len(code) != DIGITS or not (code.isascii() and code.isdecimal()):
        return None
    for counter in app_codes.yield_hotp_counters_from_time():
        if app_codes.format_hotp_value(app_codes.hotp_value(secret, counter)) == code:
            return int(counter)
    return None


def add_app(person: Any, secret: str, code: str) -> bool:
    """Keep the app that shows this code for this secret; false when it does not."""
    counter = counter_of(secret, "".join(code.split()))
    if counter is None:
        return False
    app = app_codes.TOTP.activate(person, secret).instance
    app.data["last_used"] = counter
    app.save(update_fields=["data"])
    return True


def picture_of(person: Any, secret: str) -> str:
    """Return the address that an app reads, as a square picture in the address of an image."""
    factors = Factors()
    drawn = factors.build_totp_svg(factors.build_totp_url(person, secret))
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.encode()).decode()


def new_codes(person: Any) -> list[str]:
    """Make new codes for paper; those of before open nothing any more."""
    Authenticator.objects.filter(user_id=person.pk, type=Type.RECOVERY_CODES).delete()
    codes: list[str] = RecoveryCodes.activate(person).generate_codes()
    return codes


def passkey_wanted(person: Any) -> str:
    """Return what a browser needs to make a passkey."""
    return json.dumps(passkeys.begin_registration(person, passwordless=True))


def passkey_asked(person: Any | None = None) -> str:
    """Return what a browser needs to show a passkey, of this person or of whoever comes."""
    return json.dumps(passkeys.begin_authentication(person))


def add_passkey(person: Any, name: str, answer: str) -> bool:
    """Keep the passkey that the browser made; false when it is not what was asked for."""
    made = _read(answer)
    try:
        passkeys.parse_registration_response(made)
        made_by_a_person = passkeys.complete_registration(made).is_user_verified()
    except UNFIT:
        return False
    if made_by_a_person:
        passkeys.WebAuthn.add(person, name[:LONGEST_NAME], made)
    return bool(made_by_a_person)


def right_passkey(answer: str, person: Any | None = None) -> Authenticator | None:
    """Return the passkey that was shown, of this person or of whoever comes."""
    shown = _read(answer)
    try:
        passkeys.parse_authentication_response(shown)
        whose = person or passkeys.extract_user_from_response(shown)
        found: Authenticator = passkeys.complete_authentication(whose, shown)
    except UNFIT:
        return None
    return found


def remove(request: HttpRequest, factor: Authenticator) -> None:
    """Take a factor away; with the last one the codes on paper go, too."""
    delete_and_cleanup(request, factor)


def can_have_passkeys(request: HttpRequest) -> bool:
    """Say whether browsers make passkeys for our address: they need a name, and TLS but for localhost."""
    address = urlsplit(settings.TERRAIN.public_url) if settings.TERRAIN.public_url else None
    scheme, host = (
        (address.scheme, address.hostname) if address else (request.scheme, _host_of(request))
    )
    is_number = ":" in (host or "") or (host or "").replace(".", "").isdecimal()
    return host == "localhost" or (scheme == "https" and not is_number)


def _host_of(request: HttpRequest) -> str:
    return str(request.get_host()).rsplit(":", 1)[0]


def _read(answer: str) -> dict[str, Any]:
    """Return what the browser sent, if it is an object at all."""
    try:
        read = json.loads(answer[:LONGEST_ANSWER])
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


STRONG = (Type.TOTP, Type.WEBAUTHN)
# What fido2 and django-allauth raise about an answer that was made up by hand.
UNFIT = (ValidationError, ValueError, TypeError, KeyError, AttributeError, struct.error)
