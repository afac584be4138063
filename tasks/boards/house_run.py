"""The run of the house: what its cameras recorded, who could not be told, how forecasts came out, and the day in words."""

from __future__ import annotations

from home.day.day import NOT_BEHAVIOURS, Animal
from home.day.sentences import BY_COUNT, SAID, changed, could_not_be_seen, in_sight, missing_footage, opening
from home.ethogram import UNKNOWN
from home.look import day_name, mark_of, times
from tasks.boards.cat_run import due_of, name_of
from tasks.boards.event_file import EventFile
from tasks.boards.reading import WEEKS, Night

__all__ = ["house_run"]


def house_run(night: Night) -> EventFile:
    """Everything of a local date that is of no single cat."""
    shown = EventFile(night.date, night.home.zone)
    _cameras(shown, night)
    _who(shown, night)
    _forecasts(shown, night)
    shown.text("the day in words", in_words(night))
    return shown


def in_words(night: Night) -> str:
    """The day's sentences as Markdown: what happened, what was unusual, what that rests on."""
    day = night.day
    if day.recorded:
        told = [*opening(day), *changed(day), *in_sight(day), *could_not_be_seen(day)]
        gaps = missing_footage(day)
        told += [f"No footage {'; '.join(gaps)}."] if gaps else []
    else:
        told = [*_by_devices(night), *([] if night.date in night.counted else opening(day))]
    unusual = [f"- **Unusual, {name_of(night.home, row.cat)}:** {row.sentence}" for row in night.anomalies.itertuples()]
    return "\n\n".join([f"**{day_name(day.date)}**", " ".join(told), *(["\n".join(unusual)] if unusual else [])])


def _by_devices(night: Night) -> list[str]:
    """What devices told of a day without footage: `Miso ate 8 times.` Never a zero."""
    events = night.counts.groupby(["cat", "behaviour"], sort=False)["events"].sum()
    found = [
        f"{name_of(night.home, cat)} {SAID[behaviour].format(times(int(count)))}."
        for (cat, behaviour), count in events.items()
        if count and behaviour in BY_COUNT
    ]
    return [*found, "No camera recorded; devices told of it."] if found else ["Nothing was seen on this day."]


def _cameras(shown: EventFile, night: Night) -> None:
    about = "Of the time in which it was meant to record: without private hours, and none for cameras that only get imports."
    for camera, row in night.day.coverage.items():
        recorded, lost = (
            sum(part.span.seconds for part in row if part.state == state) for state in ("recorded", "gap")
        )
        if recorded + lost:
            name = night.day.cameras[camera]
            shown.scalar(f"footage, share of the time/{name}", recorded / (recorded + lost), about)
    drift = night.drift.assign(share=night.drift["sum"] / night.drift["bound"])
    for camera, share in drift.groupby("camera", sort=True)["share"].max().items():
        told = "How far the strangest of its numbers has moved from what it was; 1 raises an alarm."
        shown.scalar(f"changed picture, share of an alarm/{night.day.cameras.get(str(camera), camera)}", share, told)
    if night.day.analysed:
        shown.scalar("quality/rows set aside", night.day.quarantined, "Rows that broke the rules of their table.")


def _who(shown: EventFile, night: Night) -> None:
    def seen(animals: list[Animal]) -> float:
        return sum(share.seconds for each in animals for share in each.budget if share.behaviour not in NOT_BEHAVIOURS)

    animals = list(night.day.animals)
    whole = seen(animals)
    if whole and night.home.config.cats:
        strangers = seen([animal for animal in animals if animal.cat == UNKNOWN])
        shown.scalar("nobody could tell which cat/share of the time in sight", strangers / whole)
    events = night.counts.groupby(night.counts["cat"] == UNKNOWN)["events"].sum()
    if events.sum() and night.home.config.cats:
        shown.scalar("nobody could tell which cat/share of events", float(events.get(True, 0)) / float(events.sum()))


def _forecasts(shown: EventFile, night: Night) -> None:
    """Of all cats together: of some weeks one has too few by itself."""
    about = f"Share of the forecasts of the last {WEEKS} weeks, of all cats, whose interval of 80 % held what came."
    for behaviour in night.home.params.habits.behaviours:
        due = [each for cat in night.told_apart for each in due_of(night, cat, behaviour)]
        if due:
            tag = f"came due, 80 % held/{mark_of(behaviour).label.lower()}"
            shown.scalar(tag, sum(each.outcome == "hit" for each in due) / len(due), about)
