"""Logs are read whole or not at all: years and zones that are not said, three styles of time, and each mistake with its line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from home.config import Device, HomeConfig
from home.errors import LogError, WrongUse
from ingest.device_logs.litter_robot import read_litter_robot
from ingest.device_logs.mapped import read_mapped
from ingest.device_logs.names import Names
from ingest.device_logs.rows import Log, quantity
from ingest.device_logs.surepet import read_surepet

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
VEGAS = ZoneInfo("America/Los_Angeles")
CATS = HomeConfig.model_validate({
    "timezone": "UTC",
    "cats": {"miso": {"name": "Miso", "weight_kg": [4.3, 5.2]}, "tom": {"name": "Tom", "weight_kg": [6.0, 7.0]}},
})  # fmt: skip
FEEDER = (
    "occurredAt,subjectName,category,action,quantity,unit,durationSeconds,deviceId,attribution,more\n"
    "2026-03-01T08:02:00+01:00,Miso,feeding,food_change,7.0,g,120.0,Bowl-1,pet,x\n"
    "2026-03-01T09:00:00+01:00,Miso,feeding,food_change,54.0,g,6.0,Bowl-1,food_addition,x\n"
    "2026-03-01T10:00:00+01:00,TOM,access,passage,,,1839172.0,flap,unknown,x\n"
)


def names(*said: str) -> Names:
    return Names.of_home(CATS, said)


def box(
    folder: Path, *rows: str, name: str = "box_1_activity_2026-01-05.csv", end: str = "\n", cats: Names | None = None
) -> Log:
    path = folder / name
    path.write_bytes(end.join(["Activity,Timestamp,Value", *rows]).encode())
    return read_litter_robot(path, cats or names(), VEGAS, NOW)


def local(log: Log) -> list[str]:
    return [f"{entry.start.astimezone(VEGAS):%Y-%m-%d %H:%M}" for entry in log.entries]


def test_a_meal_begins_before_the_time_at_which_it_is_noted(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(FEEDER)
    log = read_surepet(tmp_path / "a.csv", names(), NOW)
    ate, refilled, flap = log.entries
    assert (ate.start, ate.end) == (
        dt.datetime(2026, 3, 1, 7, tzinfo=dt.UTC),
        dt.datetime(2026, 3, 1, 7, 2, tzinfo=dt.UTC),
    )
    assert (ate.device, ate.cat, ate.behaviour, ate.value, ate.unit) == ("bowl-1", "miso", "eating", 7.0, "g")
    assert (refilled.behaviour, refilled.value, refilled.what) == ("", 54.0, "food_change food_addition")
    assert (flap.cat, flap.behaviour, flap.start) == ("tom", "", flap.end)
    assert [(each.device, each.behaviour, each.cat) for each in log.told] == [("bowl-1", "eating", "miso")]
    assert log.told[0].span.start == ate.start and log.told[0].span.end == flap.end + dt.timedelta(seconds=1)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("quantity", "grams", r"a.csv:1: found the columns occurredAt, .*; quantity must be there"),
        ("08:02:00+01:00", "08:02:00", r"a.csv:2: occurredAt: found '2026-03-01T08:02:00'; a time with its offset"),
        ("2026-03-01T08", "2026-07-01T08", r"a.csv:2: occurredAt: found '2026-07-01T08:02:00\+01:00', which is still to come"),
        ("2026-03-01T08", "2026-02-30T08", r"a.csv:2: occurredAt: found '2026-02-30T08"),
        ("120.0", "-5", r"a.csv:2: durationSeconds: found -5; 0 to 21600 would be right"),
        ("7.0", "seven", r"a.csv:2: found 'seven'; a number"),
        ("TOM", "Felix", r"a.csv:4: home.yaml has no cat 'Felix'; it has: miso \(Miso\), tom \(Tom\)"),
        (",Bowl-1,pet,x", ",Bowl-1,pet", r"a.csv:2: found 9 cells; 10 would be right"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_feeders_log_is_told_with_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    (tmp_path / "a.csv").write_text(FEEDER.replace(old, new, 1))
    with pytest.raises(LogError, match=told):
        read_surepet(tmp_path / "a.csv", names(), NOW)


def test_all_mistakes_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(FEEDER.replace("Miso", "Felix"))
    with pytest.raises(LogError) as told:
        read_surepet(tmp_path / "a.csv", names(), NOW)
    assert [line.split(": ")[0][-7:] for line in str(told.value).splitlines()] == [
        "a.csv:2",
        "a.csv:3",
        "nothing was imported"[-7:],
    ]


def test_what_a_log_calls_a_cat_may_be_said(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(FEEDER.replace("Miso", "Felix"))
    assert read_surepet(tmp_path / "a.csv", names("felix=Miso"), NOW).entries[0].cat == "miso"
    assert read_surepet(tmp_path / "a.csv", names("tom"), NOW).entries[0].cat == "tom"
    with pytest.raises(WrongUse, match=r"home.yaml has no cat 'rex'"):
        names("felix=rex")


@pytest.mark.parametrize("style", ["{}/{} {}:{:02d} {}m", "{}/{} {}:{:02d}{}M", "{}/{} {}:{:02d}\u202f{}m"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\r\n"])
def test_the_year_turns_where_a_date_would_lie_after_the_row_before(tmp_path: Path, style: str, end: str) -> None:
    rows = [
        f"Weight recorded,{style.format(1, 2, 12, 5, 'a')},10.3 lbs",
        f"Cat detected,{style.format(12, 31, 11, 59, 'p')},-",
        f"Clean Cycle Complete,{style.format(12, 31, 12, 0, 'p')},-",
    ]
    log = box(tmp_path, *rows, end=end)
    assert local(log) == ["2026-01-02 00:05", "2025-12-31 23:59", "2025-12-31 12:00"]
    weighed, seen, cleaned = log.entries
    assert (weighed.value, weighed.unit, weighed.cat, weighed.behaviour) == (4.672, "kg", "miso", "using_litter_box")
    assert (seen.cat, seen.device, cleaned.behaviour, cleaned.cat) == ("unknown", "box_1", "", "")
    assert local(box(tmp_path, *rows[::-1], end=end)) == local(log)[::-1], "oldest first is as good"


@pytest.mark.parametrize(
    ("name", "row", "date"),
    [
        ("box_activity_7-4-2025.csv", "7/2 6:31AM", "2025-07-02 06:31"),  # 4 July, not 7 April
        ("box_activity_13-7-2025.csv", "7/2 6:31AM", "2025-07-02 06:31"),  # there is no 13th month
        ("box_activity_2026-01-05.csv", "12/31 6:31 am", "2025-12-31 06:31"),
        ("box_activity_2024-03-02.csv", "2/29 6:31 am", "2024-02-29 06:31"),
    ],
)
def test_the_year_is_that_of_the_export(tmp_path: Path, name: str, row: str, date: str) -> None:
    assert local(box(tmp_path, f"Cat detected,{row},-", name=name)) == [date]


def test_an_hour_that_clocks_go_through_twice_is_told_by_the_order(tmp_path: Path) -> None:
    rows = [
        "Cat detected,11/2 2:10 am,-",
        "Cat detected,11/2 1:10 am,-",
        "Cat detected,11/2 1:40 am,-",
        "Cat detected,11/2 1:05 am,-",
    ]
    log = box(tmp_path, *rows, name="box_activity_2025-11-03.csv")
    assert [entry.start.hour * 60 + entry.start.minute for entry in log.entries] == [610, 550, 520, 485]


@pytest.mark.parametrize(
    ("name", "rows", "told"),
    [
        ("box_activity_2026-01-05.csv", ["Cat detected,13/1 2:00 am,-"], r"2: found '13/1 2:00 am', which is no time"),
        ("box_activity_2026-01-05.csv", ["Cat detected,1/1 13:00 pm,-"], r"2: found '1/1 13:00 pm'; a time such as"),
        ("box_activity_2026-01-05.csv", ["Cat detected,yesterday,-"], r"2: found 'yesterday'; a time such as"),
        ("box_activity_2025-02-27.csv", ["Cat detected,2/29 1:00 am,-"], r"2: found '2/29 1:00 am'; no year makes it lie"),
        ("box_activity_2026-03-10.csv", ["Cat detected,3/8 2:30 am,-"], r"2: found '3/8 2:30 am', an hour that the clocks"),
        ("box_activity_2027-01-05.csv", ["Cat detected,1/1 1:00 am,-"], r"2: found '1/1 1:00 am'; no year"),
        ("box_activity.csv", ["Cat detected,1/1 1:00 am,-"], r"2: found '1/1 1:00 am'; its year is not said.*--exported"),
        ("report_2026-01-05.csv", ["Cat detected,1/1 1:00 am,-"], r"does not say which box it is of; --device ID would"),
        ("box_activity_2026-01-05.csv", ["Weight recorded,1/1 1:00 am,heavy"], r"2: Value: found 'heavy'; a number with its unit"),
        (
            "box_activity_2026-01-05.csv",
            ["Cat detected,1/3 1:00 am,-", "Cat detected,1/2 1:00 am,-", "Cat detected,1/2 9:00 am,-", "Cat detected,1/1 9:00 am,-"],
            r"4: found '1/2 9:00 am'; it does not lie before the row of 2026-01-02 01:00",
        ),
    ],
)  # fmt: skip
def test_an_impossible_time_is_told_with_its_line(tmp_path: Path, name: str, rows: list[str], told: str) -> None:
    with pytest.raises(LogError, match=told):
        box(tmp_path, *rows, name=name)


def test_a_cat_is_told_by_weight_only_where_one_weighs_so(tmp_path: Path) -> None:
    weights = ["10.3 lbs", "14.3 lbs", "12.5 lbs", "2.6 lbs"]
    log = box(tmp_path, *(f"Weight recorded,1/2 1:0{9 - at} am,{weight}" for at, weight in enumerate(weights)))
    assert [entry.cat for entry in log.entries] == ["miso", "tom", "unknown", "unknown"]
    said = box(tmp_path, "Weight recorded,1/2 1:00 am,2.6 lbs", cats=names("tom"))
    assert said.entries[0].cat == "tom" and said.told[0].cat == "tom" and log.told[0].cat == ""


@pytest.mark.parametrize(
    ("text", "unit", "found"),
    [
        ("14.3 lbs", "", (6.486, "kg")),
        ("7", "g", (7.0, "g")),
        ("2 oz", "", (56.699, "g")),
        ("20,5 °C", "", (20.5, "°C")),
    ],
)
def test_pounds_are_kilograms(text: str, unit: str, found: tuple[float, str]) -> None:
    assert quantity(text, unit) == found


FOUNTAIN = Device.model_validate({
    "behaviour": "eating",
    "csv": {
        "start": "Zeit", "duration_s": "Dauer", "format": "%d.%m.%Y %H:%M", "timezone": "Asia/Kathmandu", "cat": "Tier",
        "value": "Menge", "unit": "g", "delimiter": ";", "only": {"Art": "Mahlzeit"},
    },
})  # fmt: skip


def test_any_csv_is_read_as_home_yaml_says(tmp_path: Path) -> None:
    path = tmp_path / "any.csv"
    path.write_text(
        "\ufeffArt;Zeit;Dauer;Tier;Menge\nMahlzeit;01.03.2026 08:00;90;Tom;12,5\nLeer;;;;\nMahlzeit;01.03.2026 09:00;30;;\n"
    )
    log = read_mapped(path, "fountain", FOUNTAIN, names(), VEGAS, NOW)
    first, second = log.entries
    assert first.start == dt.datetime(2026, 3, 1, 2, 15, tzinfo=dt.UTC) and (first.end - first.start).seconds == 90
    assert (first.cat, first.value, first.unit, first.behaviour) == ("tom", 12.5, "g", "eating")
    assert second.cat == "unknown" and second.value != second.value
    assert {each.cat for each in log.told} == {"tom", ""}
    path.write_text(
        "Art;Zeit;Dauer;Tier;Menge\nMahlzeit;2026-03-01 08:00;90;Tom;1\nMahlzeit;01.03.2026 08:00;-1;Tom;1\n"
    )
    with pytest.raises(
        LogError,
        match=r"any.csv:2: Zeit: found '2026-03-01 08:00'; a time of the form %d.%m.%Y %H:%M .*\n.*:3: found -1 s",
    ):
        read_mapped(path, "fountain", FOUNTAIN, names(), VEGAS, NOW)


def test_what_is_no_csv_says_so(tmp_path: Path) -> None:
    for content, told in ((b"", "a.csv:1: found nothing"), (b"\xff\xfe", "no UTF-8")):
        (tmp_path / "a.csv").write_bytes(content)
        with pytest.raises(LogError, match=told):
            read_surepet(tmp_path / "a.csv", names(), NOW)
    with pytest.raises(LogError, match=r"No such file"):
        read_surepet(tmp_path / "b.csv", names(), NOW)
