"""The words of a call of one sequence.

The criterion that it met, the error observed in validation among calls like it, what could not be
excluded, and the posterior with its prior and under others. Of calls that differ under other
priors the most cautious is reported. A verbal scale is never put on a posterior.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from forensics.barcode import ratio
from forensics.barcode.identification import RANK_NAMES, Identification, missing_in_words
from forensics.barcode.options import GENUS_IDENTITY, SPECIES_IDENTITY
from forensics.barcode.reference.library import UNIT, living_in, names_in_region, unit_members
from forensics.messages import _, numeral
from forensics.report.blocks import Table, decimal, percent, probability, whole
from forensics.report.kinds.base import (
    Narrator,
    Part,
    make_part,
    parts_of,
    propositions,
    strength,
    weigh,
)
from forensics.report.reported import MAX_CANDIDATES, Call, conservative_call, not_excluded
from forensics.report.statement import ErrorRate, ExaminedSequence, Finding, PriorCall, Question
from forensics.taxonomy.names import genus_of
from forensics.verbal import CONGENER, MISSING, OTHER

# Of a sequence in a finding: in blocks of 10 and lines of 60, as GenBank has it. Of a longer one the first lines
# stand there and all in the annex: 12 lines hold the barcode of COI, of 658 bases.
_BLOCK, _LINE, _MAX_LINES, _FIRST_LINES = 10, 60, 12, 5


def _parts(finding: Finding, result: Identification) -> Iterator[Part]:
    """Yield what is said of a call."""
    options, call = finding.options, conservative_call(finding)
    error = finding.errors.get(call.rank or "")
    yield from parts_of(
        finding,
        question=[_question(finding)],
        propositions=_propositions(finding, call),
        method=[_method(finding, result)],
        found=[
            *_results(result, call, options),
            _candidates(result),
            _far_ranks(result, call),
        ],
        strength=weigh(
            finding,
            lambda question: _weighed(finding, call, question),
            _("No likelihood ratio is stated: no propositions were recorded for this item."),
        ),
        prior=[*_priors(finding, result, call), _prior_table(finding, call)],
        assumed=_assumptions(finding, result, call),
        open=[_not_excluded(finding)] if result.candidates else [],
        backing=[_error_text(error), *_bounds_text(error), *_error_table(error)]
        if call.rank in ("species", "genus")
        else [],
    )
    yield from _examined(finding)


def _headline(finding: Finding, result: Identification) -> str:
    call = conservative_call(finding)
    if call.taxon is None:
        return " ".join(filter(None, (_NO_NAME[call.status](), _stated_far(result, call))))
    return _("{taxon} ({rank})").format(taxon=call.taxon, rank=_rank(call.rank))


def _sure(finding: Finding, result: Identification) -> Iterator[str]:
    """Yield the ratio of each question; without one the probability, and the errors of such calls."""
    call = conservative_call(finding)
    if finding.weighed:
        yield from weigh(finding, lambda question: [*_weighed(finding, call, question)][:2])
        return
    if call.taxon is None:
        return
    posteriors = [each for each in finding.priors or () if each.reported is not None]
    if posteriors:
        low = min(posteriors, key=lambda each: float(each.reported))
        high = max(posteriors, key=lambda each: float(each.reported))
        yield _(
            "Posterior probability of {taxon}: {low} with a prior of {prior}, {high} with one of {other}."
        ).format(
            taxon=call.taxon,
            low=probability(low.reported),
            prior=numeral(low.prior),
            high=probability(high.reported),
            other=numeral(high.prior),
        )
    if error := finding.errors.get(call.rank or ""):
        yield _(
            "Of {calls} such calls in the validation {wrong} were wrong (upper {level} bound: {upper})."
        ).format(
            calls=error.calls,
            wrong=error.wrong,
            level=percent(error.level, 0),
            upper=percent(error.upper, 1),
        )
    else:
        yield _("No error rate of such calls is on record.")


def _rank(name: str | None) -> str:
    return _(RANK_NAMES[name or ""])


_NO_NAME: dict[str, Callable[[], str]] = {
    "depends": lambda: _("No name is reported, because the call depends on the prior."),
    "inconclusive": lambda: _("Inconclusive: no name can be given."),
    "nothing_near": lambda: _(
        "The reference library has nothing near enough: no name can be given."
    ),
    "unusable": lambda: _("The sequence could not be examined."),
}


def _question(finding: Finding) -> str:
    return _("To which taxon does the sequence of sample {sample} belong?").format(
        sample=finding.sample
    )


def _propositions(finding: Finding, call: Call) -> tuple[str, ...]:
    if finding.weighed:  # the ratio below is of these, and of no others
        first = finding.weighed[0]
        return propositions(_sentence(_of(first.named)), _sentence(_second(finding, first)))
    if call.taxon is None:
        return propositions(
            _("The sequence belongs to a taxon in the reference library."),
            _("It belongs to another taxon."),
        )
    if call.rank == UNIT:
        return propositions(
            _("The sequence belongs to one of these species: {names}.").format(
                names=", ".join(unit_members(call.taxon))
            ),
            _("It belongs to another taxon, which may or may not be in the reference library."),
        )
    return propositions(
        _("The sequence belongs to {taxon}.").format(taxon=call.taxon),
        _("It belongs to another taxon, which may or may not be in the reference library."),
    )


def _method(finding: Finding, result: Identification) -> str:
    library = finding.library or {}
    return _(
        "The questioned sequence {query} ({length} bases, locus {locus}) was compared with the records "
        "of the reference library {name} {version}."
    ).format(
        query=result.label,
        length=whole(result.length),
        locus=result.locus or _("not stated"),
        name=library.get("name") or _("(not named)"),
        version=library.get("version") or "",
    )


def _results(result: Identification, call: Call, options: Mapping[str, Any]) -> Iterator[str]:
    if call.taxon is None:
        yield _NO_NAME[call.status]()
        if call.status == "nothing_near" and not result.candidates:
            text = (
                _("The search proved that no record long enough to be compared is within {limit} of the sequence.")
                if result.search_exhaustive
                else _("No record that was compared is within {limit} of the sequence.")
            )  # fmt: skip
            yield text.format(limit=percent(1 - result.floor, 0))
        yield from _far_records(result, call, options)
        return
    if call.rank == UNIT:
        yield _(
            "Result: one of these species, which the locus does not distinguish by the records "
            "of the library: {names}. The result does not say which of them."
        ).format(names=", ".join(unit_members(call.taxon)))
    else:
        yield _("Result: {taxon}, called at the rank of {rank}.").format(
            taxon=call.taxon, rank=_rank(call.rank)
        )
    yield _criterion(result, options)


def _criterion(result: Identification, options: Mapping[str, Any]) -> str:
    if result.call.probabilities is None:
        text = _(
            "The library is not calibrated. A plain rule made the call: a species from {species} "
            "identity and a genus from {genus}. The call has no probability."
        ).format(species=numeral(SPECIES_IDENTITY, ".0%"), genus=numeral(GENUS_IDENTITY, ".0%"))
    else:
        text = _("Criterion met: the call reached a probability of at least {confidence}.").format(
            confidence=numeral(options.get("confidence", "?"))
        )
    if result.criteria is None:
        return text
    name = result.criteria.profile.name
    return text + " " + _("The criteria “{name}” were applied.").format(name=name)


def _candidates(result: Identification) -> Table:
    """Return the nearest species, with the record that each is nearest by."""
    return Table(
        (_("Nearest species"), _("Bases that differ"), _("Identity (0 to 1)"), _("Records"),
         _("Nearest record")),
        tuple(
            (
                candidate.shown_name,
                _("{n} of {all}").format(n=candidate.mismatches, all=whole(result.length)),
                "1" if candidate.identity == 1 else decimal(candidate.identity, 3),
                whole(candidate.records),
                candidate.accession,
            )
            for candidate in result.candidates[:MAX_CANDIDATES]
        ),
        (0.27, 0.17, 0.16, 0.18, 0.22),
    )  # fmt: skip


# -- records, primers, sequence, differences ----------------------------------------------


def _examined(finding: Finding) -> Iterator[Part]:
    """Yield the records with their vouchers, the primers, the sequence and where it differs."""
    examined = finding.examined
    if examined is None:
        if finding.priors_missing:
            text = _(
                "Sequence and differences are not printed, because the call was not computed again: {why}."
            )
            yield from make_part("sequence", [text.format(why=finding.priors_missing.rstrip("."))])
        return
    yield from make_part("records", [_records(examined)])
    yield from make_part(
        "primers", examined.primers or [_("No primers were recorded with the finding.")]
    )
    lines = sequence_lines(examined.sequence)
    is_long = len(lines) > _MAX_LINES
    text = _("{n} bases; SHA-256 of its letters: {sha256}.").format(
        n=whole(len(examined.sequence)), sha256=sha256(examined.sequence.encode()).hexdigest()
    )
    if is_long:
        text += " " + _("The first {n} lines follow; the annex has all of it.").format(
            n=_FIRST_LINES
        )
    yield from make_part(
        "sequence", [text, sequence_table(lines[:_FIRST_LINES] if is_long else lines)]
    )
    yield from make_part("differences", _differences(examined))


def _records(examined: ExaminedSequence) -> Table:
    return Table(
        (_("Species"), _("Record"), _("Voucher"), _("Institution"), _("Country")),
        tuple(
            (
                record.species, record.accession, record.voucher or _("no voucher recorded"),
                record.institution or "–", record.country or "–",
            )
            for record in examined.records
        ),
        (0.24, 0.22, 0.22, 0.18, 0.14),
    )  # fmt: skip


def sequence_lines(sequence: str) -> list[tuple[str, str]]:
    """Return the lines of a sequence: the number of the first base, and the bases in blocks."""
    return [
        (
            str(first + 1),
            " ".join(
                sequence[at : at + _BLOCK] for at in range(first, first + _LINE, _BLOCK)
            ).strip(),
        )
        for first in range(0, len(sequence), _LINE)
    ]


def sequence_table(lines: Sequence[tuple[str, str]]) -> Table:
    """Return the lines of a sequence as a table."""
    return Table((_("From base"), _("Sequence")), tuple(lines), (0.12, 0.88))


def annex_sequence(finding: Finding) -> Table | None:
    """Return the sequence of a finding that is too long for its section; None where it stands there."""
    lines = sequence_lines(finding.examined.sequence) if finding.examined else []
    return sequence_table(lines) if len(lines) > _MAX_LINES else None


def _differences(examined: ExaminedSequence) -> Iterator[str]:
    """Yield where the sequence differs from the nearest record and from that of the closest other species."""
    for record in examined.records[:2]:
        name = f"{record.species} ({record.accession})"
        if record.differences:
            yield _("Bases that differ from {record}: {n} ({differences}).").format(
                record=name, n=len(record.differences), differences=", ".join(record.differences)
            )
        else:
            yield _("Bases that differ from {record}: none.").format(record=name)
    if any(record.differences for record in examined.records[:2]):
        yield _(
            "Each is the number of the base in the questioned sequence, its letter there, and the letter of the record; "
            "“-” is a gap."
        )
    if len(examined.records) == 1:
        yield _("No other species of the library is near enough to be compared.")


# -- the ratio of the propositions that were recorded ------------------------------------


def _of(name: str) -> str:
    return _("the sequence is of {taxon}").format(taxon=name)


def _sentence(clause: str) -> str:
    return f"{clause[:1].upper()}{clause[1:]}."


def _second(finding: Finding, question: Question) -> str:
    """Return the second proposition, with the species that the library lacks."""
    even = _even(finding)
    missing = missing_in_words(even.missing, most=MAX_CANDIDATES) if even and even.missing else ""
    lacking = _(" (such as {names})").format(names=missing) if missing else ""
    texts = {
        CONGENER: _("the sequence is of another species of the genus") + lacking,
        MISSING: _("the sequence is of a species that the library lacks") + lacking,
        OTHER: _("the sequence is of another taxon, which may or may not be in the library"),
    }
    return texts.get(question.against) or _of(question.against)


def _even(finding: Finding) -> PriorCall | None:
    """Return the call at an even prior, from which the ratio of two species follows."""
    return next((call for call in finding.priors or () if call.shares), None)


def _tried(error: ErrorRate | None) -> dict[str, ratio.Tried]:
    if error is None:
        raise ratio.NoRatio(_("No error rate of such calls is on record."))
    return {
        way.way: ratio.Tried(way.calls - way.wrong, way.wrong, way.trials) for way in error.ways
    }


def _weighed(finding: Finding, call: Call, question: Question) -> Iterator[str]:
    """Yield the ratio of a question, with its limits."""
    named, even = question.named, _even(finding)
    if call.taxon and " " not in named and named in (call.taxon, genus_of(call.taxon)):
        tried = _tried(finding.errors.get("genus"))
        found = ratio.genus_ratio(tried["known"], tried["species_out"])
        yield from strength(found.log10, _of(named), _second(finding, question), least=True)
        yield _(
            "The ratio is that of a call of the genus in the validation of the library: the share of right calls, divided "
            "by the upper 95 % limit of the share of wrong ones. It was tried with the species in the library and without "
            "it; the less favourable figures count."
        )
        return
    if even is None:
        raise ratio.NoRatio(_("No species was called at a prior of 0.5."))
    tried = _tried(finding.errors.get("species"))
    found = ratio.species_ratio(
        {name: float(share) for name, share in even.shares.items()}, named, question.against,
        missing=even.missing, interval=even.interval and tuple(map(float, even.interval)),
        limits={way: ratio.supported_ratio(tried["known"], other) for way, other in tried.items()},
    )  # fmt: skip
    bounds = None if found.low is None or found.high is None else (found.low, found.high)
    yield from strength(
        found.log10, _of(named), _second(finding, question), least=found.limited, interval=bounds
    )  # fmt: skip
    if found.limited:
        yield _(
            "The calibration of the library gives a larger ratio; its validation, with {n} trials, supports no "
            "larger one."
        ).format(n=whole(sum(each.trials for each in tried.values())))
    if question.against in (CONGENER, OTHER):
        yield _(
            "The alternative has several members. The ratio is against the one that explains the sequence best; against "
            "all of them together it is no smaller."
        )


# -- records further away ---------------------------------------------------------------


def _stated_far(result: Identification, call: Call) -> str:
    """Return the rank that records further away speak for; "" where none is stated."""
    far = result.placement
    if call.status != "nothing_near" or far is None or far.taxon is None:
        return ""
    return _("More distant records support {taxon} ({rank}): probability {p}.").format(
        taxon=far.taxon, rank=_rank(far.rank), p=probability(far.probability)
    )


def _far_records(result: Identification, call: Call, options: Mapping[str, Any]) -> Iterator[str]:
    """Yield what records further away than those that are compared say of family, order and class."""
    far = result.placement
    if call.status != "nothing_near" or far is None:
        return
    yield _stated_far(result, call) or _(
        "By more distant records, no family, order or class reaches a probability of "
        "{confidence}, so none is reported."
    ).format(confidence=numeral(options.get("confidence", "?")))
    yield _(
        "The nearest of those examined is {accession} ({species}), {identity} identical. It is "
        "not proved that none is nearer."
    ).format(accession=far.accession, species=far.species, identity=percent(far.identity, 1))


def _far_ranks(result: Identification, call: Call) -> Table:
    """Return the nearest family, order and class with their probabilities."""
    far = result.placement
    ranks = {} if call.status != "nothing_near" or far is None else far.ranks
    return Table(
        (_("Rank"), _("By the nearest records"), _("Probability")),
        tuple(
            (_rank(rank), of_rank.taxon, probability(of_rank.probability))
            for rank, of_rank in ranks.items()
        ),
        (0.25, 0.5, 0.25),
    )


# -- the prior --------------------------------------------------------------------------


def _priors(finding: Finding, result: Identification, call: Call) -> Iterator[str]:
    priors = finding.priors
    if not result.call.probabilities or result.probability is None:
        return
    prior = finding.options.get("in_library_prior", "?")
    if call.taxon == result.taxon:  # else a figure for what is not reported would stand out
        text = (
            _(
                "Posterior probability: {p} for {taxon} ({rank}), with a prior of {prior} that "
                "the library has the species."
            )
            if result.taxon
            else _(
                "Posterior probability that the species is not in the library: {p}, with a prior "
                "of {prior} that it is."
            )
        )
        yield text.format(
            p=probability(result.probability),
            taxon=result.taxon,
            rank=_rank(result.rank) if result.rank else "",
            prior=numeral(prior),
        )
    if not priors:
        return
    yield _(
        "The table gives the call under several priors that the library has the species, and the "
        "posterior of the reported name under each."
    )
    calls = {(prior_call.rank, prior_call.taxon) for prior_call in priors}
    calls.add((result.rank, result.taxon))
    if len(calls) > 1:
        yield _("The calls differ; the most cautious is reported.")
    else:
        yield _("The call is the same under each of them.")


def _prior_table(finding: Finding, call: Call) -> Table:
    reported = call.taxon or _("what is reported")
    return Table(
        (_("Prior"), _("Call under it"), _("Posterior of this call"),
         _("Posterior of {taxon}").format(taxon=reported),
         _("Posterior that the library lacks the species")),
        tuple(
            (
                numeral(prior_call.prior),
                _call_text(prior_call),
                probability(prior_call.probability) if prior_call.taxon else "–",
                probability(prior_call.reported),
                probability(prior_call.none),
            )
            for prior_call in finding.priors or ()
        ),
        (0.16, 0.3, 0.16, 0.18, 0.2),
    )  # fmt: skip


def _call_text(call: PriorCall) -> str:
    if call.taxon is None:
        return _STATUSES[call.status]()
    return _("{taxon} ({rank})").format(taxon=call.taxon, rank=_rank(call.rank))


_STATUSES: dict[str, Callable[[], str]] = {
    "identified": lambda: _("no name"),
    "inconclusive": lambda: _("inconclusive"),
    "nothing_near": lambda: _("nothing near"),
    "unusable": lambda: _("not examined"),
}


# -- what it rests on -------------------------------------------------------------------


def _assumptions(finding: Finding, result: Identification, call: Call) -> Iterator[str]:
    yield _(
        "That the sequence is from the item and not from contamination, which the controls of "
        "the runs test; and that the names of the reference records are right."
    )
    if call.status == "nothing_near" and result.placement:
        yield _(
            "The rates at which a family, an order or a class is right were learnt from records of the library. Each "
            "record was looked up without its genus, then without its family, its order and its class. So the prior that "
            "the library lacks the class itself is one in four."
        )
    prior = finding.options.get("in_library_prior")
    if result.call.probabilities and prior is not None:
        if why := finding.prior_reason:
            yield _("Reason for the prior of {prior}: {why}").format(prior=numeral(prior), why=why)
        else:
            yield _(
                "The finding used a prior of {prior}. The case states no reason for it, so the "
                "calls under other priors are given as well."
            ).format(prior=numeral(prior))


def _not_excluded(finding: Finding) -> str:
    """Return what is not excluded under any prior shown, and how likely the library lacks it."""
    priors = finding.priors or ()
    others = dict.fromkeys(not_excluded(finding.result or {}))
    for prior_call in priors:
        others.update(dict.fromkeys(prior_call.not_excluded))
    reported = conservative_call(finding).taxon
    probabilities = [
        _("{p} with a prior of {prior}").format(
            p=probability(prior_call.none), prior=numeral(prior_call.prior)
        )
        for prior_call in priors
        if prior_call.none is not None
    ]
    lacking = _("a species that the library lacks")
    recorded = finding.result or {}
    if missing := recorded.get("missing_congeners"):
        living = names_in_region(living_in(missing, recorded.get("missing_in_region")))
        lacking = _("a species that the library lacks, such as {names}").format(
            names=missing_in_words(living, most=MAX_CANDIDATES)
        )
    if probabilities:
        lacking = _("{what} (probability {shown})").format(
            what=lacking, shown=_("; ").join(probabilities)
        )
    names = ", ".join(name for name in others if name != reported)
    text = _("; ").join(filter(None, (names, lacking)))
    return f"{text[:1].upper()}{text[1:]}."


def _error_text(error: ErrorRate | None) -> str:
    if error is None:
        return _("No error rate of such calls is on record.")
    length = _("whole length") if error.length == "full" else _("{n} bases").format(n=error.length)
    trials = {way.way: way.trials for way in error.ways}
    return _(
        "Observed error in the validation that this laboratory accepted (event {event}), at the rank of {rank} at "
        "{locus}, {length}: {wrong} of {calls} calls wrong (upper {level} bound: {upper}; {species} species tried: {known} "
        "trials with the species in the library, {out} without it)."
    ).format(
        event=error.event,
        wrong=error.wrong,
        calls=error.calls,
        rank=_rank(error.rank),
        locus=error.locus,
        length=length,
        level=percent(error.level, 0),
        upper=percent(error.upper, 1),
        species=error.species,
        known=trials.get("known", "?"),
        out=trials.get("species_out", "?"),
    )


def _bounds_text(error: ErrorRate | None) -> Iterator[str]:
    if error is not None:
        yield _(
            "The bounds are those of Clopper and Pearson (doi:10.1093/biomet/26.4.404), which "
            "take calls as independent; calls of one species are not. The bound was therefore "
            "also computed by species, for the worst case that the counts allow: each wrong call "
            "of another species. The larger bound is stated. If the library lacks more of the "
            "species in question than the validation assumed, more calls are wrong."
        )


_WAYS: dict[str, Callable[[], str]] = {
    "known": lambda: _("Species in the library"),
    "species_out": lambda: _("Species taken out of the library"),
}


def _error_table(error: ErrorRate | None) -> Iterator[Table]:
    if error is None:
        return
    rows = [
        (_WAYS[way.way](), str(way.wrong), str(way.calls), percent(way.upper, 1))
        for way in error.ways
        if way.way in _WAYS
    ]
    rows.append((_("Both, by call"), str(error.wrong), str(error.calls), percent(error.by_call, 1)))
    by_species = error.by_species
    rows.append(
        (_("Both, by species (at least one wrong call)"), str(by_species.wrong),
         str(by_species.species), percent(by_species.upper, 1))
    )  # fmt: skip
    yield Table(
        (_("Validation"), _("Wrong"), _("Of"),
         _("Upper {level} bound").format(level=percent(error.level, 0))),
        tuple(rows), (0.46, 0.14, 0.16, 0.24),
    )  # fmt: skip


NARRATOR: Narrator[Identification] = Narrator(_parts, _headline, _sure)
