"""How long `predict` takes for a photo over the loopback, beside the bare call of the same networks in the same run.

    python -m bench.serve [--photos 100] [--mode fast]

A server of its own on a port of this machine, one caller, photos in turn: drawn rooms with cats of 1600 x 1200 as JPEG. What
is not in the bare call: HTTP, the key, the form, the check of the format, decoding in another process, and the answer as JSON.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import tempfile
import threading
from pathlib import Path
from time import perf_counter
from typing import get_args

import cv2
import httpx
import numpy as np
import uvicorn
from PIL import Image

from home.folder import open_home
from home.users import ApiKey, add_key
from models.detector.modes import Mode
from models.glance import Clock, read_photo
from serve.app import create_app
from serve.looker import Looker
from serve.secrets_kept import digest, new_key
from serve.server import listen
from simulate.close_ups import close_ups

SIZE = 1600


def photos(count: int) -> list[bytes]:
    """Drawn photos as JPEG, as a telephone sends them."""
    made = []
    for seed in range(count):
        picture = next(close_ups(seed, 480))[0]
        large = cv2.resize(picture, (SIZE, round(SIZE * picture.shape[0] / picture.shape[1])))
        out = io.BytesIO()
        Image.fromarray(large).save(out, "JPEG", quality=90)
        made.append(out.getvalue())
    return made


def main() -> None:
    """`python -m bench.serve`."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--photos", type=int, default=100, help="that are sent")
    asked.add_argument("--mode", choices=get_args(Mode), default="fast")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "home.yaml").write_text("timezone: UTC\ncameras: {}\n", encoding="utf-8")
        home, key = open_home(root, {"serve.requests_per_minute": "1000000"}), new_key()
        add_key(home.database, ApiKey("bench", digest(key), ("predict",), dt.datetime.now(dt.UTC)))
        app, listener = create_app(home), listen("127.0.0.1", 0)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, proxy_headers=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            looker: Looker = app.state.looker
            looker.warm(print)
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1/predict"
            _measure(looker, url, key, photos(8), options.photos, options.mode)
        finally:
            server.should_exit = True
            thread.join()


def _measure(looker: Looker, url: str, key: str, sent: list[bytes], count: int, mode: Mode) -> None:
    readers = looker.readers(mode)
    pictures = [np.asarray(Image.open(io.BytesIO(data)).convert("RGB")) for data in sent]
    whole, bare, steps = [], [], []
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=60) as client:
        for number in range(count + len(sent)):
            place = number % len(sent)
            begun = perf_counter()
            answer = client.post(url, files={"file": ("photo.jpg", sent[place])}, data={"mode": mode})
            told = perf_counter()
            read_photo(readers, pictures[place], Clock())
            done = perf_counter()
            if number >= len(sent):  # the first round warms caches
                whole.append(told - begun)
                bare.append(done - told)
                steps.append(answer.raise_for_status().json()["milliseconds"])
    print(f"{count} photos of {SIZE} pixels, {mode}, one caller; milliseconds")
    for name, seconds in (("predict over HTTP", whole), ("the networks alone", bare)):
        p50, p95 = np.percentile(np.array(seconds) * 1000, [50, 95])
        print(f"  {name:20} P50 {p50:7.1f}   P95 {p95:7.1f}")
    ratio = np.percentile(whole, [50, 95]) / np.percentile(bare, [50, 95])
    print(f"  {'ratio':20} P50 {ratio[0]:7.2f}   P95 {ratio[1]:7.2f}")
    print(
        "  by step, P50: " + ", ".join(f"{name} {np.median([each[name] for each in steps]):.1f}" for name in steps[0])
    )


if __name__ == "__main__":
    main()
