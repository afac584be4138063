"""Processes that decode: what they may use, and what happens to those that use more."""

from __future__ import annotations

import io
import os
import signal
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import pytest

from home.serve_params import ServeParams
from serve import decoder
from serve.decoding import Decoders
from serve.kinds import kind_of
from serve.problems import Problem
from tests.serve.test_predict import clip_of, encoded, noise, png_header

Making = Callable[..., Decoders]


@pytest.fixture
def decoders() -> Iterator[Making]:
    """`decoders(photo_decode_s=1)` with one process."""
    made: list[Decoders] = []

    def make(**params: float) -> Decoders:
        made.append(Decoders(ServeParams(**params), 1))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        each.close()


def shape(decoders: Decoders, path: Path) -> tuple[int, ...]:
    with path.open("rb") as file, decoders.decode(file, kind_of(file), 5.0) as decoded:
        (shot,) = decoded
    return shot.picture.shape


def pid(decoders: Decoders) -> int:
    (process,) = decoders._all
    return process._program.pid


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded(noise()))
    return path


def test_one_that_takes_for_ever_is_ended_and_another_takes_its_place(decoders: Making, photo: Path) -> None:
    made = decoders(photo_decode_s=0.05)  # a second on the wall
    made.warm()
    stopped = pid(made)
    os.kill(stopped, signal.SIGSTOP)
    with pytest.raises(Problem, match="CPU time are given") as refused:
        shape(made, photo)
    assert (refused.value.status, refused.value.kind) == (422, "too-much-work")
    with pytest.raises(ProcessLookupError):
        os.kill(stopped, 0)
    made.warm()
    assert pid(made) != stopped


def test_the_index_of_a_clip_has_seconds_and_its_pictures_have_the_rest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What leads a demuxer round for ever is ended after five seconds of work, whatever a long clip may take."""
    given: list[float] = []
    monkeypatch.setattr(decoder, "_more_time", given.append)
    asked = {
        "reader": "mov",
        "pixels": 10**6,
        "seconds": 60.0,
        "frames": 100,
        "fps": 5.0,
        "name": "clip",
        "cpu_s": 60.0,
    }
    with io.BytesIO(clip_of(noise(), tmp_path / "clip.mp4")) as file:
        pictures = decoder._clip(file, asked, {})
        next(pictures)
        assert given == [5.0, 60.0]
        with pytest.raises(av.error.InvalidDataError):
            next(decoder._clip(io.BytesIO(b"no clip at all"), asked | {"cpu_s": 2.0}, {}))
    assert given == [5.0, 60.0, 2.0]


def test_what_takes_too_much_memory_is_refused_and_the_process_lives_on(
    decoders: Making, photo: Path, tmp_path: Path
) -> None:
    made = decoders(decode_mb=256, photo_megapixels=100)
    bomb = tmp_path / "bomb.png"
    # 300 kB that become 324 MB of pixels.
    bomb.write_bytes(png_header(9000, 9000, zlib.compress(bytes(9000 * 27_001), 1)))
    assert bomb.stat().st_size < 2_000_000
    with pytest.raises(Problem) as refused:
        shape(made, bomb)
    assert (refused.value.status, refused.value.kind) == (422, "too-much-memory")
    before = pid(made)
    assert shape(made, photo) == (48, 64, 3) and pid(made) == before


def test_a_decoder_knows_no_secret_and_writes_nothing(decoders: Making, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATML_OWNER_PASSWORD", "never to be seen")
    made = decoders()
    made.warm()
    environment = Path(f"/proc/{pid(made)}/environ").read_bytes()
    assert b"never to be seen" not in environment and b"AWS" not in environment
    limits = Path(f"/proc/{pid(made)}/limits").read_text()
    rows = {line[:26].strip(): line[26:].split() for line in limits.splitlines()}
    assert rows["Max file size"][:2] == ["0", "0"] and rows["Max core file size"][:2] == ["0", "0"]
    assert int(rows["Max open files"][0]) <= 32 and rows["Max address space"][0] != "unlimited"


def test_whoever_leaves_early_leaves_no_half_told_file_behind(decoders: Making, photo: Path) -> None:
    made = decoders()
    with photo.open("rb") as file, made.decode(file, kind_of(file), 5.0) as decoded:
        next(iter(decoded))  # and not to the end
    assert shape(made, photo) == (48, 64, 3)


def test_an_end_is_an_end(decoders: Making, photo: Path) -> None:
    made = decoders()
    made.warm()
    running = pid(made)
    made.close()
    with pytest.raises(ProcessLookupError):
        os.kill(running, 0)
    with pytest.raises(Problem, match="ending"):
        shape(made, photo)
