"""Reads the settings (`terrain/settings.py`) from the environment.

Promise: what is set is understood or refused; a misspelt variable never goes unnoticed.

Settings come from environment variables named TERRAIN_*, and from nowhere else.
"""

import contextlib
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints
from zoneinfo import available_timezones

import msgspec
from msgspec import Meta

from terrain.errors import Refusal, did_you_mean
from terrain.settings import Settings as Settings  # noqa: PLC0414 - the house asks here for both

PREFIX = "TERRAIN_"


class UnknownSetting(Refusal):
    code = "unknown_setting"


class WrongSetting(Refusal):
    code = "wrong_setting"


class Description(msgspec.Struct, frozen=True):
    """One setting as people read about it."""

    name: str
    variable: str
    default: object
    sentences: Mapping[str, str]
    secret: bool


def read(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of this environment, or refuse the first that is unknown or wrong."""
    environ = os.environ if environ is None else environ
    names = {PREFIX + name.upper(): name for name in Settings.__struct_fields__}
    given = {variable: text for variable, text in environ.items() if variable.startswith(PREFIX)}
    for variable in given:
        if variable not in names:
            nearest = did_you_mean(variable, names, at_least=0)
            raise UnknownSetting(field=variable, right=nearest)
    hints = get_type_hints(Settings, include_extras=True)
    found = Settings(
        **{names[each]: _understood(each, text, hints[names[each]]) for each, text in given.items()}
    )
    _need_each_other(found)
    return found


def _need_each_other(found: Settings) -> None:
    """Refuse the half of a sign-in: with it, nobody would come in."""
    if found.oidc_issuer and not found.oidc_client_id:
        raise WrongSetting(field="TERRAIN_OIDC_CLIENT_ID", value="", right="…")
    if found.oidc_only and not found.oidc_issuer:
        raise WrongSetting(field="TERRAIN_OIDC_ISSUER", value="", right="https://…")


def descriptions() -> Iterator[Description]:
    """Yield every setting in the order of its declaration."""
    hints = get_type_hints(Settings, include_extras=True)
    for field in msgspec.structs.fields(Settings):
        meta = _meta(hints[field.name])
        extra = meta.extra or {}
        yield Description(
            name=field.name,
            variable=PREFIX + field.name.upper(),
            default=getattr(Settings(), field.name),
            sentences={"en": meta.description or "", "fr": extra["fr"]},
            secret=extra["secret"],
        )


def secret_of(settings: Settings) -> str:
    """Return the key that signs; made on first need, readable by its owner only."""
    if settings.secret:
        return settings.secret
    settings.data.mkdir(parents=True, exist_ok=True)
    return kept_secret(settings.data / "secret")


def kept_secret(path: Path) -> str:
    """Return the random word kept in this file, making it once, whoever comes first."""
    if not path.exists():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
        # Of two processes that start at once, the first link holds and both read the same word.
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text().strip()


def mail_server(settings: Settings) -> str:
    """Return where e-mail leaves by: the server that was set, else the local sink."""
    return settings.smtp_url or f"smtp://127.0.0.1:{settings.sink_port}"


def public_address(settings: Settings) -> str:
    return settings.public_url.rstrip("/") or f"http://{settings.host}:{settings.port}"


def _understood(variable: str, text: str, hint: Any) -> Any:
    try:
        value = msgspec.convert(text.strip(), hint, strict=False, dec_hook=_path)
    except msgspec.ValidationError:
        shown = None if (_meta(hint).extra or {})["secret"] else text
        raise WrongSetting(field=variable, value=shown, right=_right(hint)) from None
    if variable == "TERRAIN_TIME_ZONE" and value not in available_timezones():
        nearest = did_you_mean(text, available_timezones(), at_least=0)
        raise WrongSetting(field=variable, value=text, right=nearest)
    return value


def _meta(hint: Any) -> Meta:
    meta: Meta = get_args(hint)[1]
    return meta


def _right(hint: Any) -> str:
    kind, meta = get_args(hint)
    if get_origin(kind) is Literal:
        return ", ".join(get_args(kind))
    if meta.examples:
        return ", ".join(meta.examples)
    if kind is bool:
        return "true, false"
    return f"{meta.ge}–{meta.le}" if meta.ge is not None else "…"


def _path(kind: type, text: str) -> object:
    return kind(text).expanduser().absolute()
