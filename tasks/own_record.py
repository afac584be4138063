"""What is kept of a training on a home's corrections, beside its network: which ones, the figures of both networks, versions."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict
from typing import Any

from home.ethogram import BEHAVIOURS
from home.folder import Home
from models.behaviour.classifier import BehaviourReader, ClassifierDescription
from models.behaviour.tune import TUNE
from tasks.own_contest import Contest
from tasks.own_moments import OwnMoments
from tasks.run_record import commit, packages

__all__ = ["record_of"]

_PACKAGES = ("catml", "torch", "onnx", "onnxruntime", "numpy")


def record_of(
    home: Home,
    own: OwnMoments,
    done: Contest,
    base: ClassifierDescription,
    champion: BehaviourReader,
    challenger: BehaviourReader,
) -> bytes:
    """The content of `metadata.json`. Same training, same bytes."""
    tree = {
        "network": {"name": challenger.description.name, "fingerprint": challenger.description.fingerprint},
        "began_with": {"file": home.params.behave.model, "name": base.name, "fingerprint": base.fingerprint},
        "compared_with": {"name": champion.description.name, "fingerprint": champion.description.fingerprint},
        "moments": {side: _side(own, side) for side in ("learn", "held_out", "neither")},
        "gone": own.gone,
        "figures": {"held_out": asdict(done.own), "drawn_homes": done.rest},
        "unsaid": {"moments": done.unsaid, "read_otherwise": done.changed},
        "verdict": {"better": done.better, "why": done.why},
        "settings": asdict(TUNE),
        "commit": commit(),
        "packages": packages(_PACKAGES),
        "python": platform.python_version(),
    }
    return (json.dumps(tree, indent=1, ensure_ascii=False) + "\n").encode()


def _side(own: OwnMoments, side: str) -> dict[str, Any]:
    rows = own.of(side)[1]
    numbers = sorted(set(rows["correction"].tolist()))
    return {
        "corrections": [number for number in numbers if number],
        "labelled_moments": int((rows["correction"] == 0).sum()),
        "tracks": int(rows["track"].nunique()),
        "moments": {name: count for k, name in enumerate(BEHAVIOURS) if (count := int((rows["truth"] == k).sum()))},
    }
