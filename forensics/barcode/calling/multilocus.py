"""Several loci of one sample, combined. docs/multilocus.md says when that is allowed.

The model (`forensics.barcode.calling.joint`):

1. Every calibrated locus is heard, once: of several sequences of one locus the longest.
2. The evidence of a locus is a likelihood ratio relative to the prior that the library holds the species; the prior
   counts once. Molecules are independent given the species, and their evidence is added.
3. Loci of one molecule (all mitochondrial ones, all plastid ones) have one history and share their errors. In favour
   of the library's species the strongest of them counts; what one of them excludes stays excluded.
4. A library cannot exclude what it does not hold at a locus.
5. Loci that exclude each other's species are a conflict. It is reported, not averaged.
6. A locus without calibration has no probability to combine. Beside calibrated ones it is
   compared and not counted; alone, what no molecule excludes is left.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from forensics.barcode.calling.combination import Combination, Member, Voice
from forensics.barcode.calling.decision import (
    NONE,
    RANKS,
    Call,
    at_genus,
    at_rank,
    call_from_probabilities,
    call_unit,
    smallest_set,
)
from forensics.barcode.calling.joint import LocusEvidence, joint_probabilities
from forensics.barcode.calling.lineage import widen_to_lineage
from forensics.barcode.identification import Identification
from forensics.barcode.locus import find_locus
from forensics.barcode.quality import DECIDING
from forensics.barcode.reference.library import Library
from forensics.barcode.reference.units import UNIT, unit_members
from forensics.core.notice import Severity
from forensics.core.provenance import Provenance
from forensics.errors import UsageError
from forensics.messages import _
from forensics.notices.calls import CRITERIA_NOT_MET, UNCALIBRATED
from forensics.notices.loci import LINKED_LOCI, LOCI_CONFLICT, MEMBER_DOUBTED
from forensics.taxonomy.lineages import HYBRIDS, find_lineages

__all__ = ["combine", "species_held"]

# From the least that can be said to the most.
_BREADTH = (None, "family", "genus", UNIT, "species")


def species_held(library: Library) -> dict[str, frozenset[str]]:
    """Return the names that a library holds, by locus."""
    held = {}
    for locus in library.loci:
        index = library.index(locus)
        first = {index.species_at(place): place for place in range(index.record_count)}
        held[locus] = frozenset(index.record(place).label for place in first.values())
    return held


def combine(
    results: Iterable[Identification],
    *,
    held: Mapping[str, Collection[str]] | None = None,
    confidence: float | None = None,
) -> Combination:
    """Combine the identifications of one sample at several loci.

    Parameters
    ----------
    results : iterable of Identification
        Of one sample of one individual, made with one prior.
    held : mapping of str to collection of str, optional
        Names that the library holds, by locus (`species_held`). Without it a locus
        excludes only the species among its own candidates.
    confidence : float, optional
        Probability that a call must reach; that of the identifications where not given.

    Returns
    -------
    Combination

    Raises
    ------
    UsageError
        If there is no result, one was read back from a record, or the priors or confidences differ.

    Examples
    --------
    >>> import forensics
    >>> from forensics.resources import folder
    >>> place = folder("reference_sequences") / "demonstration" / "scale.fasta"
    >>> combine(forensics.identify(place)).taxon
    'Smutsia temminckii'
    """
    results = list(results)
    if not results:
        raise UsageError(_("There is nothing to combine; give the identifications of one sample."))
    if any(result.written is not None for result in results):
        raise UsageError(
            _(
                "Results that were read back cannot be combined: records do not hold all that they "
                "rest on. Identify the sequences again, with --combine."
            )
        )
    prior = _agreed(results, "in_library_prior")
    sure = confidence if confidence is not None else _agreed(results, "confidence")
    loci = [_locus(result, sure, held) for result in results if _speaks(result)]
    calibrated = [locus for locus in loci if locus.is_calibrated]
    molecules: dict[str, list[LocusEvidence]] = {}
    for locus in calibrated or loci:
        molecules.setdefault(locus.linkage, []).append(locus)
    if calibrated:
        voices = [v for group in molecules.values() for v in _longest_of_each(group)]
        voices.sort(key=lambda locus: -locus.novelty(prior))
    else:
        voices = [_speaker(group) for group in molecules.values()]
    if not loci:
        nothing = all(r.status == "nothing_near" for r in results)
        doubted = any(r.call.doubted for r in results)
        call = Call("nothing_near" if nothing else "inconclusive" if doubted else "unusable")
    elif conflict := _conflict(loci, sure):
        call = _in_conflict(loci, conflict, sure)
    elif calibrated:
        call = call_from_probabilities(joint_probabilities(voices, prior), sure)
    else:
        call = _by_sets(voices)
    return Combination(
        queries=tuple(result.query for result in results),
        voices=tuple(Voice(voice.linkage, voice.result.query, voice.name) for voice in voices),
        compared=tuple(locus.result.query for locus in loci if locus not in voices),
        left_out=tuple(result.query for result in results if not _speaks(result)),
        call=_with_members_doubted(_with_warnings(call, voices, loci), results),
        confidence=sure,
        provenance=_provenance([result.provenance for result in results], sure),
        members=tuple(
            Member(
                result.query,
                result.part or None,
                result.locus,
                "left_out"
                if not _speaks(result)
                else "counted"
                if any(voice.result is result for voice in voices)
                else "compared",
            )
            for result in results
        ),
    )


def _provenance(made: Sequence[Provenance], confidence: float) -> Provenance:
    """Return one provenance for all: the parameters of the first, every input and library."""
    files = list({tuple(sorted(each.input.items())): each.input for each in made}.values())
    libraries = list({each.library.get("sha256"): each.library for each in made}.values())
    return replace(
        made[0],
        input={"files": files},
        library=libraries[0] if len(libraries) == 1 else {"libraries": libraries},
        parameters={**made[0].parameters, "confidence": confidence, "combined": len(made)},
        time=max(each.time for each in made),
    )


def _speaks(result: Identification) -> bool:
    # A chimera, a mixture or a nuclear copy bears no witness of the sample.
    return result.status != "unusable" and result.locus is not None and not result.call.doubted


def _locus(
    result: Identification, confidence: float, held: Mapping[str, Collection[str]] | None
) -> LocusEvidence:
    call = result.call
    if call.probabilities is not None:
        smallest = smallest_set(call.probabilities["species"], confidence)
    elif call.members:  # parents of hybrids, named beside them, are not what was called
        smallest = call.members
    else:
        near = {candidate.species for candidate in result.candidates}
        smallest = tuple(name for name in call.not_excluded if name in near)
    assert result.locus is not None  # else it says nothing
    return LocusEvidence(
        result,
        result.locus,
        find_locus(result.locus).linkage,
        smallest,
        None if held is None else held.get(result.locus, ()),
    )


def _agreed(results: Sequence[Identification], parameter: str) -> float:
    values = {result.provenance.parameters[parameter] for result in results}
    if len(values) > 1:
        raise UsageError(
            _("The results were made with different values of {parameter}: {values}.").format(
                parameter=parameter, values=", ".join(map(str, sorted(values)))
            )
        )
    return values.pop()


def _longest_of_each(group: Sequence[LocusEvidence]) -> list[LocusEvidence]:
    """Return one sequence of each locus: the longest, and of equals the one that excludes least.

    A piece that happens to lack the doubtful sites of the whole knows no better.
    """
    longest: dict[str, LocusEvidence] = {}
    for locus in group:
        other = longest.setdefault(locus.name, locus)
        if _weight(locus) > _weight(other):
            longest[locus.name] = locus
    return list(longest.values())


def _speaker(group: Sequence[LocusEvidence]) -> LocusEvidence:
    """Return the locus of a molecule that excludes most, where none is calibrated."""

    def chosen(locus: LocusEvidence) -> tuple:
        return len(locus.smallest), locus.result.index

    group = _longest_of_each(group)
    settled = [locus for locus in group if locus.smallest]
    return min(settled or group, key=chosen)


def _weight(locus: LocusEvidence) -> tuple:
    """Return what makes a sequence speak for its locus: length, then doubt."""
    width = len(locus.smallest) or float("inf")
    sure = sum(locus.species.get(name, 0.0) for name in locus.smallest)
    return locus.result.length, width, -sure, -locus.result.index


# -- conflict -------------------------------------------------------------------------


def _conflict(
    loci: Sequence[LocusEvidence], confidence: float
) -> tuple[LocusEvidence, LocusEvidence] | None:
    """Return two loci that exclude what the other names; None where all can be true."""
    for number, locus in enumerate(loci):
        for other in loci[:number]:
            apart = _denies(locus, other, confidence) or _denies(other, locus, confidence)
            if locus.is_firm and other.is_firm:
                apart |= not _with_kin(locus.smallest) & _with_kin(other.smallest)
            genera = _genera(locus, confidence), _genera(other, confidence)
            if apart or (all(genera) and not genera[0] & genera[1]):
                return other, locus
    return None


def _genera(locus: LocusEvidence, confidence: float) -> set[str]:
    """Return the genera in one of which the locus is sure to be; none where it is not sure."""
    if locus.is_firm:
        return {name.partition(" ")[0] for name in _with_kin(locus.smallest)}
    if (probabilities := locus.result.call.probabilities) is not None:
        genera = probabilities.get("genus", {})
        return {name for name, p in genera.items() if name != NONE and p >= confidence}
    genus = locus.result.taxon if locus.result.rank == "genus" else None
    return {genus} if genus else set()


def _with_kin(species: Sequence[str]) -> set[str]:
    """Return the species with those whose lineage is the same: a wolf and a dog do not conflict."""
    kin = {
        other
        for name, lineage in find_lineages(species)
        if lineage.kind != HYBRIDS
        for other in lineage.others(name)
    }
    return {*species, *kin}


def _denies(locus: LocusEvidence, other: LocusEvidence, confidence: float) -> bool:
    """Return whether one holds all that the other names, and is sure that it is none of them."""
    if not other.is_firm or not all(map(locus.holds, other.smallest)):
        return False
    named = _with_kin(other.smallest)
    if locus.is_calibrated:
        return sum(locus.species.get(name, 0.0) for name in named) <= 1 - confidence
    near = locus.result.status in ("identified", "nothing_near")  # else it settles nothing
    return near and not named & _with_kin(locus.smallest)


def _in_conflict(
    loci: Sequence[LocusEvidence], conflict: tuple[LocusEvidence, LocusEvidence], confidence: float
) -> Call:
    first, second = (f"{locus.name}: {_name_what(locus, confidence)}" for locus in conflict)
    notices = (LOCI_CONFLICT(one=first, other=second),)
    not_excluded = tuple(dict.fromkeys(name for locus in loci for name in locus.smallest))
    for rank in RANKS:  # a name that every locus is sure of stands
        shares = [(locus.result.call.probabilities or {}).get(rank, {}) for locus in loci]
        for name in shares[0]:
            least = min(share.get(name, 0.0) for share in shares)
            if name != NONE and least >= confidence:
                return Call("identified", rank, name, least, None, not_excluded, notices)
    return Call("inconclusive", not_excluded=not_excluded, warnings=notices)


def _name_what(locus: LocusEvidence, confidence: float) -> str:
    named = locus.smallest or sorted(_genera(locus, confidence))
    return ", ".join(named) or _("none of the library")


# -- agreement ------------------------------------------------------------------------


def _by_sets(voices: Sequence[LocusEvidence]) -> Call:
    """Call without probabilities: what no molecule excludes."""
    names = dict.fromkeys(name for voice in voices for name in voice.smallest)
    left = tuple(n for n in names if all(n in v.smallest or not v.holds(n) for v in voices))
    called = [v.result for v in voices if v.result.rank == "species"]
    if len(left) == 1 and any(result.taxon == left[0] for result in called):
        return Call("identified", "species", left[0], not_excluded=left)
    units = [v.result.taxon for v in voices if v.result.rank == UNIT]
    for unit in units:
        if unit and left and set(left) <= set(unit_members(unit)):
            return call_unit(unit, left)
    genera = {name.partition(" ")[0] for name in left}
    if len(genera) == 1 and all(v.result.rank in ("species", UNIT, "genus") for v in voices):
        return Call("identified", "genus", genera.pop(), not_excluded=left)
    if all(voice.result.status == "nothing_near" for voice in voices):
        return Call("nothing_near")
    return Call("inconclusive", not_excluded=left)


def _within_criteria(call: Call, voices: Sequence[LocusEvidence]) -> Call:
    """Return the call without a species or unit that no locus by itself calls under the criteria."""
    has_criteria = any(v.result.provenance.parameters.get("criteria") for v in voices)
    named = [set(v.result.call.members) for v in voices]
    if not call.members or not has_criteria or any(n and n <= set(call.members) for n in named):
        return call
    warning = CRITERIA_NOT_MET("loci", species=call.taxon)
    genera = {name.partition(" ")[0] for name in call.members}
    return replace(at_genus(call, genera), warnings=(*call.warnings, warning))


def _within_limits(call: Call, voices: Sequence[LocusEvidence]) -> Call:
    """Return the call no narrower than what is said against the loci leaves of them.

    Ambiguous bases or a record that is too short to be compared are in no probability, so their loci add up to more
    than may be said. The call stays where a locus without such a limit makes it by itself.
    """
    limited = [v for v in voices if v.is_calibrated and _is_limited(v)]
    alone = [v.result.call for v in voices if v not in limited]
    if not limited or any(
        set(each.members) <= set(call.members)
        if call.members and each.members
        else (each.status, each.taxon) == (call.status, call.taxon)
        for each in alone
    ):
        return call
    left = max((v.result.call for v in limited), key=lambda call: _BREADTH.index(call.rank))
    is_broader = _BREADTH.index(call.rank) < _BREADTH.index(left.rank)
    if is_broader or (call.status, call.rank) == (left.status, left.rank):
        return call
    known = {notice.code for notice in call.warnings}
    notices = {
        notice: None
        for locus in limited
        for notice in locus.result.notices
        if notice.severity is not Severity.CONTEXT and notice.code not in known
    }
    call = replace(call, warnings=(*call.warnings, *notices))
    if left.rank == "family" and left.taxon:
        return at_rank(call, left.rank, left.taxon)
    genera = {name.partition(" ")[0] for name in (*call.members, left.taxon or "")}
    return at_genus(call, genera)


def _is_limited(locus: LocusEvidence) -> bool:
    """Return whether a locus may say less than its probabilities do."""
    call = locus.result.call
    assert call.probabilities is not None  # of a calibrated one
    own = locus.result.provenance.parameters["confidence"]
    supported = call_from_probabilities(call.probabilities, own)
    if _BREADTH.index(call.rank) < _BREADTH.index(supported.rank):
        return True
    return call.rank is None and call.status != supported.status


def _with_members_doubted(call: Call, results: Sequence[Identification]) -> Call:
    """Return the call with a warning for each sequence of the sample that is not what it should be."""
    # Of one individual: what is human, or of two animals, may be in the others as well.
    doubted = [
        MEMBER_DOUBTED(query=result.label, codes=", ".join(codes))
        for result in results
        if (codes := [w.code for w in result.warnings if w.code in DECIDING])
        and not _speaks(result)
    ]
    return replace(call, warnings=(*doubted, *call.warnings))


def _with_warnings(
    call: Call, voices: Sequence[LocusEvidence], loci: Sequence[LocusEvidence]
) -> Call:
    warnings = list(call.warnings)
    is_one_molecule = len({locus.linkage for locus in loci}) == 1
    in_conflict = any(warning.code == LOCI_CONFLICT.code for warning in warnings)
    if is_one_molecule and len(loci) > 1 and not in_conflict:
        which = "once" if len(voices) == 1 else "strongest"
        warnings.append(LINKED_LOCI(which, locus=voices[0].name))
    if plain := [locus.name for locus in loci if not locus.is_calibrated]:
        warnings.append(UNCALIBRATED("loci", loci=", ".join(plain)))
    call = replace(call, warnings=tuple(warnings))
    if not voices:
        return call
    call = _within_criteria(call, voices)
    # A nuclear locus beside the organelle shows the other parent's line as well.
    nuclear = [v for v in voices if not find_locus(v.name).one_lineage]
    families = {c.family for v in voices for c in v.result.candidates if c.species == call.taxon}
    call = widen_to_lineage(
        call,
        (nuclear or voices)[0].name,
        family=families.pop() if families else "",
        # As one of the loci showed: else it would not name that species by itself.
        is_apart=lambda species, _lender: any(v.result.call.species == species for v in voices),
    )
    return _within_limits(call, voices)
