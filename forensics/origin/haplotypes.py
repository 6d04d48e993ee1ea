"""Mitochondrial haplotypes: at which localities of a reference one was seen, how often, in how many animals.

What a locality lacks in its sample it may still have, the more so the fewer animals were typed there, and
localities that nobody sampled remain possible. So no locality is excluded, and no probability is stated.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from forensics.core.provenance import make_provenance
from forensics.core.result import Result
from forensics.core.stored import to_stored
from forensics.errors import InputError, UsageError
from forensics.io.files import AnyPath
from forensics.io.tables import NUMBER, TEXT, Column, read_table
from forensics.messages import _
from forensics.notices import origin as notices
from forensics.origin.geography import centres_of, check_places

if TYPE_CHECKING:
    import pandas

_HAPLOTYPE = Column("haplotype", TEXT, also=("mtdna",))
_LOCALITY = Column("locality", TEXT, also=("site", "population"))
_LATITUDE = Column("latitude", NUMBER, also=("lat",), filled=True)
_LONGITUDE = Column("longitude", NUMBER, also=("lon", "long"), filled=True)


@dataclass(frozen=True, eq=False)
class HaplotypeReference:
    """Haplotypes counted by locality.

    Attributes
    ----------
    localities : tuple of str, length G
    latitudes, longitudes : numpy.ndarray of float64, shape (G,)
    haplotypes : tuple of str, length H
    counts : numpy.ndarray of int64, shape (G, H)
    source, sha256 : str
        File and its SHA-256; of animals that were given, "" and that of the counts.
    """

    localities: tuple[str, ...]
    latitudes: np.ndarray
    longitudes: np.ndarray
    haplotypes: tuple[str, ...]
    counts: np.ndarray
    source: str
    sha256: str


@dataclass(frozen=True, slots=True)
class LocalityCount:
    """A locality and how often the haplotype was seen there.

    Attributes
    ----------
    latitude, longitude : float
        Degrees.
    seen, sampled : int
        Animals with the haplotype, of animals typed there.
    """

    locality: str
    latitude: float
    longitude: float
    seen: int
    sampled: int


@dataclass(frozen=True, kw_only=True)
class HaplotypeOrigin(Result):
    """Where a haplotype was seen.

    Attributes
    ----------
    sample : str
        "" where the haplotype alone was given.
    localities : tuple of LocalityCount
        All of the reference; those where most animals had the haplotype first.
    provenance : Provenance
        ``library`` has the SHA-256 of the reference.
    """

    NOTICE_KINDS: ClassVar = notices
    KEYS: ClassVar = (
        "sample", "result", "haplotype", "localities", "explanation", "warnings", "provenance",
    )  # fmt: skip

    haplotype: str
    localities: tuple[LocalityCount, ...]

    def headline(self) -> str:
        """Return at how many localities the haplotype was seen, and in how many animals."""
        animals = sum(locality.sampled for locality in self.localities)
        seen = [locality.seen for locality in self.localities if locality.seen]
        if not seen:
            return _(
                "haplotype {name} was never seen in the reference ({animals} animals of {count} "
                "localities), so its origin is not known"
            ).format(name=self.haplotype, animals=animals, count=len(self.localities))
        return _(
            "haplotype {name} was seen at {where} of {count} sampled localities, in {seen} of "
            "{animals} animals"
        ).format(
            name=self.haplotype,
            where=len(seen),
            count=len(self.localities),
            seen=sum(seen),
            animals=animals,
        )

    def details(self) -> list[tuple[str, str]]:
        """Return the localities where it was seen, each with its counts."""
        seen = [
            _("{locality} ({seen} of {sampled})").format(
                locality=locality.locality, seen=locality.seen, sampled=locality.sampled
            )
            for locality in self.localities
            if locality.seen
        ]
        return [(_("Seen at"), ", ".join(seen))] if seen else []

    def rows(self) -> list[dict[str, Any]]:
        """Return a row a locality."""
        return [{"haplotype": self.haplotype, **to_stored(row)} for row in self.localities]


def read_haplotype_reference(
    path: "AnyPath | pandas.DataFrame",
) -> HaplotypeReference:
    """Return the reference of a table, a row an animal.

    Parameters
    ----------
    path : path or pandas.DataFrame
        With the columns ``haplotype``, ``locality``, ``latitude`` and ``longitude``. Animals without a
        haplotype are left out; a locality lies in the middle of its animals.

    Raises
    ------
    InputError
        If a column or a place is missing, or no animal has a haplotype.
    """
    table = read_table(path)
    columns = (_HAPLOTYPE, _LOCALITY, _LATITUDE, _LONGITUDE)
    records = [record for record in table.records(*columns) if record[_HAPLOTYPE]]
    if not records:
        raise InputError(_("no animal has a haplotype"), source=table.source)
    for record in records:
        if not record[_LOCALITY]:
            raise InputError(
                _("each animal needs a haplotype and a locality; leave out those without"),
                source=table.source,
                line=record.line,
            )
    rows = [record[_LOCALITY] for record in records]
    try:
        places = check_places(
            [record[_LATITUDE] for record in records], [record[_LONGITUDE] for record in records]
        )
    except UsageError as error:
        raise InputError(str(error), source=table.source) from error
    localities = sorted(set(rows))
    haplotypes = sorted({record[_HAPLOTYPE] for record in records})
    counts = np.zeros((len(localities), len(haplotypes)), dtype=np.int64)
    for record in records:
        counts[localities.index(record[_LOCALITY]), haplotypes.index(record[_HAPLOTYPE])] += 1
    return HaplotypeReference(
        tuple(localities), *centres_of(*places, np.array(rows)), tuple(haplotypes), counts,
        table.source or "", table.sha256 or _fingerprint(localities, haplotypes, counts),
    )  # fmt: skip


def _fingerprint(localities: Sequence[str], haplotypes: Sequence[str], counts: np.ndarray) -> str:
    """Return the SHA-256 of what was counted."""
    text = json.dumps([localities, haplotypes, counts.tolist()])
    return hashlib.sha256(text.encode()).hexdigest()


def find_haplotype(
    reference: HaplotypeReference, haplotype: str, *, sample: str = ""
) -> HaplotypeOrigin:
    """Return where a haplotype was seen, how often, and in how many animals.

    Parameters
    ----------
    haplotype : str
        Names of haplotypes are compared as text.
    sample : str
        That has the haplotype.
    """
    known = haplotype in reference.haplotypes
    column = reference.counts[:, reference.haplotypes.index(haplotype)] if known else None
    seen = [0] * len(reference.localities) if column is None else column.tolist()
    localities = [
        LocalityCount(*values)
        for values in zip(
            reference.localities, reference.latitudes.tolist(), reference.longitudes.tolist(),
            seen, reference.counts.sum(axis=1).tolist(),
        )
    ]  # fmt: skip
    localities.sort(key=lambda row: (-row.seen, row.sampled, row.locality))
    return HaplotypeOrigin(
        sample=sample,
        haplotype=haplotype,
        localities=tuple(localities),
        notices=() if known else (notices.HAPLOTYPE_UNSEEN(name=haplotype),),
        provenance=make_provenance(
            dependencies={"numpy": np.__version__},
            library={
                "name": reference.source,
                "version": "",
                "sha256": reference.sha256,
                "demonstration": False,
            },
            parameters={},
            input={},
        ),
    )
