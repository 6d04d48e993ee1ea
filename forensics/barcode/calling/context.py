"""What a call is decided from: the query, its searches and candidates, and the options of the run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forensics.barcode.calling.decision import Call
from forensics.barcode.checking.contamination import Human
from forensics.barcode.matching.candidates import Candidate
from forensics.barcode.matching.search import Search
from forensics.barcode.options import IdentifyOptions
from forensics.barcode.reading.reads import Query
from forensics.barcode.reference.library import Library
from forensics.core.provenance import Provenance

if TYPE_CHECKING:
    from forensics.barcode.calling.profile import Profile
    from forensics.barcode.matching.index import Index

__all__ = ["CallContext"]


@dataclass(frozen=True, slots=True)
class CallContext:
    """A query after its search, with everything that may change its call.

    Attributes
    ----------
    query : Query
    library : Library
    options : IdentifyOptions
    profile : Profile or None
        Criteria that a call to species must meet.
    provenance : Provenance
    searches : mapping of str to Search
        By locus.
    locus : str or None
        That of the nearest record; where none is near, the locus that was recognised.
    candidates : sequence of Candidate
        All species that the search proved, best first.
    human_match : Human or None
        How near the query is to a human sequence.
    decided : Call
        The call that the candidates alone support.
    """

    query: Query
    library: Library
    options: IdentifyOptions
    profile: "Profile | None"
    provenance: Provenance
    searches: Mapping[str, Search]
    locus: str | None
    candidates: Sequence[Candidate]
    human_match: Human | None
    decided: Call

    @property
    def species(self) -> str | None:
        """The species that the candidates alone support; None where they support none."""
        return self.decided.species

    @property
    def subject(self) -> Candidate:
        """The candidate of that species, else the nearest; only where there are candidates."""
        of_species = (each for each in self.candidates if each.species == self.species)
        return next(of_species, self.candidates[0])

    @property
    def search(self) -> Search:
        """The search at the locus of the nearest record; only where there are candidates."""
        assert self.locus is not None
        return self.searches[self.locus]

    @property
    def index(self) -> "Index":
        """The index of that locus."""
        assert self.locus is not None
        return self.library.index(self.locus)

    @property
    def other_indexes(self) -> "list[Index]":
        """The indexes of the library's other loci."""
        return [self.library.index(name) for name in self.library.loci if name != self.locus]
