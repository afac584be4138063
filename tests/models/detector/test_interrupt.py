"""A Ctrl-C that Python drops is heard at the next look."""

from __future__ import annotations

import signal
import threading

import pytest

from models.detector.interrupt import interruptible


class Tidied:
    """Ctrl-C comes while it is destroyed: what is raised there goes nowhere."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_one_that_is_dropped_is_not_lost() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), interruptible() as check:
        check()
        thing: Tidied | None = Tidied()
        thing = None
        assert thing is None, "Python went on"
        check()
        pytest.fail("it was forgotten")
    assert signal.getsignal(signal.SIGINT) is before


def test_one_that_is_not_dropped_ends_at_once() -> None:
    with pytest.raises(KeyboardInterrupt), interruptible():
        signal.raise_signal(signal.SIGINT)
        pytest.fail("it went on")


def test_another_thread_is_left_alone() -> None:
    heard: list[object] = []

    def work() -> None:
        with interruptible() as check:
            check()
            heard.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert heard == [signal.getsignal(signal.SIGINT)]
