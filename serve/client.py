"""A small client of the API, for programs in Python.

    from serve.client import Client

    with Client("http://127.0.0.1:8000", key) as cats:
        for animal in cats.predict("miso.jpg").animals:
            print(animal.behavior, animal.confidence)
        for bout in cats.bouts(start=date(2026, 3, 1), behaviour="eating"):
            print(bout.cat, bout.start, bout.duration_s)

Answers are the types that the API itself is made of; a refusal is a `Refused` that says what was wrong. It asks the address it
is given and no other: neither proxies of the environment nor redirections lead it elsewhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote
from uuid import UUID

from home.events import Event
from serve.again import Told
from serve.asking import Asking
from serve.enrol import PhotoRow
from serve.events import EventRow, MediaLink
from serve.holds import HoldRow
from serve.live import LiveNow
from serve.login import Me
from serve.refused import Refused
from serve.rows import (
    AnomalyRow,
    Bout,
    BudgetRow,
    Camera,
    Cat,
    DriftRow,
    Evidence,
    ForecastRow,
    HabitRow,
    Model,
    MomentRow,
    Report,
    Stretch,
)
from serve.schemas import Prediction
from serve.snapshots import Uploaded
from serve.standing import Contest, Network
from serve.telemetry import Dashboard, Statistics, Taken, TelemetryRow
from serve.timelapse import Timelapse

__all__ = ["Client", "Refused"]


class Client(Asking):
    """Asks the API of one home; made and closed as `serve.asking.Asking`."""

    def me(self) -> Me:
        """What the key may do."""
        return self.get("me", Me)

    def predict(
        self,
        file: str | Path | bytes,
        *,
        mode: Literal["fast", "accurate"] = "fast",
        annotated: bool = False,
        camera: str | None = None,
        cat: str | None = None,
    ) -> Prediction:
        """What every animal of a photo or clip does.

        Args:
            file: its path, or its bytes.
            mode: accurate looks twice.
            annotated: get the picture back with what was seen drawn into it.
            camera: the one it is from.
            cat: whom it shows; it is compared with its past on that camera.

        Raises:
            Refused: it is no photo or clip, or too large.
        """
        data = file if isinstance(file, bytes) else Path(file).read_bytes()
        form = {"mode": mode, "annotated": str(annotated).lower()}
        form |= {name: value for name, value in (("camera", camera), ("cat", cat)) if value}
        answer = self.asked("POST", "predict", files={"file": ("file", data)}, data=form)
        return Prediction.model_validate_json(answer.content)

    def cats(self) -> list[Cat]:
        """The cats of the home."""
        return self.get("cats", list[Cat])

    def photos(self, cat: str) -> list[PhotoRow]:
        """The photos that a cat is known by."""
        return self.get(f"cats/{quote(cat, safe='')}/photos", list[PhotoRow])

    def add_photo(self, cat: str, file: str | Path) -> PhotoRow:
        """Know a cat by a photo that shows it alone; `refresh` then tells past days with it."""
        path = Path(file)
        answer = self.asked(
            "POST", f"cats/{quote(cat, safe='')}/photos", files={"file": (path.name, path.read_bytes())}
        )
        return PhotoRow.model_validate_json(answer.content)

    def refresh(self, begin: bool = True) -> Told:
        """Tell past days again, or only ask how that stands."""
        return Told.model_validate_json(self.asked("POST" if begin else "GET", "refresh").content)

    def cameras(self) -> list[Camera]:
        """The cameras of the home."""
        return self.get("cameras", list[Camera])

    def models(self) -> list[Model]:
        """The networks it reads with."""
        return self.get("models", list[Model])

    def networks(self) -> list[Network]:
        """The same with intervals, what they were measured on, and their cards."""
        return self.get("models/networks", list[Network])

    def contests(self) -> list[Contest]:
        """Models that learned in this home: what is in place, and what waits."""
        return self.get("models/contests", list[Contest])

    def drift(self, **asked: Any) -> Iterator[DriftRow]:
        """Whether what each camera shows has changed; `camera`."""
        return self.pages("drift", DriftRow, asked)

    def live(self) -> LiveNow:
        """What each camera sees now."""
        return self.get("live", LiveNow)

    def live_picture(self, camera: str) -> bytes:
        """The picture that a camera shows now, JPEG."""
        return self.asked("GET", f"live/{quote(camera, safe='')}.jpg").content

    def coverage(self, date: dt.date | None = None, camera: str | None = None) -> list[Stretch]:
        """What was recorded of a local day; without one, of today."""
        return self.get("coverage", list[Stretch], date=date, camera=camera)

    def bouts(self, **asked: Any) -> Iterator[Bout]:
        """What the cats did. Of all that are read by pages: `start` and `end` are local dates, `newest_first`, `cat`, `behaviour`."""
        return self.pages("bouts", Bout, asked)

    def budgets(self, **asked: Any) -> Iterator[BudgetRow]:
        """How each cat spent each local day."""
        return self.pages("budgets", BudgetRow, asked)

    def moments(self, **asked: Any) -> Iterator[MomentRow]:
        """What bouts were read from; `camera` too."""
        return self.pages("moments", MomentRow, asked)

    def forecasts(self, **asked: Any) -> Iterator[ForecastRow]:
        """What comes next."""
        return self.pages("forecasts", ForecastRow, asked)

    def habits(self, **asked: Any) -> Iterator[HabitRow]:
        """The forecasters and their skill."""
        return self.pages("habits", HabitRow, asked)

    def anomalies(self, **asked: Any) -> Iterator[AnomalyRow]:
        """What was unusual."""
        return self.pages("anomalies", AnomalyRow, asked)

    def reports(self, **asked: Any) -> Iterator[Report]:
        """The days that have a page."""
        return self.pages("reports", Report, asked)

    def report(self, date: dt.date) -> str:
        """The page of a local day, HTML."""
        return self.asked("GET", f"reports/{date.isoformat()}").text

    def still(self, evidence: Evidence) -> bytes:
        """The picture of a bout or moment, JPEG."""
        return self.asked("GET", evidence.still.removeprefix("/api/v1/")).content

    def clip(self, evidence: Evidence, seconds: float = 8.0) -> bytes:
        """The footage around a bout or moment, MP4."""
        return self.asked("GET", evidence.clip.removeprefix("/api/v1/"), params={"seconds": seconds}).content

    def holds(self) -> list[HoldRow]:
        """Footage that is kept whatever its age."""
        return self.get("holds", list[HoldRow])

    def hold(self, camera: str, start: str, end: str, note: str = "") -> HoldRow:
        """Keep the footage of a time; times are ISO 8601, local without an offset."""
        asked = {"camera": camera, "start": start, "end": end, "note": note}
        return HoldRow.model_validate_json(self.asked("POST", "holds", json=asked).content)

    def release(self, number: int) -> None:
        """Treat it by its age again."""
        self.asked("DELETE", f"holds/{number}")

    def timelapse(self, camera: str, date: dt.date, make: bool = False) -> Timelapse:
        """How it stands with the timelapse of a day; `make` begins one."""
        path = f"timelapse/{quote(camera, safe='')}/{date.isoformat()}"
        return Timelapse.model_validate_json(self.asked("POST" if make else "GET", path).content)

    def timelapse_video(self, camera: str, date: dt.date) -> bytes:
        """It, MP4."""
        return self.asked("GET", f"timelapse/{quote(camera, safe='')}/{date.isoformat()}.mp4").content

    def send(self, device: str, *, ts: dt.datetime | None = None, **readings: float | bool) -> Taken:
        """Tell what a device measured, e.g. `send("esp32", ear_value=0.3, is_drowsy=False)`."""
        report = {"device": device, **readings} | ({"ts": ts.isoformat()} if ts else {})
        return Taken.model_validate_json(self.asked("POST", "telemetry", json=report).content)

    def telemetry(self, **asked: Any) -> Iterator[TelemetryRow]:
        """What devices measured; `device`, `name`, and `start` and `end` as moments."""
        return self.pages("telemetry", TelemetryRow, asked)

    def statistics(self, **asked: Any) -> Statistics:
        """The same, summed up."""
        return self.get("statistics", Statistics, **asked)

    def dashboard(self) -> Dashboard:
        """Totals, rates and the last hour of it."""
        return self.get("dashboard", Dashboard)

    def tell(self, event: Event, idempotency_key: str | None = None) -> EventRow:
        """Keep an event; told again under the same key it is not kept again."""
        headers = {} if idempotency_key is None else {"Idempotency-Key": f'"{idempotency_key}"'}
        told = event.model_dump(mode="json", include=set(Event.model_fields))
        return EventRow.model_validate_json(self.asked("POST", "events", json=told, headers=headers).content)

    def events(self, **asked: Any) -> Iterator[EventRow]:
        """What happened; `category`, `stream`, `rule`, `withdrawn`, `newest_first`, and `start` and `end` as moments."""
        return self.pages("events", EventRow, asked)

    def event(self, event_id: UUID) -> EventRow:
        """One event."""
        return self.get(f"events/{event_id}", EventRow)

    def upload(self, file: str | Path | bytes) -> Uploaded:
        """Keep a picture; its key goes into the `media` of an event.

        Raises:
            Refused: it is no picture, or too large.
        """
        data = file if isinstance(file, bytes) else Path(file).read_bytes()
        answer = self.asked("POST", "upload", files={"file": ("file", data)})
        return Uploaded.model_validate_json(answer.content)

    def picture(self, link: MediaLink) -> bytes:
        """A picture of an event."""
        return self.asked("GET", link.url.removeprefix("/api/v1/")).content
