"""A small OpenID provider of our own, on a port of this machine, that does what the standard says.

It asks nobody for a password: whoever comes is who the test says. `lies` lets it do one thing wrong.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlencode

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "terrain", "what both of us know"


class IdentityProvider:
    """Knows one person at a time, and gives codes, tokens and keys."""

    def __init__(self) -> None:
        self.issuer = ""
        self.who: dict[str, Any] = {}
        self.lies: dict[str, Any] = {}
        self.asked: list[dict[str, str]] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def is_now(self, **claims: Any) -> None:
        """Say who comes."""
        self.who = {"sub": "ines-1", "email": "ines@example.org", "email_verified": True, **claims}

    def routes(self) -> list[Route]:
        return [
            Route("/.well-known/openid-configuration", self.describe),
            Route("/authorize", self.authorize),
            Route("/token", self.token, methods=["POST"]),
            Route("/userinfo", self.userinfo),
            Route("/keys", self.keys),
        ]

    async def describe(self, _: Request) -> Response:
        here = self.issuer
        return JSONResponse(
            {
                "issuer": self.lies.get("described_issuer", here),
                "authorization_endpoint": f"{here}/authorize",
                "token_endpoint": f"{here}/token",
                "userinfo_endpoint": f"{here}/userinfo",
                "jwks_uri": f"{here}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        self.asked.append(asked)
        if "error" in self.lies:
            back = {"error": self.lies["error"], "state": asked["state"]}
        else:
            code = secrets.token_urlsafe(16)
            self.codes[code] = asked
            back = {"code": code, "state": asked["state"]}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", 302)

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        asked = self.codes.pop(str(form.get("code")), None)
        known = (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        if asked is None or not known or form.get("redirect_uri") != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        proof = hashlib.sha256(str(form.get("code_verifier", "")).encode()).digest()
        if base64.urlsafe_b64encode(proof).rstrip(b"=").decode() != asked.get("code_challenge"):
            return JSONResponse({"error": "invalid_grant"}, 400)
        answer = {"access_token": "open sesame", "token_type": "Bearer"}
        if not self.lies.get("no_token"):
            answer["id_token"] = self.id_token(asked)
        return JSONResponse(answer)

    def id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **({"sub": self.who["sub"]} if self.lies.get("thin") else self.who),
            **self.lies.get("claims", {}),
        }
        if self.lies.get("unsigned"):
            return jwt.encode(claims, "", algorithm="none", headers={"kid": "one"})
        if self.lies.get("signed_with_the_secret"):
            return jwt.encode(claims, SECRET * 2, algorithm="HS256", headers={"kid": "one"})
        return jwt.encode(
            claims,
            self.lies.get("key", self.key),
            algorithm="RS256",
            headers={"kid": self.lies.get("kid", "one")},
        )

    async def userinfo(self, request: Request) -> Response:
        if request.headers.get("authorization") != "Bearer open sesame":
            return JSONResponse({"error": "invalid_token"}, 401)
        return JSONResponse({**self.who, **self.lies.get("userinfo", {})})

    async def keys(self, _: Request) -> Response:
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return JSONResponse({"keys": [{**key, "kid": "one", "use": "sig", "alg": "RS256"}]})


@contextmanager
def running() -> Iterator[IdentityProvider]:
    """Let it answer on a port of its own."""
    provider = IdentityProvider()
    app = Starlette(routes=provider.routes())
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    provider.issuer = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield provider
    server.should_exit = True
    thread.join(10)
