"""What a drill says: each manipulation, what was done, who noticed, what, where and since when."""

import textwrap

from drill.drill import Result
from drill.ground import Report

_WIDTH = 116


def audited(report: Report) -> str:
    """Return a line about an audit."""
    newest = report["newestDigest"]
    return (
        f"{report['blocks']} blocks and {report['digests']} digests read in {report['seconds']:.1f} s, newest digest "
        f"{newest['number'] if newest else 'none'}, {report['findingCount']} findings"
    )


def told(number: int, total: int, result: Result) -> str:
    """Return what is to be said of a manipulation."""
    done = ", ".join(
        [*([f"{result.cells} cells of the table written"] if result.cells else []), *filter(None, [result.elsewhere])]
    )
    lines = [
        f"{number}/{total} {result.name}",
        _line("done", done),
        _line("notary", f"refuses: {result.refusal}" if result.refusal else ""),
        *_named(result),
        _line("audit", f"{audited(result.report)}: {'caught' if result.is_caught else 'NOT CAUGHT'}"),
    ]
    return "\n".join(filter(None, lines)) + "\n"


def _named(result: Result) -> list[str]:
    found = result.named
    if found is None:
        others = "; ".join(f"{finding['where']}: {finding['what']}" for finding in result.report["findings"][:3])
        return [_line("what", f"not named; {others or 'nothing is'}")]
    since = found["since"]
    when = f"after digest {since['number']} of {since['date']}" if since else "not known: the notes on that were lost"
    return [
        _line("what", found["what"]),
        _line("where", found["where"] + (f", table {found['table']}" if "table" in found else "")),
        _line("since", f"{when}; found {found['found']}"),
    ]


def _line(name: str, text: str) -> str:
    if not text:
        return ""
    return textwrap.fill(
        text, _WIDTH, initial_indent=f"   {name:7}", subsequent_indent=" " * 10, break_on_hyphens=False
    )
