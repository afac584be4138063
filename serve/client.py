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
from types import TracebackType
from typing import Any, Literal, TypeVar
from urllib.parse import quote, urlsplit
from uuid import UUID

import httpx
from pydantic import BaseModel, TypeAdapter

from home.errors import WrongUse
from home.events import Event
from serve.again import Told
from serve.enrol import PhotoRow
from serve.events import EventRow, MediaLink
from serve.holds import HoldRow
from serve.live import LiveNow
from serve.login import Me
from serve.paging import Page
from serve.refused import Refused, refused
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

T = TypeVar("T")
Row = TypeVar("Row", bound=BaseModel)


class Client:
    """Asks the API of one home.

    Args:
        url: where it is, e.g. `https://cats.example`.
        key: from `catml keys add`.
        timeout_s: for one answer; a clip takes longer than a photo.
        transport: for tests and other ways to it.

    Raises:
        WrongUse: a key would be sent unencrypted through a network, or the address is none.
    """

    def __init__(
        self, url: str, key: str, *, timeout_s: float = 300.0, transport: httpx.BaseTransport | None = None
    ) -> None:
        parts = urlsplit(url)
        here = parts.hostname in ("127.0.0.1", "::1", "localhost")
        if not parts.hostname or parts.scheme not in ("http", "https") or (parts.scheme == "http" and not here):
            raise WrongUse(f"{url!r}: https://HOST, or http:// on this machine: a key would be read on its way")
        self._http = httpx.Client(
            base_url=f"{url.rstrip('/')}/api/v1/", headers={"Authorization": f"Bearer {key}"}, timeout=timeout_s,
            transport=transport, trust_env=False, follow_redirects=False,
        )  # fmt: skip

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def me(self) -> Me:
        """What the key may do."""
        return self._get("me", Me)

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
        answer = self._asked("POST", "predict", files={"file": ("file", data)}, data=form)
        return Prediction.model_validate_json(answer.content)

    def cats(self) -> list[Cat]:
        """The cats of the home."""
        return self._get("cats", list[Cat])

    def photos(self, cat: str) -> list[PhotoRow]:
        """The photos that a cat is known by."""
        return self._get(f"cats/{quote(cat, safe='')}/photos", list[PhotoRow])

    def add_photo(self, cat: str, file: str | Path) -> PhotoRow:
        """Know a cat by a photo that shows it alone; `refresh` then tells past days with it."""
        path = Path(file)
        answer = self._asked(
            "POST", f"cats/{quote(cat, safe='')}/photos", files={"file": (path.name, path.read_bytes())}
        )
        return PhotoRow.model_validate_json(answer.content)

    def refresh(self, begin: bool = True) -> Told:
        """Tell past days again, or only ask how that stands."""
        return Told.model_validate_json(self._asked("POST" if begin else "GET", "refresh").content)

    def cameras(self) -> list[Camera]:
        """The cameras of the home."""
        return self._get("cameras", list[Camera])

    def models(self) -> list[Model]:
        """The networks it reads with."""
        return self._get("models", list[Model])

    def networks(self) -> list[Network]:
        """The same with intervals, what they were measured on, and their cards."""
        return self._get("models/networks", list[Network])

    def contests(self) -> list[Contest]:
        """Models that learned in this home: what is in place, and what waits."""
        return self._get("models/contests", list[Contest])

    def drift(self, **asked: Any) -> Iterator[DriftRow]:
        """Whether what each camera shows has changed; `camera`."""
        return self._pages("drift", DriftRow, asked)

    def live(self) -> LiveNow:
        """What each camera sees now."""
        return self._get("live", LiveNow)

    def live_picture(self, camera: str) -> bytes:
        """The picture that a camera shows now, JPEG."""
        return self._asked("GET", f"live/{quote(camera, safe='')}.jpg").content

    def coverage(self, date: dt.date | None = None, camera: str | None = None) -> list[Stretch]:
        """What was recorded of a local day; without one, of today."""
        return self._get("coverage", list[Stretch], date=date, camera=camera)

    def bouts(self, **asked: Any) -> Iterator[Bout]:
        """What the cats did. Of all that are read by pages: `start` and `end` are local dates, `newest_first`, `cat`, `behaviour`."""
        return self._pages("bouts", Bout, asked)

    def budgets(self, **asked: Any) -> Iterator[BudgetRow]:
        """How each cat spent each local day."""
        return self._pages("budgets", BudgetRow, asked)

    def moments(self, **asked: Any) -> Iterator[MomentRow]:
        """What bouts were read from; `camera` too."""
        return self._pages("moments", MomentRow, asked)

    def forecasts(self, **asked: Any) -> Iterator[ForecastRow]:
        """What comes next."""
        return self._pages("forecasts", ForecastRow, asked)

    def habits(self, **asked: Any) -> Iterator[HabitRow]:
        """The forecasters and their skill."""
        return self._pages("habits", HabitRow, asked)

    def anomalies(self, **asked: Any) -> Iterator[AnomalyRow]:
        """What was unusual."""
        return self._pages("anomalies", AnomalyRow, asked)

    def reports(self, **asked: Any) -> Iterator[Report]:
        """The days that have a page."""
        return self._pages("reports", Report, asked)

    def report(self, date: dt.date) -> str:
        """The page of a local day, HTML."""
        return self._asked("GET", f"reports/{date.isoformat()}").text

    def still(self, evidence: Evidence) -> bytes:
        """The picture of a bout or moment, JPEG."""
        return self._asked("GET", evidence.still.removeprefix("/api/v1/")).content

    def clip(self, evidence: Evidence, seconds: float = 8.0) -> bytes:
        """The footage around a bout or moment, MP4."""
        return self._asked("GET", evidence.clip.removeprefix("/api/v1/"), params={"seconds": seconds}).content

    def holds(self) -> list[HoldRow]:
        """Footage that is kept whatever its age."""
        return self._get("holds", list[HoldRow])

    def hold(self, camera: str, start: str, end: str, note: str = "") -> HoldRow:
        """Keep the footage of a time; times are ISO 8601, local without an offset."""
        asked = {"camera": camera, "start": start, "end": end, "note": note}
        return HoldRow.model_validate_json(self._asked("POST", "holds", json=asked).content)

    def release(self, number: int) -> None:
        """Treat it by its age again."""
        self._asked("DELETE", f"holds/{number}")

    def timelapse(self, camera: str, date: dt.date, make: bool = False) -> Timelapse:
        """How it stands with the timelapse of a day; `make` begins one."""
        path = f"timelapse/{quote(camera, safe='')}/{date.isoformat()}"
        return Timelapse.model_validate_json(self._asked("POST" if make else "GET", path).content)

    def timelapse_video(self, camera: str, date: dt.date) -> bytes:
        """It, MP4."""
        return self._asked("GET", f"timelapse/{quote(camera, safe='')}/{date.isoformat()}.mp4").content

    def send(self, device: str, *, ts: dt.datetime | None = None, **readings: float | bool) -> Taken:
        """Tell what a device measured, e.g. `send("esp32", ear_value=0.3, is_drowsy=False)`."""
        report = {"device": device, **readings} | ({"ts": ts.isoformat()} if ts else {})
        return Taken.model_validate_json(self._asked("POST", "telemetry", json=report).content)

    def telemetry(self, **asked: Any) -> Iterator[TelemetryRow]:
        """What devices measured; `device`, `name`, and `start` and `end` as moments."""
        return self._pages("telemetry", TelemetryRow, asked)

    def statistics(self, **asked: Any) -> Statistics:
        """The same, summed up."""
        return self._get("statistics", Statistics, **asked)

    def dashboard(self) -> Dashboard:
        """Totals, rates and the last hour of it."""
        return self._get("dashboard", Dashboard)

    def tell(self, event: Event, idempotency_key: str | None = None) -> EventRow:
        """Keep an event; told again under the same key it is not kept again."""
        headers = {} if idempotency_key is None else {"Idempotency-Key": f'"{idempotency_key}"'}
        told = event.model_dump(mode="json", include=set(Event.model_fields))
        return EventRow.model_validate_json(self._asked("POST", "events", json=told, headers=headers).content)

    def events(self, **asked: Any) -> Iterator[EventRow]:
        """What happened; `category`, `stream`, `rule`, `withdrawn`, `newest_first`, and `start` and `end` as moments."""
        return self._pages("events", EventRow, asked)

    def event(self, event_id: UUID) -> EventRow:
        """One event."""
        return self._get(f"events/{event_id}", EventRow)

    def upload(self, file: str | Path | bytes) -> Uploaded:
        """Keep a picture; its key goes into the `media` of an event.

        Raises:
            Refused: it is no picture, or too large.
        """
        data = file if isinstance(file, bytes) else Path(file).read_bytes()
        answer = self._asked("POST", "upload", files={"file": ("file", data)})
        return Uploaded.model_validate_json(answer.content)

    def picture(self, link: MediaLink) -> bytes:
        """A picture of an event."""
        return self._asked("GET", link.url.removeprefix("/api/v1/")).content

    def _get(self, path: str, kind: type[T], **asked: Any) -> T:
        answer = self._asked("GET", path, params=_plain(asked))
        return TypeAdapter(kind).validate_json(answer.content)

    def _pages(self, path: str, kind: type[Row], asked: dict[str, Any]) -> Iterator[Row]:
        cursor: str | None = None
        while True:
            page = self._get(path, Page[kind], limit=500, **asked, cursor=cursor)  # type: ignore[valid-type]
            yield from page.items
            cursor = page.next
            if cursor is None:
                return

    def _asked(self, method: str, path: str, **how: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **how)
        except httpx.HTTPError as error:
            raise Refused(0, "unreachable", f"{self._http.base_url}: no answer ({type(error).__name__})") from None
        if answer.is_success:
            return answer
        raise refused(answer)


def _plain(asked: dict[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in asked.items() if value is not None}
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in told.items()}
