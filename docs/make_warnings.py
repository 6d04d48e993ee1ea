"""Writes docs/warnings.md from the catalogue of notices: python docs/make_warnings.py."""

import importlib
from pathlib import Path

PAGE = Path(__file__).with_name("warnings.md")

HEAD = """\
# Warnings

Each result has a list of warnings, `{code, message}`. The code is stable and never translated;
the message comes in your language. A warning of the first table makes the result `unusable`
(exit code 3). The others come with a result.

How much a warning weighs: **blocks**: no name, date or other statement may be given · **limits**: less may be stated than without it ·
**informs**: something about this sample · **context**: true of the whole run.

This page is made from `forensics/notices/` by `docs/make_warnings.py`.
"""

SECTIONS = (
    ("unusable", "The sequence could not be examined", ""),
    ("sequence", "About the sequence", ""),
    ("search", "About the search", ""),
    (
        "checks",
        "Checks before a call",
        "[Checks](checks.md) says how each is made and how often it is right.",
    ),
    ("calls", "About the call", ""),
    (
        "loci",
        "About several loci of one sample",
        "With `--combine`; see [several loci](multilocus.md).",
    ),
    (
        "mixture",
        "About a mixture",
        "Of a sample of `forensics mixture` ([mixtures](mixtures.md)); each of its sequences has warnings of the "
        "tables above, too.",
    ),
    ("origin", "About an origin", "See [origin](origin.md)."),
    (
        "individual",
        "About individuals",
        "Of `forensics individual match` and `network` ([individuals](individual.md)).",
    ),
    (
        "captive",
        "About wild or captive",
        "Of `forensics individual captive` ([individuals](individual.md)).",
    ),
    ("age", "About an age", "See [age](age.md)."),
    (
        "listings",
        "About a listing",
        "Of a name in the CITES Appendices ([listings](listings.md)).",
    ),
)


def make_page() -> str:
    """Return the page."""
    parts = [HEAD]
    for subject, title, introduction in SECTIONS:
        kinds = importlib.import_module(f"forensics.notices.{subject}").KINDS.values()
        parts.append(f"\n## {title}\n\n")
        if introduction:
            parts.append(f"{introduction}\n\n")
        parts.append("| Code | Weight | Meaning | What to do |\n|---|---|---|---|\n")
        parts += [
            f"| `{kind.code}` | {kind.severity} | {kind.meaning} | {kind.advice} |\n"
            for kind in kinds
        ]
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(make_page(), encoding="utf-8")
