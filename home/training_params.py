"""What a researcher turns in the training of the detector: the sections `prepare train evaluate export` of params.yaml."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from home.config import Misplaced, Section

__all__ = ["SHIPPED", "EvaluateParams", "ExportParams", "PrepareParams", "TrainParams"]

SHIPPED = "shipped"
"""As the start of a training: the detector that CatML ships."""


class PrepareParams(Section):
    """Which pictures the detector learns from, and which it is measured on."""

    folders: list[str] = Field(
        [], description="folders with images/ and labels/ (YOLO) or annotations.json (keypoints); docs/training.md"
    )
    simulated: int = Field(
        900, ge=0, le=1_000_000, description="pictures of simulated rooms to draw; they are the source `simulated`"
    )
    simulated_size: int = Field(256, ge=64, le=1920, description="longer side of a simulated picture, pixels")
    classes: list[str] = Field(
        ["cat"], description="what the detector learns to tell apart, in order; empty: all that the folders name"
    )
    rename: list[str] = Field(
        [],
        description="classes that a folder calls by another name or number, `folder: theirs=ours, …`; `*` is all others",
    )
    measured: list[str] = Field(
        [],
        description="those of the folders that are split into train, val and test, the others only train; empty: all",
    )
    test_share: float = Field(0.3, gt=0, lt=1, description="share of a measured folder that is held out")
    val_share: float = Field(0.1, gt=0, lt=1, description="share of a measured folder that the curves are drawn of")
    folds: int = Field(5, ge=2, le=20, description="parts of the measured pictures for out-of-fold prediction")
    seed: int = Field(0, ge=0, description="another seed, another split and other simulated pictures")
    copy_bits: int = Field(
        6, ge=0, le=16, description="pictures whose 64-bit hashes differ in at most so many bits are copies"
    )
    clips: Literal["marked", "numbered", "none"] = Field(
        "marked",
        description="frames of one clip stay together: those with `frame` or `.mp4` in their names, all that are numbered, or none",
    )
    most_empty: int = Field(300, ge=0, description="pictures without an animal that one training folder may give")
    teacher: str = Field(
        "",
        description="detector that finds animals nobody labelled: adds its sure ones, drops pictures with doubtful ones",
    )
    pictures: str = Field(
        "data/training/pictures.csv",
        description="the list of pictures, boxes and splits that is written; the data card is written beside it",
    )

    @field_validator("classes")
    @classmethod
    def _plain_names(cls, names: list[str]) -> list[str]:
        for number, name in enumerate(names):
            if not name.strip() or name != name.strip() or set(name) & set(';,=\n"') or name in names[:number]:
                raise Misplaced("a class is a plain name that stands once, without ; , = or quotes", (number,))
        return names


class TrainParams(Section):
    """How the detector is trained."""

    start: str = Field(
        "yolo26n.yaml",
        description="an architecture (yolo26n.yaml), weights to go on from (.pt, .onnx), or `shipped`: those of CatML",
    )
    epochs: int = Field(40, ge=1, le=2000, description="passes over the training pictures")
    image_size: int = Field(192, ge=32, le=1280, multiple_of=32, description="side of the training pictures, pixels")
    batch: int = Field(16, ge=1, le=1024, description="pictures per forward pass")
    step: int = Field(
        16,
        ge=1,
        le=4096,
        description="pictures per step of the optimizer, `batch` or more; a small set needs many steps",
    )
    rate: float = Field(0.0015, gt=0, lt=1, description="highest learning rate (AdamW, cosine)")
    warmup_epochs: float = Field(1.0, ge=0, description="epochs in which the rate rises")
    plain_epochs: int = Field(5, ge=0, description="last epochs on whole pictures instead of mosaics")
    mosaic: float = Field(1.0, ge=0, le=1, description="share of the pictures that are put together from four")
    cheap_cameras: float = Field(
        0.3, ge=0, le=1, description="share of the pictures that get faults of cheap cameras: grey, dark, noise, blur"
    )
    decay: float = Field(0.02, ge=0, lt=1, description="weight decay (AdamW)")
    head: Literal["raw", "end2end"] = Field(
        "raw", description="end2end: also train the head whose boxes need no merging; export.head may then ask for it"
    )
    teacher: str = Field(
        "", description="a YOLOX (.onnx) from all of whose scores and features is learned beside the boxes; empty: none"
    )
    lesson: float = Field(1.0, gt=0, description="what the teacher's words weigh against the boxes")
    measured: bool = Field(
        True,
        description="false: learn from no measured picture and no copy of one; weights to start each fold from",
    )
    fold: int | None = Field(
        None, ge=0, le=19, description="train without this fold of the measured pictures; null: by the split"
    )
    everything: bool = Field(
        False, description="train on val and test too: for weights that ship, whose figures come from the folds"
    )
    threads: int = Field(2, ge=1, le=256, description="CPU threads that training may use")
    device: str = Field("auto", description="cpu, the number of a GPU, or auto: a GPU where there is one")
    seed: int = Field(0, ge=0, description="seed of weights, order and augmentation")
    runs: str = Field("data/training/run", description="folder of weights, results.csv and TensorBoard events")


class ExportParams(Section):
    """The trained weights as the ONNX file, description and card that CatML runs and shows."""

    name: str = Field("catml-detector", description="name in tables and pages")
    head: Literal["raw", "end2end"] = Field(
        "raw", description="raw: all candidates, merged by CatML (finds more); end2end: merged in the model"
    )
    image_size: int = Field(
        192, ge=32, le=1280, multiple_of=32, description="side that pictures are fitted into, pixels"
    )
    second_size: int | None = Field(
        None, ge=32, le=1280, multiple_of=32, description="of a second, smaller view of mode `accurate`; null: one view"
    )
    opset: int = Field(17, ge=13, le=21, description="ONNX operator set")
    mode: Literal["fast", "accurate"] = Field("fast", description="what the model is for")
    default: bool = Field(False, description="whether it is the detector that is used where nobody names one")
    precisions: list[Literal["fp32", "fp16", "int8"]] = Field(
        ["fp32", "fp16", "int8"], min_length=1, description="which files are written; each is held against PyTorch"
    )
    calibration: int = Field(128, ge=1, le=10_000, description="training pictures that INT8 is calibrated with")
    most_lost: float = Field(
        0.01, gt=0, lt=1, description="AP50, AP75 or recall that a file may lose against PyTorch before it is refused"
    )
    sources: list[str] = Field(
        [
            "simulated: rooms and cats drawn by CatML; AGPL-3.0",
            "voc: PASCAL VOC pictures, boxes by hand; research use",
            "breeds: Roboflow Cat Breeds; its uploader says CC BY 4.0",
            "rooms: Places365; non-commercial research",
            "empty_rooms: Places365; non-commercial research",
            "pose: Animal-Pose (Cao et al., ICCV 2019); research use",
            "behaviour: pictures of a student thesis, no licence stated; boxes by the teacher",
        ],
        description="what the model card says of each folder, `name: what it is and its terms`",
    )
    notes: list[str] = Field([], description="sentences that the model card adds")
    folder: str = Field("data/training/export", description="where detector.onnx, model.json and README.md are written")


class EvaluateParams(Section):
    """Which detectors are measured, and on what: the trained one on the held-out pictures, and more beside it."""

    split: Literal["val", "test"] = Field("test", description="val while choosing, test once at the end")
    confidence: float = Field(
        0.3, gt=0, lt=1, description="score from which a box on a picture without an animal is false"
    )
    threads: int = Field(2, ge=1, le=256, description="CPU threads")
    models: list[str] = Field([], description="more detectors to measure, each a file or `name: file`")
    folders: list[str] = Field([], description="more labelled folders to measure on, whole")
    rendered: int = Field(0, ge=0, le=100_000, description="simulated pictures, by day and by night, to measure on")
    rendered_seed: int = Field(9_000_000, ge=0, description="their seed: far from that of any training")
    clips: str = Field("", description="a folder of clips which each show an animal all the time")
    folds: str = Field(
        "", description="a folder with the models fold0, fold1 …: each picture by the one that never saw it"
    )
    draws: int = Field(1000, ge=10, le=100_000, description="resamples of the pictures for the intervals")
    metrics: str = Field("data/training/metrics.json", description="where the figures of the trained one are written")
    folder: str = Field("data/training/evaluation", description="where the tables and the worst pictures are written")
