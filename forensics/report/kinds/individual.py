"""The words of a comparison of profiles: a database, kin, a breeder's claim, seizures joined."""

import math
from collections.abc import Callable, Iterator

from forensics.individual.false_links import KINDS
from forensics.individual.pairs import RELATIONSHIPS
from forensics.messages import N_, _, numeral
from forensics.report.blocks import Table
from forensics.report.kinds.form import (
    MOST_ROWS,
    Part,
    backing,
    fit_text,
    noted,
    part,
    propositions,
    strength,
)
from forensics.report.numbers import (
    decimal,
    expected,
    number,
    power_of_ten,
    significant,
    whole,
    words_of,
)

__all__ = ["headline", "parts"]

_CLAIMS = {
    "accepted": N_("The declared parents explain the genotypes best: the claim is supported."),
    "not_excluded": N_("The genotypes do not settle the claim."),
    "excluded": N_("It was bred from none of the declared parents that were tested: excluded."),
    "not_assessable": N_("Too few loci: nothing can be said."),
}


def parts(finding: dict) -> Iterator[Part]:
    """Yield what is said of a comparison."""
    result = finding["result"]
    words = _FORMS[_form(result)]
    yield from part("question", [words["question"](finding)])
    yield from part("propositions", words["propositions"](result))
    yield from part("method", [_method(finding)])
    yield from part("found", words["found"](result), *words["tables"](result))
    yield from part("strength", words["strength"](result))
    yield from part("assumed", _assumed(finding))
    yield from part("open", words["open"](result))
    yield from part("backing", [*backing(finding, _("Allele frequencies of"))])
    yield from noted(finding)


def headline(finding: dict) -> str:
    """Return the result in a line."""
    result = finding["result"]
    return _FORMS[_form(result)]["headline"](result)


def _form(result: dict) -> str:
    for name in ("matches", "claim", "links"):
        if name in result:
            return name
    return "pairs"


def _method(finding: dict) -> str:
    asked = finding["parameters"] or {}
    text = _(
        "Genotypes were compared locus by locus. Rates of the laboratory: dropout {dropout}, mistyping "
        "{mistyping}. FST (theta): {theta}."
    ).format(
        dropout=numeral(asked.get("dropout", "?")), mistyping=numeral(asked.get("mistyping", "?")),
        theta=numeral(asked.get("theta", "?")),
    )  # fmt: skip
    if asked.get("theta_source") == "reference":
        text += " " + _("It was estimated from the populations of the reference.")
    if "mutation" in asked:
        text += " " + _("Mutation rate of an allele a generation: {rate}.").format(
            rate=numeral(asked["mutation"])
        )
    return text


def _assumed(finding: dict) -> Iterator[str]:
    yield _(
        "That the allele frequencies of the reference hold for the animals compared; that the loci are "
        "inherited independently; and that the stated rates are those of such samples."
    )
    yield _(
        "That no samples were mixed up: no ratio has mistakes in handling in it, and those happen more "
        "often than the rare agreement that a large ratio speaks of."
    )


# -- a profile against a database -------------------------------------------------------


def _same(words: str) -> str:
    return RELATIONSHIPS[words].name


def _matched(result: dict) -> list[dict]:
    return [one for one in result["matches"] if one["matches"]]


def _match_headline(result: dict) -> str:
    if result["status"] == "not_assessable":
        return _("Not assessable: too few loci in common with the profiles compared.")
    found = _matched(result)
    if not found:
        return _("No match among the profiles compared.")
    words, _sentence = words_of(float(found[0]["log10_sibs"]))
    return _("{sample} and {other}: {words} for one individual rather than full sibs").format(
        sample=result["sample"], other=found[0]["other"], words=words.text
    )


def _match_found(result: dict) -> Iterator[str]:
    yield _match_headline(result) + ("" if result["status"] != "match" else ".")
    if many := int(result["not_assessable"]):
        yield _("Profiles with too few loci in common, not compared: {n}.").format(n=whole(many))


