"""Full-text search of seizures: in their records, and in the rows that these were read from.

>>> from forensics.trade.search import search_seizures
>>> with open_store("seizures.db") as store:                               # doctest: +SKIP
...     for match in search_seizures(store, "ivory Mombasa"):
...         print(match.seizure.get("reference"), match.excerpt)
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from forensics.errors import UsageError
from forensics.messages import _
from forensics.store.inspection import search_texts
from forensics.trade.record import Seizure
from forensics.trade.store import Store

__all__ = ["DEFAULT_LIMIT", "SeizureMatch", "search_seizures"]

DEFAULT_LIMIT = 20
"""Most seizures that are returned where nothing else is asked for."""


@dataclass(frozen=True, slots=True)
class SeizureMatch:
    """A seizure in which all words that were searched for occur.

    Attributes
    ----------
    seizure : Seizure
    excerpt : str
        Text around the words, each between ``[`` and ``]``.
    """

    seizure: Seizure
    excerpt: str

    def to_dict(self) -> dict[str, str | int | None]:
        """Return plain values for JSON and CSV."""
        return {
            "seizure": self.seizure.id,
            "reference": self.seizure.get("reference"),
            "date": self.seizure.get("date"),
            "country": self.seizure.get("country"),
            "standing": self.seizure.standing,
            "excerpt": self.excerpt,
        }


def search_seizures(store: Store, words: str, *, limit: int = DEFAULT_LIMIT) -> list[SeizureMatch]:
    """Return the seizures in which all words occur, in any order and any case, the best first.

    Also those that wait for a decision and those that were set aside; their `standing` says so.

    Parameters
    ----------
    store : Store
    words : str
        Letters with and without accents are the same; a phrase stands in double quotes.
    limit : int
        Most seizures that are returned.

    Raises
    ------
    UsageError
        If there is no word to search for.
    """
    if not any(map(str.isalnum, words)):
        raise UsageError(_("Give a word to search for."))
    seizures = {seizure.id: seizure for seizure in store.seizures(everything=True)}
    original = _original_texts(store)
    texts = ((key, _join_texts(seizure, original[key])) for key, seizure in seizures.items())
    return [
        SeizureMatch(seizures[match.id], match.excerpt)
        for match in search_texts(texts, words, limit=limit)
    ]


def _original_texts(store: Store) -> Mapping[int, list[str]]:
    """Return the cells of the rows that seizures were read from, by seizure."""
    rows = store.database().query(
        'SELECT DISTINCT s.seizure, r.id, r.cells FROM specimens AS s JOIN rows AS r ON r.id = s."row" '
        "ORDER BY s.seizure, r.id"
    )
    texts: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        texts[row["seizure"]].extend(str(cell) for cell in json.loads(row["cells"]) if cell)
    return texts


def _join_texts(seizure: Seizure, original: list[str]) -> str:
    """Return every text of a seizure once, in the order of its fields."""
    values = [seizure.values, *(specimen.values for specimen in seizure.specimens)]
    recorded = [value for part in values for value in part.values() if isinstance(value, str)]
    return "; ".join(dict.fromkeys([*recorded, *original]))
