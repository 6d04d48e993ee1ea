"""Several loci of one sample, combined: the joint probabilities, the call, and the result.

docs/multilocus.md says when that is allowed. The model:

1. Every calibrated locus is heard, once: of several sequences of one locus the longest.
2. A locus gives its evidence as a likelihood ratio, taken relative to the prior that it was called with; the prior
   counts once:

   * how much it speaks for *a* species of the library against one that the library lacks,
     ``x = log((1 - none) / p) - log(none / (1 - p))``;
   * how each of its species fits beside the best, ``log(P(s) / P(best))``, at least log(1/1000).

   ``P(s) ~ prior(s) * exp(joined)``, ``P(none) ~ 1 - p``. The prior is shared by the species in proportion to their
   fits, so that one locus alone gives back its own probabilities. Molecules are independent given the species, and
   their evidence is added.
3. Loci of one molecule (all mitochondrial ones, all plastid ones) have one history, and where one is deceived the
   others often are. Of their evidence the strongest in favour and the strongest against count, and a species fits as
   the locus says that it fits worst. What one of them excludes, the other does not bring back, and does not exclude a
   second time.
4. A library cannot exclude what it does not hold at a locus, and does not support it either.
5. Loci that exclude each other's species are a conflict. It is reported, not averaged.
6. A locus without calibration has no probability to combine. Beside calibrated ones it is
   compared and not counted; alone, what no molecule excludes is left.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from forensics import notices
from forensics.barcode.calling.decision import (
    NONE,
    RANKS,
    Call,
    Probabilities,
    at_genus,
    at_rank,
    call_from_probabilities,
    call_unit,
    genera_of,
    likeliest_first,
    smallest_set,
    widen_to_lineage,
    with_units,
)
from forensics.barcode.identification import (
    RANK_NAMES,
    UNNAMED,
    CalledResult,
    Identification,
    label_part,
    lacking_beside,
    percent,
    row_of,
)
from forensics.barcode.locus import DECIDING, find_locus
from forensics.barcode.reference.library import (
    UNIT,
    Library,
    Unit,
    Where,
    names_in_region,
    unit_members,
)
from forensics.core.grouping import grouped
from forensics.core.notice import Notice, Severity
from forensics.core.provenance import Provenance
from forensics.core.stored import to_plain
from forensics.errors import UsageError
from forensics.messages import _, name_some
from forensics.taxonomy.names import HYBRIDS, find_lineages, genus_of

if TYPE_CHECKING:
    from forensics.core.stored import Written


@dataclass(frozen=True)
class Voice:
    """A sequence whose evidence was counted.

    Attributes
    ----------
    linkage : str
        ``mitochondrial``, ``plastid``, or the name of a nuclear locus.
    query, locus : str
        Whose evidence was taken.
    """

    linkage: str
    query: str
    locus: str


@dataclass(frozen=True, slots=True)
class Member:
    """A sequence of the sample, and what became of it.

    Attributes
    ----------
    query : str
        Name of its record; the pieces of a genome have one name.
    part : str or None
        Locus of a piece of a genome.
    locus : str or None
        None where it has none.
    role : str
        ``counted``, ``compared`` or ``left_out``, as in `Combination`.
    """

    query: str
    part: str | None
    locus: str | None
    role: str

    @property
    def label(self) -> str:
        """Its name and, of a piece, the part."""
        return label_part(self.query, self.part)


@dataclass(frozen=True)
class Combination(CalledResult):
    """What several loci say together; `to_dict` has the keys of the JSON output.

    Attributes
    ----------
    queries : tuple of str
        All that were given, in their order.
    voices : tuple of Voice
        Each calibrated locus once; without calibration one a molecule. That which speaks most for the library's
        species comes first.
    compared : tuple of str
        Queries that were compared and not counted: of a locus of which there is a longer one, or not calibrated
        where another is; without calibration of a molecule for which another speaks.
    left_out : tuple of str
        Queries that say nothing: unusable, or without a locus.
    call : Call
        `Call.probabilities` is None where no locus is calibrated, or where loci conflict.
    confidence : float
        Probability that a call must reach.
    provenance : Provenance
        That of the identifications; its ``input`` has ``files``, a list of their inputs, and
        its ``library`` ``libraries`` where they are of several.
    members : tuple of Member
        The queries with their parts.
    lacking : mapping of str to tuple of str
        Species that the library lacks at every locus that could have shown them, as `Identification.lacking`.
    written : Written or None
        Of a result that was read back, how the record differs from what would be stored now.
    """

    queries: tuple[str, ...]
    voices: tuple[Voice, ...]
    compared: tuple[str, ...]
    left_out: tuple[str, ...]
    call: Call
    confidence: float
    provenance: Provenance
    members: tuple[Member, ...]
    lacking: Where = field(default_factory=dict)
    written: "Written | None" = None

    @classmethod
    def from_stored(cls, record: Mapping[str, Any]) -> "Combination":
        """Return the combination that `to_dict` wrote, from its JSON or from the ledger.

        Raises
        ------
        InputError
            If it is not such a record.
        """
        from forensics.barcode.stored_identification import read_combination

        return read_combination(record)

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What must be known of it."""
        return self.call.warnings

    def to_dict(self) -> dict[str, Any]:
        """Return plain values under the key ``combined``; one that was read back as it was stored."""
        call = self.call
        values: dict[str, Any] = {
            "combined": {
                "queries": list(self.queries),
                "members": to_plain(self.members),
                "molecules": to_plain(self.voices),
                "compared": list(self.compared),
                "left_out": list(self.left_out),
                "status": call.status,
                "rank": call.rank,
                "taxon": call.taxon,
                "probability": call.probability,
                "probabilities": call.probabilities,
                "not_excluded": list(call.not_excluded),
                **self._missing(),
                "confidence": self.confidence,
                "warnings": to_plain(call.warnings),
                "provenance": self.provenance.to_dict(),
            }
        }
        return values if self.written is None else self.written.apply(values)

    def to_row(self) -> dict[str, Any]:
        """Return values for the columns of the CSV output; the others do not apply."""
        locus = "+".join(voice.locus for voice in self.voices)
        return {"query": "combined", "locus": locus, **row_of(self, _COLUMNS)}

    def to_frame(self):
        """Return a pandas.DataFrame with a row a species, and ``none``, the likeliest first."""
        import pandas

        rows = likeliest_first(self.call.shares("species")).items()
        return pandas.DataFrame(rows, columns=["species", "probability"])

    def headline(self) -> str:
        """Return the result in one sentence."""
        if self.status == "identified":
            sentence = _("{taxon} ({rank})").format(taxon=self.taxon, rank=_(RANK_NAMES[self.rank]))
            if self.call.probability is None:
                return sentence
            return _("{said}, probability {probability}").format(
                said=sentence, probability=percent(self.call.probability)
            )
        if self.status == "unusable":
            return _("unusable: no locus is informative")
        return _(UNNAMED[self.status])

    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of everything a person should read, in order."""
        lines = [(_("Result"), self.headline())]
        for voice in self.voices:
            evidence = _("{locus} of {query}").format(locus=voice.locus, query=voice.query)
            lines.append((_("Evidence"), evidence))
        if compared := self._labels("compared"):
            lines.append((_("Compared only"), ", ".join(compared)))
        if left_out := self._labels("left_out"):
            lines.append((_("Uninformative"), ", ".join(left_out)))
        if len(self.call.not_excluded) > 1:
            lines.append((_("Not excluded"), ", ".join(self.call.not_excluded)))
        lines += self._missing_lines()
        return lines + [(_("Note"), warning.message) for warning in self.call.warnings]

    def _labels(self, role: str) -> list[str]:
        """Return how the sequences of a role are called."""
        return [member.label for member in self.members if member.role == role]

    @property
    def sample(self) -> str:
        """How all sequences are called."""
        return ", ".join(member.label for member in self.members)

    def __repr__(self) -> str:
        return f"<Combination {self.sample}: {self.headline()}>"


# Of the columns of a query, those that apply to several loci.
_COLUMNS = (
    "status", "rank", "taxon", "probability", "none_in_library", "warnings", "library",
    "library_sha256", "version", "time", "missing_congeners", "missing_in_region",
)  # fmt: skip
# A record may be mislabelled and a calibration is learnt from at most some thousand
# samples (`forensics.barcode.calling.learning.SAMPLES`), so no locus may say less than one in a thousand.
MIN_PROBABILITY = 1e-3


@dataclass(frozen=True, eq=False)  # one query is one piece of evidence, whatever it says
class LocusEvidence:
    """The evidence of one query.

    Attributes
    ----------
    result : Identification
    name : str
        The locus.
    linkage : str
        The molecule: ``mitochondrial``, ``plastid``, or the name of a nuclear locus.
    smallest : tuple of str
        The smallest set of species that holds the confidence; empty where none does.
    held : collection of str or None
        What the library holds at the locus; None where it is not known.
    """

    result: Identification
    name: str
    linkage: str
    smallest: tuple[str, ...]
    held: Collection[str] | None

    @property
    def species(self) -> Mapping[str, float]:
        """Probabilities of species, and of none."""
        known = self.result.call.shares("species")
        return {name: p for name, p in known.items() if name != "unlisted"}

    @property
    def is_calibrated(self) -> bool:
        """Whether it has probabilities."""
        return self.result.call.probabilities is not None

    @property
    def is_firm(self) -> bool:
        """Whether what is outside its set is excluded."""
        return bool(self.smallest) and (self.is_calibrated or bool(self.result.call.members))

    def holds(self, species: str) -> bool:
        """Return whether the library has the species; unknown counts as no."""
        return species in self.species or species in (self.held or ())

    def novelty(self, prior: float) -> float:
        """Return the log likelihood ratio of the library's species against one that it lacks."""
        none = min(max(self.species[NONE], MIN_PROBABILITY), 1 - MIN_PROBABILITY)
        return math.log((1 - none) / prior) - math.log(none / (1 - prior))

    def fit(self, species: str) -> float:
        """Return the logarithm of how well a species that it holds fits beside the best, at most 0."""
        best = max((p for name, p in self.species.items() if name != NONE), default=0.0)
        fit = self.species.get(species, 0.0) / best if best else 0.0
        return math.log(max(fit, MIN_PROBABILITY))


