"""A bounded queue of one frame a camera: newest wins, what is dropped is counted, cameras take turns."""

from __future__ import annotations

from home.frame import Frame
from ingest.record.host import Arrival
from ingest.watch.inbox import Inbox, Shot


def shot(camera: str, number: int) -> Shot:
    return Shot(camera, number, Frame(0.0, True, 0, None, b""), Arrival(float(number), float(number), True))


def test_the_newest_frame_wins_and_the_others_are_counted() -> None:
    inbox = Inbox(["hall"])
    for number in range(10):
        inbox.put(shot("hall", number))
    assert inbox.counts("hall") == (10, 9, 1)
    taken = inbox.take(0)
    assert taken is not None and taken.index == 9
    assert inbox.take(0) is None and inbox.counts("hall") == (10, 9, 0)


def test_a_camera_that_sends_a_lot_does_not_keep_another_waiting() -> None:
    inbox = Inbox(["hall", "kitchen"])
    inbox.put(shot("hall", 0))
    inbox.put(shot("kitchen", 0))
    inbox.put(shot("hall", 1))
    order = [(taken.camera, taken.index) for _ in range(2) if (taken := inbox.take(0))]
    assert order == [("hall", 1), ("kitchen", 0)]


def test_what_is_private_is_not_seen() -> None:
    inbox = Inbox(["hall"])
    inbox.put(shot("hall", 0))
    inbox.forget("hall")
    assert inbox.take(0) is None and inbox.counts("hall") == (1, 0, 0)
