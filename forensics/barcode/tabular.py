"""Identifications as lines that other programs read: BLAST tabular (outfmt 6) and SINTAX.

References
----------
C. Camacho et al. (2009) BLAST+: architecture and applications. BMC Bioinformatics 10:421.
doi:10.1186/1471-2105-10-421
R. C. Edgar (2016) SINTAX: a simple non-Bayesian taxonomy classifier for 16S and ITS sequences. bioRxiv
074161. doi:10.1101/074161
"""

import re
from collections.abc import Iterator

from forensics.barcode.calling.decision import genera_of
from forensics.barcode.identification import Identification
from forensics.barcode.reference.library import UNIT

# As VSEARCH writes them in its own lines of this form: they are not computed.
_NO_E_VALUE, _NO_BIT_SCORE = "-1", "0"
# Letters that separate the parts of a SINTAX line.
_SEPARATORS = re.compile(r"[\s,:;()]+")


def blast_lines(result: Identification) -> Iterator[str]:
    """Yield a line a candidate with the twelve columns of ``-outfmt 6``, best first; none without candidates.

    Of a piece of a genome the query is the genome, and its bases count there. The columns are qseqid, sseqid (the accession), pident, length, mismatch, gapopen, qstart, qend,
    sstart, send, evalue (-1) and bitscore (0). On the reverse strand sstart is larger than send.

    Parameters
    ----------
    result : Identification
        With its `alignments` (`IdentifyOptions.alignments`).
    """
    for candidate, aligned in zip(result.candidates, result.alignments, strict=True):
        yield "\t".join(
            (
                result.query, candidate.accession, f"{aligned.percent_identity:.3f}",
                str(aligned.length), str(aligned.mismatches), str(aligned.gap_openings),
                str(aligned.query_start), str(aligned.query_end),
                str(aligned.record_start), str(aligned.record_end),
                _NO_E_VALUE, _NO_BIT_SCORE,
            )
        )  # fmt: skip


def sintax_line(result: Identification) -> str:
    """Return the line of a query: name, ranks with probabilities, strand, and the ranks that are called.

    The ranks are those of the candidate that bears the called name, else of the first candidate. The last
    column goes down to the rank of the call, and is empty where no name is given. The second is empty where
    the library is not calibrated, since there are no probabilities, and has no rank below the call where the
    sequence itself is in doubt (`Call.doubted`): a program that cuts at a probability would name what the call
    does not.

    Examples
    --------
    >>> from forensics import identify
    >>> from forensics.io.files import folder
    >>> scale = folder("reference_sequences") / "demonstration" / "scale.fasta"
    >>> print(sintax_line(identify(scale)[0]).split("\\t")[3])
    f:Manidae,g:Manis,s:Manis_temminckii
    """
    ranks = _ranks_of(result)
    probabilities = result.call.probabilities
    called = _down_to(ranks, _rank_of_line(result))
    stated = called if result.call.doubted else ranks
    predicted = ",".join(
        f"{_part(rank, name)}({probabilities[rank].get(name, 0.0):.4f})"
        for rank, name in stated.items()
        if name and probabilities is not None
    )
    return "\t".join(
        (
            result.query,
            predicted,
            result.strand or "",
            ",".join(_part(*each) for each in called.items() if each[1]),
        )
    )


def _down_to(ranks: dict[str, str], called: str | None) -> dict[str, str]:
    """Return the ranks down to the one that was called; none where no name is given."""
    if called is None:
        return {}
    names = list(ranks)
    return {rank: ranks[rank] for rank in names[: names.index(called) + 1]}


def _rank_of_line(result: Identification) -> str | None:
    """Return the rank of the call; of a unit the genus that its species share, else the family."""
    if result.rank != UNIT:
        return result.rank
    genera = genera_of(result.call.members)
    return "genus" if len(genera) == 1 else "family"


def _ranks_of(result: Identification) -> dict[str, str]:
    """Return family, genus and species of the candidate whose names are written; nothing without one."""
    candidates = [
        {
            "family": candidate.family,
            "genus": candidate.genus,
            "species": candidate.species if candidate.named else "",
        }
        for candidate in result.candidates
    ]
    if result.rank is None or result.rank == UNIT:
        return candidates[0] if candidates else {}
    return next(names for names in candidates if names[str(result.rank)] == result.taxon)


def _part(rank: str, name: str) -> str:
    return f"{rank[0]}:{_SEPARATORS.sub('_', name)}"