def joint_probabilities(loci: Sequence[LocusEvidence], prior: float) -> Probabilities:
    """Return the probabilities of several loci, in the form of a call.

    Parameters
    ----------
    loci : sequence of LocusEvidence
        Calibrated ones, each locus once.
    prior : float
        That the library holds the species.

    Returns
    -------
    dict
        ``{rank: {name: probability, …, "none": probability}}``.
    """
    if len(loci) == 1:
        return dict(loci[0].result.call.probabilities or {})
    molecules = grouped(loci, attrgetter("linkage"))
    names = {name for locus in loci for name in locus.species} - {NONE}
    weights, fits = {}, {}
    for name in names:
        parts = [_join(name, group, prior) for group in molecules.values()]
        fits[name] = sum(fit for _novelty, fit in parts)
        weights[name] = math.exp(sum(novelty + fit for novelty, fit in parts))
    # Where all fit badly together the prior is not blown up to fill the gap: "none" gains.
    share = prior / max(1.0, sum(map(math.exp, fits.values())))
    species = {name: share * weight for name, weight in weights.items()}
    species[NONE] = 1 - prior
    total = sum(species.values())
    species = {name: value / total for name, value in species.items()}
    if len(molecules) == 1:  # linked loci that agree lead no further than the surest of them
        missing = max(species[NONE], min(locus.species[NONE] for locus in loci))
        rest = 1 - species[NONE]
        scale = (1 - missing) / rest if rest else 0.0
        species = {name: missing if name == NONE else p * scale for name, p in species.items()}
    ordered = sorted(species, key=lambda name: (name == NONE, -species[name], name))
    result = {"species": {name: species[name] for name in ordered}}
    for rank in RANKS:
        if at_rank := _at_rank(rank, loci, result["species"]):
            result[rank] = at_rank
    named = {name for v in loci for name in v.result.call.shares(UNIT)}
    return with_units(result, [Unit(unit_members(name)) for name in sorted(named - {NONE})])


