"""Who may ask what: keys, sessions, guests, forged requests, guessed passwords."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
from dataclasses import replace

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket

from home.errors import WrongUse
from home.folder import Home
from home.users import GUEST, OWNER, ApiKey, User, keys, remove_key, remove_user, set_password, user_of
from serve.limits import Attempts, Rates
from serve.login import _local, first_password
from serve.secrets_kept import digest, hashed, matches
from tests.serve.conftest import PASSWORD, Asking, key_for, logged_in

ME = "/api/v1/me"


def log_in(client: TestClient, password: str = PASSWORD, name: str = OWNER) -> int:
    return client.post("/login", data={"name": name, "password": password}).status_code


def test_only_health_and_the_login_page_are_open(app: FastAPI, asking: Asking) -> None:
    client = asking()
    assert client.get("/health/live").status_code == 204 and client.get("/login").status_code == 200
    document = TestClient(app, headers={"Authorization": f"Bearer {key_for(app.state.home, 'admin')}"})
    for path in [*document.get("/api/v1/openapi.json").json()["paths"], "/api/v1/openapi.json", "/anything"]:
        if path.startswith("/health"):
            continue
        for method in ("GET", "POST", "OPTIONS"):
            refused = client.request(method, path)
            assert refused.status_code == 401, (method, path)
            assert refused.headers["content-type"] == "application/problem+json"
            assert refused.headers["www-authenticate"] == "Bearer"


def test_a_browser_without_a_session_is_led_to_the_login_page(asking: Asking) -> None:
    led = asking().get("/habits", headers={"Accept": "text/html"})
    assert led.status_code == 303 and led.headers["location"] == "/login?next=/habits"


def test_a_key_does_what_its_scopes_say(asking: Asking, app: FastAPI) -> None:
    @app.post("/api/v1/anything")
    def anything() -> None:
        return None

    assert asking("read").get(ME).json()["rights"] == ["read"]
    refused = asking("read").post("/api/v1/anything")
    assert refused.status_code == 403 and "the right to write" in refused.json()["detail"]
    assert asking("predict").get(ME).status_code == 403
    assert asking("write").post("/api/v1/anything").status_code == 200
    assert asking("admin").post("/api/v1/anything").status_code == 200


def test_a_key_ends_and_is_taken_back(house: Home, asking: Asking) -> None:
    client = asking()
    for key in (key_for(house, "read", days=-1), "catml_" + "a" * 43, "nonsense", ""):
        assert client.get(ME, headers={"Authorization": f"Bearer {key}"}).status_code == 401
    key = key_for(house, "read", days=1)
    remove_key(house.database, keys(house.database)[-1].id, dt.datetime.now(dt.UTC))
    assert client.get(ME, headers={"X-API-Key": key}).status_code == 401
    with pytest.raises(WrongUse, match="no key 99"):
        remove_key(house.database, 99, dt.datetime.now(dt.UTC))


def test_nothing_that_opens_anything_is_in_the_database(house: Home, asking: Asking) -> None:
    key, client = key_for(house, "read"), asking()
    assert log_in(client) == 303
    raw = b"".join(path.read_bytes() for path in (house.root / "data").glob("rows.sqlite*"))
    for secret in (key, PASSWORD, client.cookies["catml"]):
        assert secret.encode() not in raw
    assert digest(key).encode() in raw and b"$argon2id$" in raw


def test_a_session_reads_changes_with_its_token_and_ends(app: FastAPI, house: Home, asking: Asking) -> None:
    @app.post("/api/v1/anything")
    def anything() -> None:
        return None

    client = asking()
    cookie = f"catml={logged_in(client, house)}"
    me = client.get(ME).json()
    assert me["rights"] == ["read", "predict", "write", "admin"]
    assert client.post("/api/v1/anything").json()["type"] == "urn:catml:csrf"
    token = {"X-CSRF-Token": me["csrf"]}
    assert client.post("/api/v1/anything", headers=token).status_code == 200
    for header in ({"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        assert client.post("/api/v1/anything", headers=token | header).json()["type"] == "urn:catml:elsewhere"
    own = token | {"Origin": "http://cats.test", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/api/v1/anything", headers=own).status_code == 200
    assert client.post("/logout").status_code == 403
    assert client.post("/logout", data={"csrf": me["csrf"]}).status_code == 303
    assert asking().get(ME, headers={"Cookie": cookie}).status_code == 401


def test_the_cookie_is_for_this_host_alone_and_over_tls_only(app: FastAPI) -> None:
    with TestClient(app, "https://cats.test", follow_redirects=False) as client:
        done = client.post("/login", data={"name": OWNER, "password": PASSWORD})
        cookie = done.headers["set-cookie"]
        assert cookie.startswith("__Host-catml=") and "Path=/" in cookie and "Domain" not in cookie
        assert all(part in cookie for part in ("HttpOnly", "Secure", "SameSite=lax"))
        assert "max-age" in done.headers["strict-transport-security"] and client.get(ME).status_code == 200


def test_a_guest_reads_and_changes_nothing(house: Home, app: FastAPI, asking: Asking) -> None:
    client = asking()
    guest = user_of(house.database, OWNER)
    assert guest and set_password(house.database, replace(guest, name=GUEST))
    assert log_in(client, name=GUEST) == 303
    assert "HttpOnly" in client.cookies.jar._cookies["cats.test"]["/"]["catml"]._rest  # type: ignore[attr-defined]
    me = client.get(ME).json()
    assert me["rights"] == ["read"]
    for path in ("/api/v1/predict", "/api/v1/telemetry"):
        assert client.post(path, headers={"X-CSRF-Token": me["csrf"]}).json()["type"] == "urn:catml:not-allowed"
    assert remove_user(house.database, GUEST) and not remove_user(house.database, GUEST)


def test_a_new_password_ends_all_sessions(house: Home, asking: Asking) -> None:
    client, other = asking(), asking()
    logged_in(client, house)
    set_password(house.database, User(OWNER, hashed("another password"), dt.datetime.now(dt.UTC)))
    assert client.get(ME).status_code == 401  # nobody asked with it before, so that nothing is remembered
    assert log_in(other) == 401


@pytest.mark.parametrize("path", ["//evil.test", "https://evil.test", "/\\evil", "/a\r\nSet-Cookie: b=c", "/ä", ""])
def test_login_leads_nowhere_else(path: str) -> None:
    assert _local(path) == ""


def test_login_leads_back(asking: Asking) -> None:
    done = asking().post("/login", data={"name": OWNER, "password": PASSWORD, "next": "/habits"})
    assert (done.status_code, done.headers["location"]) == (303, "/habits")
    shown = asking().get("/login", params={"next": '/"><script>alert(1)</script>'})
    assert "<script>" not in shown.text
    forged = asking().post("/login", data={"name": OWNER, "password": PASSWORD}, headers={"Origin": "http://evil.test"})
    assert forged.status_code == 403 and "set-cookie" not in forged.headers


def test_a_page_may_run_no_script_and_stand_in_no_frame(asking: Asking) -> None:
    for path in ("/login", ME, "/health/live"):
        headers = asking("read").get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "DENY"
        assert "access-control-allow-origin" not in headers
    page = asking().get("/login")
    style = re.search(r"<style>(.*?)</style>", page.text, re.DOTALL)
    assert (
        style
        and base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
        in page.headers["content-security-policy"]
    )


def test_wrong_passwords_wait_longer_and_longer() -> None:
    now = [0.0]
    attempts = Attempts(lambda: now[0])
    assert [attempts.begin("owner", "a") for _ in range(6)] == [0] * 6
    assert attempts.begin("owner", "a") == 1 and attempts.begin("owner", "b") == 0
    attempts = Attempts(lambda: now[0])
    told = []
    for _ in range(14):
        while wait := attempts.begin("owner", "a"):
            told.append(wait)
            now[0] += wait
    assert told == [1, 2, 4, 8, 16, 32, 64, 128]
    attempts.right("owner", "a")
    assert attempts.begin("owner", "a") == 0


def test_the_owner_is_not_locked_out_by_others() -> None:
    now = [0.0]
    attempts = Attempts(lambda: now[0])
    for number in range(200):
        attempts.begin("owner", f"address {number}")
        now[0] += 61
    assert attempts.begin("owner", "home") <= 60


def test_a_guesser_is_told_to_wait(app: FastAPI, asking: Asking) -> None:
    app.state.attempts = attempts = Attempts(lambda: 0.0)
    assert [attempts.begin(OWNER, "testclient") for _ in range(6)] == [0] * 6
    told = asking().post("/login", data={"name": OWNER, "password": PASSWORD})
    assert told.status_code == 429 and told.headers["retry-after"] == "1" and "set-cookie" not in told.headers


def test_requests_have_a_rate() -> None:
    rates = Rates(3)
    assert [rates.wait_s("key 1") > 0 for _ in range(4)] == [False, False, False, True]
    assert rates.wait_s("key 2") == 0


def test_more_requests_than_allowed_are_told_when_to_come(house: Home) -> None:
    from home.folder import open_home
    from serve.app import create_app

    home = open_home(house.root, {"serve.requests_per_minute": "2"})
    with TestClient(create_app(home)) as client:
        client.headers["Authorization"] = f"Bearer {key_for(home, 'read')}"
        answers = [client.get(ME) for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 120


def test_a_websocket_with_a_cookie_says_where_it_comes_from(app: FastAPI, house: Home, asking: Asking) -> None:
    @app.websocket("/live")
    async def live(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("here")
        await socket.close()

    client = asking()
    logged_in(client, house)
    for headers in ({}, {"Origin": "http://evil.test"}):
        with (
            pytest.raises(WebSocketDenialResponse) as refused,
            client.websocket_connect("ws://cats.test/live", headers=headers),
        ):
            pass
        assert refused.value.status_code == 403
    with client.websocket_connect("ws://cats.test/live", headers={"Origin": "http://cats.test"}) as socket:
        assert socket.receive_text() == "here"


def test_the_first_start_makes_a_password_once(home_factory: object) -> None:
    home: Home = home_factory()  # type: ignore[operator]
    password = first_password(home)
    kept = user_of(home.database, OWNER)
    assert password and kept and matches(password, kept.password) and not matches("something else", kept.password)
    assert first_password(home) is None and not matches(password, None)


def test_the_environment_sets_the_owners_password(house: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATML_OWNER_PASSWORD", "from the environment")
    assert first_password(house) is None
    kept = user_of(house.database, OWNER)
    assert kept and matches("from the environment", kept.password)
    assert first_password(house) is None and user_of(house.database, OWNER) == kept
    monkeypatch.setenv("CATML_OWNER_PASSWORD", "short")
    with pytest.raises(WrongUse, match="5 characters is too short; 10 or more"):
        first_password(house)


def test_a_key_says_what_it_is() -> None:
    now = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    key = ApiKey("garden", "0" * 64, ("read",), now, now + dt.timedelta(days=1))
    assert key.holds(now) and not key.holds(now + dt.timedelta(days=1))
