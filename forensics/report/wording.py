"""The sentences of a finding, from fixed templates.

A call of a species is worded in one way: the criterion that it met, the error observed in
validation among calls like it, what could not be excluded, and the posterior with its prior and
under others. Of calls that differ under other priors the most cautious is reported. A verbal scale
is never put on a posterior.
"""

from collections.abc import Iterator

from forensics.messages import N_, _

__all__ = [
    "KINDS",
    "PRIORS",
    "cautious_call",
    "headline",
    "not_excluded",
    "sentences",
    "translated",
]

PRIORS = (0.1, 0.5, 0.9)
"""Priors that the library holds the species, under which a call is shown."""

KINDS = {
    "identification": N_("Species"),
    "origin": N_("Geographic origin"),
    "individual": N_("Individual and kin"),
    "sex": N_("Sex"),
    "age": N_("Age"),
    "morphology": N_("Morphology"),
    "other": N_("Other findings"),
}
# A species counts as not excluded from this probability on. No standard sets it; the choice is ours:
# a name with one chance in a hundred left is told.
_NOT_EXCLUDED = 0.01
_RANKS = {"species": N_("species"), "genus": N_("genus"), "family": N_("family")}
# From the least that can be said to the most.
_CAUTION = (None, "family", "genus", "species")


def translated(text: str) -> str:
    """Translate a text that stands in a table.

    Under a name of its own: a key in the brackets would be taken for a text to be translated.
    """
    return _(text)


def sentences(finding: dict) -> Iterator[str]:
    """Yield what a report says of a finding, in order.

    Parameters
    ----------
    finding : dict
        Of a statement (`forensics.report.collecting.collect`).
    """
    if finding["kind"] == "identification" and finding["result"]:
        yield from _identification(finding)
    elif finding["explanation"]:
        yield finding["explanation"]
    elif finding["text"]:
        yield finding["text"]


def headline(finding: dict) -> str:
    """Return the result in a line, for a summary."""
    if finding["kind"] != "identification" or not finding["result"]:
        result = finding["result"] or {}
        return str(result.get("result") or next(iter(sentences(finding)), ""))
    call = cautious_call(finding)
    if call["taxon"] is None:
        return _NO_NAME[call["status"]]()
    return _("{taxon} ({rank})").format(taxon=call["taxon"], rank=translated(_RANKS[call["rank"]]))


def cautious_call(finding: dict) -> dict:
    """Return status, rank and taxon of the most cautious call under all priors shown."""
    calls = [one for one in finding["priors"] or () if one["status"]]
    calls.append({name: finding["result"].get(name) for name in ("status", "rank", "taxon")})
    least = min(calls, key=lambda one: _CAUTION.index(one["rank"]))
    same = {one["taxon"] for one in calls if one["rank"] == least["rank"]}
    if least["rank"] == "genus":  # a species of another genus contradicts it, too
        same |= {one["taxon"].split(" ")[0] for one in calls if one["rank"] == "species"}
    if len(same) > 1:  # two names at one rank: neither can be reported
        return {"status": "inconclusive", "rank": None, "taxon": None}
    return {name: least[name] for name in ("status", "rank", "taxon")}


def not_excluded(result: dict) -> list[str]:
    """Return the species besides the one called that the result does not exclude."""
    found = []
    for one in result.get("candidates") or ():
        probability = one["probability"]
        if one["species"] != result.get("taxon") and (
            probability is None or float(probability) >= _NOT_EXCLUDED
        ):
            found.append(one["species"])
    return found


def _identification(finding: dict) -> Iterator[str]:
    result, asked = finding["result"], finding["parameters"] or {}
    call = cautious_call(finding)
    yield _("The questioned sequence {query} ({length} bases, locus {locus}) was examined.").format(
        query=result["query"], length=result["length"], locus=result["locus"] or _("not told")
    )
    if call["taxon"] is None:
        yield _NO_NAME[call["status"]]()
    else:
        yield _("Result: {taxon}, called at the rank of {rank}.").format(
            taxon=call["taxon"], rank=translated(_RANKS[call["rank"]])
        )
        yield _criterion(result, asked)
    if call["rank"] in ("species", "genus"):
        yield _error(finding["errors"].get(call["rank"]))
    if result.get("candidates"):
        yield _excluded(finding)
    if result.get("probabilities") and result.get("probability") is not None:
        yield from _posterior(finding, call, asked)


