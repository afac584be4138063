"""`POST /api/v1/predict`: one photo or clip, and what every animal of it does."""

from __future__ import annotations

import base64
from time import perf_counter
from typing import Annotated, BinaryIO, cast

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.concurrency import run_in_threadpool

from home.folder import Home
from models.behaviour.classifier import BehaviourReader
from models.detector.predict import Detector
from models.glance import Animal, Readers
from models.photo.predict import PhotoReader
from models.pose.keypoints import KEYPOINTS
from models.pose.predict import PoseReader
from models.posture import NOTE
from serve.drawing import drawn, jpeg
from serve.kinds import KINDS, Kind, kind_of
from serve.looker import Looked, Looker
from serve.metrics import Metrics
from serve.schemas import Box, Drawn, Mode, ModelVersion, Point, PredictedAnimal, Prediction

__all__ = ["router"]

router = APIRouter(prefix="/api/v1", tags=["predict"])

_FORMATS = ", ".join(kind.name for kind in KINDS)


@router.post("/predict")
async def predict(
    request: Request,
    file: Annotated[UploadFile, File(description=f"one photo or clip: {_FORMATS}")],
    mode: Annotated[Mode, Form(description="accurate looks twice, and takes longer")] = "fast",
    annotated: Annotated[bool, Form(description="send the picture back with what was seen drawn into it")] = False,
    camera: Annotated[
        str | None, Form(description="the camera it is from: its zones count as evidence", max_length=63)
    ] = None,
    cat: Annotated[
        str | None, Form(description="whom it shows, where that is known: compared with its past there", max_length=63)
    ] = None,
) -> Prediction:
    """Look at one photo or clip.

    A photo has no movement: only sleeping, eating, using the litter box and `other` are told of one, by its looks, and
    nothing is said of comfort. Whatever is sent is looked at and forgotten.
    """
    home: Home = request.app.state.home
    looker: Looker = request.app.state.looker
    begun = perf_counter()
    known = await run_in_threadpool(looker.known, camera or None, cat or None)
    # Spooled to a file of the system's: the decoder gets it open.
    whole = cast(BinaryIO, file.file)
    kind = await run_in_threadpool(kind_of, whole)
    asked = perf_counter()

    def work() -> Prediction:
        wait = (perf_counter() - asked) * 1000
        looked = (looker.clip if kind.clip else looker.photo)(whole, kind, mode, known)
        drawing = perf_counter()
        picture = _drawn(looked) if annotated else None
        looked.ms = {"wait": wait} | looked.ms
        if annotated:
            looked.ms["draw"] = (perf_counter() - drawing) * 1000
        looked.ms["total"] = (perf_counter() - begun) * 1000
        return _prediction(home, kind, mode, looked, looker.readers(mode), picture)

    lane = looker.lanes.clip if kind.clip else looker.lanes.photo
    seen = await lane(work)
    metrics: Metrics = request.app.state.metrics
    metrics.predicted(seen)
    return seen


def _prediction(
    home: Home, kind: Kind, mode: Mode, looked: Looked, readers: Readers, picture: Drawn | None
) -> Prediction:
    facts = looked.facts
    return Prediction(
        kind="clip" if kind.clip else "photo",
        format=kind.name,
        width=int(facts["width"]),
        height=int(facts["height"]),
        seconds=round(facts["seconds"], 3) if kind.clip else None,
        frames=looked.frames,
        damaged=bool(facts.get("damaged", False)),
        mode=mode,
        animals=[_animal(animal) for animal in looked.animals],
        models={
            what: ModelVersion(name=reader.description.name, fingerprint=reader.fingerprint)
            for what, reader in _used(readers, kind).items()
        },
        milliseconds={name: round(ms, 2) for name, ms in looked.ms.items()},
        note=NOTE,
        annotated=picture,
    )


def _used(readers: Readers, kind: Kind) -> dict[str, Detector | PoseReader | BehaviourReader | PhotoReader]:
    """The networks that had a say; behaviour of a photo is read by `photo`, and by `behaviour` where zones are known."""
    used: dict[str, Detector | PoseReader | BehaviourReader | PhotoReader] = {
        "detector": readers.detector, "pose": readers.poses, "behaviour": readers.behaviour
    }  # fmt: skip
    return used if kind.clip else used | {"photo": readers.photos}


def _animal(animal: Animal) -> PredictedAnimal:
    x1, y1, x2, y2 = (round(float(side), 5) for side in animal.box)
    return PredictedAnimal(
        behavior=animal.behaviour,
        confidence=round(animal.probabilities[animal.behaviour], 4),
        pose=animal.posture,
        comfort_score=None if animal.comfort is None else round(animal.comfort, 3),
        anomaly_flag=animal.unusual,
        box=Box(x1=x1, y1=y1, x2=x2, y2=y2),
        detection_confidence=round(animal.seen, 4),
        species=animal.species,
        probabilities={name: round(share, 4) for name, share in animal.probabilities.items()},
        keypoints=[
            Point(name=name, x=round(float(x), 5), y=round(float(y), 5), confidence=round(float(sure), 4))
            for name, (x, y, sure) in zip(KEYPOINTS, animal.keypoints, strict=True)
        ],
        posture_scores={name: round(score, 3) for name, score in animal.postures.items()},
        anomaly_score=None if animal.anomaly is None else round(animal.anomaly, 4),
        reasons=list(animal.reasons),
        at_s=round(animal.at, 3),
        from_s=round(animal.first, 3),
        to_s=round(animal.last, 3),
        moments=animal.moments,
    )


def _drawn(looked: Looked) -> Drawn:
    picture = drawn(looked.picture, looked.animals, looked.at)
    height, width = picture.shape[:2]
    data = base64.b64encode(jpeg(picture)).decode()
    return Drawn(media_type="image/jpeg", width=width, height=height, data=data)
