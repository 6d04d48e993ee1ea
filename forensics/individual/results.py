"""The results of asking which individual a sample is of, and who is kin, with how they were reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from forensics.core.provenance import Provenance, make_provenance
from forensics.genetics.genotypes import Genotypes
from forensics.individual.frequencies import Frequencies, frequencies_of
from forensics.individual.kinship import PairRatios
from forensics.individual.matching import (
    LEAST_LOCI,
    LEAST_LOG10,
    Match,
    count_not_assessable,
    match_database,
)
from forensics.individual.pairs import RELATIONSHIPS, LaboratoryErrors
from forensics.individual.parentage import STATUSES, Claim
from forensics.individual.theta import Theta
from forensics.messages import _, ngettext
from forensics.result import Result, thousands
from forensics.verbal import verbal

__all__ = [
    "Comparison",
    "Individual",
    "claim_result",
    "individual_of",
    "individuals_of",
    "kinship_result",
    "kinship_rows",
    "provenance_of",
]


@dataclass(frozen=True)
class Individual(Result):
    """A questioned profile and what a database holds like it.

    Attributes
    ----------
    sample : str
    matches : tuple of Match
        Best first; those that are no match show how far the next one is.
    provenance : Provenance
        ``library`` names the reference from which the frequencies were counted.
    not_assessable : int
        Profiles of the database that have too few loci in common with this one.
    searched : int or None
        Profiles of the database, those with too few loci in common among them; None where nobody
        told.
    """

    sample: str
    matches: tuple[Match, ...]
    provenance: Provenance
    not_assessable: int = 0
    searched: int | None = None

    @property
    def found(self) -> tuple[Match, ...]:
        """What is stated as a match."""
        return tuple(match for match in self.matches if match.matches)

    @property
    def status(self) -> str:
        """One of `forensics.individual.matching.STATUSES`."""
        if self.found:
            return "match"
        assessable = any(match.assessable for match in self.matches)
        return "no_match" if assessable else "not_assessable"

    def headline(self) -> str:
        """Return the result in one sentence."""
        if self.status == "not_assessable":
            return _(
                "Not assessable: too few loci in common with the database (at most {loci}; {least} are "
                "needed)."
            ).format(loci=max((one.loci for one in self.matches), default=0), least=LEAST_LOCI)
        if not self.found:
            return _("No match in the database.")
        best = self.found[0]
        words = verbal(log10=best.log10_sibs)
        return _(
            "{other}: {words} for one individual rather than full sibs (log10 LR {sibs:.1f}, "
            "scale {scale}; against unrelated animals {unrelated:.1f})"
        ).format(
            other=best.other,
            words=words.text,
            sibs=best.log10_sibs,
            scale=words.scale,
            unrelated=best.log10_unrelated,
        )

    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of everything a person should read, in order."""
        lines = [(_("Result"), self.headline())]
        for match in self.found or self.matches[:1]:
            text = _(
                "{loci} loci, {unlike} unlike; random match probability {rmp:.2g}; "
                "log10 LR {sibs:.2f} against full sibs"
            ).format(loci=match.loci, unlike=match.mismatches, rmp=match.rmp, sibs=match.log10_sibs)
            if not match.assessable:
                text += "; " + _("not assessable: too few loci")
            lines.append((match.other, text))
        if self.not_assessable and self.status != "not_assessable":
            lines.append(
                (
                    _("Not compared"),
                    ngettext(
                        "{count} profile of the database has too few loci in common",
                        "{count} profiles of the database have too few loci in common",
                        self.not_assessable,
                    ).format(count=thousands(self.not_assessable)),
                )
            )
        return lines

    def to_dict(self) -> dict:
        """Return plain values; a likelihood ratio of 0 is null."""
        return {
            "sample": self.sample,
            "status": self.status,
            "result": self.headline(),
            "matches": [
                {
                    name: value if not isinstance(value, float) or np.isfinite(value) else None
                    for name, value in match.to_dict().items()
                }
                for match in self.matches
            ],
            "not_assessable": self.not_assessable,
            "searched": self.searched,
            "explanation": self.explanation(),
            "provenance": self.provenance.to_dict(),
        }


def individual_of(
    sample: str,
    matches: Sequence[Match],
    frequencies: Frequencies,
    *,
    questioned: Genotypes,
    database: Genotypes,
    reference: Genotypes,
    parameters: Mapping,
    not_assessable: int = 0,
) -> Individual:
    """Return the result of one questioned profile, with its provenance.

    Parameters
    ----------
    sample : str
    matches : sequence of Match
        From `forensics.individual.matching.match_database`.
    frequencies : Frequencies
    questioned, database, reference : Genotypes
        What was read; the reference gave the frequencies.
    parameters : mapping
        All that can change the result.
    not_assessable : int
        Of `forensics.individual.matching.count_not_assessable`.
    """
    return Individual(
        sample,
        tuple(matches),
        provenance_of(frequencies, reference, (questioned, database), parameters),
        not_assessable,
        len(database),
    )


def individuals_of(
    questioned: Genotypes,
    database: Genotypes,
    reference: Genotypes,
    *,
    theta: float | Theta,
    errors: LaboratoryErrors,
) -> list[Individual]:
    """Compare questioned profiles with a database and return the result of each.

    Parameters
    ----------
    questioned, database, reference : Genotypes
        The reference gives the frequencies.
    theta : float or Theta
        A number counts as stated; `forensics.individual.theta.choose_theta` finds it in the reference.
    errors
        As of `forensics.individual.matching.match_database`.
    """
    theta = theta if isinstance(theta, Theta) else Theta(float(theta), "stated")
    frequencies = frequencies_of(reference, also=[questioned, database])
    found = match_database(questioned, database, frequencies, theta=theta.value, errors=errors)
    poor = count_not_assessable(questioned, database, frequencies)
    parameters = {
        **theta.parameters(), "dropout": errors.dropout, "mistyping": errors.mistyping,
        "least_log10": LEAST_LOG10, "least_loci": LEAST_LOCI,
    }  # fmt: skip
    return [
        individual_of(
            name, matches, frequencies, questioned=questioned, database=database,
            reference=reference, parameters=parameters, not_assessable=int(few),
        )
        for name, matches, few in zip(questioned.animals, found, poor)
    ]  # fmt: skip


