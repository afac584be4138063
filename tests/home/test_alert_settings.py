"""The section `alerts` of home.yaml: what is wrong in it is told with its line, and without its secrets."""

from __future__ import annotations

import apprise
import pytest
from apprise.manager_plugins import NotificationManager

from home.alert_schemes import MAIL_SCHEMES, OPEN_SCHEMES, SCHEMES
from home.config import HomeConfig
from home.errors import ConfigError
from tests.conftest import HomeFactory


def test_the_schemes_are_those_of_the_apprise_that_is_installed() -> None:
    known = set(NotificationManager().schemas())
    assert known == SCHEMES, f"apprise {apprise.__version__}: write home/alert_schemes.py anew"
    assert OPEN_SCHEMES <= SCHEMES and MAIL_SCHEMES <= SCHEMES


def test_what_is_not_said_is_calm_and_private() -> None:
    config = HomeConfig.model_validate(
        {"timezone": "UTC", "alerts": {"channels": {"phone": {"url": "ntfys://ntfy.example.org/cats"}}}}
    )
    channel = config.alerts.channels["phone"]
    assert not channel.pictures and channel.digest is None and config.alerts.false_alarms_per_month == 1
    assert (config.alerts.quiet_hours, config.alerts.group_minutes, config.alerts.cooldown_minutes) == (None, 10, 30)


@pytest.mark.parametrize(
    "url",
    [
        "mailto://me:${SMTP_PASSWORD}@mail.example.org?from=cats@example.org&to=me@example.org",
        "mailto://127.0.0.1:2525?from=cats@example.org&to=me@example.org", "slack://${SLACK_TOKEN}/#cats",
        "tgram://${BOT_TOKEN}/12345", "${WHOLE_ADDRESS}", "json://nas.local:8080/hook", "ntfy://nas.local/cats",
    ],
)  # fmt: skip
def test_addresses_that_may_stand_there(home_factory: HomeFactory, url: str) -> None:
    home = home_factory(more=f'alerts:\n  channels:\n    one: {{url: "{url}"}}\n')
    assert home.config.alerts.channels["one"].url == url


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ('channels: {a: {url: "mailto://me:hunter2@mail.example.org"}}', "a password does not belong in a file"),
        ('channels: {a: {url: "mailto://mail.example.org?pass=hunter2"}}', "a password does not belong in a file"),
        ('channels: {a: {url: "slack://hunter2/def/ghi"}}', "slack://${SLACK_TOKEN}/"),
        ('channels: {a: {url: "carrier-pigeon://hunter2"}}', "is no service that Apprise knows"),
        ('channels: {a: {url: "hunter2"}}', "a channel is an address as Apprise has them"),
        ('channels: {a: {url: "json://x", digest: "7:30"}}', 'e.g. "07:30"'),
        ('channels: {a: {url: "json://x", picture: true}}', "did you mean `pictures`?"),
        ('quiet_hours: "22:00"', 'e.g. "22:00-07:00"'),
        ('quiet_hours: "07:00-07:00"', 'e.g. "22:00-07:00"'),
        ("cooldown_minutes: -1", "0 or more"),
        ("url: http://user:hunter2@cats.local", "without a user or a password"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_without_its_secret(
    home_factory: HomeFactory, line: str, right: str
) -> None:
    with pytest.raises(ConfigError) as error:
        home_factory(more=f"alerts:\n  {line}\n")
    assert right in str(error.value) and "home.yaml:5" in str(error.value) and "hunter2" not in str(error.value)
