"""The words of a call of one sequence.

The criterion that it met, the error observed in validation among calls like it, what could not be
excluded, and the posterior with its prior and under others. Of calls that differ under other
priors the most cautious is reported. A verbal scale is never put on a posterior.
"""

from collections.abc import Iterator

from forensics.barcode.calling.decision import GENUS_IDENTITY, SPECIES_IDENTITY
from forensics.messages import N_, _, numeral
from forensics.report.blocks import Table
from forensics.report.cautious import cautious_call, not_excluded
from forensics.report.kinds.form import Part, noted, part, propositions
from forensics.report.numbers import decimal, percent, probability, whole

__all__ = ["RANKS", "headline", "parts"]

RANKS = {"species": N_("species"), "genus": N_("genus"), "family": N_("family")}
_NEAREST = 5  # candidates in the table; all are in the finding


def parts(finding: dict) -> Iterator[Part]:
    """Yield what is said of a call."""
    result, asked = finding["result"], finding["parameters"] or {}
    call = cautious_call(finding)
    yield from part("question", [_question(finding)])
    yield from part("propositions", _propositions(call))
    yield from part("method", [_examined(finding)])
    yield from part("found", _found(finding, call, asked), _candidates(result))
    yield from part("prior", _priors(finding, call, asked), _prior_table(finding, call))
    yield from part("assumed", _assumed(finding, call, asked))
    if result.get("candidates"):
        yield from part("open", [_excluded(finding)])
    if call["rank"] in ("species", "genus"):
        error = finding["errors"].get(call["rank"])
        yield from part("backing", [_error(error), *_by_species(error)], *_error_table(error))
    yield from noted(finding)


def headline(finding: dict) -> str:
    """Return the result in a line."""
    call = cautious_call(finding)
    if call["taxon"] is None:
        return _NO_NAME[call["status"]]()
    return _("{taxon} ({rank})").format(taxon=call["taxon"], rank=_rank(call["rank"]))


def _rank(name: str) -> str:
    text = RANKS[name]
    return _(text)


_NO_NAME = {
    "depends": lambda: _("No name is reported, because the call depends on the prior."),
    "inconclusive": lambda: _("Inconclusive: no name can be given."),
    "not_in_library": lambda: _(
        "The reference library holds nothing near enough: no name can be given."
    ),
    "unusable": lambda: _("The sequence could not be examined."),
}


def _question(finding: dict) -> str:
    return _("Of which taxon is the sequence of sample {sample}?").format(sample=finding["sample"])


def _propositions(call: dict) -> tuple[str, str]:
    if call["taxon"] is None:
        return propositions(
            _("The sequence is of a taxon that the reference library holds."),
            _("It is of another taxon."),
        )
    return propositions(
        _("The sequence is of {taxon}.").format(taxon=call["taxon"]),
        _("It is of another taxon, which the reference library may or may not hold."),
    )


def _examined(finding: dict) -> str:
    result, library = finding["result"], finding["library"] or {}
    return _(
        "The questioned sequence {query} ({length} bases, locus {locus}) was compared with the records "
        "of the reference library {name} {version}."
    ).format(
        query=result["query"],
        length=result["length"],
        locus=result["locus"] or _("not told"),
        name=library.get("name") or _("(not named)"),
        version=library.get("version") or "",
    )


def _found(finding: dict, call: dict, asked: dict) -> Iterator[str]:
    if call["taxon"] is None:
        yield _NO_NAME[call["status"]]()
        return
    yield _("Result: {taxon}, called at the rank of {rank}.").format(
        taxon=call["taxon"], rank=_rank(call["rank"])
    )
    yield _criterion(finding["result"], asked)


def _criterion(result: dict, asked: dict) -> str:
    criteria = result.get("criteria") or {}
    if result.get("probabilities") is None:
        text = _(
            "The library is not calibrated: the call was made by a plain rule, a species from {species} "
            "and a genus from {genus} identity on, and has no probability."
        ).format(species=numeral(SPECIES_IDENTITY, ".0%"), genus=numeral(GENUS_IDENTITY, ".0%"))
    else:
        text = _("Criterion met: the call reached a probability of at least {confidence}.").format(
            confidence=numeral(asked.get("confidence", "?"))
        )
    named = criteria.get("profile") or criteria.get("name")
    if not named:
        return text
    return text + " " + _("The criteria “{name}” were applied.").format(name=named)


def _candidates(result: dict) -> Table:
    """Return the nearest species, with the record that each is nearest by."""
    return Table(
        (_("Nearest species"), _("Bases that differ"), _("Identity (0 to 1)"), _("Records"),
         _("Nearest record")),
        tuple(
            (
                one["species"],
                _("{n} of {all}").format(n=one["mismatches"], all=result["length"]),
                "1" if float(one["identity"]) == 1 else decimal(one["identity"], 3),
                whole(one["records"]),
                str(one["accession"]),
            )
            for one in (result.get("candidates") or ())[:_NEAREST]
        ),
        (0.27, 0.17, 0.16, 0.18, 0.22),
    )  # fmt: skip


# -- the prior --------------------------------------------------------------------------


def _priors(finding: dict, call: dict, asked: dict) -> Iterator[str]:
    result, priors = finding["result"], finding["priors"]
    if not (result.get("probabilities") and result.get("probability") is not None):
        return
    prior = asked.get("in_library_prior", "?")
    if call["taxon"] == result["taxon"]:  # else a figure for what is not reported would stand out
        yield _(
            "Posterior probability: {p} for {taxon} ({rank}), with a prior of {prior} that the library "
            "holds the species."
        ).format(
            p=probability(result["probability"]),
            taxon=result["taxon"] or _("no name"),
            rank=_rank(result["rank"]) if result["rank"] else "–",
            prior=numeral(prior),
        )
    if not priors:
        return
    yield _(
        "The table has the call under several priors that the library holds the species, and the "
        "posterior of what is reported under each of them."
    )
    differ = {(one["rank"], one["taxon"]) for one in priors}
    differ.add((result["rank"], result["taxon"]))
    if len(differ) > 1:
        yield _("The calls differ; the most cautious is reported.")
    else:
        yield _("The call is the same under each of them.")


