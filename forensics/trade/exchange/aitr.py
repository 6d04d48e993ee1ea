"""The annual illegal trade report of a Party (Resolution Conf. 11.17): a row a specimen.

Fields 7 and 16 of the form, place with country and amount with currency, take two columns each, so that no text
must be taken apart again.

References
----------
CITES, Resolution Conf. 11.17 (Rev.), National reports; guidelines for the annual illegal trade report. The value
lists of the form are not at hand: those of this package are marked official or proposed.
"""

from collections.abc import Iterable

from forensics.messages import _
from forensics.trade.exchange.flat import Export, LeftOut, record_rows
from forensics.trade.exchange.tables import table_bytes
from forensics.trade.mapping import EXTRA_LABELS
from forensics.trade.record import Seizure, Specimen
from forensics.trade.vocabulary import FIELDS

__all__ = ["LANGUAGES", "columns", "write"]

LANGUAGES = {"en": 0, "fr": 1, "pt": 2}
"""Languages of the names of columns."""
_MORE = ("quantity_text", "seizure")
_SEIZURE = "seizure"


def columns(*, everything: bool = False, language: str = "en") -> dict[str, str]:
    """Return the names of the columns by field, in the order of the form.

    Parameters
    ----------
    everything : bool
        Also what the form does not ask for.
    language : str
        One of `LANGUAGES`.
    """
    place = LANGUAGES[language]
    labels = {
        name: field.labels[place] for name, field in FIELDS.items() if field.number or everything
    }
    if everything:
        labels |= {name: EXTRA_LABELS[name][place] for name in _MORE}
    return labels


def write(
    seizures: Iterable[Seizure],
    *,
    ending: str = "csv",
    everything: bool = False,
    language: str = "en",
) -> Export:
    """Return the report.

    Parameters
    ----------
    seizures : iterable of Seizure
    ending : str
        ``csv`` or ``xlsx``.
    everything : bool
        With all columns; then nothing is lost.
    language : str
        Of the names of columns.
    """
    names = columns(everything=everything, language=language)
    rows: list[list[object]] = []
    left: list[LeftOut] = []
    written = set()
    for seizure, specimen, row in record_rows(seizures):
        reference = row["reference"]
        if not everything:
            left += [
                LeftOut(seizure.id, reference, name, _("the form has no such field"))
                for name in FIELDS
                if name not in names and row[name] and name != "basis"
            ]
        if not any(row[name] for name in names):  # an empty row is none to a spreadsheet program
            left.append(
                LeftOut(seizure.id, reference, "", _("it has nothing that the form asks for"))
            )
            continue
        rows.append([_cell(name, specimen, seizure, row[name]) for name in names])
        written.add(seizure.id)
    data = table_bytes(list(names.values()), rows, ending)
    return Export(data, len(rows), frozenset(written), tuple(left))


def _cell(name: str, specimen: Specimen, seizure: Seizure, text: str) -> object:
    """Return a number where the value is one, else its text."""
    if name == "quantity":
        low = specimen.low
        exact = low is not None and low == specimen.high and not specimen.get("approximate")
        return low if exact else text
    if name in FIELDS and FIELDS[name].kind in ("number", "latitude", "longitude"):
        holder = seizure if FIELDS[name].level == _SEIZURE else specimen
        return holder.get(name)
    return text
