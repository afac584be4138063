"""How a message looks: as a mail (HTML with its picture inside), and as plain text.

Mail programs know little CSS and no variables: styles stand at the elements, in the colours of `home.look`.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from home.look import THEME, ink_on

__all__ = ["as_html", "as_text"]

_FONT = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_TEXT, _MUTED, _LINE, _SURFACE, _PAGE, _ACCENT = (
    THEME[name][0] for name in ("text", "muted", "line", "surface", "page", "accent")
)
# Okabe and Ito's, as everywhere; the word stands in it, so that a grey print reads too.
_TONES = {"notice": _ACCENT, "warning": "#E69F00", "urgent": "#D55E00", "over": "#009E73", "digest": _ACCENT}


def as_text(content: Mapping[str, Any]) -> str:
    """The message without its title, as plain text: for chats and small screens."""
    blocks = ["\n".join(content["lines"])] if content["lines"] else []
    for part in content["parts"]:
        link = [part["link"]] if part["link"] and part["link"] != content["link"] else []
        blocks.append("\n".join([part["title"], *(f"- {line}" for line in part["lines"]), *link]))
    blocks += [content["note"]] if content["note"] else []
    blocks += [f"{content['link_words']}: {content['link']}"] if content["link"] else []
    return "\n\n".join(blocks)


def as_html(content: Mapping[str, Any], picture: str) -> str:
    """The message as the HTML of a mail.

    Args:
        content: as `ingest.alerts.wording.Content` has it.
        picture: the name under which its picture comes with it; empty if it does not.
    """
    tone = _TONES[content["tone"]]
    label = f'<span style="{_label(tone)}">{escape(content["label"])}</span>' if content["label"] else ""
    lines = "".join(_paragraph(line) for line in content["lines"])
    parts = "".join(_part(part) for part in content["parts"])
    shown = _picture(content, picture) if picture else ""
    note = _small(content["note"]) if content["note"] else ""
    foot = _small(content["foot"])
    return (
        f'<!DOCTYPE html><html lang="{content["language"]}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light">'
        f"<title>{escape(content['title'])}</title></head>"
        f'<body style="margin:0;padding:24px 8px;background:{_SURFACE};font-family:{_FONT};color:{_TEXT}">'
        f'<div style="max-width:560px;margin:0 auto;background:{_PAGE};border:1px solid {_LINE};border-radius:8px;'
        f'border-top:4px solid {tone};overflow:hidden"><div style="padding:24px">{label}'
        f'<h1 style="font-size:22px;line-height:1.3;margin:8px 0 16px">{escape(content["title"])}</h1>'
        f"{lines}{shown}{parts}{_button(content)}{note}</div></div>"
        f'<div style="max-width:560px;margin:0 auto;text-align:center">{foot}</div></body></html>'
    )


def _label(tone: str) -> str:
    return (
        f"display:inline-block;background:{tone};color:{ink_on(tone)};font-size:13px;font-weight:600;"
        "padding:2px 8px;border-radius:8px"
    )


def _paragraph(line: str) -> str:
    return f'<p style="font-size:16px;line-height:1.5;margin:0 0 8px">{escape(line)}</p>'


def _small(line: str) -> str:
    return f'<p style="font-size:13px;line-height:1.5;color:{_MUTED};margin:16px 0 0">{escape(line)}</p>'


def _picture(content: Mapping[str, Any], name: str) -> str:
    words = escape(content["picture_words"])
    return (
        f'<p style="margin:16px 0 4px"><img src="cid:{name}" alt="{words}" '
        'style="display:block;width:100%;height:auto;border-radius:8px"></p>'
        f'<p style="font-size:13px;color:{_MUTED};margin:0 0 16px">{words}</p>'
    )


def _part(part: Mapping[str, Any]) -> str:
    title = escape(part["title"])
    if part["link"]:
        title = f'<a href="{escape(part["link"])}" style="color:{_ACCENT};text-decoration:none">{title}</a>'
    lines = "".join(_paragraph(line) for line in part["lines"])
    return (
        f'<div style="border-top:1px solid {_LINE};margin-top:16px;padding-top:16px">'
        f'<h2 style="font-size:17px;line-height:1.3;margin:0 0 8px">{title}</h2>{lines}</div>'
    )


def _button(content: Mapping[str, Any]) -> str:
    if not content["link"]:
        return ""
    return (
        f'<p style="margin:24px 0 0"><a href="{escape(content["link"])}" style="display:inline-block;'
        f"background:{_ACCENT};color:{ink_on(_ACCENT)};font-size:16px;text-decoration:none;padding:8px 16px;"
        f'border-radius:8px">{escape(content["link_words"])}</a></p>'
        # Whoever reads the mail as text gets what is written, not what is linked.
        f'<p style="font-size:13px;color:{_MUTED};margin:8px 0 0;word-break:break-all">{escape(content["link"])}</p>'
    )