def _prior_table(finding: dict, call: dict) -> Table:
    reported = call["taxon"] or _("what is reported")
    return Table(
        (_("Prior"), _("Call under it"), _("Posterior of this call"),
         _("Posterior of {taxon}").format(taxon=reported),
         _("Posterior that the library lacks the species")),
        tuple(
            (
                numeral(one["prior"]),
                _called(one),
                probability(one["probability"]) if one["taxon"] else "–",
                probability(one.get("reported")),
                probability(one["none"]),
            )
            for one in finding["priors"] or ()
        ),
        (0.16, 0.3, 0.16, 0.18, 0.2),
    )  # fmt: skip


def _called(one: dict) -> str:
    if one["taxon"] is None:
        return _STATUS[one["status"]]()
    return _("{taxon} ({rank})").format(taxon=one["taxon"], rank=_rank(one["rank"]))


_STATUS = {
    "identified": lambda: _("no name"),
    "inconclusive": lambda: _("inconclusive"),
    "not_in_library": lambda: _("not in the library"),
    "unusable": lambda: _("not examined"),
}


# -- what it rests on -------------------------------------------------------------------


def _assumed(finding: dict, call: dict, asked: dict) -> Iterator[str]:
    yield _(
        "That the sequence is of the item and not of what may have come to it, which the controls "
        "of the runs are for; and that the names of the reference records are right."
    )
    prior = asked.get("in_library_prior")
    if finding["result"].get("probabilities") and prior is not None:
        why = finding.get("prior_reason")
        if why:
            yield _("Why the prior of {prior} was used: {why}").format(
                prior=numeral(prior), why=why
            )
        else:
            yield _(
                "The finding was made with a prior of {prior}. Nobody stated a reason for it in this "
                "case; that is why the calls under others stand beside it."
            ).format(prior=numeral(prior))


def _excluded(finding: dict) -> str:
    """Return what is not excluded under any prior shown, and how likely the library lacks it."""
    result, priors = finding["result"], finding["priors"] or ()
    others = dict.fromkeys(not_excluded(result))
    for one in priors:
        others.update(dict.fromkeys(one["not_excluded"]))
    reported = cautious_call(finding)["taxon"]
    parts_ = [", ".join(name for name in others if name != reported)] if others else []
    shown = [
        _("{p} with a prior of {prior}").format(
            p=probability(one["none"]), prior=numeral(one["prior"])
        )
        for one in priors
        if one["none"] is not None
    ]
    lacking = _("a species that the library lacks")
    if shown:
        lacking = _("a species that the library lacks (probability {shown})").format(
            shown=_("; ").join(shown)
        )
    return _("Not excluded: {what}.").format(
        what=_("; ").join(one for one in (*parts_, lacking) if one)
    )


def _error(error: dict | None) -> str:
    if error is None:
        return _("No error rate of calls like this one is on record.")
    length = (
        _("whole length") if error["length"] == "full" else _("{n} bases").format(n=error["length"])
    )
    trials = {way["way"]: way["trials"] for way in error.get("ways") or ()}
    return _(
        "Observed error: in the validation that this laboratory accepted (event {event}), {wrong} of "
        "{calls} calls at the rank of {rank} at {locus}, {length}, were wrong (upper {level} bound: {upper}; "
        "{species} species tried: {known} trials with the species in the library, {out} with it taken "
        "out of it)."
    ).format(
        event=error["event"],
        wrong=error["wrong"],
        calls=error["calls"],
        rank=_rank(error["rank"]),
        locus=error["locus"],
        length=length,
        level=percent(error["level"], 0),
        upper=percent(error["upper"], 1),
        species=error["species"],
        known=trials.get("known", "?"),
        out=trials.get("species_out", "?"),
    )


def _by_species(error: dict | None) -> Iterator[str]:
    if error and error.get("by_species"):
        yield _(
            "The bounds are of Clopper and Pearson (doi:10.1093/biomet/26.4.404) and take the calls as "
            "independent, which calls of one species are not. So the bound was computed by species too, "
            "as badly as the counts allow: each wrong call of another species. The larger of both is "
            "the one stated. Where the library lacks more of the species in question than in the "
            "validation, more calls are wrong."
        )


_WAYS = {
    "known": lambda: _("Species in the library"),
    "species_out": lambda: _("Species taken out of the library"),
}


def _error_table(error: dict | None) -> Iterator[Table]:
    if not error or not error.get("ways"):
        return
    rows = [
        (_WAYS[way["way"]](), str(way["wrong"]), str(way["calls"]), percent(way["upper"], 1))
        for way in error["ways"]
        if way["way"] in _WAYS
    ]
    rows.append(
        (_("Both, by call"), str(error["wrong"]), str(error["calls"]),
         percent(error["by_call"], 1))
    )  # fmt: skip
    held = error["by_species"]
    rows.append(
        (_("Both, by species (at least one wrong call)"), str(held["wrong"]), str(held["species"]),
         percent(held["upper"], 1))
    )  # fmt: skip
    yield Table(
        (_("Validation"), _("Wrong"), _("Of"),
         _("Upper {level} bound").format(level=percent(error["level"], 0))),
        tuple(rows), (0.46, 0.14, 0.16, 0.24),
    )  # fmt: skip
