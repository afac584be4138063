"""Training sets from folders people keep and from the simulation; what is wrong with labels is told before training."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from home.errors import WrongUse
from home.params import Params
from home.training_params import PrepareParams
from models.detector.classes import read_classes
from models.detector.listing import read_listing
from models.detector.split import everything, without_fold
from simulate.training import write_test_set
from tasks.prepare import prepare


def picture(path: Path, seed: int) -> Path:
    """A smooth picture of its own for each seed: what photographs look like to a difference hash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    small = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    cv2.imwrite(str(path), cv2.resize(small, (96, 72), interpolation=cv2.INTER_CUBIC))
    return path


def folder(root: Path, labels: list[str], *, first: int = 0, images: str = "images", labels_in: str = "labels") -> Path:
    """Pictures 000, 001, … with these labels; `first` is the seed of the first, for others have other pictures."""
    for number, text in enumerate(labels):
        picture(root / images / f"{number:03d}.png", first + number)
        file = root / labels_in / f"{number:03d}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


BOX = "0.5 0.5 0.4 0.3\n"


def settings(root: Path, *folders: Path, **changes: object) -> PrepareParams:
    fields: dict = {
        "folders": [str(path) for path in folders],
        "simulated": 0,
        "pictures": str(root / "out" / "pictures.csv"),
    }
    return PrepareParams.model_validate(fields | changes)


def boxes_by_class(params: PrepareParams) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in read_listing(Path(params.pictures)):
        for name in one.classes:
            counts[name] = counts.get(name, 0) + 1
    return counts


@pytest.mark.parametrize("naming", ["data.yaml list", "data.yaml mapping", "classes.txt"])
@pytest.mark.parametrize(
    "layout", [("images", "labels"), ("images/train", "labels/train"), ("train/images", "train/labels")]
)
def test_a_folder_that_names_its_classes_gives_them(tmp_path: Path, naming: str, layout: tuple[str, str]) -> None:
    """Where `classes` is empty the detector learns what the folder names, in its order."""
    own = folder(
        tmp_path / "shelf", [f"1 {BOX}", f"0 {BOX}", f"0 {BOX}1 {BOX}", ""] * 3, images=layout[0], labels_in=layout[1]
    )
    text = {
        "data.yaml list": "names: [guinea pig, wall clock]\n",
        "data.yaml mapping": "names:\n  0: guinea pig\n  1: wall clock\n",
        "classes.txt": "guinea pig\nwall clock\n",
    }[naming]
    (own / naming.split()[0]).write_text(text)
    params = settings(tmp_path, own, classes=[])
    prepare(params)
    assert boxes_by_class(params) == {"wall clock": 6, "guinea pig": 6}
    assert read_classes(Path(params.pictures)) == ["guinea pig", "wall clock"]


def test_a_folder_with_other_classes_gives_only_what_is_learned(tmp_path: Path) -> None:
    """Of `cats` and `dogs` only the cats are learned, whatever the capitals; the pictures with dogs train as empty."""
    own = folder(tmp_path / "pets", [f"0 {BOX}", f"1 {BOX}"] * 4)
    (own / "classes.txt").write_text("Dog\nCAT\n")
    params = settings(tmp_path, own)
    prepare(params)
    assert boxes_by_class(params) == {"cat": 4}
    renamed = settings(tmp_path, own, classes=["animal"], rename=["pets: *=animal"])
    prepare(renamed)
    assert boxes_by_class(renamed) == {"animal": 8}


def test_species_of_keypoint_annotations_are_classes(tmp_path: Path) -> None:
    entries = []
    for number in range(8):
        picture(tmp_path / "pose" / "images" / f"{number}.png", number)
        species = "cat" if number % 4 else "dog"
        entries.append(
            {"file": f"{number}.png", "species": species, "width": 96, "height": 72, "bbox_xyxy": [9, 9, 50, 60]}
        )
    (tmp_path / "pose" / "annotations.json").write_text(json.dumps({"annotations": entries}))
    params = settings(tmp_path, tmp_path / "pose", classes=["dog", "feline"], rename=["pose: cat=feline"])
    prepare(params)
    assert boxes_by_class(params) == {"dog": 2, "feline": 6}


