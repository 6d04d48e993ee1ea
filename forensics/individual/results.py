"""The results of asking which individual a sample is of, and who is kin, with how they were reached."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from forensics.core.notice import Notice
from forensics.core.provenance import Provenance, make_provenance
from forensics.core.result import Result
from forensics.core.stored import not_stored, reported, to_stored
from forensics.genetics.genotypes import Genotypes
from forensics.individual.frequencies import Theta, choose_theta, frequencies_of
from forensics.individual.kinship import RELATIONSHIPS, SIMULATED, Chance, all_pairs, by_chance
from forensics.individual.matching import MIN_LOCI, Match, count_not_assessable, match_database
from forensics.individual.options import (
    MIN_MATCH_LOG10,
    STATED_RELATIONSHIPS,
    KinshipOptions,
    ParentageOptions,
    RateOptions,
)
from forensics.individual.parentage import STATUSES, Claim, check_claim, exclusion_power
from forensics.messages import _, ngettext, thousands
from forensics.notices import individual as notices
from forensics.stats import descending
from forensics.verbal import verbal


@dataclass(frozen=True, kw_only=True)
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
    searched : int
        Profiles of the database, those with too few loci in common among them.
    """

    KEYS: ClassVar = (
        "sample", "status", "result", "matches", "not_assessable", "searched", "explanation",
        "warnings", "provenance",
    )  # fmt: skip
    NOTICE_KINDS: ClassVar = notices

    matches: tuple[Match, ...]
    not_assessable: int
    searched: int

    @property
    def found(self) -> tuple[Match, ...]:
        """What is stated as a match."""
        return tuple(match for match in self.matches if match.matches)

    @property
    @reported("status")
    def status(self) -> str:
        """One of `forensics.individual.matching.STATUSES`."""
        return _status_of(self.matches)

    def headline(self) -> str:
        """Return the result in one sentence."""
        if self.status == "not_assessable":
            return _too_few_loci(self.matches).message
        if not self.found:
            best = self.matches[0]
            if round(best.log10_sibs, 2) < 0:
                return _("No match in the database.")
            return _(
                "No match is stated, but {other} is not excluded (log10 LR {sibs:.2f} against full sibs; a match "
                "needs {least:g})."
            ).format(other=best.other, sibs=best.log10_sibs, least=MIN_MATCH_LOG10)
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

    def details(self) -> list[tuple[str, str]]:
        """Return label and text of what a person should read after the headline."""
        lines = []
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

    def lines(self) -> list[tuple[str, str]]:
        """Return label and text of everything a person should read: the headline says its notice."""
        return [(_("Result"), self.headline()), *self.details()]

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each profile of the database; ratios of 0 have a logarithm of -inf."""
        return [
            {
                **to_stored(match),
                "log10_unrelated": match.log10_unrelated,
                "log10_sibs": match.log10_sibs,
                "rmp": match.rmp,
                "unlike": " ".join(match.unlike),
            }
            for match in self.matches
        ]


def _status_of(matches: Sequence[Match]) -> str:
    if any(match.matches for match in matches):
        return "match"
    return "no_match" if any(match.assessable for match in matches) else "not_assessable"


def _too_few_loci(matches: Sequence[Match]) -> Notice:
    return notices.NOT_ASSESSABLE(
        loci=max((match.loci for match in matches), default=0), least=MIN_LOCI
    )


def individuals_of(
    questioned: Genotypes,
    database: Genotypes,
    reference: Genotypes,
    options: RateOptions,
    *,
    theta: Theta | None = None,
) -> list[Individual]:
    """Compare questioned profiles with a database and return the result of each.

    Parameters
    ----------
    reference : Genotypes
        Gives the frequencies.
    theta : Theta, optional
        By default `forensics.individual.frequencies.choose_theta` finds it in the reference.
    """
    theta = theta or choose_theta(reference, options.theta)
    frequencies = frequencies_of(reference, also=[questioned, database])
    matches_of = match_database(
        questioned, database, frequencies, theta=theta.value, errors=options.errors
    )
    poor = count_not_assessable(questioned, database, frequencies)
    provenance = provenance_of(
        reference, (questioned, database), theta, options, least_log10=MIN_MATCH_LOG10, least_loci=MIN_LOCI
    )  # fmt: skip
    return [
        Individual(
            sample=name,
            matches=tuple(matches),
            notices=(_too_few_loci(matches),) if _status_of(matches) == "not_assessable" else (),
            provenance=provenance,
            not_assessable=int(few),
            searched=len(database),
        )
        for name, matches, few in zip(questioned.animals, matches_of, poor)
    ]


def provenance_of(
    reference: Genotypes,
    read: Sequence[Genotypes],
    theta: Theta,
    options: RateOptions,
    **more: Any,
) -> Provenance:
    """Return how a result was reached.

    Parameters
    ----------
    reference : Genotypes
        Gave the frequencies; ``library`` names it.
    read : sequence of Genotypes
        What was compared.
    **more
        What can change the result besides the options.
    """
    return make_provenance(
        dependencies={"numpy": np.__version__},
        library={
            "name": reference.source,
            "version": "",
            "sha256": reference.sha256,
            "demonstration": False,
        },
        parameters={**theta.parameters(), **options.parameters(), **more},
        input={
            "files": [_file_of(genotypes) for genotypes in read],
            "reference": _file_of(reference),
        },
    )


def _file_of(read: Genotypes) -> dict[str, object]:
    """Return which file genotypes were read from, and how: who computes again must read alike."""
    how = {} if read.read_with is None else {"read_with": dict(read.read_with)}
    return {"file": read.source, "sha256": read.sha256, **how}


@dataclass(frozen=True, slots=True)
class KinPair:
    """Two profiles and a relationship that explains them.

    Attributes
    ----------
    relationship : str
        A key of `forensics.individual.kinship.RELATIONSHIPS`.
    loci : int
        Typed in both.
    log10_lr : float
        Against unrelated.
    best : str
        The relationship, of those that were compared, which explains the pair best.
    """

    relationship: str
    first: str
    second: str
    loci: int
    log10_lr: float
    best: str


@dataclass(frozen=True, kw_only=True)
class Kinship(Result):
    """Pairs of profiles that reached the limit of a relationship.

    Attributes
    ----------
    sample : str
        What the result is recorded on in a ledger; "" where it is not.
    profiles, compared : int
        Profiles, and pairs of them.
    by_chance : dict of str to Chance
        Of each relationship.
    provenance : Provenance
    """

    KEYS: ClassVar = (
        "sample", "result", "profiles", "compared", "pairs", "by_chance", "explanation",
        "provenance",
    )  # fmt: skip

    notices: tuple[Notice, ...] = field(default=(), metadata=not_stored())
    profiles: int
    compared: int
    pairs: tuple[KinPair, ...]
    by_chance: dict[str, Chance]

    def headline(self) -> str:
        """Return the result in one sentence."""
        counts = Counter(pair.relationship for pair in self.pairs)
        return _("{pairs} pairs of {profiles} profiles: {found}").format(
            pairs=self.compared,
            profiles=self.profiles,
            found=_("; ").join(
                _("{name}: {found} (by chance {low:.2g}-{high:.2g})").format(
                    name=_(RELATIONSHIPS[name].name),
                    found=counts[name],
                    low=chance.low,
                    high=chance.high,
                )
                for name, chance in self.by_chance.items()
            ),
        )

    def details(self) -> list[tuple[str, str]]:
        """Return nothing: the pairs are a table."""
        return []

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each pair and relationship."""
        return [to_stored(pair) for pair in self.pairs]


