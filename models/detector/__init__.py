"""The cat detector: pictures in, boxes out."""

from __future__ import annotations

from models.detector.predict import DEFAULT_WEIGHTS, Detections, Detector

__all__ = ["DEFAULT_WEIGHTS", "Detections", "Detector"]
