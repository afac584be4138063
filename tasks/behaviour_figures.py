"""How well a behaviour network tells moments of homes that it never saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.behaviour.classifier import BehaviourReader
from models.behaviour.evidence import ZONES, Evidence
from models.behaviour.figures import confusion, expected_calibration_error, macro_f1
from tasks.drilled import Drilled

__all__ = ["Measured", "measured"]


@dataclass(frozen=True)
class Measured:
    """What a network says of moments with zones where they belong.

    Attributes:
        figures: macro-F1 and calibration error by name.
        told: probabilities `[N, K]`.
        truth: behaviours `[N]`.
    """

    figures: dict[str, float]
    told: NDArray[np.float32]
    truth: NDArray[np.int64]

    @property
    def confusion(self) -> NDArray[np.int64]:
        """Rows are true `[K, K]`."""
        return confusion(self.truth, self.told.argmax(axis=1), self.told.shape[1])


def measured(reader: BehaviourReader, homes: Sequence[Drilled]) -> Measured:
    """Ask a network about homes that it never saw."""
    right = [home.right for home in homes]
    names, zones = homes[0].names, np.isin(homes[0].names, list(ZONES))
    values, known = (
        np.concatenate([getattr(home, what)[own] for home, own in zip(homes, right, strict=True)])
        for what in ("values", "known")
    )
    truth, night = (
        np.concatenate([getattr(home, what)[own] for home, own in zip(homes, right, strict=True)])
        for what in ("truth", "night")
    )
    told = reader.probabilities(Evidence(values, known, names))
    bare = reader.probabilities(Evidence(values, known & ~zones, names))
    figures = {"moments": float(len(truth)), "homes": float(len(homes))}
    parts = {"": truth >= 0, "_day": ~night, "_night": night}
    figures |= {
        f"macro_f1{name}": macro_f1(truth[part], told[part].argmax(axis=1))
        for name, part in parts.items()
        if part.any()
    }
    figures["macro_f1_no_zones"] = macro_f1(truth, bare.argmax(axis=1))
    figures["ece"] = expected_calibration_error(truth, told)
    return Measured({name: round(value, 4) for name, value in figures.items()}, told, truth)