def provenance_of(
    frequencies: Frequencies,
    reference: Genotypes,
    read: Sequence[Genotypes],
    parameters: Mapping,
) -> Provenance:
    """Return how a result was reached.

    Parameters
    ----------
    frequencies : Frequencies
    reference : Genotypes
        Gave the frequencies; ``library`` names it.
    read : sequence of Genotypes
        What was compared.
    parameters : mapping
        All that can change the result.
    """
    return make_provenance(
        dependencies={"numpy": np.__version__},
        library={
            "name": frequencies.population or reference.source,
            "version": "",
            "sha256": reference.sha256,
            "demonstration": False,
        },
        parameters=dict(parameters),
        input={"files": [_file_of(one) for one in read], "reference": _file_of(reference)},
    )


def _file_of(read: Genotypes) -> dict[str, object]:
    """Return which file genotypes were read from, and how: who computes again must read alike."""
    how = {} if read.read_with is None else {"read_with": dict(read.read_with)}
    return {"file": read.source, "sha256": read.sha256, **how}


@dataclass(frozen=True)
class Comparison(Result):
    """What was found of several profiles: kin among them, or a breeder's claim.

    Attributes
    ----------
    sample : str
        What the result is recorded on in a ledger; "" where it is not.
    headline : str
        The result in one sentence.
    lines_ : tuple of (str, str)
        Label and text of what a person should read after it.
    details : dict
        Everything that was found, as plain values.
    provenance : Provenance
    """

    sample: str
    headline: str
    lines_: tuple[tuple[str, str], ...]
    details: Mapping
    provenance: Provenance

    def to_dict(self) -> dict:
        """Return plain values."""
        return {
            "sample": self.sample,
            "result": self.headline,
            **self.details,
            "explanation": self.explanation(),
            "provenance": self.provenance.to_dict(),
        }

    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of everything a person should read, in order."""
        return [(_("Result"), self.headline), *self.lines_]


def kinship_rows(samples: Genotypes, found: Mapping[str, PairRatios]) -> list[dict]:
    """Return a row a pair and relationship, the best first.

    Parameters
    ----------
    samples : Genotypes
    found : mapping of str to PairRatios
        From `forensics.individual.kinship.all_pairs`.

    Returns
    -------
    list of dict
        ``best`` names the relationship, of those that were asked for, which explains the pair best.
    """
    best: dict[tuple[int, int], tuple[float, str]] = {}
    for name, pairs in found.items():
        for a, b, log10 in zip(pairs.first.tolist(), pairs.second.tolist(), pairs.log10.tolist()):
            if (a, b) not in best or log10 > best[a, b][0]:
                best[a, b] = (log10, name)
    return [
        {
            "relationship": name,
            "first": samples.animals[pairs.first[row]],
            "second": samples.animals[pairs.second[row]],
            "loci": int(pairs.loci[row]),
            "log10_lr": round(float(pairs.log10[row]), 3),
            "best": best[int(pairs.first[row]), int(pairs.second[row])][1],
        }
        for name, pairs in found.items()
        for row in np.argsort(-pairs.log10, kind="stable")
    ]


def kinship_result(
    sample: str,
    rows: Sequence[Mapping],
    by_chance: Mapping[str, Mapping[str, float]],
    provenance: Provenance,
    *,
    profiles: int,
) -> Comparison:
    """Return all pairs that reached the limit as one result.

    Parameters
    ----------
    sample : str
        What it is recorded on.
    rows : sequence of mappings
        From `kinship_rows`.
    by_chance : mapping of str to mapping
        Of each relationship the pairs that would reach the limit by chance: ``expected``, ``low``,
        ``high``, of so many ``simulated``.
    provenance : Provenance
    profiles : int
        So many were compared, each with every other one.
    """
    counts = {name: sum(row["relationship"] == name for row in rows) for name in by_chance}
    pairs = profiles * (profiles - 1) // 2
    return Comparison(
        sample,
        _("{pairs} pairs of {profiles} profiles: {found}").format(
            pairs=pairs,
            profiles=profiles,
            found=_("; ").join(
                _("{name}: {found} ({expected:.3g} by chance)").format(
                    name=_(RELATIONSHIPS[name].name),
                    found=count,
                    expected=by_chance[name]["expected"],
                )
                for name, count in counts.items()
            ),
        ),
        (),
        {
            "profiles": profiles,
            "compared": pairs,
            "pairs": [dict(row) for row in rows],
            "by_chance": {name: dict(one) for name, one in by_chance.items()},
        },
        provenance,
    )


def claim_result(
    sample: str, claim: Claim, power: Mapping[str, float], provenance: Provenance
) -> Comparison:
    """Return what was found of a breeder's claim for one offspring as a result.

    Parameters
    ----------
    sample : str
        What it is recorded on.
    claim : Claim
    power : mapping of str to float
        From `forensics.individual.parentage.exclusion_power`.
    provenance : Provenance
    """
    text = _(STATUSES[claim.status])
    return Comparison(
        sample,
        text,
        (),
        {"claim": claim.to_dict(), "exclusion_power": dict(power)},
        provenance,
    )
