"""What the thread that reads from a camera tells the one that writes."""

from __future__ import annotations

from dataclasses import dataclass

from av.audio.stream import AudioStream
from av.packet import Packet

from ingest.record.host import Arrival
from ingest.record.shape import StreamShape


@dataclass(frozen=True)
class Opened:
    """A connection stands.

    Attributes:
        shape: of its video; 0 pixels wide if only the first keyframe can say it.
        sound: its sound, if that is wanted and there is some. It belongs to no connection and stays valid.
    """

    shape: StreamShape
    sound: AudioStream | None


@dataclass(slots=True)
class Received:
    """A packet.

    Attributes:
        packet: a compressed frame, or sound. Its `stream` must not be asked for: the connection may be gone.
        pts, dts: ticks.
        key: whether it is decoded on its own.
        sound: whether it is sound.
        arrival: when its first bytes came.
    """

    packet: Packet
    pts: int
    dts: int
    key: bool
    sound: bool
    arrival: Arrival


@dataclass(frozen=True)
class Lost:
    """No connection (any more).

    Attributes:
        reason: a gap's reason: camera_down, stalled, auth_failed, not_found.
        detail: the kind of error; never an address.
    """

    reason: str
    detail: str


Event = Opened | Received | Lost
