"""Event files: TensorBoard reads back what was put in, a file a date is one line, and the same content is the same bytes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import cv2
import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata

from tasks.boards.canvas import png
from tasks.boards.event_file import EventFile, file_name, fingerprint_in
from tests.tasks.boards.read_back import read_run

BERLIN = ZoneInfo("Europe/Berlin")
MARCH = dt.date(2026, 3, 1)


def test_dates_are_one_line_at_their_noon(tmp_path: Path) -> None:
    dates = [MARCH + dt.timedelta(days=number) for number in range(0, 60, 15)]
    for number, date in enumerate(reversed(dates)):  # whenever they were written
        shown = EventFile(date, BERLIN)
        shown.scalar("hours a day/eating", number)
        (tmp_path / file_name(date, BERLIN, "night")).write_bytes(shown.content())
    run = EventAccumulator(str(tmp_path))
    run.Reload()
    points = run.Tensors("hours a day/eating")
    assert [point.step for point in points] == [(date - dt.date(2025, 1, 1)).days for date in dates]
    noons = [dt.datetime.fromtimestamp(point.wall_time, BERLIN) for point in points]
    assert [(noon.date(), noon.hour) for noon in noons] == [(date, 12) for date in dates], (
        "the clocks change on 29 March"
    )


def test_everything_is_read_back(tmp_path: Path) -> None:
    shown, picture = EventFile(MARCH, BERLIN), np.full((20, 30, 3), (10, 200, 30), np.uint8)
    shown.scalar("a/nothing", float("nan"))
    shown.histogram("a/comfort", [0.1, 0.12, 0.9, 1.0], np.linspace(0, 1, 11))
    shown.image("a/picture", png(picture), 30, 20)
    shown.text("a/words", "**Mäuschen** slept")
    (tmp_path / file_name(MARCH, BERLIN, "night")).write_bytes(shown.content())
    run = {tag: next(iter(points.values())) for tag, points in read_run(tmp_path).items()}
    assert set(run) == {"a/comfort", "a/picture", "a/words"}, "what is no number has no point"
    assert run["a/comfort"][:, 2].tolist() == [0, 2, 0, 0, 0, 0, 0, 0, 0, 2]
    width, height, encoded = run["a/picture"].tolist()
    assert (width, height) == (b"30", b"20")
    assert (cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)[..., ::-1] == picture).all()
    assert run["a/words"].tolist()[0].decode() == "**Mäuschen** slept"


def test_settings_are_for_the_hparams_tab(tmp_path: Path) -> None:
    shown = EventFile(MARCH, BERLIN)
    shown.settings("2026-03-01", {"habits.memory_days": 84.0, "detect.model": "a.onnx", "version.push": False})
    (tmp_path / file_name(MARCH, BERLIN, "week")).write_bytes(shown.content())
    run = EventAccumulator(str(tmp_path))
    run.Reload()
    told = run.summary_metadata[metadata.SESSION_START_INFO_TAG].plugin_data.content
    started = metadata.parse_session_start_info_plugin_data(told)
    assert started.hparams["habits.memory_days"].number_value == 84
    assert started.hparams["detect.model"].string_value == "a.onnx" and started.group_name == "2026-03-01"


def test_same_content_same_bytes_whatever_the_order_of_settings() -> None:
    names = [f"section.name{number}" for number in range(30)]

    def made(order: list[str]) -> bytes:
        shown = EventFile(MARCH, BERLIN)
        shown.settings("week", dict.fromkeys(order, 1.0))
        return shown.content("a fingerprint")

    assert made(names) == made(names[::-1]) and fingerprint_in(made(names)) == "a fingerprint"


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 400])
def test_what_is_no_event_file_was_made_from_nothing(content: bytes) -> None:
    assert fingerprint_in(content) == ""