def _join(species: str, group: Sequence[LocusEvidence], prior: float) -> tuple[float, float]:
    """Return what the loci of one molecule say of a species: for novelty, and its fit; both logarithms."""
    holding = [locus for locus in group if locus.holds(species)]
    if not holding:
        return 0.0, 0.0
    novelty = [locus.novelty(prior) for locus in holding]
    joined = max(0.0, *novelty) + min(0.0, *novelty)
    return joined, min(locus.fit(species) for locus in holding)


def _at_rank(
    rank: str, loci: Sequence[LocusEvidence], species: Mapping[str, float]
) -> dict[str, float] | None:
    """Return the probabilities at a higher rank.

    Of the part that falls to "none", a taxon gets the least share that any locus gives which knows the taxon; where
    it is the first of all loci that know one, the greatest.
    """
    names = {name for locus in loci for name in locus.species} - {NONE}
    of_species = {name: genus_of(name) for name in names} if rank == "genus" else {}
    of_species |= {c.species: getattr(c, rank) for v in loci for c in v.result.candidates}
    given = [shares for locus in loci if (shares := _shares_of(locus, rank, of_species))]
    taxa = {taxon for known in given for taxon in known} | set(of_species.values()) - {""}
    if not taxa:
        return None
    leading = {max(shares, key=lambda taxon: (shares[taxon], taxon)) for shares in given}
    shares = {}
    for taxon in sorted(taxa):
        own = [known[taxon] for known in given if taxon in known] or [0.0]
        shares[taxon] = max(own) if leading == {taxon} else min(own)
    crowd = max(1.0, sum(shares.values()))
    probabilities = {
        taxon: species[NONE] * share / crowd
        + sum(p for name, p in species.items() if of_species.get(name) == taxon)
        for taxon, share in shares.items()
    }
    ordered = likeliest_first(probabilities)
    return {**ordered, NONE: max(0.0, 1 - sum(probabilities.values()))}


