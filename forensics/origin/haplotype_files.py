"""Reads haplotypes: of reference animals with their localities, and of samples."""

import unicodedata

from forensics.errors import InputError
from forensics.io.tables import NUMBER, TEXT, Column, read_table
from forensics.messages import _
from forensics.origin.haplotypes import HaplotypeReference, haplotype_reference

__all__ = ["read_haplotype_reference", "read_sample_haplotypes"]

_HAPLOTYPE = Column("haplotype", TEXT, also=("mtdna",))
_LOCALITY = Column("locality", TEXT, also=("site", "population"))
_LATITUDE = Column("latitude", NUMBER, also=("lat",), filled=True)
_LONGITUDE = Column("longitude", NUMBER, also=("lon", "long"), filled=True)
_SAMPLE = Column("sample", TEXT, also=("animal", "id"), filled=True)


def read_haplotype_reference(path: object) -> tuple[HaplotypeReference, str]:
    """Return the reference of a table, a row an animal, and the table's SHA-256.

    Parameters
    ----------
    path : path or pandas.DataFrame
        With the columns ``haplotype``, ``locality``, ``latitude`` and ``longitude``. Animals without a
        haplotype are left out.

    Raises
    ------
    InputError
        If a column or a place is missing, or there are fewer than two localities.
    """
    table = read_table(path)
    records = [
        record
        for record in table.records(_HAPLOTYPE, _LOCALITY, _LATITUDE, _LONGITUDE)
        if record[_HAPLOTYPE]
    ]
    try:
        reference = haplotype_reference(
            [record[_HAPLOTYPE] for record in records],
            [record[_LOCALITY] for record in records],
            [record[_LATITUDE] for record in records],
            [record[_LONGITUDE] for record in records],
        )
    except InputError as error:
        raise InputError(error.message, source=table.source, record=error.record) from error
    return reference, table.sha256


def read_sample_haplotypes(path: object) -> tuple[dict[str, str], str]:
    """Return the haplotype of each sample of a table ("" where it has none), and the table's SHA-256.

    Parameters
    ----------
    path : path or pandas.DataFrame
        With the columns ``sample`` and ``haplotype``; others are passed over.

    Raises
    ------
    InputError
        If a column is missing or a sample has two haplotypes.
    """
    table = read_table(path)
    result: dict[str, str] = {}
    for record in table.records(_SAMPLE, _HAPLOTYPE):
        sample = unicodedata.normalize("NFC", record[_SAMPLE])
        haplotype, before = record[_HAPLOTYPE], result.get(sample, "")
        if haplotype and before and before != haplotype:
            raise InputError(
                _("sample {name} has two haplotypes").format(name=sample),
                source=table.source,
                line=record.line,
            )
        result[sample] = haplotype or before
    return result, table.sha256
