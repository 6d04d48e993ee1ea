"""Rows of a table that look like totals of the rows above them: by a word, or by arithmetic.

A total is not a seizure: it doubles what it adds up. Nothing is decided here; a row that looks like one waits
until a person says what it is.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from forensics.messages import _
from forensics.trade.record import number_text
from forensics.trade.vocabulary import country_of, fold, term_of, unit_of

__all__ = ["MIN_ADDENDS", "MIN_ADDENDS_BARE", "MIN_DIGITS", "Totals", "is_total_word"]

MIN_ADDENDS = 3
MIN_ADDENDS_BARE = 2
"""Rows that a sum is of at least; a row without date and reference needs fewer, as a total has neither."""
MIN_DIGITS = 3
"""Significant digits that a sum needs in a row with a date or a reference, and before a total may be rounded: 1, 1,
1 and 3 are four seizures as often as not."""
_BINARY = Decimal("1e-9")
"""Part of a sum by which one that a spreadsheet added up in binary may differ."""
_NOT_LABELS = frozenset(["information", "law", "quantity", "quantity_text", "text", "description"])
"""Fields whose text may speak of a total without the row being one."""

# Words for a total in English, French, Spanish and Portuguese, folded.
_WORDS = frozenset(
    ["total", "totals", "subtotal", "subtotals", "sum", "overall"]
    + ["totaux", "somme", "ensemble", "soustotal", "soustotaux"]
    + ["totales", "suma", "subtotales", "grantotal"]
    + ["totais", "soma", "somatorio", "somatoria", "subtotais"]
)
_BEFORE = frozenset(["grand", "gran", "sub", "sous", "the", "le", "el", "o", "a", "la"])
_BESIDE = frozenset(
    [
        "general",
        "generale",
        "generaux",
        "geral",
        "gerais",
        "generales",
        "global",
        "final",
        "overall",
    ]
    + ["annual", "annuel", "annuelle", "anual", "cumulative", "cumule", "acumulado", "total", "sum"]
    + [
        "for",
        "of",
        "in",
        "the",
        "pour",
        "de",
        "du",
        "des",
        "del",
        "do",
        "da",
        "dos",
        "das",
        "en",
        "em",
    ]
    + ["year", "annee", "an", "ano", "month", "mois", "mes", "seizures", "saisies", "incautaciones"]
    + [
        "decomisos",
        "apreensoes",
        "quantity",
        "quantite",
        "cantidad",
        "quantidade",
        "weight",
        "poids",
    ]
    + ["peso", "and", "et", "y", "e", "all", "records"]
)


# Part of each of these words; most cells have none and are not looked at closely.
_HINT = re.compile("tot|s[uo]m|ensemble|overall", re.IGNORECASE)


def _words_from_total(cell: str) -> list[str]:
    """Return the words of a cell from the one for a total on, if it begins with one."""
    if not _HINT.search(cell):
        return []
    words = re.findall(r"[^\W_]+", fold(cell))
    while words and words[0] in _BEFORE:
        words = words[1:]
    return words if words and words[0] in _WORDS else []


def is_total_word(cell: str) -> bool:
    """Return whether a cell says that its row is a total, and nothing else.

    What stands beside the word may be a year, a country, a kind of specimen or a unit.

    Examples
    --------
    >>> is_total_word("Sous-total 2025 :"), is_total_word("TOTAL GERAL"), is_total_word("Total Kenya")
    (True, True, True)
    >>> is_total_word("Total petrol station, Douala"), is_total_word("summit")
    (False, False)
    """
    words = _words_from_total(cell)
    if not words:
        return False
    rest = [word for word in words[1:] if word not in _BESIDE and not word.isdigit()]
    text = " ".join(rest)
    return not rest or any(read(text) for read in (country_of, term_of, unit_of))


@dataclass
class _Sum:
    """Numbers that were added up, exactly, as they are written in decimals."""

    total: Decimal = Decimal(0)
    count: int = 0

    def add(self, amount: float) -> None:
        self.total += Decimal(repr(amount))
        self.count += 1


@dataclass
class Totals:
    """What the rows of a table have added up to so far.

    Sums are kept for each unit, over all rows and since the last row that looked like a total; a row without
    a unit is compared with the sum of all numbers.
    """

    _all: dict[str, _Sum] = field(default_factory=dict)
    _since: dict[str, _Sum] = field(default_factory=dict)
    _labelled: bool = False

    def suspect(
        self,
        cells: Mapping[str, str],
        seizure: Mapping[str, object],
        specimens: Iterable[Mapping[str, object]],
    ) -> str:
        """Return why a row looks like a total of the rows above; empty where it does not.

        Parameters
        ----------
        cells : mapping of str to str
            Text of the row by field; columns that no field takes by names of their own.
        seizure : mapping
            Columns of the seizure that were read.
        specimens : iterable of mapping
            Columns of its specimens.
        """
        labels = []
        if _HINT.search("\n".join(cells.values())):
            labels = [cell for name, cell in cells.items() if name not in _NOT_LABELS]
        reference = str(seizure.get("reference") or "")
        bare = not seizure.get("date") and (not reference or bool(_words_from_total(reference)))
        says = is_total_word if not bare else _words_from_total
        word = next((cell for cell in labels if says(cell)), "")
        amounts = [
            (str(specimen.get("unit") or ""), float(str(specimen["quantity_low"])))
            for specimen in specimens
            if specimen.get("quantity_low") is not None
            and specimen.get("quantity_low") == specimen.get("quantity_high")
        ]
        sums = [self._count_addends(unit, amount, bare=bare) for unit, amount in amounts]
        added = min(sums, default=0)
        why = []
        if word:
            why.append(_("it says {word!r}").format(word=word[:60]))
        if added:
            why.append(_("its quantity is the sum of {count} rows above").format(count=added))
        if why:
            self._since.clear()
        else:
            for unit, amount in amounts:
                for sums_of in (self._all, self._since):
                    for key in {unit, ""}:
                        sums_of.setdefault(key, _Sum()).add(amount)
            self._labelled = self._labelled or not bare
        return "; ".join(why)

    def _count_addends(self, unit: str, amount: float, *, bare: bool) -> int:
        """Return of how many rows a number is the sum; 0 where of none, or where chance may do it."""
        text = number_text(amount)
        digits = len(text.replace(".", "").strip("0"))
        if not amount or (bare and not self._labelled) or (not bare and digits < MIN_DIGITS):
            return 0
        least = MIN_ADDENDS_BARE if bare else MIN_ADDENDS
        decimals = len(text.partition(".")[2])
        rounding = Decimal(5).scaleb(-decimals - 1) if bare and digits >= MIN_DIGITS else Decimal(0)
        for sums_of in (self._since, self._all):
            addends = sums_of.get(unit, _Sum())
            allowed = max(rounding, addends.total * _BINARY)
            if addends.count >= least and abs(addends.total - Decimal(repr(amount))) <= allowed:
                return addends.count
        return 0
