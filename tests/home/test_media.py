"""Pictures of events and the links that open them."""

from __future__ import annotations

import datetime as dt
import stat
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest

from home.errors import StoreError, WrongUse
from home.folder import Home
from home.media import SECRET, is_signed, keep_picture, key_of, link, media_type
from tests.conftest import HomeFactory
from tests.s3_server import S3Server

NOW = dt.datetime(2026, 3, 1, 7, 20, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
KEY = key_of(b"a picture", "jpg")


def opens(home: Home, key: str, path: str) -> bool:
    asked = parse_qs(urlsplit(path).query)
    return is_signed(home, key, int(asked["expires"][0]), asked["signature"][0])


def test_a_picture_has_one_key_wherever_it_is_kept(home_factory: HomeFactory, s3_server: S3Server) -> None:
    s3_server.bucket("pictures")
    remote = f"store:\n  footage: s3://pictures/f\n  endpoint_url: {s3_server.endpoint}\n"
    for home in (home_factory(), home_factory(more=remote, folder="remote")):
        assert keep_picture(home, b"a picture", "jpg") == keep_picture(home, b"a picture", "jpg") == KEY
        assert home.footage.read(KEY) == b"a picture" and media_type(KEY) == "image/jpeg"
        assert [each.key for each in home.footage.list("events/")] == [KEY]


@pytest.mark.parametrize(
    "key",
    [
        "", "events/", "events/../home.yaml", "events/../../etc/passwd.jpg", "/events/a.jpg", "events//a.jpg", "events/a.mp4",
        "kitchen/chunk-20260301-070000.mp4", "events/a.jpg\n", "events/.a.jpg", "events/a%2f..jpg", "events/a\0.jpg",
        "events\\a.jpg", "events/" + "a" * 300 + ".jpg", "events/٣.jpg",
    ],
)  # fmt: skip
def test_what_is_no_picture_has_no_link(home_factory: HomeFactory, key: str) -> None:
    assert media_type(key) is None
    with pytest.raises(WrongUse, match="no key of a picture"):
        link(home_factory(), key, NOW, DAY)


def test_a_link_opens_its_picture_and_no_other(home_factory: HomeFactory) -> None:
    home, other = home_factory(), home_factory(folder="other")
    made = link(home, KEY, NOW, DAY)
    assert opens(home, KEY, made.path) and made.path.startswith(f"/api/v1/media/{KEY}?expires=")
    assert not opens(home, key_of(b"another", "jpg"), made.path), "another key"
    assert not opens(home, KEY, made.path.replace("expires=1", "expires=2")), "another end"
    assert not opens(home, KEY, made.path[:-1] + ("0" if made.path[-1] != "0" else "1")), "another signature"
    assert not opens(home, KEY, made.path + "ä"), "no signature at all"
    assert not opens(other, KEY, made.path), "another home"


def test_a_link_stays_the_same_for_a_while_and_ends_in_time(home_factory: HomeFactory) -> None:
    home = home_factory()
    made = [link(home, KEY, NOW + dt.timedelta(minutes=minutes), DAY) for minutes in (0, 60, 7 * 60)]
    assert made[0] == made[1] != made[2]
    for minutes in range(0, 24 * 60, 7):
        now = NOW + dt.timedelta(minutes=minutes)
        assert DAY * 3 / 4 <= link(home, KEY, now, DAY).expires_at - now <= DAY


def test_the_secret_is_made_once_and_for_its_user_alone(home_factory: HomeFactory) -> None:
    home = home_factory()
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: link(home, KEY, NOW, DAY), range(16)))
    assert len(set(made)) == 1
    file = home.root / SECRET
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in file.parent.iterdir()) == ["media.lock", "media.secret"]
    file.write_text("not one")
    with pytest.raises(StoreError, match="holds no secret"):
        link(home, KEY, NOW, DAY)
