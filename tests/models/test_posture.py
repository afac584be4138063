"""A hunched cat looks uncomfortable, one at ease does not, and what cannot be read is not said. All cats here are drawn."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from home.ethogram import BEHAVIOURS, OTHER
from models.behaviour.body import FORELEGS, HINDLEGS, WITHERS, Moments
from models.behaviour.evidence import evidence
from models.posture import (
    ALERT,
    IN_PAIN,
    NOTE,
    PLAYFUL,
    RELAXED,
    STRESSED,
    WORDS,
    Posture,
    Usual,
    posture,
    signs,
    usual_of,
)
from models.posture_scales import ITEMS
from simulate.view import View
from tests import posed

SIDES = np.linspace(0, 2 * np.pi, 8, endpoint=False) + 0.1
AT_EASE = ("loaf", "sit", "stand", "sprawl", "curl")


def camera(height_m: float) -> View:
    return View((0.0, -2.2, height_m), (0.0, 0.0, 0.1), 50, 1280, 720)


@cache
def of(name: str, height_m: float = 1.3) -> Moments:
    """One posture from 8 sides."""
    return posed.moments([name] * len(SIDES), list(SIDES), camera(height_m))


def read(name: str, height_m: float = 1.3, behaviour: str | None = None, usual: Usual | None = None) -> Posture:
    doing = None if behaviour is None else np.full(len(SIDES), BEHAVIOURS.index(behaviour), np.int8)
    return posture(evidence(of(name, height_m)), doing, usual)


def usual(height_m: float = 1.3, head: float = 0.0) -> Usual:
    """Of a cat that mostly loafs and sometimes stands, its head so much higher than that."""
    loaf, stand = (evidence(of(name, height_m)) for name in ("loaf", "stand"))
    parts = [loaf, loaf, loaf, stand]
    own = replace(
        loaf, **{name: np.concatenate([getattr(part, name) for part in parts]) for name in ("values", "known")}
    )
    found = usual_of(own, np.ones(len(own.values), bool))
    assert found is not None
    return replace(found, centre=found.centre + np.array([head, 0.0]))


@pytest.mark.parametrize("height_m", [0.6, 1.3, 2.0])
def test_a_hunched_cat_stands_out_from_every_camera(height_m: float) -> None:
    hunched = read("hunch", height_m, "other")
    assert np.median(hunched.scores[:, IN_PAIN]) > 0.7
    for name in AT_EASE:
        at_ease = read(name, height_m, "other")
        assert np.median(at_ease.scores[:, IN_PAIN]) < 0.2, name
        assert np.median(at_ease.comfort) > np.median(hunched.comfort) + 0.4, name


def test_each_posture_has_its_name() -> None:
    scores = {
        name: np.median(read(name).scores, axis=0) for name in ("loaf", "sprawl", "curl", "sit", "stand", "lurk", "bat")
    }
    for name in ("loaf", "sprawl", "curl"):
        assert scores[name].argmax() == RELAXED, name
    for name in ("sit", "stand"):
        assert scores[name].argmax() == ALERT, name
    assert scores["lurk"].argmax() == STRESSED  # crouched, tense: a scale cannot tell it from one that hunts
    assert scores["bat"].argmax() == PLAYFUL


def test_one_that_hunts_or_plays_is_not_called_stressed() -> None:
    stalking = read("lurk", behaviour="hunting")
    assert (stalking.scores[:, [STRESSED, IN_PAIN]] == 0).all()
    assert np.isnan(stalking.comfort).all()


def test_a_head_that_sinks_in_sleep_is_no_sign() -> None:
    asleep = read("hunch", behaviour="sleeping")
    assert (asleep.scores[:, IN_PAIN] == 0).all()
    assert np.isnan(asleep.comfort).all()


def test_a_head_in_the_bowl_is_no_sign_of_pain() -> None:
    eating = read("eat", behaviour="eating")
    assert np.isnan(eating.scores).all()
    assert eating.reasons[0] == ("not read: its posture serves what it does",)
    assert eating.names() == [None] * len(SIDES)


def test_reasons_say_what_was_seen_and_that_it_was_compared() -> None:
    hunched = read("hunch", 0.6, "other")
    row = int(hunched.scores[:, IN_PAIN].argmax())
    assert any("Feline Grimace Scale: head position" in reason for reason in hunched.reasons[row])
    assert "not yet compared with this cat's own usual" in hunched.reasons[row]
    compared = read("hunch", 0.6, "other", usual(height_m=0.6))
    assert "the head is held lower than usual for this cat" in compared.reasons[row]
    assert not any("usual" in reason for reason in read("loaf", 0.6, "other").reasons[row])


def test_no_head_is_held_high_and_low_at_once() -> None:
    """A loaf whose nose hangs: both signs are there, and one of them is told."""
    own = evidence(of("loaf", 0.6))
    columns = [own.names.index(name) for name in own.names if name.startswith("head_height")]
    sunk = replace(own, values=own.values.copy())
    sunk.values[:, columns] -= 0.2
    for each in (own, sunk, evidence(of("hunch", 0.6))):
        told = posture(each, np.full(len(SIDES), OTHER, np.int8), None).reasons
        assert not any({WORDS["folded"], WORDS["head_below"]} <= set(row) for row in told)


def test_a_cat_that_always_holds_its_head_low_is_as_usual() -> None:
    always = usual(head=-0.3)
    assert np.median(read("hunch", behaviour="other", usual=always).scores[:, IN_PAIN]) < 0.2
    assert np.median(read("hunch", behaviour="other", usual=usual()).scores[:, IN_PAIN]) > 0.7


def test_too_little_of_the_cat_is_nothing_said() -> None:
    own = of("hunch")
    assert own.keypoints is not None
    hidden = own.keypoints.copy()
    hidden[:, [*WITHERS, *FORELEGS, *HINDLEGS], 2] = 0.1
    found = posture(evidence(replace(own, keypoints=hidden)))
    assert np.isnan(found.scores).all()
    assert np.isnan(found.comfort).all()
    assert found.reasons[0] == ("not read: head, back and paws are not all in sight",)
    still = replace(own, burst_s=None, burst_boxes=None, burst_keypoints=None)
    assert "a single picture" in posture(evidence(still)).reasons[0][0]


def test_a_cat_that_stays_in_place_needs_no_burst() -> None:
    own = of("hunch", 0.6)
    assert own.keypoints is not None
    twice = Moments(np.tile([0.0, 60.0], len(SIDES)), np.repeat(np.arange(len(SIDES)), 2), np.repeat(own.boxes, 2, axis=0),
                    own.aspect, np.repeat(own.keypoints, 2, axis=0))  # fmt: skip
    found = posture(evidence(twice), np.full(len(twice), OTHER, np.int8))
    assert np.median(found.scores[:, IN_PAIN]) > 0.7


def test_a_usual_needs_enough_moments_and_takes_in_nights_slowly() -> None:
    own = evidence(of("loaf"))
    assert usual_of(own, np.ones(len(SIDES), bool)) is None
    old = Usual(np.array([0.0, 0.6]), np.array([0.1, 0.1]), 3000)
    new = old.blended(Usual(np.array([-0.28, 0.6]), np.array([0.1, 0.1]), 100))
    assert new.centre[0] == pytest.approx(-0.02)  # a fourteenth of the way
    assert new.count == 3100


def test_no_words_of_a_diagnosis() -> None:
    said = " ".join([*WORDS.values(), NOTE]).lower()
    assert "not a diagnosis" in said
    assert not any(word in said for word in ("is in pain", "is ill", "suffers", "is stressed"))


def test_items_name_signs_that_exist() -> None:
    known = set(signs(evidence(of("loaf"))))
    assert {item.told_by for item in ITEMS if item.told_by} <= known
    assert all(item.limit for item in ITEMS)
