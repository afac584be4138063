"""Data Docs: what was checked, as pages under `data/quality/` of the home.

Great Expectations' own pages load their style, scripts and logo from other people's servers whenever they are opened,
and carry the time of the run. These say the same, stand alone, and are the same for the same rows.
"""

from __future__ import annotations

import datetime as dt
import html
import threading
from dataclasses import dataclass

from home.folder import Home
from home.look import counted, css_variables, day_name

EXAMPLES = 5
# Pages are written by every camera of a night at once; the index lists them all.
_INDEX = threading.Lock()

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:var(--text);background:var(--page);margin:0 auto;padding:16px;max-width:960px}
h1{font-size:24px;margin:16px 0 8px}p{max-width:75ch;margin:8px 0}a{color:var(--accent)}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:8px 16px 8px 0;border-bottom:1px solid var(--line)}
th{color:var(--muted);font-weight:600}.number{text-align:right}
code{color:var(--muted);font-size:13px;overflow-wrap:anywhere}summary{cursor:pointer;margin:16px 0 8px}ul{margin:0;padding-left:24px}
"""


@dataclass(frozen=True)
class Finding:
    """What one expectation found.

    Attributes:
        name: Great Expectations' name of it.
        right: what would be right.
        failed: how many rows fail it; 0 for an expectation of the whole table, which would have stopped the night.
        examples: values that were found in them, each once, in the order of the rows.
    """

    name: str
    right: str
    failed: int
    examples: list[str]


def write_page(
    home: Home,
    suite: str,
    date: dt.date,
    camera: str | None,
    rows: int,
    rejected: int,
    findings: list[Finding],
    sentence: str = "",
    *,
    indexed: bool = True,
) -> None:
    """Write the page of one check, and, if `indexed`, the list of all pages; `sentence` stands in for the count of rows."""
    title = " · ".join([suite.capitalize(), day_name(date), *([camera] if camera else [])])
    home.data.write(
        page_key(suite, date, camera), _page(title, sentence or _sentence(rows, rejected), _findings(findings))
    )
    if indexed:
        write_index(home)


def write_index(home: Home) -> None:
    """Write the list of all pages."""
    with _INDEX:
        home.data.write("quality/index.html", _index(home))


def page_key(suite: str, date: dt.date, camera: str | None = None) -> str:
    """Where the page of a check lies, below the home's own data folder."""
    return f"quality/{suite}/{date.isoformat()}{f'-{camera}' if camera else ''}.html"


def _sentence(rows: int, rejected: int) -> str:
    if not rows:
        return "There were no rows to check, and none is needed here."
    checked = f"{rows:,} {'row was' if rows == 1 else 'rows were'} checked"
    if not rejected:
        return f"{checked}; {'it is good' if rows == 1 else 'every one is good'}."
    return (
        f"{checked}; {rejected:,} {'was' if rejected == 1 else 'were'} set aside with the reason, the others went on."
    )


def _findings(findings: list[Finding]) -> str:
    """What fails as a table, what holds as a list that opens."""
    failed = [finding for finding in findings if finding.failed]
    held = [finding for finding in findings if not finding.failed]
    body = ""
    if failed:
        head = '<tr><th>What must hold</th><th class="number">Rows that fail</th><th>Found there</th></tr>'
        lines = "".join(_line(finding) for finding in failed)
        body = f'<div class="wide"><table><thead>{head}</thead><tbody>{lines}</tbody></table></div>'
    if held:
        items = "".join(f"<li>{_rule(finding)}</li>\n" for finding in held)
        opened = "" if failed else " open"
        summary = f"<summary>{counted(len(held), 'check holds', 'checks hold')} for every row</summary>"
        body += f"<details{opened}>{summary}<ul>{items}</ul></details>"
    return body


def _rule(finding: Finding) -> str:
    return f"{html.escape(finding.right)} <code>{finding.name}</code>"


def _line(finding: Finding) -> str:
    shown = " · ".join(finding.examples[:EXAMPLES]) + (" …" if len(finding.examples) > EXAMPLES else "")
    number = f'<td class="number">{finding.failed:,}</td>'
    return f"<tr><td>{_rule(finding)}</td>{number}<td>{html.escape(shown)}</td></tr>\n"


def _index(home: Home) -> bytes:
    pages = [entry.key for entry in home.data.list("quality/") if entry.key.count("/") == 2]
    aside = {entry.key for entry in home.data.list("quarantine/")}
    newest_first = sorted(sorted(pages), key=lambda key: key.split("/")[2][:10], reverse=True)
    lines = [_index_line(key, aside) for key in newest_first]
    head = "<tr><th>Day</th><th>What</th><th>Rows set aside</th></tr>"
    table = f'<div class="wide"><table><thead>{head}</thead><tbody>{"".join(lines)}</tbody></table></div>'
    return _page("Quality of the data", "What was checked before it was written, the newest day first.", table)


def _index_line(key: str, aside: set[str]) -> str:
    _, suite, name = key.removesuffix(".html").split("/")
    date, camera = name[:10], name[11:]
    partition = f"quarantine/{suite}/date={date}{f'/camera={camera}' if camera else ''}/part.parquet"
    what = html.escape(f"{suite} {camera}".strip())
    told = f"yes, in <code>data/{html.escape(partition)}</code>" if partition in aside else "none"
    return f'<tr><td>{date}</td><td><a href="{html.escape(key.removeprefix("quality/"))}">{what}</a></td><td>{told}</td></tr>\n'


def _page(title: str, sentence: str, body: str) -> bytes:
    escaped = html.escape(title)
    back = "" if title.startswith("Quality") else '<p><a href="../index.html">All checks</a></p>'
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{escaped}</title>'
        f"<style>{css_variables()}{_STYLE}</style></head>\n"
        f"<body><h1>{escaped}</h1><p>{html.escape(sentence)}</p>{body}{back}</body></html>\n"
    ).encode()
