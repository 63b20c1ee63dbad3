"""The company's own sign-in (OpenID Connect), through django-allauth.

Promise: a token counts only when the provider that was set signed it, for us, for this very sign-in: its
signature, issuer, audience, age and nonce are asked every time, whatever way it came.

State and PKCE are django-allauth's. The nonce follows from the state, which is random, kept in the session and
good once; so a token that was made for another sign-in does not fit this one.
"""

import hmac
import secrets
from hashlib import blake2b, sha256
from typing import Any

import jwt
import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from terrain import logs
from terrain.config import public_address
from terrain.console import audit
from terrain.console.accounts.models import Person
from terrain.console.record import record
from terrain.console.refusals import refused
from terrain.errors import Refusal
from terrain.flow import single_sign_on

# Only what is signed with a key that nobody else has: never with the secret that both sides know, never not.
ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
)
NEEDED = ("iss", "sub", "aud", "exp", "iat", "nonce")
# Two clocks are never the same.
SECONDS_OFF = 60

log = logs.get("console")


class SignInElsewhereFailed(Refusal):
    """What came back is not what was asked for, or nothing came back."""

    code = "oidc_failed"
    status = 403


class Doors(DefaultSocialAccountAdapter):
    """What django-allauth asks of us while somebody comes in this way."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Tie whoever comes for the first time to their account, or refuse them."""
        who, house = sociallogin.state_of_ours, settings.TERRAIN
        try:
            if not sociallogin.is_existing:
                number = single_sign_on.admit(record(), who, house, request.now)
                sociallogin.connect(request, Person.objects.get(pk=number))
        except Refusal as refusal:
            raise ImmediateHttpResponse(not_let_in(request, refusal)) from None
        single_sign_on.keep_roles(record(), sociallogin.user.pk, who, house)
        Person.objects.filter(pk=sociallogin.user.pk, joined_at=None).update(joined_at=request.now)
        sociallogin.user.refresh_from_db()

    def list_apps(self, *_: Any, **__: Any) -> list[SocialApp]:
        """Return the one provider there is."""
        return [app()] if is_set() else []

    def on_authentication_error(self, request: HttpRequest, *_: Any, **said: Any) -> None:
        trouble = said.get("exception")
        log.warning("sign_in_elsewhere_failed", kind=type(trouble).__name__ if trouble else None)
        if "state_id" in (said.get("extra_context") or {}):
            # Nobody here began it: whoever makes such addresses up would fill the audit log with them.
            raise ImmediateHttpResponse(refused(request, SignInElsewhereFailed()))
        raise ImmediateHttpResponse(not_let_in(request, SignInElsewhereFailed()))


class Provider(OpenIDConnectProvider):
    """The provider that the settings name."""

    def get_oauth2_adapter(self, request: HttpRequest) -> "Way":
        return Way(request, self.app.provider_id)


class Way(OpenIDConnectOAuth2Adapter):
    """The way to the provider and back."""

    def get_provider(self) -> Provider:
        return Provider(self.request, app=app())

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        back = str(reverse("openid_connect_callback"))
        if settings.TERRAIN.public_url:
            return public_address(settings.TERRAIN) + back
        return str(request.build_absolute_uri(back))

    @property
    def openid_config(self) -> dict[str, Any]:
        config: dict[str, Any] = super().openid_config
        if str(config.get("issuer", "")).rstrip("/") != settings.TERRAIN.oidc_issuer.rstrip("/"):
            raise OAuth2Error("the provider names another issuer")
        return config

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any
    ) -> SocialLogin:
        claims = self._verified(app, str(kwargs["response"].get("id_token", "")))
        if "email" not in claims and "userinfo_endpoint" in self.openid_config:
            claims = self._with_userinfo(claims, token.token)
        kept = {name: claims[name] for name in ("sub", "email", "email_verified") if name in claims}
        login = self.get_provider().sociallogin_from_response(request, {"id_token": kept})
        login.state_of_ours = single_sign_on.said(claims, settings.TERRAIN)
        return login

    def _verified(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key=self._key_of(id_token),
                algorithms=list(ALGORITHMS),
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=SECONDS_OFF,
                options={"require": list(NEEDED)},
            )
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise OAuth2Error("the token does not count") from error
        if not hmac.compare_digest(str(claims["nonce"]), nonce_of(self.request.GET["state"])):
            raise OAuth2Error("the token was made for another sign-in")
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("the token was made for somebody else")
        return claims

    def _key_of(self, id_token: str) -> jwt.PyJWK:
        named = jwt.get_unverified_header(id_token).get("kid")
        keys = jwt.PyJWKSet.from_dict(self._fetched(self.openid_config["jwks_uri"])).keys
        found = [key for key in keys if named in (None, key.key_id)]
        if len(found) != 1:
            raise OAuth2Error("no key of the provider fits")
        return found[0]

    def _with_userinfo(self, claims: dict[str, Any], access: str) -> dict[str, Any]:
        more = self._fetched(self.profile_url, {"Authorization": f"Bearer {access}"})
        if more.get("sub") != claims["sub"]:
            raise OAuth2Error("the provider speaks of somebody else")
        return {**more, **claims}

    def _fetched(self, address: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
        with get_adapter().get_requests_session() as session:
            answer = session.get(address, headers=headers)
        answer.raise_for_status()
        found = answer.json()
        if not isinstance(found, dict):
            raise OAuth2Error("the provider's answer is not an object")
        return found


def is_set() -> bool:
    """Say whether the house has a provider."""
    return bool(settings.TERRAIN.oidc_issuer)


def app() -> SocialApp:
    """Return the provider of the settings. Its name holds its issuer: another one's people are others."""
    house = settings.TERRAIN
    mark = blake2b(house.oidc_issuer.rstrip("/").encode(), digest_size=8).hexdigest()
    return SocialApp(
        provider="openid_connect",
        provider_id=f"oidc-{mark}",
        name=house.oidc_name,
        client_id=house.oidc_client_id,
        secret=house.oidc_client_secret,
        settings={"server_url": house.oidc_issuer.rstrip("/"), "oauth_pkce_enabled": True},
    )


def address_to_go_to(request: HttpRequest, wanted: str) -> str:
    """Return where the provider asks who somebody is; the way back is remembered in the session."""
    way = Way(request, app().provider_id)
    state = secrets.token_urlsafe(32)
    try:
        answer = way.get_provider().redirect(
            request,
            "login",
            next_url=wanted,
            state_id=state,
            auth_params={"nonce": nonce_of(state)},
        )
    except (requests.RequestException, OAuth2Error, ValueError, KeyError) as error:
        log.warning("sign_in_elsewhere_away", kind=type(error).__name__)
        raise SignInElsewhereFailed from None
    return str(answer.headers["Location"])


def come_back(request: HttpRequest) -> HttpResponse:
    """Let in whom the provider vouches for, and say no to everybody else."""
    try:
        response: HttpResponse = OAuth2CallbackView.adapter_view(Way(request, app().provider_id))(
            request
        )
    except (OAuth2Error, requests.RequestException, ValueError, KeyError, TypeError) as error:
        log.warning("sign_in_elsewhere_odd", kind=type(error).__name__)
        return not_let_in(request, SignInElsewhereFailed())
    return response


def not_let_in(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    audit.note_about(None, "sign_in_failed", details={"by": "openid", "refused": refusal.code})
    return refused(request, refusal)


def nonce_of(state: str) -> str:
    return sha256(f"nonce of {state}".encode()).hexdigest()
