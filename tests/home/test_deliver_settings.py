"""The section `deliver` of home.yaml: what is right, and how what is wrong is told."""

from __future__ import annotations

import pytest

from home.errors import ConfigError, WrongUse
from tests.conftest import HomeFactory

URL = "https://cats.example/api/v1/events"


def test_a_target_is_an_address(home_factory: HomeFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    home = home_factory(
        more=f"deliver:\n  cabin: {{url: '{URL}', key: '${{CABIN_KEY}}', categories: [cat], pictures: true}}\n"
    )
    target = home.config.deliver["cabin"]
    assert target.upload_url == "https://cats.example/api/v1/upload" and not target.rules
    with pytest.raises(WrongUse, match="CABIN_KEY is not set"):
        target.secret()
    monkeypatch.setenv("CABIN_KEY", "catml_x")
    assert target.secret() == "catml_x"
    assert home_factory(more="deliver:\n").config.deliver == {}
    plain = home_factory(more=f"deliver:\n  cabin: {{url: '{URL}'}}\n").config.deliver["cabin"]
    assert plain.upload_url is None and plain.secret() is None


@pytest.mark.parametrize(
    ("lines", "where", "right"),
    [
        ("url: ftp://x", "deliver.cabin.url", "it is an address such as"),
        ("url: https://user:secret@cats.example/x", "deliver.cabin.url", "without a user or a password"),
        ("key: '${K}'", "deliver.cabin.url", "it must be given"),
        (f"url: '{URL}', key: catml_secret", "deliver.cabin.key", "does not belong in a file"),
        ("url: http://nas.local/x, key: '${K}'", "deliver.cabin.url", "a key would be read on its way"),
        (
            f"url: '{URL}', key: '${{K}}', pictures: true, upload: http://nas.local/u",
            "deliver.cabin.upload",
            "read on its way",
        ),
        ("url: https://hooks.example/x, pictures: true", "deliver.cabin.pictures", "or to an address in `upload`"),
        (f"url: '{URL}', categories: [dog]", "deliver.cabin.categories", "'wildlife', 'anomaly' or 'system'"),
        (f"url: '{URL}', categories: []", "deliver.cabin.categories", "at least 1"),
        (f"url: '{URL}', timeout_s: 0", "deliver.cabin.timeout_s", "0.1"),
        (f"url: '{URL}', colour: red", "deliver.cabin.colour", ""),
    ],
)
def test_what_is_wrong_is_told_with_its_line(home_factory: HomeFactory, lines: str, where: str, right: str) -> None:
    with pytest.raises(ConfigError) as told:
        home_factory(more=f"deliver:\n  cabin: {{{lines}}}\n")
    (problem,) = told.value.problems
    assert problem.line == 5 and problem.where.startswith(where) and right in problem.right, problem


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_on_this_machine_a_key_needs_no_encryption(home_factory: HomeFactory, host: str) -> None:
    home = home_factory(more=f"deliver:\n  cabin: {{url: 'http://{host}/api/v1/events', key: '${{K}}'}}\n")
    assert home.config.deliver["cabin"].key == "${K}"
