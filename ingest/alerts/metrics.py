"""What alerts count for Prometheus; whoever serves the port shows them (`prometheus_client.REGISTRY`)."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterable

from prometheus_client import Counter, Gauge

from home.alerts import Alert

__all__ = ["ALERTS", "FAILURES", "HELD", "WAITING", "show_held"]

ALERTS = Counter("catml_alerts", "Alerts that were taken by a channel.", ["rule", "channel"])
FAILURES = Counter("catml_alert_failures", "Tries that a channel did not take.", ["channel"])
HELD = Gauge("catml_alerts_held", "Alerts that are not told yet, by why.", ["reason"])
WAITING = Gauge("catml_alert_messages_waiting", "Messages that wait for a channel.", ["channel"])
_REASONS = ("cooldown", "grouping", "quiet hours", "snoozed")


def show_held(alerts: Iterable[Alert]) -> None:
    """Show how many wait, and why."""
    held = Tally(alert.reason for alert in alerts if alert.state == "waiting")
    for reason in _REASONS:
        HELD.labels(reason.replace(" ", "_")).set(held[reason])
