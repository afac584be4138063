"""What a researcher turns in the training of the pose network: the sections `pose_prepare pose_train pose_export`."""

from __future__ import annotations

from pydantic import Field

from home.config import Section

__all__ = ["IMAGENET", "NOTHING", "PoseExportParams", "PosePrepareParams", "PoseTrainParams"]

IMAGENET, NOTHING = "imagenet", "nothing"


class PosePrepareParams(Section):
    """Which animals the pose network learns from, and which it is measured on."""

    folders: list[str] = Field(
        [], description="folders with images/ and annotations.json in the form of Animal-Pose; docs/pose.md"
    )
    species: str = Field("cat", description="animals of the folders that are measured; others only train")
    simulated: int = Field(
        240,
        ge=0,
        le=100_000,
        description="pictures of cats to draw, whose hidden joints are known too; they only train",
    )
    folds: int = Field(5, ge=2, le=20, description="parts of the measured animals for out-of-fold prediction")
    copy_bits: int = Field(
        6, ge=0, le=16, description="pictures whose 64-bit hashes differ in at most so many bits are copies"
    )
    seed: int = Field(0, ge=0, description="another seed, other folds and other drawn pictures")
    animals: str = Field(
        "data/training/pose/animals.jsonl", description="the list of animals and folds that is written"
    )


class PoseTrainParams(Section):
    """How the pose network is trained."""

    start: str = Field(
        IMAGENET,
        description="`imagenet`: its backbone knows pictures from there; `nothing`; or a trained pose (.pt) to go on from",
    )
    image_size: int = Field(192, ge=64, le=512, multiple_of=32, description="side of the crops, pixels")
    epochs: int = Field(40, ge=1, le=2000, description="passes over the photos")
    drawn: int = Field(800, ge=0, description="drawn animals that each pass takes beside all the photos")
    batch: int = Field(16, ge=2, le=1024, description="crops per step")
    rate: float = Field(0.0015, gt=0, lt=1, description="highest learning rate (AdamW, cosine)")
    backbone: float = Field(0.3, ge=0, le=1, description="share of that rate for the backbone")
    warmup_epochs: float = Field(1.0, ge=0, description="epochs in which the rate rises")
    decay: float = Field(0.02, ge=0, lt=1, description="weight decay (AdamW)")
    spread: float = Field(1.5, gt=0, le=10, description="a joint is taught as a spot this wide, cells of 8 pixels")
    hidden: float = Field(0.3, ge=0, le=1, description="what the place of a hidden joint weighs, where it is known")
    cheap_cameras: float = Field(0.3, ge=0, le=1, description="share of the crops that get faults of cheap cameras")
    average: float = Field(
        0.998, ge=0, lt=1, description="the weights that are kept are a mean that forgets this slowly"
    )
    fold: int | None = Field(None, ge=0, le=19, description="train without this fold; null: with everything")
    threads: int = Field(2, ge=1, le=256, description="CPU threads that training may use")
    device: str = Field("auto", description="cpu, the number of a GPU, or auto: a GPU where there is one")
    seed: int = Field(0, ge=0, description="seed of weights, order and changes of the crops")
    runs: str = Field("data/training/pose/run", description="folder of weights, curves and TensorBoard events")


class PoseExportParams(Section):
    """The trained pose network as the ONNX file, description and card that CatML runs and shows."""

    name: str = Field("catml-pose", description="name in tables and pages")
    opset: int = Field(17, ge=13, le=21, description="ONNX operator set")
    rendered: int = Field(60, ge=0, le=10_000, description="pictures drawn in the style of tests to measure on")
    portraits: int = Field(
        160, ge=1, le=10_000, description="rooms in which known cats are drawn: what one cat differs from itself"
    )
    species: str = Field("cat", description="animals of the list whose coats ship as those of strangers")
    draws: int = Field(1000, ge=10, le=100_000, description="resamples of the pictures for the intervals")
    notes: list[str] = Field([], description="sentences that the model card adds")
    sources: list[str] = Field(
        [
            "simulated: cats drawn by CatML; AGPL-3.0",
            "pose: Animal-Pose (Cao et al., ICCV 2019); research use",
        ],
        description="what the model card says of each folder, `name: what it is and its terms`",
    )
    evaluation: str = Field("data/training/pose/evaluation", description="where the figures and sheets are written")
    folder: str = Field(
        "data/training/pose/export", description="where pose.onnx, model.json and README.md are written"
    )
