"""What a classifier says of moments of a home, whose behaviours have other shares than those it learned from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.behaviour.bout_model import read_bout_model
from models.behaviour.classifier import BehaviourReader
from models.behaviour.evidence import Evidence
from models.behaviour.smoother import with_share

__all__ = ["as_told"]


def as_told(reader: BehaviourReader, own: Evidence) -> NDArray[np.float64]:
    """How likely each behaviour of the classifier is in a home `[N, K]`."""
    told, names = reader.probabilities(own).astype(np.float64), reader.description.behaviours
    if not reader.description.share:
        return told
    life = read_bout_model()  # it learned from moments that are chosen; a life has other shares
    shares = np.array([life.share[life.behaviours.index(name)] for name in names])
    return with_share(told, np.array(reader.description.share), shares)