def _shares_of(locus: LocusEvidence, rank: str, of_species: Mapping[str, str]) -> dict[str, float]:
    """Return what a locus gives to each taxon of the part that falls to "none"."""
    known = locus.result.call.shares(rank)
    none = max(locus.species[NONE], 1e-12)
    shares = {}
    for taxon, probability in known.items():
        if taxon != NONE:
            within = sum(p for name, p in locus.species.items() if of_species.get(name) == taxon)
            shares[taxon] = min(max((probability - within) / none, 0.0), 1.0)
    return shares


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
    >>> from forensics.io.files import folder
    >>> place = folder("reference_sequences") / "demonstration" / "scale.fasta"
    >>> combine(forensics.identify(place)).taxon
    'Manis temminckii'
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
    molecules = grouped(calibrated or loci, attrgetter("linkage"))
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
    lacking = _lacking_at_all(loci)
    call = _with_doubts(_with_warnings(call, voices, loci), loci, lacking)
    return Combination(
        queries=tuple(result.query for result in results),
        voices=tuple(Voice(voice.linkage, voice.result.query, voice.name) for voice in voices),
        compared=tuple(locus.result.query for locus in loci if locus not in voices),
        left_out=tuple(result.query for result in results if not _speaks(result)),
        call=_with_members_doubted(call, results),
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
        lacking=lacking,
    )


