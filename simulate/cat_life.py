"""One simulated cat: what it does next."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from simulate.illness import Condition, Illness, condition
from simulate.needs import Need
from simulate.places import UNSEEN, House, Spot
from simulate.rhythm import SLOT_S, LocalDay, Rhythm
from simulate.traits import HOUR, MEAL_REST_S, MINUTE, STOOL_REST_S, VOID_REST_S, length, traits_of

__all__ = ["CatLife"]

Bout = tuple[str, int, int, str | None, str | None, str | None]  # behaviour, start, end, camera, zone, subtype

DAY_S = 24 * HOUR
# Gamma shapes: how regular needs are. Meals: the gaps of the feeder's log (traits) vary as much as their mean; our choice
# for the rest, more regular as a bladder fills steadily.
MEAL_SHAPE, VOID_SHAPE, STOOL_SHAPE = 1.2, 4.0, 4.0
# Hunger follows the hour less than moving about (Parker 2019, see rhythm), bladder and bowels hardly; exponents our choice.
MEAL_RHYTHM, VOID_RHYTHM = 0.5, 0.25

COMES_TO_BOWL = 0.9  # of the times when bowls are filled, by a healthy cat; this and the following our choice
COMES_WITHIN_S = 4 * MINUTE
SHORTEST_SLEEP_S, LONGEST_SLEEP_S = 6 * MINUTE, 3 * HOUR  # the latter within the waves of Kuwabara 1986 (traits)
GROOMS_AFTER = {"sleeping": 0.45, "eating": 0.45}  # Eckstein 2000 (traits): grooming follows sleep
SCRATCHES_AFTER_SLEEP = 0.25  # Wilson 2016 (traits)
WAITS_S = (40, 150)  # for a bowl or box that another cat has

# Sleep is homeostatic: what was missed is made up for (two-process model: Borbely, Human Neurobiology 1:195-204, 1982).
# An hour of debt makes sleeps longer and wakes shorter by e^0.4; debt is forgotten with a time constant of two days. Ours.
MAKES_UP, FORGETS_S = 0.4, 2 * DAY_S
WINTER_SLEEP_H = 4.0  # the season's activity is this many hours of sleep for all of it: half an hour more in midwinter

# How likely each pastime is while nothing is due, per cat with average traits, at average drive; our choice, so that a day
# holds about half an hour of play, a quarter of hunting and 4 % of grooming (Eckstein 2000).
PASTIMES = {
    "sitting": 3.0,
    "loafing": 2.6,
    "patrol": 1.4,
    "grooming": 0.45,
    "playing": 0.55,
    "hunting": 0.45,
    "leg": 1.2,
}
ROUSING = {"patrol": 0.5, "playing": 1.0, "hunting": 1.0, "loafing": -0.5}  # exponent on the drive
PATROL = (2, 6)  # stops on a walk through the home, with a look around at each
COMPANY_PLAY = 1.8  # people who are in and awake are played with


class CatLife:
    """The life of one cat from `now` on; `bouts` grows with each step, without gap or overlap.

    Python's own generator draws, because single numbers from NumPy's cost ten times as much.

    Args:
        cat: its name, which decides its traits and its luck together with `seed`.
        seed: of the home.
        rhythm: the home's days.
        house: shared with the other cats.
        illnesses: its own.
        now: UTC second at which it begins, out of sight and tired.
    """

    def __init__(
        self, cat: str, seed: int, rhythm: Rhythm, house: House, illnesses: Sequence[Illness], now: int
    ) -> None:
        self.cat, self.now, self.bouts = cat, now, list[Bout]()
        self._rhythm, self._house, self._illnesses = rhythm, house, illnesses
        self._traits = traits_of(seed, cat, house.cameras)
        self._rng = rng = Random(f"{seed}/life/{cat}")
        self._hunger = Need(rng, MEAL_SHAPE, MEAL_REST_S, now)
        self._bladder = Need(rng, VOID_SHAPE, VOID_REST_S, now)
        self._bowels = Need(rng, STOOL_SHAPE, STOOL_REST_S, now)
        self._room: str | None = UNSEEN
        self._awake_until = self._ate = now
        self._debt_s, self._counted = 0.0, now
        self._called = False
        self._next: list[str] = []
        self._call = self._called_at()

    def step(self) -> None:
        """Do the next thing: one bout, after the way to where it takes place."""
        day = self._rhythm.at(self.now)
        slot = (self.now - day.start) // SLOT_S
        drive = day.drive[slot] ** self._traits.sharpness
        state = condition(self._illnesses, self.now)
        meal, void, stool = self._due(drive, state)
        if self.now >= self._call:
            self._call = self._called_at()
            rested = self.now - self._ate > MEAL_REST_S
            self._called = self._rng.random() < COMES_TO_BOWL * state.appetite and rested
        if void == 0:
            self._use_box("urinating", state)
        elif stool == 0:
            self._use_box("defecating", state)
        elif meal == 0 or self._called:
            self._eat(state)
        elif self._next:
            self._pass_time(self._next.pop(0), state)
        elif self.now >= self._awake_until:
            self._sleep(day, slot, drive, state, min(meal, void, stool))
        elif (kind := self._pastime(day, slot, drive, state)) == "patrol":
            self._next = ["standing"] * self._rng.randint(*PATROL)
        else:
            self._pass_time(kind, state)

    def _due(self, drive: float, state: Condition) -> tuple[float, float, float]:
        """Seconds until hunger, bladder and bowels are due; each 0 if it is."""
        traits = self._traits
        hungry = state.appetite * drive**MEAL_RHYTHM / (DAY_S / traits.meals - MEAL_REST_S)
        full = drive**VOID_RHYTHM / (DAY_S / traits.voids - VOID_REST_S) * state.voids
        bowel = drive**VOID_RHYTHM / (DAY_S / traits.stools - STOOL_REST_S) * state.stools
        now = self.now
        return self._hunger.due_in(now, hungry), self._bladder.due_in(now, full), self._bowels.due_in(now, bowel)

    def _called_at(self) -> int:
        """When it would come to the next filled bowl."""
        return self._rhythm.feeding_after(self.now) + int(self._rng.random() * COMES_WITHIN_S)

    def _eat(self, state: Condition) -> None:
        spot = self._spot("meal")
        if spot is None:
            return
        seconds = length(self._rng, "meal", state.appetite)
        self._stay("eating", seconds, spot, None)
        self._hunger.meet(self.now)
        self._ate, self._called = self.now, False
        self._follow("eating")

    def _use_box(self, kind: str, state: Condition) -> None:
        spot = self._spot("litter")
        if spot is None:
            return
        urine = kind == "urinating"
        seconds = length(self._rng, kind, state.void_s if urine else 1.0)
        self._stay("using_litter_box", seconds, spot, kind)
        # An inflamed bladder does not wait: the rest shrinks as the urge grows.
        need, rest = (self._bladder, 1 / max(state.voids, 1.0) ** 1.5) if urine else (self._bowels, 1.0)
        need.meet(self.now, rest)

    def _sleep(self, day: LocalDay, slot: int, drive: float, state: Condition, due: float) -> None:
        rng, traits = self._rng, self._traits
        made_up = math.exp(MAKES_UP * self._tired(day) / HOUR)
        wanted = traits.sleep_s * rng.gammavariate(6, 1 / 6) * made_up / math.sqrt(drive)
        if day.night[slot]:
            wanted *= state.night_sleep
        unseen = rng.random() < traits.hidden
        beds = self._house.free("sleep", self.now)
        spot: Spot = (UNSEEN, None) if unseen or not beds else self._liked(beds)
        seconds = max(min(wanted, due, self._call - self.now, LONGEST_SLEEP_S), SHORTEST_SLEEP_S)
        self._stay("sleeping", int(seconds), spot, "stretched" if rng.random() < 0.35 else "curled")
        self._debt_s -= self.now - self.bouts[-1][1]
        share = (24 - traits.sleep_h) / traits.sleep_h
        awake = share * traits.sleep_s * rng.gammavariate(4, 1 / 4) / made_up * math.sqrt(drive)
        if day.night[slot]:
            awake /= max(state.night_sleep, 0.25)
        self._awake_until = self.now + int(awake)
        self._next = ["post"] if rng.random() < SCRATCHES_AFTER_SLEEP * state.vigour else []
        self._follow("sleeping")

    def _tired(self, day: LocalDay) -> float:
        """The sleep debt in seconds, brought up to now."""
        passed = self.now - self._counted
        self._counted = self.now
        wanted = (self._traits.sleep_h + WINTER_SLEEP_H * (1 - day.season)) / 24
        self._debt_s = (self._debt_s + wanted * passed) * math.exp(-passed / FORGETS_S)
        return min(max(self._debt_s, -4.0 * HOUR), 4.0 * HOUR)

    def _follow(self, behaviour: str) -> None:
        if self._rng.random() < GROOMS_AFTER[behaviour] * self._traits.cleanliness:
            self._next.append("grooming")

    def _pastime(self, day: LocalDay, slot: int, drive: float, state: Condition) -> str:
        weights = {kind: weight * drive ** ROUSING.get(kind, 0.0) for kind, weight in PASTIMES.items()}
        weights["grooming"] *= self._traits.cleanliness * state.vigour
        for kind in ("playing", "hunting"):
            weights[kind] *= self._traits.playfulness * state.vigour
        if day.company[slot]:
            weights["playing"] *= COMPANY_PLAY
        if day.night[slot]:
            weights["patrol"] /= max(state.night_sleep, 0.2)
        return self._rng.choices(list(weights), list(weights.values()))[0]

    def _pass_time(self, kind: str, state: Condition) -> None:
        rng = self._rng
        post = self._house.free("scratch", self.now) if kind == "post" else []
        spot = self._liked(post) if post else (self._liked_room(), None)
        seconds = length(rng, kind)
        toy = (spot[0], "toy")
        if kind == "playing" and not self._house.is_free(toy, self.now):
            kind = "sitting"  # and watch the other cat
        if kind in ("sitting", "loafing", "standing"):
            hunched = kind != "standing" and rng.random() < state.hunched
            self._stay("other", seconds, spot, "hunched" if hunched else kind)
        elif kind in ("post", "leg"):
            self._stay("scratching", seconds, spot, kind)
        else:
            self._stay(kind, seconds, spot, "toy" if kind == "playing" else None)
            if kind == "playing":
                self._house.take(toy, self.now)

    def _spot(self, need: str) -> Spot | None:
        """A free bowl or box; where there is none the cat waits for it, and None is returned."""
        free = self._house.free(need, self.now)
        if free:
            return self._liked(free)
        self._stay("other", self._rng.randint(*WAITS_S), (self._room, None), "sitting")
        return None

    def _liked(self, spots: list[Spot]) -> Spot:
        if len(spots) == 1:
            return spots[0]
        rooms = self._traits.rooms
        return self._rng.choices(spots, [rooms.get(camera or "", 1.0) for camera, _ in spots])[0]

    def _liked_room(self) -> str | None:
        """Mostly the room where it is."""
        rng, rooms = self._rng, self._traits.rooms
        if rng.random() < 0.6:
            return self._room
        if rng.random() < self._traits.hidden:
            return UNSEEN
        return rng.choices(list(rooms), list(rooms.values()))[0]

    def _stay(self, behaviour: str, seconds: int, spot: Spot, subtype: str | None) -> None:
        """Go there and do it. A call to the bowl cuts everything short but eating and the litter box."""
        camera, zone = spot
        for leg_s, where, how in self._house.way(self._rng, self._room, camera):
            self.bouts.append(("other", self.now, self.now + leg_s, where, None, how))
            self.now += leg_s
        end = self.now + seconds
        if behaviour not in ("eating", "using_litter_box"):
            end = max(min(end, self._call), self.now + 3)
        self.bouts.append((behaviour, self.now, end, camera, zone, subtype))
        if zone is not None:
            self._house.take(spot, end)
        self._room, self.now = camera, end
