"""The table of Unicode 14.0 as this Python's own tables make it."""

import re
import unicodedata
from itertools import groupby

_WORD = re.compile(r"\w")


def table_rows() -> list[str]:
    """Return the lines of ``unicode-14.0.tsv``; the same as in the file where the tables are of 14.0."""

    def kind(point: int) -> str | None:
        sign = chr(point)
        if unicodedata.category(sign) == "Cn":
            return None
        return "w" if _WORD.match(sign) else "-"

    rows = []
    for found, points in groupby(range(0x110000), kind):
        if found:
            run = list(points)
            rows.append(f"{run[0]:X}\t{run[-1]:X}\t{found}")
    return rows


if __name__ == "__main__":
    print("\n".join(table_rows()))
