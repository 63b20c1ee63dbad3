"""The company's own sign-in in a real browser: away to a provider of our own, and back, without any script."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from psycopg import Connection

from terrain.core.staff import Role
from terrain.store import staff
from tests.browser.conftest import _free_port, _wait_for
from tests.identity_provider import CLIENT, SECRET, IdentityProvider, running


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    with running() as provider:
        yield provider


@pytest.fixture(scope="module")
def house(record: str, provider: IdentityProvider, tmp_path_factory: Any) -> Iterator[str]:
    """Return the address of a house that knows the provider."""
    port, folder = _free_port(), Path(tmp_path_factory.mktemp("house"))
    environ = {
        **os.environ,
        "TERRAIN_DATABASE_URL": record,
        "TERRAIN_PORT": str(port),
        "TERRAIN_DATA": str(folder),
        "TERRAIN_OIDC_ISSUER": provider.issuer,
        "TERRAIN_OIDC_CLIENT_ID": CLIENT,
        "TERRAIN_OIDC_CLIENT_SECRET": SECRET,
        "TERRAIN_OIDC_NAME": "Acme ID",
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "terrain", "serve"], env=environ, stdout=log, stderr=log
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/left", process, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_ines_comes_in_through_her_companys_own_sign_in(
    chromium: Any, house: str, provider: IdentityProvider, db: Connection
) -> None:
    email = f"{uuid4().hex}@example.org"
    staff.make(db, staff.New(name="Inès", email=email, roles=[Role.ADVISER]))
    provider.is_now(sub=uuid4().hex, email=email)
    context = chromium.new_context(base_url=house, java_script_enabled=False, locale="en")
    page = context.new_page()
    page.goto("/sign-in?next=/tasks")
    page.get_by_role("button", name="Sign in with Acme ID").click()
    page.wait_for_url(f"{house}/tasks")

    assert page.get_by_role("heading", level=1).inner_text() == "Tasks for people"
    context.close()