def _match_tables(result: dict) -> Iterator[Table]:
    yield Table(
        (_("Profile compared"), _("Loci typed in both"), _("Unlike"), _("log10 LR, against full sibs"),
         _("log10 LR, against unrelated"), _("Random match probability")),
        tuple(
            (
                one["other"], whole(one["loci"]), whole(one["mismatches"]),
                decimal(one["log10_sibs"], 1), decimal(one["log10_unrelated"], 1),
                # Beside a profile that does not match it would be read as the chance of a match.
                power_of_ten(one["rmp"]) if one["matches"] else "–",
            )
            for one in result["matches"][:MOST_ROWS]
        ),
        (0.24, 0.14, 0.11, 0.17, 0.17, 0.17),
    )  # fmt: skip


def _match_strength(result: dict) -> Iterator[str]:
    shown = _matched(result) or result["matches"][:1]
    for one in shown:
        if one["log10_sibs"] is None:
            yield _(
                "{other}: the genotypes cannot be of one individual at the stated rates."
            ).format(other=one["other"])
        elif one["matches"] is not None:
            yield from strength(
                float(one["log10_sibs"]),
                _("they are of one individual"),
                _("they are of two full sibs"),
                of=_("{first} and {second}").format(first=one["sample"], second=one["other"]),
            )
    if shown:
        yield _(
            "Full sibs are the nearest that two animals can be, so this is the more cautious ratio; that "
            "against unrelated animals is in the table."
        )
    many = result.get("searched")  # findings of older versions do not have it
    if many is None:
        yield _("How many profiles were searched: not recorded.")
    else:
        yield _(
            "Profiles searched: {n}. The ratio is of two profiles; the more are searched, the more often "
            "one agrees by chance, and that is not in it."
        ).format(n=whole(many))


# -- kin --------------------------------------------------------------------------------


def _kin_found(result: dict) -> Iterator[str]:
    yield _("{profiles} profiles were compared, each with every other: {pairs} pairs.").format(
        profiles=whole(result["profiles"]), pairs=whole(result["compared"])
    )
    if len(result["pairs"]) > MOST_ROWS:
        yield _("The table has the first {n} of {all}; all are in the finding.").format(
            n=MOST_ROWS, all=len(result["pairs"])
        )


def _kin_tables(result: dict) -> Iterator[Table]:
    counts = {name: 0 for name in result["by_chance"]}
    for one in result["pairs"]:
        counts[one["relationship"]] = counts.get(one["relationship"], 0) + 1
    yield Table(
        (_("Relationship"), _("Pairs found"), _("Expected by chance"), _("95 % interval")),
        tuple(
            (
                _relation(name), whole(counts[name]), expected(one["expected"]),
                f"{expected(one['low'])} – {expected(one['high'])}",
            )
            for name, one in result["by_chance"].items()
        ),
        (0.4, 0.18, 0.2, 0.22),
    )  # fmt: skip
    yield Table(
        (_("First"), _("Second"), _("Relationship"), _("Loci"), _("log10 LR, against unrelated"),
         _("Explained best by")),
        tuple(
            (one["first"], one["second"], _relation(one["relationship"]), whole(one["loci"]),
             decimal(one["log10_lr"], 1), _relation(one["best"]))
            for one in result["pairs"][:MOST_ROWS]
        ),
        (0.16, 0.16, 0.22, 0.08, 0.16, 0.22),
    )  # fmt: skip


def _kin_strength(result: dict) -> Iterator[str]:
    if not result["pairs"]:
        yield _("No pair reached the limit.")
        return
    best = max(result["pairs"], key=lambda one: float(one["log10_lr"]))
    yield from strength(
        float(best["log10_lr"]),
        _("they are “{relationship}”").format(relationship=_relation(best["relationship"])),
        _("they are unrelated"),
        of=_("The pair with the greatest ratio, {first} and {second}").format(**best),
    )
    yield _(
        "Many pairs were compared: the table has how many unrelated ones would reach the limit by chance."
    )