@dataclass(frozen=True, kw_only=True)
class Parentage(Result):
    """What was found of a breeder's claim for one offspring.

    Attributes
    ----------
    sample : str
        What the result is recorded on in a ledger; "" where it is not.
    exclusion_power : dict of str to float
        From `forensics.individual.parentage.exclusion_power`.
    provenance : Provenance
    """

    KEYS: ClassVar = (
        "sample", "result", "claim", "exclusion_power", "explanation", "provenance",
    )  # fmt: skip

    notices: tuple[Notice, ...] = field(default=(), metadata=not_stored())
    claim: Claim
    exclusion_power: dict[str, float]

    def headline(self) -> str:
        """Return the result in one sentence."""
        return _(STATUSES[self.claim.status])

    def details(self) -> list[tuple[str, str]]:
        """Return nothing: the pairs of parents are a table."""
        return []


def kinship_of(
    samples: Genotypes,
    reference: Genotypes,
    options: KinshipOptions,
    *,
    theta: Theta | None = None,
    relationships: Sequence[str] = STATED_RELATIONSHIPS,
    sample: str = "",
    simulated: int = SIMULATED,
) -> Kinship:
    """Compare every profile with every other one.

    Parameters
    ----------
    reference : Genotypes
        Gives the frequencies.
    theta : Theta, optional
        As of `individuals_of`.
    relationships : sequence of str
        Keys of `forensics.individual.kinship.RELATIONSHIPS`.
    sample : str
        What the result is recorded on.
    simulated : int
        Unrelated pairs from which those that reach the limit by chance are counted.
    """
    theta = theta or choose_theta(reference, options.theta)
    frequencies = frequencies_of(reference, also=[samples])
    rates: dict[str, Any] = {
        "theta": theta.value, "mutation": options.mutation, "errors": options.errors,
    }  # fmt: skip
    pairs_of = all_pairs(
        frequencies, frequencies.genotypes_of(samples), relationships=relationships,
        limit=options.limit, **rates,
    )  # fmt: skip
    best: dict[tuple[int, int], tuple[float, str]] = {}
    for name, pairs in pairs_of.items():
        for a, b, log10 in zip(pairs.first.tolist(), pairs.second.tolist(), pairs.log10.tolist()):
            if (a, b) not in best or log10 > best[a, b][0]:
                best[a, b] = (log10, name)
    return Kinship(
        sample=sample,
        profiles=len(samples),
        compared=len(samples) * (len(samples) - 1) // 2,
        pairs=tuple(
            KinPair(
                name,
                samples.animals[pairs.first[row]],
                samples.animals[pairs.second[row]],
                int(pairs.loci[row]),
                round(float(pairs.log10[row]), 3),
                best[int(pairs.first[row]), int(pairs.second[row])][1],
            )
            for name, pairs in pairs_of.items()
            for row in descending(pairs.log10, are_logs=True)
        ),
        by_chance=by_chance(
            frequencies, relationships, profiles=len(samples), limit=options.limit, seed=options.seed,
            simulated=simulated, **rates,
        ),
        provenance=provenance_of(
            reference, [samples], theta, options, relationships=list(relationships)
        ),
    )  # fmt: skip


def claims_of(
    offspring: Genotypes,
    dams: Genotypes | None,
    sires: Genotypes | None,
    reference: Genotypes,
    options: ParentageOptions,
    *,
    theta: Theta | None = None,
    sample: str = "",
) -> list[Parentage]:
    """Check a breeder's claim and return the result of each offspring.

    Parameters
    ----------
    dams, sires : Genotypes or None
        As of `forensics.individual.parentage.check_claim`.
    reference : Genotypes
        Of the population that other parents would come from; gives the frequencies.
    theta : Theta, optional
        As of `individuals_of`.
    sample : str
        What the result is recorded on.
    """
    theta = theta or choose_theta(reference, options.theta)
    read = [profiles for profiles in (offspring, dams, sires) if profiles is not None]
    frequencies = frequencies_of(reference, also=read)
    claims = check_claim(
        offspring, dams, sires, frequencies, theta=theta.value, errors=options.errors,
        mutation=options.mutation, seed=options.seed,
    )  # fmt: skip
    power = exclusion_power(frequencies)
    provenance = provenance_of(reference, read, theta, options)
    return [
        Parentage(sample=sample, claim=claim, exclusion_power=power, provenance=provenance)
        for claim in claims
    ]
