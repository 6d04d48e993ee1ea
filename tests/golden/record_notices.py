"""Writes tests/golden/notices.json anew: codes, variants and names of parameters. Run by hand; read the diff."""

import importlib
import json
import pkgutil
from pathlib import Path

import forensics.notices

GOLDEN = Path(__file__).with_name("notices.json")


def stored_names():
    """Return of each subject its codes, of each code its variants with their parameters."""
    names = {}
    for module in sorted(one.name for one in pkgutil.iter_modules(forensics.notices.__path__)):
        kinds = importlib.import_module(f"forensics.notices.{module}").KINDS
        names[module] = {
            code: {variant: sorted(kind.parameters_of(variant)) for variant in kind.variants}
            for code, kind in sorted(kinds.items())
        }
    return names


if __name__ == "__main__":
    text = json.dumps(stored_names(), ensure_ascii=False, indent=1)
    GOLDEN.write_text(f"{text}\n", encoding="utf-8")
