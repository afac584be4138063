"""What was measured, as a page for people: a sentence a set, its figures as ranges, the tables, and the worst of it to see."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from home.look import counted, css_variables
from models.detector.bootstrap import Estimate
from models.detector.judge import PictureSet, Verdict
from models.detector.marks import SIZES
from tasks.evaluation_page import Evaluation, size_of

__all__ = ["as_html"]

FEW = 30  # animals or empty pictures below which a share is hardly known: its interval is over a third wide

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:var(--text);background:var(--page);margin:0 auto;padding:16px;max-width:1040px}
h1{font-size:24px;margin:16px 0 8px}h2{font-size:20px;margin:40px 0 8px}p,dl{max-width:75ch;margin:8px 0}
.wide{overflow-x:auto;margin:8px 0}table{border-collapse:collapse;font-variant-numeric:tabular-nums;width:100%}
th,td{text-align:left;padding:8px 24px 8px 0;border-bottom:1px solid var(--line);white-space:nowrap}th{color:var(--muted);font-weight:600}
.range{color:var(--muted)}svg{display:block}svg line{stroke:var(--accent);stroke-width:3}svg .rail{stroke:var(--line);stroke-width:1}
svg circle{fill:var(--accent)}img{max-width:100%;border-radius:8px}figure{margin:16px 0}figcaption{margin-bottom:8px}.few{color:var(--muted)}
dt{font-weight:600;margin-top:8px}dd{margin:0}summary{cursor:pointer;margin:24px 0 8px}
.key{display:inline-block;width:14px;height:14px;border:3px solid;vertical-align:-3px}
"""

_COLUMNS = {
    "recall": "Animals found",
    "precision": "Boxes that are right",
    "false_per_100": "Empty pictures with a box",
}
_RANKED = {"ap50": "AP50", "ap75": "AP75", "ap50_95": "AP50-95"}


def as_html(done: Evaluation, sheets: Mapping[tuple[str, str], str]) -> bytes:
    """The page; same figures, same bytes.

    Args:
        done: every model on every set.
        sheets: file beside the page for (set, `misses` or `false`), of the set's first model.
    """
    shown = [each for each in done.sets if done.of(each.name)]
    body = "".join(_set(done, each, sheets) for each in shown)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><title>How well the detectors see</title>'
        f"<style>{css_variables()}{_STYLE}</style></head>\n<body><h1>How well the detectors see</h1>"
        f"{_opening(done, shown)}{_glossary(done)}{body}</body></html>\n"
    ).encode()


def _opening(done: Evaluation, shown: Sequence[PictureSet]) -> str:
    lines = "".join(f"<li>{_sentence(done.of(each.name)[0], each)}</li>" for each in shown)
    return f"<ul>{lines}</ul>"


def _sentence(verdict: Verdict, pictures: PictureSet) -> str:
    """What a friend would say of the set's first model."""
    who, where = f"<b>{html.escape(verdict.model)}</b>", html.escape(pictures.name)
    if pictures.truth is None:
        return f"{who} finds an animal in {_share(verdict.figures.get('found'))} of the seconds of <b>{where}</b>."
    told = [f"{who} finds {_share(verdict.figures.get('recall'))} of the animals of <b>{where}</b>"]
    if (alarms := verdict.figures.get("false_per_100")) is not None:
        told.append(f"and sees one in {alarms.value:.0f} of 100 pictures that have none ({_spread(alarms, 1)})")
    return " ".join(told) + "." + _few(pictures)


def _few(pictures: PictureSet) -> str:
    counts = size_of(pictures)
    animals, empty = int(counts.get("animals", FEW)), int(counts.get("empty_pictures", FEW))
    few = [counted(animals, "animal")] if animals < FEW else []
    few += [counted(empty, "picture without one", "pictures without one")] if 0 < empty < FEW else []
    return f' <span class="few">Only {" and ".join(few)}: the ranges are wide.</span>' if few else ""


def _set(done: Evaluation, pictures: PictureSet, sheets: Mapping[tuple[str, str], str]) -> str:
    verdicts, name = done.of(pictures.name), html.escape(pictures.name)
    if pictures.truth is None:
        rows = [[html.escape(v.model), _rail(v.figures.get("found"), 1)] for v in verdicts]
        clips = int(size_of(pictures)["clips"])
        told = f"{len(pictures.names)} seconds of {counted(clips, 'clip')}, each of which shows an animal all the time."
        return f"<h2>{name}</h2><p>{told}</p>{_table(['Model', 'Seconds in which it is found'], rows)}"
    counts = {key: int(value) for key, value in size_of(pictures).items()}
    told = f"{counts['pictures']} pictures"
    told += f", {counts['empty_pictures']} of them without an animal" if counts["empty_pictures"] else ""
    told += (
        f"; {counted(counts['animals'], 'animal')} on the others."
        if counts["empty_pictures"]
        else f", {counted(counts['animals'], 'animal')}."
    )
    told += " They are drawn by CatML's simulation." if pictures.name.startswith("rendered") else ""
    first = [
        [html.escape(v.model), *(_rail(v.figures.get(key), 100 if key == "false_per_100" else 1) for key in _COLUMNS)]
        for v in verdicts
    ]
    parts = [f"<h2>{name}</h2><p>{told}</p>", _table(["Model", *_COLUMNS.values()], first)]
    alone = [
        [html.escape(v.model), html.escape(kind)]
        + [_rail(figures.get(key), 100 if key == "false_per_100" else 1) for key in _COLUMNS]
        for v in verdicts
        for kind, figures in v.by_class.items()
    ]
    if alone:
        parts += ["<p>Each class alone, as if there were no other:</p>"]
        parts += [_table(["Model", "Class", *_COLUMNS.values()], alone)]
    parts.append(
        f"<details><summary>Average precision, and animals found by their size</summary>{_detail(done, verdicts)}</details>"
    )
    parts += [
        _figure(sheets[pictures.name, kind], kind, verdicts[0], done)
        for kind in _SHEETS
        if (pictures.name, kind) in sheets
    ]
    return "".join(parts)