_NO_NAME = {
    "identified": lambda: _("No name is reported, because the call depends on the prior."),
    "inconclusive": lambda: _("Inconclusive: no name can be given."),
    "not_in_library": lambda: _(
        "The reference library holds nothing near enough: no name can be given."
    ),
    "unusable": lambda: _("The sequence could not be examined."),
}


def _criterion(result: dict, asked: dict) -> str:
    criteria = result.get("criteria") or {}
    text = _("Criterion met: the call reached a probability of at least {confidence}.").format(
        confidence=asked.get("confidence", "?")
    )
    named = criteria.get("profile") or criteria.get("name")
    if not named:
        return text
    return text + " " + _("The criteria “{name}” were applied.").format(name=named)


def _error(error: dict | None) -> str:
    if error is None:
        return _("No error rate of calls like this one is on record.")
    length = (
        _("whole length") if error["length"] == "full" else _("{n} bases").format(n=error["length"])
    )
    return _(
        "Observed error: in the validation that this laboratory accepted (event {event}), {wrong} of "
        "{calls} calls at the rank of {rank} at {locus}, {length}, were wrong (upper {level} bound: {upper}; "
        "{species} species tried, half of the trials with the species taken out of the library)."
    ).format(
        event=error["event"],
        wrong=error["wrong"],
        calls=error["calls"],
        rank=translated(_RANKS[error["rank"]]),
        locus=error["locus"],
        length=length,
        level=_percent(error["level"], 0),
        upper=_percent(error["upper"], 1),
        species=error["species"],
    )


def _excluded(finding: dict) -> str:
    """Return what is not excluded under any prior shown, and how likely the library lacks it."""
    result, priors = finding["result"], finding["priors"] or ()
    others = dict.fromkeys(not_excluded(result))
    for one in priors:
        others.update(dict.fromkeys(one["not_excluded"]))
    reported = cautious_call(finding)["taxon"]
    parts = [", ".join(name for name in others if name != reported)] if others else []
    shown = [
        _("{p} with a prior of {prior}").format(p=_short(one["none"]), prior=one["prior"])
        for one in priors
        if one["none"] is not None
    ]
    lacking = _("a species that the library lacks")
    if shown:
        lacking = _("a species that the library lacks (probability {shown})").format(
            shown="; ".join(shown)
        )
    parts = [one for one in (*parts, lacking) if one]
    return _("Not excluded: {what}.").format(what="; ".join(parts))


def _posterior(finding: dict, call: dict, asked: dict) -> Iterator[str]:
    result = finding["result"]
    prior = asked.get("in_library_prior", "?")
    if call["taxon"] == result["taxon"]:  # else a figure for what is not reported would stand out
        yield _stated(result, prior)
    if not finding["priors"]:
        return
    shown = "; ".join(
        _("prior {prior}: {call}").format(prior=one["prior"], call=_called(one))
        for one in finding["priors"]
    )
    yield _("Posterior under several priors that the library holds the species: {calls}.").format(
        calls=shown
    )
    differ = {(one["rank"], one["taxon"]) for one in finding["priors"]}
    differ.add((result["rank"], result["taxon"]))
    if len(differ) > 1:
        yield _("The calls differ; the most cautious is reported.")


def _stated(result: dict, prior: object) -> str:
    return _(
        "Posterior probability: {p} for {taxon} ({rank}), with a prior of {prior} that the library "
        "holds the species."
    ).format(
        p=_short(result["probability"]),
        taxon=result["taxon"] or _("no name"),
        rank=translated(_RANKS[result["rank"]]) if result["rank"] else "–",
        prior=prior,
    )


def _called(one: dict) -> str:
    if one["taxon"] is None:
        return _STATUS[one["status"]]()
    return _("{taxon} ({rank}, {p})").format(
        taxon=one["taxon"], rank=translated(_RANKS[one["rank"]]), p=_short(one["probability"])
    )


_STATUS = {
    "identified": lambda: _("no name"),
    "inconclusive": lambda: _("inconclusive"),
    "not_in_library": lambda: _("not in the library"),
    "unusable": lambda: _("not examined"),
}


def _short(value: object) -> str:
    """Return a probability with three decimals, never rounded to 0 or to 1."""
    number = float(value)
    if number >= 0.9995:
        return "> 0.999"
    return "< 0.001" if number < 0.0005 else f"{number:.3f}"


def _percent(value: float, decimals: int) -> str:
    # Blank before the sign, as ISO 80000-1 has it; no-break, so that no line ends there.
    return f"{100 * value:.{decimals}f}\u00a0%"