def _relation(name: str) -> str:
    text = RELATIONSHIPS[name].name
    return _(text)


# -- a breeder's claim ------------------------------------------------------------------


def _claim_text(result: dict) -> str:
    text = _CLAIMS[result["claim"]["status"]]
    return _(text)


def _claim_propositions(result: dict) -> tuple[str, str]:
    pairs = result["claim"]["pairs"]
    names = _and(pairs[0]) if pairs else _("the declared animals")
    return propositions(
        _("{offspring} is an offspring of {parents}.").format(
            offspring=result["claim"]["offspring"], parents=names
        ),
        _(
            "One of them, or neither, is a parent; who else is, is of the population of the reference."
        ),
    )


def _and(pair: dict) -> str:
    return _(" and ").join(name for name in (pair["dam"], pair["sire"]) if name)


def _claim_found(result: dict) -> Iterator[str]:
    yield _claim_text(result)
    yield _("Pairs of declared parents that were tried: {n}.").format(
        n=whole(result["claim"]["tried"])
    )


def _claim_tables(result: dict) -> Iterator[Table]:
    def least(values: dict) -> str:
        if None in values.values():
            return _("impossible")
        return decimal(min(map(float, values.values())), 1) if values else "–"

    yield Table(
        (_("Declared parents"), _("Loci"), _("Mismatches"), _("Expected of true parents"),
         _("log10 LR, least"), _("log10 LR, against a full sib of one")),
        tuple(
            (
                _and(one), whole(one["loci"]), whole(one["mismatches"]), decimal(one["expected"], 1),
                least(one["log10"]), least(one["log10_sib"]),
            )
            for one in result["claim"]["pairs"][:MOST_ROWS]
        ),
        (0.28, 0.1, 0.14, 0.16, 0.14, 0.18),
    )  # fmt: skip


def _claim_strength(result: dict) -> Iterator[str]:
    claim = result["claim"]
    if claim["log10"] is None:
        yield _("No likelihood ratio is stated.")
        return
    best, tried = claim["pairs"][0], int(claim["tried"])
    parents = _("{parents} are the parents").format(parents=_and(best))
    yield from strength(
        float(claim["log10"]), parents, _("the likeliest of the other explanations is true")
    )
    # Who launders a wild animal has its kin at hand: the most cautious ratio is against a full sib.
    sibs = [float(value) for value in best["log10_sib"].values() if value is not None]
    if sibs:
        yield from strength(
            min(sibs) - math.log10(tried), parents,
            _("a full sib of one of them is a parent in its place"),
        )  # fmt: skip
        yield _("Where kin of the declared parents come into question, the second ratio counts.")
    if tried > 1:
        yield _("The ratio was divided by the {n} pairs that were tried.").format(
            n=whole(claim["tried"])
        )


def _claim_open(result: dict) -> Iterator[str]:
    yield _(
        "A full sib of a declared parent: it passes far more often than an unrelated animal. The last "
        "column of the table has the ratio against it."
    )
    power = result["exclusion_power"]
    yield _(
        "Unrelated animals that one mismatch would not exclude: {one} without and {second} with the other "
        "parent known; of pairs {pair}."
    ).format(
        **{
            name: significant(100 * (1 - number(power[name])), 2) + "\u00a0%"
            for name in ("one", "second", "pair")
        }
    )


# -- seizures ---------------------------------------------------------------------------


def _is_network(result: dict) -> bool:
    """Return whether links are stated; findings of older versions have no check of fit."""
    return "fit" not in result or bool(result["fit"]["passed"])


def _links_headline(result: dict) -> str:
    if not _is_network(result):
        return _("No network: the allele frequencies do not describe these animals")
    joined = sum(bool(one["beyond_chance"]) for one in result["links"])
    return _("Pairs of seizures joined by more than chance explains: {n} of {all}").format(
        n=joined, all=result["chance"]["seizure_pairs"]
    )