def _lacking_at_all(loci: Sequence[LocusEvidence]) -> Where:
    """Return the species that the library lacks at every locus that could have shown them.

    A locus with a record of a species has compared it with the sample, and counts it or excludes it.
    """
    named = {name: where for locus in loci for name, where in locus.result.lacking.items()}
    near = [(locus, {c.genus for c in locus.result.candidates}) for locus in loci]
    return {
        name: where
        for name, where in named.items()
        if not any(
            locus.holds(name) or (genus_of(name) in genera and name not in locus.result.lacking)
            for locus, genera in near
        )
    }


def _with_doubts(call: Call, loci: Sequence[LocusEvidence], lacking: Where) -> Call:
    """Return the call with why a locus that calls it may have shown a congener that the library lacks at all."""
    missing = names_in_region(lacking_beside(call, lacking))
    doubts = [
        notice.kind(notice.variant, **{**notice.parameters, "names": name_some(missing)})
        for locus in loci
        if missing and {*call.members} <= {*locus.result.call.members}
        for notice in locus.result.warnings
        if notice.kind is notices.calls.CONGENER_POSSIBLE
    ]
    return call.noted(*doubts)


def _provenance(made: Sequence[Provenance], confidence: float) -> Provenance:
    """Return one provenance for all: the parameters of the first, every input and library."""
    files: list[dict[str, Any]] = []
    for file in (file for each in made for file in each.files):
        if file not in files:
            files.append(file)
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
        return genera_of(_with_kin(locus.smallest))
    if locus.is_calibrated:
        genera = locus.result.call.shares("genus")
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
    warnings = (notices.loci.LOCI_CONFLICT(one=first, other=second),)
    not_excluded = tuple(dict.fromkeys(name for locus in loci for name in locus.smallest))
    for rank in RANKS:  # a name that every locus is sure of stands
        shares = [locus.result.call.shares(rank) for locus in loci]
        for name in shares[0]:
            least = min(share.get(name, 0.0) for share in shares)
            if name != NONE and least >= confidence:
                return Call("identified", rank, name, least, None, not_excluded, warnings)
    return Call("inconclusive", not_excluded=not_excluded, warnings=warnings)


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
    genera = genera_of(left)
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
    warning = notices.calls.CRITERIA_NOT_MET("loci", species=call.taxon)
    return at_genus(call, genera_of(call.members)).noted(warning)


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
    added = {
        notice: None
        for locus in limited
        for notice in locus.result.notices
        if notice.severity is not Severity.CONTEXT and notice.code not in known
    }
    call = call.noted(*added)
    if left.rank == "family" and left.taxon:
        return at_rank(call, left.rank, left.taxon)
    return at_genus(call, genera_of((*call.members, left.taxon or "")))


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
        notices.loci.MEMBER_DOUBTED(query=result.label, codes=", ".join(codes))
        for result in results
        if (codes := [w.code for w in result.warnings if w.code in DECIDING])
        and not _speaks(result)
    ]
    return call._replace(warnings=(*doubted, *call.warnings))


def _with_warnings(
    call: Call, voices: Sequence[LocusEvidence], loci: Sequence[LocusEvidence]
) -> Call:
    warnings = []
    is_one_molecule = len({locus.linkage for locus in loci}) == 1
    in_conflict = any(warning.code == notices.loci.LOCI_CONFLICT.code for warning in call.warnings)
    if is_one_molecule and len(loci) > 1 and not in_conflict:
        which = "once" if len(voices) == 1 else "strongest"
        warnings.append(notices.loci.LINKED_LOCI(which, locus=voices[0].name))
    if plain := [locus.name for locus in loci if not locus.is_calibrated]:
        warnings.append(notices.calls.UNCALIBRATED("loci", loci=", ".join(plain)))
    call = call.noted(*warnings)
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
