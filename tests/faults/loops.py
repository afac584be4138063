"""Clips that a source plays: looped to a length, as they are."""

from __future__ import annotations

import subprocess
from pathlib import Path

import av


def looped(clip: Path, seconds: float, target: Path) -> Path:
    """Whole loops of a clip, copied packet by packet by the program `ffmpeg`, no shorter than this."""
    with av.open(str(clip)) as container:
        assert container.duration is not None
        again = int(seconds // (container.duration / 1e6))
    command = ["ffmpeg", "-v", "error", "-stream_loop", str(again), "-i", str(clip), "-map", "0:v:0", "-c", "copy"]
    subprocess.run([*command, str(target)], check=True, timeout=600, stdin=subprocess.DEVNULL)
    return target


def codec_of(path: Path) -> str:
    """`h264` or `h265`."""
    with av.open(str(path)) as container:
        return {"hevc": "h265"}.get(container.streams.video[0].codec_context.name, "h264")
