"""The company's own sign-in, against a real provider over real HTTP: who comes in, and who does not."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from psycopg import Connection

from terrain.config import WrongSetting, read
from terrain.core.staff import Role
from terrain.store import staff
from tests.colleagues import post_as
from tests.identity_provider import CLIENT, SECRET, IdentityProvider, running

pytestmark = pytest.mark.usefixtures("served")
ELSEWHERE = "/sign-in/with"


@pytest.fixture(scope="module")
def _provider() -> Iterator[IdentityProvider]:
    with running() as provider:
        yield provider


@pytest.fixture
def provider(_provider: IdentityProvider, settings_of_django: Any) -> IdentityProvider:
    """Return a provider that tells the truth about Inès, and let the house know it."""
    _provider.lies, _provider.asked = {}, []
    _provider.is_now()
    house(settings_of_django, _provider)
    return _provider


def house(settings: Any, provider: IdentityProvider, **more: Any) -> None:
    """Set what the house says about its provider."""
    settings.TERRAIN = msgspec.structs.replace(
        settings.TERRAIN,
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        oidc_name="Acme ID",
        **more,
    )


@pytest.fixture
def settings_of_django(_django: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    from django.conf import settings  # noqa: PLC0415

    monkeypatch.setattr(settings, "TERRAIN", settings.TERRAIN)
    return settings


class _StaysHere(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def browser_of() -> Any:
    from django.test import Client  # noqa: PLC0415

    return Client(enforce_csrf_checks=True)


def go(browser: Any, wanted: str = "") -> str:
    """Press the button; return the address that the provider is asked at."""
    form = {"next": wanted} if wanted else {}
    answer = post_as(browser, "/sign-in", ELSEWHERE, **form)
    assert answer.status_code == 200, answer.content.decode()
    return str(answer.headers["Refresh"].partition("url=")[2])


def sent_back(address: str) -> str:
    """Let the provider answer; return the address that it leads the browser back to."""
    from urllib.error import HTTPError  # noqa: PLC0415

    try:
        build_opener(_StaysHere).open(address, timeout=10)
    except HTTPError as answer:
        back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"
    raise AssertionError(address)


def come(browser: Any, wanted: str = "") -> Any:
    """Go the whole way."""
    return browser.get(sent_back(go(browser, wanted)))


def is_in(browser: Any) -> bool:
    return bool(browser.get("/demo").status_code == 200)


def invited(db: Connection, email: str = "ines@example.org", *roles: Role) -> int:
    return staff.make(db, staff.New(name="Inès", email=email, roles=list(roles or (Role.ADVISER,))))


def joined(db: Connection, email: str, *roles: Role) -> int:
    new = staff.New(name="Camille", email=email, roles=list(roles), joined_at=datetime.now(UTC))
    return staff.make(db, new)


def code_in(answer: Any) -> str:
    found = re.search(r"oidc_[a-z_]+", answer.content.decode())
    return found[0] if found else ""


def roles_of(db: Connection, email: str = "ines@example.org") -> list[str]:
    account = staff.by_email(db, email)
    return sorted(account.roles) if account else []


def test_whoever_was_invited_comes_in(provider: IdentityProvider, db: Connection) -> None:  # noqa: ARG001
    invited(db)
    browser = browser_of()
    answer = come(browser, "/demo")

    assert answer.headers["Location"] == "/demo"
    assert is_in(browser)
    account = staff.by_email(db, "ines@example.org")
    assert account
    assert account.joined_at


def test_the_second_time_they_are_the_same_though_their_address_changed(
    provider: IdentityProvider, db: Connection
) -> None:
    invited(db)
    come(browser_of())
    provider.is_now(email="ines.new@example.net", email_verified=False)
    browser = browser_of()
    come(browser)

    assert is_in(browser)
    assert len(staff.everybody(db)) == 1


def test_what_is_asked_holds_state_nonce_and_proof(provider: IdentityProvider) -> None:
    address = go(browser_of())
    asked = {name: each[0] for name, each in parse_qs(urlsplit(address).query).items()}

    assert address.startswith(f"{provider.issuer}/authorize?")
    assert asked["client_id"] == CLIENT
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) > 30
    assert len(asked["nonce"]) > 30
    assert SECRET not in address


def test_nobody_begins_it_but_a_form_of_ours(provider: IdentityProvider) -> None:
    browser = browser_of()

    assert browser.post(ELSEWHERE).status_code == 403
    assert browser.get(ELSEWHERE).headers["Location"] == "/sign-in"
    assert provider.asked == []


def test_a_stranger_is_not_let_in(provider: IdentityProvider, db: Connection) -> None:  # noqa: ARG001
    browser = browser_of()
    answer = come(browser)

    assert (answer.status_code, code_in(answer)) == (403, "oidc_not_invited")
    assert not is_in(browser)
    assert staff.everybody(db) == []


def test_a_stranger_of_an_open_domain_gets_an_account(
    provider: IdentityProvider, settings_of_django: Any, db: Connection
) -> None:
    house(settings_of_django, provider, oidc_domains="Example.org, example.com")
    provider.is_now(name="Inès  Martin")
    browser = browser_of()
    come(browser)
    account = staff.by_email(db, "ines@example.org")

    assert is_in(browser)
    assert account
    assert (account.name, account.roles) == ("Inès Martin", [Role.VIEWER])


@pytest.mark.parametrize(
    "email",
    [
        "ines@example.org.evil.net",
        "ines@evilexample.org",
        "ines@example.org@evil.net",
        "example.org",
        "ines@sub.example.org",
        "",
    ],
)
def test_a_domain_is_that_domain_and_no_other(
    provider: IdentityProvider, settings_of_django: Any, db: Connection, email: str
) -> None:
    house(settings_of_django, provider, oidc_domains="example.org")
    provider.is_now(email=email)

    assert come(browser_of()).status_code == 403
    assert staff.everybody(db) == []


@pytest.mark.parametrize("said", [False, None, "false", "yes", 1, "", [True]])
def test_an_address_that_nobody_verified_is_nobodys(
    provider: IdentityProvider, db: Connection, said: Any
) -> None:
    invited(db)
    provider.is_now(email_verified=said)
    browser = browser_of()

    assert code_in(come(browser)) == "oidc_address_not_verified"
    assert not is_in(browser)


def test_somebody_who_was_let_go_stays_out(provider: IdentityProvider, db: Connection) -> None:  # noqa: ARG001
    staff.keep_active(db, invited(db), active=False)
    browser = browser_of()

    assert code_in(come(browser)) == "oidc_let_go"
    assert not is_in(browser)


def test_somebody_who_came_this_way_before_and_was_let_go_stays_out(
    provider: IdentityProvider,  # noqa: ARG001
    db: Connection,
) -> None:
    number = invited(db)
    come(browser_of())
    staff.keep_active(db, number, active=False)
    browser = browser_of()
    come(browser)

    assert not is_in(browser)


LIES: dict[str, dict[str, Any]] = {
    "another nonce": {"claims": {"nonce": "of another sign-in"}},
    "no nonce": {"claims": {"nonce": None}},
    "a foreign issuer": {"claims": {"iss": "https://evil.example"}},
    "a foreign issuer from the start": {"described_issuer": "https://evil.example"},
    "another audience": {"claims": {"aud": "another-shop"}},
    "made for somebody else": {"claims": {"aud": [CLIENT, "other"], "azp": "other"}},
    "too old": {"claims": {"exp": 1_600_000_000}},
    "from the future": {"claims": {"iat": 4_000_000_000, "nbf": 4_000_000_000}},
    "no token": {"no_token": True},
    "unsigned": {"unsigned": True},
    "signed with what both know": {"signed_with_the_secret": True},
    "a key nobody named": {"kid": "two"},
    "another key": {"key": rsa.generate_private_key(public_exponent=65537, key_size=2048)},
    "she said no": {"error": "access_denied"},
    "it broke": {"error": "server_error"},
    "about somebody else": {"thin": True, "userinfo": {"sub": "camille-1"}},
}


@pytest.mark.parametrize("lie", LIES)
def test_what_is_not_the_truth_lets_nobody_in(
    provider: IdentityProvider, db: Connection, lie: str
) -> None:
    invited(db)
    browser = browser_of()
    if lie != "a foreign issuer from the start":
        provider.lies = LIES[lie]
        answer = come(browser)
    else:
        back = sent_back(go(browser))
        provider.lies = LIES[lie]
        answer = browser.get(back)

    assert (answer.status_code, code_in(answer)) == (403, "oidc_failed")
    assert not is_in(browser)


def test_an_address_may_come_from_elsewhere_when_the_token_is_thin(
    provider: IdentityProvider, db: Connection
) -> None:
    invited(db)
    provider.lies = {"thin": True}
    browser = browser_of()
    come(browser)

    assert is_in(browser)


def test_the_way_back_works_once(provider: IdentityProvider, db: Connection) -> None:  # noqa: ARG001
    invited(db)
    browser = browser_of()
    back = sent_back(go(browser))
    assert browser.get(back).status_code == 302
    post_as(browser, "/demo", "/left")

    assert code_in(browser.get(back)) == "oidc_failed"
    assert not is_in(browser)


@pytest.mark.usefixtures("provider")
def test_the_way_back_is_of_the_browser_that_went(db: Connection) -> None:
    invited(db)
    back = sent_back(go(browser_of()))
    victim = browser_of()

    assert code_in(victim.get(back)) == "oidc_failed"
    assert not is_in(victim)


@pytest.mark.parametrize(
    "query", ["", "?code=x", "?state=x", "?code=x&state=x", "?error=x&state=%00"]
)
def test_a_way_back_that_nobody_began_leads_nowhere(
    provider: IdentityProvider,  # noqa: ARG001
    db: Connection,
    query: str,
) -> None:
    assert browser_of().get(f"{ELSEWHERE}/back{query}").status_code in {400, 403}
    assert db.execute("SELECT count(*) FROM audit").fetchone() == (0,)


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example", "/sign-in/with/back", "javascript:1"],
)
def test_it_leads_on_to_a_room_of_ours_or_to_the_first(
    provider: IdentityProvider,  # noqa: ARG001
    db: Connection,
    wanted: str,
) -> None:
    invited(db)

    assert come(browser_of(), wanted).headers["Location"] == "/morning"


def test_groups_give_roles_at_every_sign_in(
    provider: IdentityProvider, settings_of_django: Any, db: Connection
) -> None:
    mapping = "Marketing=owner, front line=adviser, all=viewer"
    house(settings_of_django, provider, oidc_claim="groups", oidc_claim_roles=mapping)
    joined(db, "camille@example.org", Role.ADMINISTRATOR)
    invited(db, "ines@example.org", Role.ADMINISTRATOR)
    provider.is_now(groups=["Marketing", "all", "football"])
    come(browser_of())
    assert roles_of(db) == ["owner", "viewer"]

    provider.is_now(groups="front line")
    come(browser_of())
    assert roles_of(db) == ["adviser"]


@pytest.mark.parametrize("come_before", [False, True])
def test_no_group_takes_the_last_administrator_away(
    provider: IdentityProvider, settings_of_django: Any, db: Connection, *, come_before: bool
) -> None:
    house(settings_of_django, provider, oidc_claim="groups", oidc_claim_roles="Marketing=owner")
    make = joined if come_before else invited
    make(db, "ines@example.org", Role.ADMINISTRATOR)
    invited(db, "omar@example.org", Role.ADMINISTRATOR)
    provider.is_now(groups=["Marketing"])
    come(browser_of())

    assert roles_of(db) == ["administrator", "owner"]


@pytest.mark.parametrize(
    "groups", [None, [], ["football"], {"a": 1}, 7, [["Marketing"]], "marketing"]
)
def test_whoever_is_in_no_group_we_know_gets_the_usual_roles(
    provider: IdentityProvider, settings_of_django: Any, db: Connection, groups: Any
) -> None:
    house(settings_of_django, provider, oidc_claim="groups", oidc_claim_roles="Marketing=owner")
    invited(db, "ines@example.org", Role.MANAGER)
    provider.is_now(groups=groups)
    come(browser_of())

    assert roles_of(db) == ["viewer"]


def test_without_a_claim_the_house_keeps_giving_the_roles(
    provider: IdentityProvider, db: Connection
) -> None:
    invited(db, "ines@example.org", Role.MANAGER)
    provider.is_now(groups=["Marketing"])
    come(browser_of())

    assert roles_of(db) == ["manager"]


def test_what_is_kept_of_somebody_is_little(provider: IdentityProvider, db: Connection) -> None:
    invited(db)
    provider.is_now(picture="https://evil.example/x.png", phone_number="+33612345678")
    come(browser_of())
    row = db.execute("SELECT extra_data::text FROM socialaccount_socialaccount").fetchone()

    assert row
    assert "phone" not in row[0]
    assert "picture" not in row[0]
    assert db.execute("SELECT count(*) FROM socialaccount_socialtoken").fetchone() == (0,)


def test_both_ends_are_lines_of_the_audit_log(provider: IdentityProvider, db: Connection) -> None:
    come(browser_of())
    invited(db)
    come(browser_of())
    rows = db.execute("SELECT name, what, details FROM audit ORDER BY audit_id").fetchall()

    assert rows == [
        ("", "sign_in_failed", {"by": "openid", "refused": "oidc_not_invited"}),
        ("Inès", "signed_in", {"by": ["socialaccount"]}),
    ]
    assert provider.asked


def test_a_provider_that_is_away_is_said_so(
    provider: IdentityProvider, settings_of_django: Any
) -> None:
    house(settings_of_django, provider)
    settings_of_django.TERRAIN = msgspec.structs.replace(
        settings_of_django.TERRAIN, oidc_issuer="http://127.0.0.1:9"
    )
    answer = post_as(browser_of(), "/sign-in", ELSEWHERE)

    assert (answer.status_code, code_in(answer)) == (403, "oidc_failed")


def test_the_button_says_what_the_provider_is_called(provider: IdentityProvider) -> None:  # noqa: ARG001
    assert "Sign in with Acme ID" in browser_of().get("/sign-in").content.decode()


def test_without_a_provider_there_is_no_button() -> None:
    browser = browser_of()

    assert ELSEWHERE not in browser.get("/sign-in").content.decode()
    assert post_as(browser, "/sign-in", ELSEWHERE).status_code == 404
    assert browser.get(f"{ELSEWHERE}/back?code=x&state=x").status_code == 404


def test_where_it_is_the_only_way_a_password_opens_nothing(
    provider: IdentityProvider, settings_of_django: Any, db: Connection
) -> None:
    house(settings_of_django, provider, oidc_only=True)
    invited(db)
    browser = browser_of()
    page = browser.get("/sign-in").content.decode()
    answer = post_as(browser, "/sign-in", email="ines@example.org", password="x")

    assert 'type="password"' not in page
    assert (answer.status_code, code_in(answer)) == (403, "oidc_only")
    come(browser)
    assert is_in(browser)


@pytest.mark.parametrize("page", ["/sign-in/passkey", "/lost-password"])
def test_where_it_is_the_only_way_no_other_form_opens(
    provider: IdentityProvider, settings_of_django: Any, page: str
) -> None:
    house(settings_of_django, provider, oidc_only=True)
    browser = browser_of()
    answer = post_as(browser, "/sign-in", page)

    assert code_in(answer) == "oidc_only"


def environ(**given: str) -> dict[str, str]:
    return {f"TERRAIN_OIDC_{name.upper()}": text for name, text in given.items()}


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "http://id.example.org", "client_id": "x"},
        {"issuer": "id.example.org", "client_id": "x"},
        {"issuer": "https://id.example.org"},
        {"only": "true"},
        {"roles": "king"},
        {"roles": ""},
        {"claim_roles": "marketing"},
        {"claim_roles": "marketing=king"},
        {"domains": "@example.org"},
        {"domains": "localhost"},
    ],
)
def test_a_setting_that_would_let_in_the_wrong_people_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(WrongSetting):
        read(environ(**wrong))


@pytest.mark.parametrize(
    "right",
    [
        {"issuer": "https://id.example.org/realms/staff", "client_id": "x", "only": "true"},
        {"issuer": "http://localhost:8080/realms/staff", "client_id": "x"},
        {"roles": "viewer, adviser", "domains": "example.org, shop.example.com"},
        {"claim": "groups", "claim_roles": "Marketing team=owner, all=viewer"},
    ],
)
def test_a_setting_that_means_something_is_taken(right: dict[str, str]) -> None:
    assert read(environ(**right)).oidc_name == "OpenID"


def test_a_second_factor_of_ours_is_asked_for_here_too(
    provider: IdentityProvider,  # noqa: ARG001
    db: Connection,
) -> None:
    number = invited(db)
    db.execute(
        "INSERT INTO mfa_authenticator (type, data, user_id, created_at) VALUES ('totp', '{}', %s, %s)",
        [number, datetime.now(UTC)],
    )
    browser = browser_of()

    assert come(browser).headers["Location"].startswith("/sign-in/code")
    assert not is_in(browser)