def _links_found(result: dict) -> Iterator[str]:
    yield _links_headline(result) + "."
    yield fit_text(result)
    if not _is_network(result):
        return
    yield _("Individuals: {individuals}, in {samples} samples of {seizures} seizures.").format(
        individuals=whole(len(result["individuals"])),
        samples=whole(sum(int(one["samples"]) for one in result["seizures"])),
        seizures=whole(len(result["seizures"])),
    )


def _links_tables(result: dict) -> Iterator[Table]:
    rows = []
    for link in result["links"]:
        for kind, one in link["evidence"].items():
            if int(one["pairs"]):
                rows.append(
                    (
                        _("{first} and {second}").format(**link), _kind(kind), whole(one["pairs"]),
                        expected(one["expected"]), decimal(one["best_log10"], 1),
                        significant(link["p_corrected"], 2),
                    )
                )  # fmt: skip
    yield Table(
        (_("Seizures"), _("Joined by"), _("Pairs"), _("Expected by chance"), _("log10 LR, greatest"),
         _("So much by chance, corrected")),
        tuple(rows[:MOST_ROWS]), (0.26, 0.2, 0.1, 0.14, 0.14, 0.16),
    )  # fmt: skip


def _kind(name: str) -> str:
    text = KINDS[name]
    return _(text)


def _links_strength(result: dict) -> Iterator[str]:
    if not _is_network(result):
        yield _("Nothing is stated of links.")
        return
    yield _(
        "No likelihood ratio of the link is stated: given is how often so much would join two seizures by "
        "chance if all animals were unrelated, corrected for all that were compared."
    )


_FORMS: dict[str, dict[str, Callable]] = {
    "matches": {
        "question": lambda finding: _(
            "Is the profile of sample {sample} of an individual whose profile is in the database?"
        ).format(sample=finding["sample"]),
        "propositions": lambda result: propositions(
            _("Both profiles are of one individual."),
            _("They are of two individuals, which may be as near as full sibs."),
        ),
        "found": _match_found,
        "tables": _match_tables,
        "strength": _match_strength,
        "open": lambda result: [
            _("Identical twins and clones, which no genotype tells apart."),
            _("Animals nearer than full sibs by inbreeding beyond the stated FST."),
        ],
        "headline": _match_headline,
    },
    "pairs": {
        "question": lambda finding: _("Which of the animals compared are kin?"),
        "propositions": lambda result: propositions(
            _("Two animals are related as the table says."), _("They are unrelated.")
        ),
        "found": _kin_found,
        "tables": _kin_tables,
        "strength": _kin_strength,
        "open": lambda result: [
            _(
                "Other relationships than those that were asked for, which may explain a pair as well."
            )
        ],
        "headline": lambda result: _("Pairs that reach the limit: {n} of {all}").format(
            n=whole(len({(one["first"], one["second"]) for one in result["pairs"]})),
            all=whole(result["compared"]),
        ),
    },
    "claim": {
        "question": lambda finding: _(
            "Was the animal of sample {sample} bred from the declared parents?"
        ).format(sample=finding["sample"]),
        "propositions": _claim_propositions,
        "found": _claim_found,
        "tables": _claim_tables,
        "strength": _claim_strength,
        "open": _claim_open,
        "headline": _claim_text,
    },
    "links": {
        "question": lambda finding: _("Are the seizures joined by parts of one animal, or by kin?"),
        "propositions": lambda result: propositions(
            _("Two seizures hold parts of one animal, or of kin."),
            _("All their animals are unrelated, and what looks like a link is chance."),
        ),
        "found": _links_found,
        "tables": _links_tables,
        "strength": _links_strength,
        "open": lambda result: [
            _("Kin of one population that got into both seizures independently.")
        ],
        "headline": _links_headline,
    },
}
