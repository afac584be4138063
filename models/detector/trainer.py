"""Ultralytics' trainer, made to survive a kill and to show what it sees.

Ultralytics goes on from its averaged half-precision weights with half-precision moments and fresh random numbers. Here
the whole state is kept after every epoch: weights, average, optimizer, gradients that wait for their step, the order of
the pictures and all random numbers, so that on a CPU a run that was killed ends with the very weights of one that was not.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy, deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from home.training_params import TrainParams
from models.detector.ahead import Ahead
from models.detector.cheap_cameras import CheapCamera
from models.detector.checkpoint import random_state, read_state, restore_random, save_whole, told_full
from models.detector.dense_teacher import DenseTeacher

__all__ = ["STATE", "Epoch", "Seen", "trainer_class"]

STATE = "state.pt"
KEPT = 200  # pictures of the validation that are kept to be shown
NEVER = 10**9  # batches to gather before a step: none is made
PATHS = ("data", "project", "save_dir", "model", "resume")
"""Arguments that tell of the machine: they do not travel with the weights."""


@dataclass(frozen=True)
class Seen:
    """One picture of the validation, and what the network of this epoch saw on it.

    Attributes:
        image: as the network got it, RGB `uint8 [H,W,3]`; None for all but the first.
        true, true_classes: boxes `float32 [N,4]` as shares 0..1 of `image`, and their class numbers `[N]`.
        found, scores, found_classes: likewise, of the network, best first.
    """

    image: NDArray[np.uint8] | None
    true: NDArray[np.float32]
    true_classes: NDArray[np.int64]
    found: NDArray[np.float32]
    scores: NDArray[np.float32]
    found_classes: NDArray[np.int64]


@dataclass(frozen=True)
class Epoch:
    """What one epoch has come to.

    Attributes:
        number: from 1.
        last: no other follows.
        figures: losses, rates and validation by name.
        seen: the pictures of the validation.
        network: the averaged network, a `torch.nn.Module`; not to be changed.
    """

    number: int
    last: bool
    figures: dict[str, float]
    seen: list[Seen]
    network: Any


def trainer_class(
    fingerprint: str,
    params: TrainParams,
    look: Callable[[Epoch], None],
    begins: Callable[[int], None],
    teacher: DenseTeacher | None = None,
) -> Any:
    """The trainer, as a class that Ultralytics can use.

    Args:
        fingerprint: of the run; a state of another run is not gone on from.
        params: how to train.
        look: hears of every epoch after it was saved.
        begins: hears once, before the first epoch, how many are done already.
        teacher: whose words are learned beside the boxes.
    """
    import torch
    from ultralytics.models.yolo.detect import DetectionTrainer, DetectionValidator
    from ultralytics.utils.torch_utils import ModelEMA, unwrap_model

    from models.detector.pupil import LESSON, TAUGHT, pupil_class

    def taught(batch: dict[str, Any]) -> dict[str, Any]:
        if teacher is not None:
            batch[TAUGHT] = [torch.from_numpy(words) for words in teacher(batch["img"].numpy())]
        return batch

    class Validator(DetectionValidator):
        """Keeps what it sees; one pass over the pictures is enough for figures and for looking."""

        def init_metrics(self, model: Any) -> None:
            super().init_metrics(model)
            self.pictures: list[Seen] = []

        def update_metrics(self, preds: list[dict[str, Any]], batch: dict[str, Any]) -> None:
            super().update_metrics(preds, batch)
            for number, found in enumerate(preds):
                keep = len(self.pictures) < KEPT
                self.pictures.append(_seen(batch, number, found, self._prepare_batch(number, batch), keep))

    class Trainer(DetectionTrainer):
        """Saves its whole state after each epoch and goes on from it."""

        # Ultralytics says None of what it fills in later.
        ema: Any
        loss: Any
        metrics: Any
        model: Any
        optimizer: Any
        train_loader: Any
        validator: Any

        def __init__(self, **arguments: Any) -> None:
            super().__init__(**arguments)
            self.state_file = self.wdir / STATE
            self.state: dict[str, Any] | None = None
            self.batches = self.stepped = self.nominal = 0
            self.waits: int | None = None
            self.add_callback("on_pretrain_routine_end", lambda _: self.close_mosaic_again())
            self.add_callback("on_train_epoch_start", lambda _: self.restore_chance())
            self.add_callback("on_train_batch_start", lambda _: self.align())
            self.add_callback("on_fit_epoch_end", lambda _: self.tell())

        def get_model(self, cfg: Any = None, weights: Any = None, verbose: bool = True) -> Any:
            words = (teacher.classes, teacher.features) if teacher else None
            both = params.head == "end2end"
            network = pupil_class()(cfg, self.data["nc"], both_heads=both, taught=words, weight=params.lesson)
            self.set_model_names_for_load(network)
            if weights:
                network.load(weights)
            return network

        def build_dataset(self, img_path: str, mode: str = "train", batch: int | None = None) -> Any:
            dataset = super().build_dataset(img_path, mode, batch)
            if mode == "train" and params.cheap_cameras:
                own = dataset.build_transforms

                def with_faults(hyp: Any = None) -> Any:  # Ultralytics builds them anew when it closes the mosaic
                    transforms = own(hyp)
                    transforms.insert(-1, CheapCamera(params.cheap_cameras))
                    return transforms

                dataset.build_transforms = with_faults
                dataset.transforms = with_faults(self.args)
            return dataset

        def get_dataloader(self, dataset_path: str, batch_size: int = 16, rank: int = 0, mode: str = "train") -> Any:
            loader = super().get_dataloader(dataset_path, batch_size, rank, mode)
            return Ahead(loader, taught) if mode == "train" else loader

        def preprocess_batch(self, batch: dict[str, Any]) -> dict[str, Any]:
            batch = super().preprocess_batch(batch)
            batch["img"] = batch["img"].contiguous(memory_format=torch.channels_last)
            if TAUGHT in batch:
                batch[TAUGHT] = [words.to(self.device) for words in batch[TAUGHT]]
            return batch

        def get_validator(self) -> Any:
            return Validator(self.test_loader, save_dir=self.save_dir, args=copy(self.args), _callbacks=self.callbacks)

        def optimizer_step(self) -> None:
            super().optimizer_step()
            self.stepped = self.batches

        def save_metrics(self, metrics: dict[str, Any]) -> None:
            metrics.pop(f"val/{LESSON}", None)  # nobody teaches while it is examined
            try:
                super().save_metrics(metrics)
            except OSError as error:
                raise told_full(error, self.csv) from error

        def save_model(self) -> bool:
            network = unwrap_model(self.model)
            # The weights go first: a kill between the two repeats one epoch, and leaves nothing that does not fit.
            save_whole(self.as_weights(), self.last)
            state = {
                "fingerprint": fingerprint,
                "epoch": self.epoch,
                "model": network.state_dict(),
                "average": self.ema.ema.state_dict(),
                "updates": self.ema.updates,
                "optimizer": self.optimizer.state_dict(),
                "scaler": self.scaler.state_dict(),
                "waiting": self.batches - self.stepped,
                "gradients": {name: p.grad for name, p in network.named_parameters() if p.grad is not None},
                "chance": random_state(self.train_loader.generator),
                "results": self.csv.read_text(encoding="utf-8"),
            }
            save_whole(state, self.state_file)
            return True

        def as_weights(self) -> dict[str, Any]:
            """The averaged weights as Ultralytics reads them, without date, machine or optimizer: same run, same bytes."""
            average = deepcopy(self.ema.ema).half()
            answers = average.answers.state_dict() if average.answers is not None else None
            average = average.plain()
            if hasattr(average, "criterion"):
                average.criterion = None
            told = {name: value for name, value in vars(self.args).items() if name not in PATHS}
            average.args = told
            return {
                "epoch": self.epoch,
                "model": average,
                "ema": None,
                "optimizer": None,
                "train_args": told,
                "answers": answers,
            }

        def resume_training(self, ckpt: Any) -> None:
            self.state = state = read_state(self.state_file, fingerprint)
            begins(0 if state is None else state["epoch"] + 1)
            if state is None:
                return
            network: Any = unwrap_model(self.model)
            network.load_state_dict(state["model"])
            self.ema = ModelEMA(self.model)
            self.ema.ema.load_state_dict(state["average"])
            self.ema.updates = state["updates"]
            self.optimizer.load_state_dict(state["optimizer"])
            self.scaler.load_state_dict(state["scaler"])
            self.start_epoch = state["epoch"] + 1
            if hasattr(network, "init_criterion"):
                network.criterion = network.init_criterion()
                if hasattr(network.criterion, "update"):  # its weights move from one head to the other over the epochs
                    network.criterion.updates = state["epoch"]
                    network.criterion.update()
            self.csv.write_text(state["results"], encoding="utf-8")

        def close_mosaic_again(self) -> None:
            if self.start_epoch > self.epochs - self.args.close_mosaic:
                self._close_dataloader_mosaic()
                self.args.close_mosaic = 0  # it is closed: closing once more would draw a random number

        def restore_chance(self) -> None:
            """Chance and waiting gradients, at the last moment before the first epoch begins."""
            if self.state is None:
                return
            loader = self.train_loader.inner
            if not loader.num_workers:  # making the iterator draws a number, which the unbroken run drew long ago
                loader.iterator = loader._get_iterator()
            restore_random(self.state["chance"], loader.generator)
            for name, parameter in unwrap_model(self.model).named_parameters():
                if name in self.state["gradients"]:
                    parameter.grad = self.state["gradients"][name].to(parameter.device)
            self.waits = self.batches = self.state["waiting"]
            self.state = None

        def align(self) -> None:
            """Let the first step come when it would have come: Ultralytics' own counter starts at zero."""
            self.batches += 1
            if self.waits is None:
                return
            self.nominal = self.nominal or self.accumulate
            self.waits += 1
            due = self.waits >= self.nominal
            self.accumulate, self.waits = (self.nominal, None) if due else (NEVER, self.waits)

        def tell(self) -> None:
            losses = self.label_loss_items(self.tloss, prefix="train")
            figures = {name: float(value) for name, value in {**losses, **self.lr, **self.metrics}.items()}
            last = self.epoch + 1 >= self.epochs
            look(Epoch(self.epoch + 1, last, figures, self.validator.pictures, self.ema.ema))

        def _handle_nan_recovery(self, epoch: int) -> bool:
            if self.loss is not None and not torch.isfinite(self.loss):
                raise RuntimeError(f"the loss is no number any more in epoch {epoch + 1}; lower train.rate")
            return False

        def final_eval(self) -> None:
            """The last epoch's weights are taken, and they were validated."""

    return Trainer


def _seen(batch: dict[str, Any], number: int, found: dict[str, Any], true: dict[str, Any], keep: bool) -> Seen:
    image = batch["img"][number]
    size = np.array([image.shape[2], image.shape[1]] * 2, np.float32)
    return Seen(
        _pixels(image) if keep else None,
        true["bboxes"].float().cpu().numpy().reshape(-1, 4) / size,
        true["cls"].cpu().numpy().astype(np.int64),
        found["bboxes"].float().cpu().numpy().reshape(-1, 4) / size,
        found["conf"].float().cpu().numpy(),
        found["cls"].cpu().numpy().astype(np.int64),
    )


def _pixels(image: Any) -> NDArray[np.uint8]:
    bytes_ = (image.float().clamp(0, 1) * 255).round().byte().permute(1, 2, 0)
    return np.ascontiguousarray(bytes_.cpu().numpy())
