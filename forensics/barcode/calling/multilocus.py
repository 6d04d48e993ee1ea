"""Several loci of one sample, combined. docs/multilocus.md says when that is allowed.

The model:

1. Loci of one molecule (all mitochondrial ones, all plastid ones) tell one history and
   share their errors, so they count once: the locus speaks that excludes most, and of two
   that exclude as much the less sure. Of one locus the longest sequence speaks.
2. Molecules are independent given the species. Their evidence, taken relative to the
   prior, is multiplied: ``P(s) ~ prior(s) * f1(s) * f2(s) ...``, where a molecule says

   * of a species that its library holds: ``(1 - none) / p * fit(s)``, with *p* the prior
     that the library holds the species, and *fit* the probability of the species divided
     by that of the best (1 for the best);
   * of any other species, and of "none in any library": ``none / (1 - p)``. A library
     cannot exclude what it does not hold.

   The prior *p* is shared by the species in proportion to their fits, so that one
   molecule alone gives back its own probabilities.
3. Loci that exclude each other's species are a conflict. It is told, not averaged.
4. A locus without calibration has no probability to combine. Beside calibrated ones it is
   compared and not counted; alone, what no molecule excludes is left.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from forensics.barcode.calling.combination import Combination, Member, Voice
from forensics.barcode.calling.decision import Call
from forensics.barcode.calling.lineage import widen_to_lineage
from forensics.barcode.identification import Identification
from forensics.barcode.locus import find_locus
from forensics.barcode.quality import DECIDING
from forensics.barcode.reference.library import Library
from forensics.core.provenance import Provenance
from forensics.errors import UsageError
from forensics.messages import _
from forensics.notices.calls import CRITERIA_NOT_MET, UNCALIBRATED
from forensics.notices.loci import LINKED_LOCI, LOCI_CONFLICT, MEMBER_DOUBTED
from forensics.taxonomy.lineages import HYBRIDS, find_lineages
from forensics.taxonomy.names import parse_name

__all__ = ["combine", "species_held"]

_NONE = "none"
# None of the library, and (without candidates) one of it that is too far away to be listed.
_NO_NAMES = (_NONE, "unlisted")
# A record may be mislabelled and a calibration is learnt from at most some thousand
# samples (`forensics.barcode.calling.sampling.SAMPLES`), so when molecules are multiplied none
# may say less than one in a thousand.
_MIN_PROBABILITY = 1e-3
_RANKS = ("genus", "family")


@dataclass(frozen=True, eq=False)  # one query is one piece of evidence, whatever it says
class _Locus:
    """The evidence of one query."""

    result: Identification
    name: str
    linkage: str
    smallest: tuple[str, ...]  # the set; empty where none holds the confidence
    held: Collection[str] | None  # None where it is not known

    @property
    def species(self) -> Mapping[str, float]:
        known = self.result.call.probabilities
        return {k: p for k, p in known["species"].items() if k != "unlisted"} if known else {}

    @property
    def calibrated(self) -> bool:
        return self.result.call.probabilities is not None

    @property
    def firm(self) -> bool:
        """Whether what is outside its set is excluded."""
        return bool(self.smallest) and (self.calibrated or self.result.rank == "species")

    def holds(self, species: str) -> bool:
        """Return whether the library has the species; unknown counts as no."""
        return species in self.species or species in (self.held or ())


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
    >>> place = folder("reference_sequences") / "demonstration" / "fin_whale_COI.fasta"
    >>> combine(forensics.identify(place)).taxon
    'Balaenoptera physalus'
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
    calibrated = [locus for locus in loci if locus.calibrated]
    molecules: dict[str, list[_Locus]] = {}
    for locus in calibrated or loci:
        molecules.setdefault(locus.linkage, []).append(locus)
    voices = [_speaker(group) for group in molecules.values()]
    if not loci:
        nothing = all(r.status == "not_in_library" for r in results)
        doubted = any(r.call.doubted for r in results)
        call = Call("not_in_library" if nothing else "inconclusive" if doubted else "unusable")
    elif conflict := _conflict(loci, sure):
        call = _in_conflict(loci, conflict, sure)
    elif calibrated:
        call = _call(_probabilities(voices, prior), sure)
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
) -> _Locus:
    call = result.call
    if call.probabilities is not None:
        smallest = _smallest(call.probabilities["species"], confidence)
    elif call.species:  # parents of hybrids, named beside it, are not what was called
        smallest = (call.species,)
    else:
        near = {candidate.species for candidate in result.candidates}
        smallest = tuple(name for name in call.not_excluded if name in near)
    assert result.locus is not None  # else it says nothing
    return _Locus(
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


def _speaker(group: Sequence[_Locus]) -> _Locus:
    """Return the locus of a molecule that excludes most, and of equals the less sure.

    Of several sequences of one locus only the longest is asked, and of equals the one that
    excludes least: a piece that happens to lack the doubtful sites of the whole knows no better.
    """

    def chosen(locus: _Locus) -> tuple:
        sure = sum(locus.species.get(name, 0.0) for name in locus.smallest)
        return len(locus.smallest), sure, locus.result.index

    longest: dict[str, _Locus] = {}
    for locus in group:
        other = longest.setdefault(locus.name, locus)
        if _weight(locus) > _weight(other):
            longest[locus.name] = locus
    group = list(longest.values())
    if settled := [locus for locus in group if locus.smallest]:
        return min(settled, key=chosen)
    # None settles it. One that holds every species in question and doubts them all is
    # heard first; that one which lacks them doubts them says nothing.
    names = {name for locus in group for name in locus.species} - {_NONE}
    whole = [locus for locus in group if all(map(locus.holds, names))]
    if whole:
        return max(whole, key=lambda locus: locus.species.get(_NONE, 0.0))
    return min(group, key=lambda locus: locus.species.get(_NONE, 0.0))


def _weight(locus: _Locus) -> tuple:
    """Return what makes a sequence speak for its locus: length, then doubt."""
    width = len(locus.smallest) or float("inf")
    sure = sum(locus.species.get(name, 0.0) for name in locus.smallest)
    return locus.result.length, width, -sure, -locus.result.index


def _smallest(species: Mapping[str, float], confidence: float) -> tuple[str, ...]:
    """Return the smallest set of species that holds the confidence, the likeliest first."""
    chosen, total = [], 0.0
    for name, probability in sorted(species.items(), key=lambda item: (-item[1], item[0])):
        if name not in _NO_NAMES:
            chosen.append(name)
            total += probability
            if total >= confidence:
                return tuple(chosen)
    return ()


# -- conflict -------------------------------------------------------------------------


def _conflict(loci: Sequence[_Locus], confidence: float) -> tuple[_Locus, _Locus] | None:
    """Return two loci that exclude what the other names; None where all can be true."""
    for number, locus in enumerate(loci):
        for other in loci[:number]:
            apart = _denies(locus, other, confidence) or _denies(other, locus, confidence)
            if locus.firm and other.firm:
                apart |= not _with_kin(locus.smallest) & _with_kin(other.smallest)
            genera = _genera(locus, confidence), _genera(other, confidence)
            if apart or (all(genera) and not genera[0] & genera[1]):
                return other, locus
    return None


def _genera(locus: _Locus, confidence: float) -> set[str]:
    """Return the genera in one of which the locus is sure to be; none where it is not sure."""
    if locus.firm:
        return {name.partition(" ")[0] for name in _with_kin(locus.smallest)}
    if (probabilities := locus.result.call.probabilities) is not None:
        genera = probabilities.get("genus", {})
        return {name for name, p in genera.items() if name != _NONE and p >= confidence}
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


def _denies(locus: _Locus, other: _Locus, confidence: float) -> bool:
    """Return whether one holds all that the other names, and is sure that it is none of them."""
    if not other.firm or not all(map(locus.holds, other.smallest)):
        return False
    named = _with_kin(other.smallest)
    if locus.calibrated:
        return sum(locus.species.get(name, 0.0) for name in named) <= 1 - confidence
    near = locus.result.status in ("identified", "not_in_library")  # else it settles nothing
    return near and not named & _with_kin(locus.smallest)


def _in_conflict(
    loci: Sequence[_Locus], conflict: tuple[_Locus, _Locus], confidence: float
) -> Call:
    first, second = (f"{locus.name}: {_name_what(locus, confidence)}" for locus in conflict)
    notices = (LOCI_CONFLICT(one=first, other=second),)
    not_excluded = tuple(dict.fromkeys(name for locus in loci for name in locus.smallest))
    for rank in _RANKS:  # a name that every locus is sure of stands
        shares = [(locus.result.call.probabilities or {}).get(rank, {}) for locus in loci]
        for name in shares[0]:
            least = min(share.get(name, 0.0) for share in shares)
            if name != _NONE and least >= confidence:
                return Call("identified", rank, name, least, None, not_excluded, notices)
    return Call("inconclusive", not_excluded=not_excluded, warnings=notices)


def _name_what(locus: _Locus, confidence: float) -> str:
    named = locus.smallest or sorted(_genera(locus, confidence))
    return ", ".join(named) or _("none of the library")


# -- agreement ------------------------------------------------------------------------


def _probabilities(voices: Sequence[_Locus], prior: float) -> dict[str, dict[str, float]]:
    if len(voices) == 1:
        return dict(voices[0].result.call.probabilities or {})
    names = {name for voice in voices for name in voice.species} - {_NONE}
    weights, fits = dict.fromkeys(names, 1.0), dict.fromkeys(names, 1.0)
    nothing = 1.0
    for voice in voices:
        none = min(max(voice.species[_NONE], _MIN_PROBABILITY), 1 - _MIN_PROBABILITY)
        best = max((p for name, p in voice.species.items() if name != _NONE), default=0.0)
        nothing *= none / (1 - prior)
        for name in names:
            if voice.holds(name):
                fit = voice.species.get(name, 0.0) / best if best else 0.0
                fit = max(fit, _MIN_PROBABILITY)
                fits[name] *= fit
                weights[name] *= (1 - none) / prior * fit
            else:
                weights[name] *= none / (1 - prior)
    # Where all fit badly together the prior is not blown up to fill the gap: "none" gains.
    share = prior / max(1.0, sum(fits.values()))
    species = {name: share * weight for name, weight in weights.items()}
    species[_NONE] = (1 - prior) * nothing
    total = sum(species.values())
    ordered = sorted(species, key=lambda name: (name == _NONE, -species[name], name))
    result = {"species": {name: species[name] / total for name in ordered}}
    for rank in _RANKS:
        if at_rank := _at_rank(rank, voices, result["species"]):
            result[rank] = at_rank
    return result


def _at_rank(
    rank: str, voices: Sequence[_Locus], species: Mapping[str, float]
) -> dict[str, float] | None:
    """Return the probabilities at a higher rank.

    Of the part that falls to "none", a taxon gets the least share that any molecule gives
    which knows the taxon.
    """
    names = {name for voice in voices for name in voice.species}
    of_species = {name: name.partition(" ")[0] for name in names} if rank == "genus" else {}
    of_species |= {c.species: getattr(c, rank) for v in voices for c in v.result.candidates}
    shares: dict[str, float] = {}
    for voice in voices:
        known = (voice.result.call.probabilities or {}).get(rank, {})
        none = max(voice.species[_NONE], 1e-12)
        for taxon, probability in known.items():
            within = sum(p for name, p in voice.species.items() if of_species.get(name) == taxon)
            share = min(max((probability - within) / none, 0.0), 1.0)
            if taxon != _NONE:
                shares[taxon] = min(share, shares.get(taxon, 1.0))
    if not shares:
        return None
    crowd = max(1.0, sum(shares.values()))
    probabilities = {
        taxon: species[_NONE] * share / crowd
        + sum(p for name, p in species.items() if of_species.get(name) == taxon)
        for taxon, share in shares.items()
    }
    ordered = dict(sorted(probabilities.items(), key=lambda item: (-item[1], item[0])))
    return {**ordered, _NONE: max(0.0, 1 - sum(probabilities.values()))}


def _call(probabilities: dict[str, dict[str, float]], confidence: float) -> Call:
    species = probabilities["species"]
    smallest = _smallest(species, confidence)
    if len(smallest) == 1 and parse_name(smallest[0]).species == smallest[0]:
        taxon = smallest[0]
        return Call("identified", "species", taxon, species[taxon], probabilities, smallest)
    for rank in _RANKS:
        for name, probability in probabilities.get(rank, {}).items():
            if name != _NONE and probability >= confidence:
                return Call("identified", rank, name, probability, probabilities, smallest)
    if species[_NONE] >= confidence or not species.keys() - set(_NO_NAMES):
        return Call("not_in_library", None, None, species[_NONE], probabilities, smallest)
    return Call("inconclusive", None, None, None, probabilities, smallest)


def _by_sets(voices: Sequence[_Locus]) -> Call:
    """Call without probabilities: what no molecule excludes."""
    names = dict.fromkeys(name for voice in voices for name in voice.smallest)
    left = tuple(n for n in names if all(n in v.smallest or not v.holds(n) for v in voices))
    called = [v.result for v in voices if v.result.rank == "species"]
    if len(left) == 1 and any(result.taxon == left[0] for result in called):
        return Call("identified", "species", left[0], not_excluded=left)
    genera = {name.partition(" ")[0] for name in left}
    if len(genera) == 1 and all(v.result.rank in ("species", "genus") for v in voices):
        return Call("identified", "genus", genera.pop(), not_excluded=left)
    if all(voice.result.status == "not_in_library" for voice in voices):
        return Call("not_in_library")
    return Call("inconclusive", not_excluded=left)


def _within_criteria(call: Call, voices: Sequence[_Locus]) -> Call:
    """Return the call without a species that no locus by itself calls under the criteria."""
    has_criteria = any(v.result.provenance.parameters.get("criteria") for v in voices)
    alone = any((v.result.rank, v.result.taxon) == ("species", call.taxon) for v in voices)
    if not call.species or not has_criteria or alone:
        return call
    warning = CRITERIA_NOT_MET("loci", species=call.taxon)
    genus = call.species.partition(" ")[0]
    probability = (call.probabilities or {}).get("genus", {}).get(genus, call.probability)
    return replace(
        call,
        rank="genus",
        taxon=genus,
        probability=probability,
        warnings=(*call.warnings, warning),
    )


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


def _with_warnings(call: Call, voices: Sequence[_Locus], loci: Sequence[_Locus]) -> Call:
    warnings = list(call.warnings)
    is_one_molecule = len({locus.linkage for locus in loci}) == 1
    if is_one_molecule and len(loci) > 1 and not warnings:  # else a conflict was told
        warnings.append(LINKED_LOCI(locus=voices[0].name))
    if plain := [locus.name for locus in loci if not locus.calibrated]:
        warnings.append(UNCALIBRATED("loci", loci=", ".join(plain)))
    call = replace(call, warnings=tuple(warnings))
    if not voices:
        return call
    call = _within_criteria(call, voices)
    # A nuclear locus beside the organelle shows the other parent's line as well.
    nuclear = [v for v in voices if not find_locus(v.name).one_lineage]
    families = {c.family for v in voices for c in v.result.candidates if c.species == call.taxon}
    return widen_to_lineage(
        call, (nuclear or voices)[0].name, family=families.pop() if families else ""
    )