@pytest.mark.parametrize(
    ("labels", "changes", "told"),
    [
        ([f"0 {BOX}", "0 0.5 1.5 0.4 0.3\n"], {}, r"001\.txt:1: found '0 0\.5 1\.5 0\.4 0\.3'; it must be that y is a share"),
        ([f"0 {BOX}", f"0 {BOX}\n0 320 240 64 64\n"], {}, r"001\.txt:3: found '0 320 240 64 64'"),
        ([f"0 {BOX}", "0 0.5 0.5 0 0.3\n"], {}, r"001\.txt:1: .* width is a share of the picture, more than 0"),
        ([f"0 {BOX}", "cat 0.5 0.5 0.1 0.3\n"], {}, r"001\.txt:1: found 'cat 0\.5"),
        ([f"0 {BOX}", f"2 {BOX}"], {"classes": ["cat", "dog"]}, r"001\.txt:1: found '2 .* class is one of number 0, number 1"),
        ([f"0 {BOX}"] * 3, {"classes": ["cat", "dog"]}, r"the class 'dog' has no box, .* the labels are of: 0 3"),
        ([f"0 {BOX}"], {}, r"has one picture, 000\.png"),
        (["", ""], {}, r"there is a label"),
        ([f"0 {BOX}"] * 3, {"classes": []}, r"no folder names its classes"),
        ([f"0 {BOX}"] * 3, {"rename": ["cats: 0=dog"]}, r"'dog' is not among prepare\.classes \(cat\)"),
        ([f"0 {BOX}"] * 3, {"rename": ["dogs: 0=cat"]}, r"there is no folder 'dogs' but cats"),
        ([f"0 {BOX}"] * 3, {"rename": ["0=cat"]}, r"it must be `folder: theirs=ours"),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_on_is_told(tmp_path: Path, labels: list[str], changes: dict, told: str) -> None:
    own = folder(tmp_path / "cats", labels)
    with pytest.raises(WrongUse, match=told):
        prepare(settings(tmp_path, own, **changes))
    assert not (tmp_path / "out" / "pictures.csv").exists()


@pytest.mark.parametrize("named", ["flat", "flat/images", ""])
def test_pictures_that_are_only_for_tests_are_not_trained_on(tmp_path: Path, named: str) -> None:
    """Whichever way the folder is named: itself, a part of it, or one that it lies in."""
    write_test_set(tmp_path / "sets" / "flat", 2, 1, 96)
    with pytest.raises(WrongUse, match=r"no model may be trained on, says .*flat.only-for-tests; take the folder out"):
        prepare(settings(tmp_path, tmp_path / "sets" / named))
    assert not (tmp_path / "out" / "pictures.csv").exists()


def test_missing_labels_are_told(tmp_path: Path) -> None:
    """An empty file says that there is no animal; no file says that nobody looked."""
    own = folder(tmp_path / "cats", [f"0 {BOX}"] * 5)
    (own / "labels" / "003.txt").unlink()
    with pytest.raises(
        WrongUse, match=r"nobody labelled cats: 1 of its 5 pictures have no label file, the first is .*003\.png"
    ):
        prepare(settings(tmp_path, own))


def test_a_class_with_a_name_that_the_list_cannot_hold_is_told() -> None:
    with pytest.raises(ValueError, match="plain name"):
        Params.model_validate({"prepare": {"classes": ["cat; dog"]}})


def test_folds_keep_copies_together_and_score_every_measured_picture_once(tmp_path: Path) -> None:
    """Twenty measured pictures; the folder that only trains holds a copy of the first and four of its own."""
    measured = folder(tmp_path / "photos", [f"0 {BOX}"] * 20)
    others = folder(tmp_path / "others", [f"0 {BOX}"] * 5, first=100)
    image = cv2.imread(str(measured / "images" / "000.png"))
    cv2.imwrite(str(others / "images" / "000.png"), cv2.resize(image, (48, 36), interpolation=cv2.INTER_AREA))
    params = settings(tmp_path, measured, others, measured=[str(measured)], folds=3, copy_bits=3)
    prepare(params)
    pictures = read_listing(Path(params.pictures))
    scored = []
    for fold in range(3):
        split = without_fold(pictures, fold)
        tests = [one for one in split if one.split == "test"]
        scored += [one.path for one in tests]
        assert {one.source for one in tests} == {"photos"}
        trained = {one.path.name for one in split if one.split == "train" and one.source == "others"}
        copied = any(one.path.name == "000.png" for one in tests)
        assert trained == {f"{n:03d}.png" for n in range(1 if copied else 0, 5)}
    assert sorted(scored) == sorted(one.path for one in pictures if one.source == "photos")
    assert {one.split for one in everything(pictures)} == {"train"}


def test_the_simulation_alone_is_a_training_set(tmp_path: Path) -> None:
    """Ten rooms, of which every fifth is empty; drawn once, and the same bytes come out again."""
    params = settings(tmp_path, simulated=10, simulated_size=96)
    counts = prepare(params)
    files = [tmp_path / "out" / name for name in ("pictures.csv", "README.md", "examples.png", "classes.txt")]
    before = [file.read_bytes() for file in files]
    drawn = (tmp_path / "out/simulated/images/sim-0000001.jpg").stat().st_mtime_ns
    assert prepare(params) == counts
    assert [file.read_bytes() for file in files] == before
    assert (tmp_path / "out/simulated/images/sim-0000001.jpg").stat().st_mtime_ns == drawn
    assert counts["train"] + counts["val"] + counts["test"] == 10 and counts["val animals"] and counts["test animals"]
    card = files[1].read_text()
    assert "| simulated | 10 | 2 |" in card and "drawn by CatML" not in card  # terms come with export.sources
    assert cv2.imread(str(files[2])).shape[1] > 1000


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (
            ["a_frame_1", "a_frame_2", "a_frame_3", "b_frame_1"],
            r"the 4 pictures with a box come from 2 scenes \(2 clips;",
        ),
        (
            ["a", "b"],
            r"the 2 pictures with a box come from 2 scenes \(0 clips; .* nothing is left for test; three scenes",
        ),
    ],
)
def test_frames_of_too_few_clips_are_told(tmp_path: Path, names: list[str], told: str) -> None:
    """What was learned from a clip says nothing on the same clip; where names mislead, the owner may say so."""
    own = folder(tmp_path / "films", [f"0 {BOX}"] * len(names))
    for number, name in enumerate(names):
        (own / "images" / f"{number:03d}.png").rename(own / "images" / f"{name}.png")
        (own / "labels" / f"{number:03d}.txt").rename(own / "labels" / f"{name}.txt")
    with pytest.raises(WrongUse, match=told):
        prepare(settings(tmp_path, own))
    if len(names) > 2:
        assert prepare(settings(tmp_path, own, clips="none"))["train animals"] >= 1


def test_a_class_of_which_all_is_held_out_is_told(tmp_path: Path) -> None:
    """By the names of its pictures, seed 1 holds both jars out, and seed 0 neither."""
    own = folder(tmp_path / "shelf", [f"0 {BOX}"] * 10 + [f"1 {BOX}"] * 2)
    (own / "classes.txt").write_text("tin\njar\n")
    with pytest.raises(
        WrongUse, match=r"the class 'jar' has 2 boxes, and all of them lie on pictures that are held out"
    ):
        prepare(settings(tmp_path, own, classes=["tin", "jar"], seed=1))
    prepare(settings(tmp_path, own, classes=["tin", "jar"], seed=0))


def test_nothing_to_prepare_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"prepare\.folders is empty and prepare\.simulated is 0"):
        prepare(settings(tmp_path))
