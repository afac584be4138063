"""Event files as TensorBoard reads them, made in one piece: same content, same bytes.

TensorBoard's own protocol buffers and record format; its writers name files after the clock and the machine, and write in the
background. The package needs neither TensorFlow nor torch.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from tensorboard.compat.proto.event_pb2 import Event, SourceMetadata
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.plugins.histogram import metadata as histogram_plugin
from tensorboard.plugins.hparams import metadata as hparams_plugin
from tensorboard.plugins.hparams.api_pb2 import STATUS_SUCCESS
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData, SessionEndInfo, SessionStartInfo
from tensorboard.plugins.image import metadata as image_plugin
from tensorboard.plugins.scalar import metadata as scalar_plugin
from tensorboard.plugins.text import metadata as text_plugin
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util.tensor_util import make_tensor_proto

__all__ = ["DAY_ZERO", "EventFile", "file_name", "fingerprint_in"]

DAY_ZERO = dt.date(2025, 1, 1)
"""Of the steps. TensorBoard writes 1,234 as 1.23k: days since 1970 would all be 20.5k."""
_LENGTH_S, _HEAD_S = 8, 12  # bytes of a record: its length, and with the length's checksum
Setting = str | bool | float


def file_name(date: dt.date, zone: ZoneInfo, kind: str) -> str:
    """The name of an event file; TensorBoard reads those of a folder in their order, which is that of the dates."""
    return f"events.out.tfevents.{_noon(date, zone):010d}.{date.isoformat()}.{kind}"


def fingerprint_in(content: bytes) -> str:
    """What an event file was made from; empty if it does not say, or is damaged."""
    try:
        length = int.from_bytes(content[:_LENGTH_S], "little")
        return str(Event.FromString(content[_HEAD_S : _HEAD_S + length]).source_metadata.writer)
    except Exception:  # protobuf's own error, whatever its implementation
        return ""


class EventFile:
    """What one run has to show of one local date.

    Args:
        date: local date. Its number of days since `DAY_ZERO` is the step, its noon the time.
        zone: of the home.
    """

    def __init__(self, date: dt.date, zone: ZoneInfo) -> None:
        self.step, self.wall = (date - DAY_ZERO).days, float(_noon(date, zone))
        self._values: list[Summary.Value] = []

    def __len__(self) -> int:
        return len(self._values)

    def scalar(self, tag: str, value: float, about: str = "") -> None:
        """A point of a line; one that is not a number is left out."""
        if np.isfinite(value):
            self._add(tag, np.float32(value), scalar_plugin.create_summary_metadata("", about))

    def histogram(self, tag: str, values: Sequence[float], rims: NDArray[np.float64], about: str = "") -> None:
        """How many values lie between each two neighbours of `rims` `[K + 1]`."""
        counts, _ = np.histogram(values, rims)
        table = np.stack([rims[:-1], rims[1:], counts], axis=1).astype(np.float64)
        self._add(tag, table, histogram_plugin.create_summary_metadata("", about))

    def image(self, tag: str, encoded: bytes, width: int, height: int, about: str = "") -> None:
        """A picture, as PNG or JPEG."""
        parts = np.array([str(width).encode(), str(height).encode(), encoded], object)
        self._add(tag, parts, image_plugin.create_summary_metadata("", about))

    def text(self, tag: str, markdown: str) -> None:
        """Words, as Markdown."""
        self._add(tag, np.array([markdown.encode()], object), text_plugin.create_summary_metadata("", ""))

    def settings(self, name: str, values: Mapping[str, Setting]) -> None:
        """What this run was made with, for the table of the HParams tab; its scalars are its results."""
        started = SessionStartInfo(group_name=name, start_time_secs=self.wall)
        for key, value in values.items():
            if isinstance(value, bool):
                started.hparams[key].bool_value = value
            elif isinstance(value, str):
                started.hparams[key].string_value = value
            else:
                started.hparams[key].number_value = value
        ended = SessionEndInfo(status=STATUS_SUCCESS, end_time_secs=self.wall)
        for tag, data in (
            (hparams_plugin.SESSION_START_INFO_TAG, HParamsPluginData(session_start_info=started)),
            (hparams_plugin.SESSION_END_INFO_TAG, HParamsPluginData(session_end_info=ended)),
        ):
            described = hparams_plugin.create_summary_metadata(data)
            # A map has no order of its own: without this the same settings would give other bytes.
            described.plugin_data.content = _ordered(described.plugin_data.content)
            value = Summary.Value(tag=tag, metadata=described, tensor=hparams_plugin.NULL_TENSOR)
            self._values.append(value)

    def content(self, fingerprint: str = "") -> bytes:
        """The file.

        Args:
            fingerprint: of what it was made from, for `fingerprint_in`.
        """
        sink = io.BytesIO()
        writer = RecordWriter(sink)
        events = [
            Event(wall_time=self.wall, source_metadata=SourceMetadata(writer=fingerprint)),
            Event(wall_time=self.wall, file_version="brain.Event:2"),
            Event(wall_time=self.wall, step=self.step, summary=Summary(value=self._values)),
        ]
        for event in events:
            writer.write(event.SerializeToString(deterministic=True))
        return sink.getvalue()

    def _add(self, tag: str, content: object, described: SummaryMetadata) -> None:
        self._values.append(Summary.Value(tag=tag, metadata=described, tensor=make_tensor_proto(content)))


def _ordered(content: bytes) -> bytes:
    return bytes(HParamsPluginData.FromString(content).SerializeToString(deterministic=True))


def _noon(date: dt.date, zone: ZoneInfo) -> int:
    return int(dt.datetime.combine(date, dt.time(12), zone).timestamp())
