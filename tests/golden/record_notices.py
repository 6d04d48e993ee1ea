"""Writes tests/golden/notices.json anew: codes, variants and names of parameters. Run by hand; read the diff."""

import json
from pathlib import Path

from forensics.notices import SUBJECTS, Kinds

GOLDEN = Path(__file__).with_name("notices.json")


def stored_names():
    """Return of each subject its codes, of each code its variants with their parameters."""
    return {
        subject: {
            code: {variant: sorted(kind.parameters_of(variant)) for variant in kind.variants}
            for code, kind in sorted(Kinds(subject).items())
        }
        for subject in sorted(SUBJECTS)
    }


if __name__ == "__main__":
    text = json.dumps(stored_names(), ensure_ascii=False, indent=1)
    GOLDEN.write_text(f"{text}\n", encoding="utf-8")
