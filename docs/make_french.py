"""Puts the code of the English pages into their French translations: python docs/make_french.py.

Prose is translated by hand; code is not (`OWN_CODE` excepted). A page whose English one has more or fewer blocks is named and left alone.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TRANSLATED = {
    "README.md": "README.md",
    "tutorial-script.md": "docs/tutorial-script.md",
    "tutorial-technician.md": "docs/tutorial-technician.md",
    "tutorial-trainer.md": "docs/tutorial-trainer.md",
}
"""Pages of docs/fr, and what each is the translation of."""
OWN_CODE = ("tutorial-trainer.md",)
"""Pages whose commands are run in French, and show what they print in French: their code is their own."""

_BLOCK = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)


def put_code(french: str, english: str) -> str:
    """Return the French page with the blocks of the English one.

    Raises
    ------
    ValueError
        Where one has more blocks than the other.
    """
    blocks, parts = _BLOCK.findall(english), _BLOCK.split(french)
    if len(parts) != len(blocks) + 1:
        raise ValueError(f"{len(parts) - 1} blocks of code, and {len(blocks)} in English")
    return "".join(part + block for part, block in zip(parts, [*blocks, ""], strict=True))


def main() -> None:
    """Write the pages."""
    wrong = []
    for name, english in TRANSLATED.items():
        if name in OWN_CODE:
            continue
        page = ROOT / "docs" / "fr" / name
        text = page.read_text(encoding="utf-8")
        try:
            changed = put_code(text, (ROOT / english).read_text(encoding="utf-8"))
        except ValueError as error:
            wrong.append(f"{page.relative_to(ROOT)} has {error}: translate what is new")
        else:
            page.write_text(changed, encoding="utf-8")
    sys.exit("\n".join(wrong) or None)


if __name__ == "__main__":
    main()
