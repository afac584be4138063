"""Published scales of how cats hold themselves: item by item, what keypoints can tell and what they cannot.

- Feline Grimace Scale: Evangelista et al., "Facial expressions of pain in cats: the development and validation of a Feline
  Grimace Scale", Scientific Reports 9:19128, 2019. Five action units.
- Cat Stress Score: Kessler and Turner, "Stress and adaptation of cats (Felis silvestris catus) housed singly, in pairs and
  in groups in boarding catteries", Animal Welfare 6:243-254, 1997. Seven levels, told by parts of the body.
- UNESP-Botucatu: Brondani et al., "Validation of the English version of the UNESP-Botucatu multidimensional composite pain
  scale for assessing postoperative pain in cats", BMC Veterinary Research 9:143, 2013.

The scales are for trained people who look at the cat; no number of CatML is a score on any of them.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ITEMS", "Item"]

FGS, CSS, UNESP = "Feline Grimace Scale", "Cat Stress Score", "UNESP-Botucatu"


@dataclass(frozen=True)
class Item:
    """One item of a scale.

    Attributes:
        scale, name: of the item.
        told_by: the sign of `models.posture` that stands for it, empty if there is none.
        limit: what of the item is not told, and why.
    """

    scale: str
    name: str
    told_by: str
    limit: str


ITEMS = (
    Item(FGS, "ear position", "", "keypoints mark the bases of the ears, not their tips: how they turn is not seen"),
    Item(FGS, "orbital tightening", "", "an eye is one point: how far it is open is not seen"),
    Item(FGS, "muzzle tension", "", "the muzzle has no points beside the nose"),
    Item(FGS, "whiskers position", "", "whiskers have no points, and are too thin for cameras across a room"),
    Item(
        FGS,
        "head position",
        "head_below",
        "below or above the shoulder line, by the line of the back; not how it tilts",
    ),
    Item(CSS, "body", "crouched", "laid out, curled, folded, sitting, crouched, standing; trembling is not seen"),
    Item(CSS, "belly", "", "not marked; slow or fast breathing is not seen"),
    Item(CSS, "legs", "crouched", "stretched out or bent, by the heights of withers and rump over the paws"),
    Item(CSS, "tail", "", "only its root is marked"),
    Item(CSS, "head", "head_below", "over, level with or below the body; not whether it lies on something"),
    Item(CSS, "eyes, pupils", "", "an eye is one point"),
    Item(CSS, "ears, whiskers", "", "as above"),
    Item(CSS, "vocalization", "", "no sound is heard"),
    Item(CSS, "activity", "still", "still, slow or moving, over the burst or between samples"),
    Item(UNESP, "posture", "head_below", "hunched or not; tense muscles are not seen"),
    Item(UNESP, "activity", "", "over hours, from bouts and habits and not from a moment"),
    Item(UNESP, "comfort, attitude", "", "asks how the cat answers people"),
    Item(UNESP, "miscellaneous behaviours", "", "licking of one place, from bouts; not from a moment"),
    Item(UNESP, "palpation, vocalization, blood pressure", "", "asks for an examination"),
    Item(UNESP, "appetite", "", "from meals and not from a moment"),
)
