"""The tables that habits are learned from: what devices told, and what happened when, hour by hour."""

from __future__ import annotations

import pyarrow as pa

from home.table import TIME, Table

__all__ = ["ANOMALIES", "COUNTS", "DEVICE_COVERAGE", "DEVICE_EVENTS", "EPISODES", "FORECASTS", "HABITS", "OBSERVED"]

_AGAIN = "catml nightly --date DATE"

DEVICE_EVENTS = Table(
    "device_events",
    1,
    {
        "device": pa.string(),
        "kind": pa.string(),
        # in the device's own words
        "what": pa.string(),
        # id of a cat, `unknown`, or empty where no cat is meant
        "cat": pa.string(),
        # empty where it tells of none: a refill, a cleaning cycle
        "behaviour": pa.string(),
        # a device that only says when has no length: its end is its start
        "start": TIME,
        "end": TIME,
        # NaN where it has no reading
        "value": pa.float64(),
        "unit": pa.string(),
    },
    by_camera=False,
    rebuild="catml import-log",
)
DEVICE_COVERAGE = Table(
    "device_coverage",
    1,
    {
        "device": pa.string(),
        # what it would have told of, of which cat; empty: of any
        "behaviour": pa.string(),
        "cat": pa.string(),
        "start": TIME,
        "end": TIME,
        # reported or gap; a time without a row is in no log that was imported
        "state": pa.string(),
        "reason": pa.string(),
    },
    by_camera=False,
    rebuild="catml import-log",
)
EPISODES = Table(
    "episodes",
    1,
    # of the local date on which it begins, whole, also where it goes on over midnight
    {
        "cat": pa.string(),
        "behaviour": pa.string(),
        "start": TIME,
        "end": TIME,
        # that were seen of it; 0 where a device only says when
        "duration_s": pa.float64(),
        # cameras and devices that told of it
        "sources": pa.list_(pa.string()),
        "bouts": pa.list_(pa.string()),
    },
    by_camera=False,
    rebuild=_AGAIN,
)
OBSERVED = Table(
    "observed",
    1,
    # spans in which it could have been seen
    {"cat": pa.string(), "behaviour": pa.string(), "start": TIME, "end": TIME},
    by_camera=False,
    rebuild=_AGAIN,
)
COUNTS = Table(
    "counts",
    1,
    {
        "cat": pa.string(),
        "behaviour": pa.string(),
        # at which the local hour begins
        "hour": TIME,
        # that begin in this hour
        "events": pa.int32(),
        "seconds": pa.float64(),
        "observed_s": pa.float64(),
        # of cats that nobody could tell, each of which may be one of this cat's
        "unknown_events": pa.int32(),
    },
    by_camera=False,
    rebuild=_AGAIN,
)
HABITS = Table(
    "habits",
    1,
    # the forecaster of each behaviour of each cat from this date on, and how right it would have been before
    {
        "cat": pa.string(),
        "behaviour": pa.string(),
        # start of the local date: nothing later is known to it
        "made_at": TIME,
        "model": pa.string(),
        "abstained": pa.bool_(),
        # too_little is known, or no_better than waiting times at the same hour; empty where it forecasts
        "reason": pa.string(),
        "events": pa.int32(),
        "observed_days": pa.float64(),
        # back-test: moments at which it was asked, mean pinball loss in hours of it and of seasonal naive
        "asked": pa.int32(),
        "loss_h": pa.float64(),
        "naive_loss_h": pa.float64(),
        # share of the loss under seasonal naive, with the rims of its interval
        "skill": pa.float64(),
        "skill_low": pa.float64(),
        "skill_high": pa.float64(),
        # share of what came that lay in the 50 and 80 % intervals
        "covered_50": pa.float64(),
        "covered_80": pa.float64(),
    },
    by_camera=False,
    rebuild="catml weekly --date DATE",
)
FORECASTS = Table(
    "forecasts",
    1,
    {
        "cat": pa.string(),
        "behaviour": pa.string(),
        "made_at": TIME,
        # next_event: when the next one is; hourly: the chance of one in the hour that begins at `ts`
        "kind": pa.string(),
        "ts": TIME,
        # moments before which the next one comes with so many chances in a hundred; none where it abstains or is hourly
        "p10": TIME,
        "p25": TIME,
        "p50": TIME,
        "p75": TIME,
        "p90": TIME,
        "probability": pa.float64(),
        "model": pa.string(),
        "skill": pa.float64(),
        "abstained": pa.bool_(),
    },
    by_camera=False,
    # said by the night of the day before
    rebuild="catml nightly --date DATE, of the day before",
)
ANOMALIES = Table(
    "anomalies",
    1,
    # of the local date on which it could first be said
    {
        "cat": pa.string(),
        "kind": pa.string(),
        # a behaviour, or `night` for unrest
        "of": pa.string(),
        # of the time it is of
        "start": TIME,
        "end": TIME,
        "raised": TIME,
        "severity": pa.string(),
        # nats; e to this power is about how many ordinary days hold one that is so far out
        "score": pa.float64(),
        "sentence": pa.string(),
        # what is in the sentence, to say it in another language
        "numbers": pa.map_(pa.string(), pa.float64()),
        # starts of the events it rests on
        "evidence": pa.list_(TIME),
    },
    by_camera=False,
    rebuild=_AGAIN,
)