def _detail(done: Evaluation, verdicts: Sequence[Verdict]) -> str:
    first = verdicts[0]
    rows = []
    for verdict in verdicts:
        gap = done.gaps.get((verdict.set_name, verdict.model), {}).get("ap50")
        against = f"{gap.value:+.3f} <span class=range>{gap.low:+.3f} to {gap.high:+.3f}</span>" if gap else ""
        rows.append(
            [
                html.escape(verdict.model),
                *(_figure_of(verdict, key) for key in _RANKED),
                *([against] if len(verdicts) > 1 else []),
            ]
        )
    bounds = {
        key: f"{key}, {low:g} to {high:g}" if high < 1 else f"{key}, {low:g} and more"
        for key, (low, high) in SIZES.items()
    }
    sizes = [[html.escape(v.model), *(_figure_of(v, f"recall_{key}") for key in SIZES)] for v in verdicts]
    last = [f"AP50 against {html.escape(first.model)}"] if len(verdicts) > 1 else []
    tables = _table(["Model", *_RANKED.values(), *last], rows)
    return f"{tables}<p>Animals found, by the root of the share of the picture that they fill:</p>{_table(['Model', *bounds.values()], sizes)}"


_SHEETS = {
    "misses": "Animals that {model} missed, the worst first",
    "false": "Boxes of {model} on what is no animal, the surest first",
}


def _figure(file: str, kind: str, verdict: Verdict, done: Evaluation) -> str:
    title = _SHEETS[kind].format(model=html.escape(verdict.model))
    caption = (
        f'{title}. <span class="key" style="border-color:#56B4E9"></span> where a person says an animal is, '
        f'<span class="key" style="border-color:#E69F00"></span> where the detector does, with its score; '
        f"a box counts from a score of {done.confidence:g} on."
    )
    picture = f'<img src="{html.escape(file)}" alt="{title}" loading="lazy">'
    return f"<figure><figcaption>{caption}</figcaption>{picture}</figure>"


def _glossary(done: Evaluation) -> str:
    words = {
        "The dot and its line": "the figure, and the range that 95 of 100 draws of as many pictures fall into (bootstrap). Where "
        "the lines of two models overlap they may still differ: the last column of their table compares them on the same draws.",
        "Animals found": f"of all animals, those that a box with a score of {done.confidence:g} or more fits: the two share at "
        "least half of the area that they cover together (recall).",
        "Boxes that are right": "of all such boxes, those that fit an animal (precision).",
        "Empty pictures with a box": "of 100 pictures without an animal, those in which the detector sees one.",
        "AP50, AP75": "average precision: one figure for all scores, 1 is perfect. A box counts if it shares 50 or 75 % with the "
        "animal; AP50-95 is the mean over ten such demands.",
    }
    lines = "".join(f"<dt>{word}</dt><dd>{meaning}</dd>" for word, meaning in words.items())
    return f"<details><summary>How to read this</summary><dl>{lines}</dl></details>"


def _rail(figure: Estimate | None, whole: float) -> str:
    """A figure in per cent with its range, and both on a rail from 0 to 100."""
    if figure is None:
        return '<span class="range">no such pictures</span>'
    value, low, high = (100 * part / whole for part in (figure.value, figure.low, figure.high))
    places = [round(4 + 1.52 * part, 1) for part in (value, low, high)]
    return (
        f'{value:.0f} % <span class="range">{low:.0f} to {high:.0f}</span>'
        '<svg width="160" height="12" viewBox="0 0 160 12" aria-hidden="true"><line class="rail" x1="4" y1="6" x2="156" y2="6"/>'
        f'<line x1="{places[1]}" y1="6" x2="{places[2]}" y2="6"/><circle cx="{places[0]}" cy="6" r="4"/></svg>'
    )


def _share(figure: Estimate | None) -> str:
    return "an unknown share" if figure is None else f"{100 * figure.value:.0f} in 100 ({_spread(figure, 100)})"


def _spread(figure: Estimate, scale: float) -> str:
    return f"{scale * figure.low:.0f} to {scale * figure.high:.0f}"


def _figure_of(verdict: Verdict, key: str) -> str:
    figure = verdict.figures.get(key)
    return (
        "" if figure is None else f'{figure.value:.3f} <span class="range">{figure.low:.3f} to {figure.high:.3f}</span>'
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Cells are HTML."""
    top = "".join(f"<th>{cell}</th>" for cell in head)
    lines = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>\n" for row in rows)
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table></div>'
