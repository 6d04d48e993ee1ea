"""Annotations of listings, evaluated: which specimens a listing covers.

An annotation is a text and, where it says which specimens are meant, a list of clauses. Each clause names
kinds, populations, sources and what only documents can show (``if``), and says what follows: the
specimen is covered as listed, it is deemed to be of a species in Appendix I, or it is not
subject to the Convention. The first clause that fits without a doubt decides; a clause that may fit stands
beside those that follow.




"""

import functools
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from forensics.core.grouping import gathered
from forensics.messages import N_, _
from forensics.taxonomy.listings.kinds import kinds, named_kinds
from forensics.taxonomy.listings.table import Populations, Taxon, above

AS_LISTED, DEEMED_I, NOT_SUBJECT = "listed", "deemed I", "none"
_ANNOTATIONS = Path(__file__).with_name("annotations.toml")
# So many kinds are named in a condition before it is cut to "and others".
_MAX_NAMES = 12
# What only documents can show, as ``if`` of the table has it, for translators.
_CONDITIONS = (
    N_("it bears the label of controlled harvesting of Botswana, Namibia or South Africa"),
    N_("it goes to a destination that the annotation allows"),
    N_("it goes to an appropriate and acceptable destination"),
    N_(
        "it goes to an appropriate and acceptable destination, as defined in Resolution Conf. 11.20"
    ),
    N_("it is a finished cosmetic packaged and ready for retail trade, since CoP18"),
    N_(
        "it is a finished product packaged and ready for retail trade, and no wood chips, "
        "beads, prayer beads or carvings"
    ),
    N_("it is a non-commercial export of at most 10 kg a shipment"),
    N_(
        "it is an individually marked and certified ekipa in finished jewellery, traded for "
        "non-commercial purposes"
    ),
    N_("it is an unfinished wood article for the fabrication of bows"),
    N_("it is derived from the kernel"),
    N_("it is exhausted agarwood powder"),
    N_("it is of no succulent species"),
    N_("it is of the domesticated form"),
    N_("it is one of the artificially propagated cultivars that the annotation names"),
    N_("it is or holds the kernel"),
    N_(
        "it is packaged and ready for retail trade; of Cistanche deserticola: artificially "
        "propagated"
    ),
    N_("it is re-exported"),
    N_("it is registered government-owned raw ivory of the conditional sale agreed at CoP12"),
    N_("it is registered raw ivory of the experimental quota to Japan of 1999"),
    N_("it is traded for an in situ conservation programme"),
    N_(
        "it is traded for in situ conservation within the natural and historical range of the "
        "species in Africa"
    ),
    N_("it is traded for non-commercial purposes"),
    N_(
        "it is whole tusks or pieces of a registered government-owned stock that originated "
        "in that State, sold under the conditions of the annotation"
    ),
    N_("it is, or holds, underground parts"),
    N_("of Opuntia: it is of the subgenus Opuntia"),
    N_("the annotation of the day allowed hides of that country"),
    N_("the annotation of the day allowed it of that country, for the purpose of the trade"),
    N_(
        "the fibre was sheared from live vicuñas, and it is marked 'VICUÑA' with the country "
        "of origin"
    ),
    N_("the wood of the listed species weighs at most 10 kg in the shipment"),
)


class Outcome(NamedTuple):
    """What follows of an annotation for a specimen.

    Attributes
    ----------
    follows : str
        `AS_LISTED`, `DEEMED_I` or `NOT_SUBJECT`.
    conditions : tuple of str
        What must be true for it; empty where nothing is left open.
    """

    follows: str
    conditions: tuple[str, ...] = ()


class _Clause(NamedTuple):
    follows: str
    kinds: frozenset[str]
    populations: Populations
    sources: frozenset[str]
    not_sources: frozenset[str]
    condition: str
    taxa: tuple[str, ...] = ()

    def fits(
        self, kind: str | None, source: str | None, place: str | None, taxon: Taxon
    ) -> bool | None:
        """Return whether it fits; None where what is not known decides."""
        fits: list[bool | None] = [self.populations.covers(place)]
        if self.taxa:
            fits.append(self._of(taxon))
        if self.kinds:
            fits.append(None if kind is None else kind in self.kinds)
        if self.sources:
            fits.append(None if source is None else source in self.sources)
        if self.not_sources:
            fits.append(None if source is None else source not in self.not_sources)
        if self.condition:
            fits.append(None)
        return False if False in fits else None if None in fits else True

    def _of(self, taxon: Taxon) -> bool | None:
        if any(name in taxon.levels for name in self.taxa):
            return True
        return None if any(taxon.name in above(name) for name in self.taxa) else False

    def conditions(
        self, kind: str | None, source: str | None, place: str | None, taxon: Taxon
    ) -> tuple[str, ...]:
        """Return what must be true for it, of what is not known."""
        texts = []
        if self.taxa and self._of(taxon) is None:
            texts.append(_("it is of {taxon}").format(taxon=_(" or ").join(self.taxa)))
        if self.kinds and kind is None:
            texts.append(_kind_condition(self.kinds))
        if self.populations.covers(place) is None:
            texts.append(
                _("it is of {populations}").format(populations=self.populations.in_words())
            )
        if self.sources and source is None:
            texts.append(_("its source code is one of {codes}").format(codes=_codes(self.sources)))
        if self.not_sources and source is None:
            texts.append(
                _("its source code is none of {codes}").format(codes=_codes(self.not_sources))
            )
        if self.condition:
            texts.append(_(self.condition))
        return tuple(texts)


class Annotation(NamedTuple):
    """An annotation.

    Attributes
    ----------
    key : str
        As the table of listings names it; that of the Appendices where they have one (``#4``).
    text : str
        What it says, in English.
    source : str
        Where it was adopted.
    otherwise : str
        What follows where no clause fits; empty for a text that excludes nothing.
    """

    key: str
    text: str
    source: str
    otherwise: str = ""
    clauses: tuple[_Clause, ...] = ()

    @property
    def evaluated(self) -> bool:
        """Whether it says which specimens are meant."""
        return bool(self.otherwise)

    def outcomes(
        self, codes: tuple[str, ...], source: str | None, place: str | None, taxon: Taxon
    ) -> list[Outcome]:
        """Return what may follow for a specimen, the first clause first.

        Parameters
        ----------
        codes : tuple of str
            Kinds that the specimen may be; empty where none was given.
        source : str or None
            Source code of CITES.
        place : str or None
            Code of the country of its population.
        taxon : Taxon
            Some clauses are of single taxa.
        """
        if not self.evaluated:
            return [Outcome(AS_LISTED)]
        if len(codes) < 2:
            only = codes[0] if codes else None
            return _merged(dict.fromkeys(self._of_kind(only, source, place, taxon)))
        # Kinds of which the same follows stand in one answer.
        kinds_of = gathered(
            (outcome, kind)
            for kind in codes
            for outcome in self._of_kind(kind, source, place, taxon)
        )
        return _merged(
            Outcome(outcome.follows, (_kind_condition(named), *outcome.conditions))
            for outcome, named in kinds_of.items()
        )

    def _of_kind(
        self, kind: str | None, source: str | None, place: str | None, taxon: Taxon
    ) -> Iterator[Outcome]:
        open_ = False
        for clause in self.clauses:
            fits = clause.fits(kind, source, place, taxon)
            if fits is False:
                continue
            yield Outcome(clause.follows, clause.conditions(kind, source, place, taxon))
            if fits:
                return
            open_ = True
        yield Outcome(
            self.otherwise, (_("no exception that the annotation names applies"),) if open_ else ()
        )


def together(annotations: Iterable[Annotation]) -> Annotation | None:
    """Return evaluated annotations of one listing as one, or None where none is.

    Raises
    ------
    ValueError
        If they do not agree on what follows where no clause fits.
    """
    evaluated = [annotation for annotation in annotations if annotation.evaluated]
    if not evaluated:
        return None
    if len({annotation.otherwise for annotation in evaluated}) > 1:
        raise ValueError(f"{[annotation.key for annotation in evaluated]} end in different ways")
    return evaluated[0]._replace(
        clauses=tuple(clause for annotation in evaluated for clause in annotation.clauses),
    )


def _kind_condition(codes: Iterable[str]) -> str:
    """Return the condition that the specimen is of one of these kinds."""
    names = sorted(kinds()[code].name for code in codes)
    shown = ", ".join(names[:_MAX_NAMES]) + (", …" if len(names) > _MAX_NAMES else "")
    return _("the specimen is: {kinds}").format(kinds=shown)


def _merged(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Where all that may follow is one and the same, no condition matters."""
    outcomes = list(outcomes)
    if len({outcome.follows for outcome in outcomes}) == 1:
        return [Outcome(outcomes[0].follows)]
    return outcomes


def _codes(codes: Iterable[str]) -> str:
    return ", ".join(sorted(codes))


@functools.cache
def annotations() -> dict[str, Annotation]:
    """Return the annotations of the packaged table by key."""
    table = tomllib.loads(_ANNOTATIONS.read_text(encoding="utf-8"))
    return {
        key: Annotation(
            key=key,
            text=" ".join(entry["text"].split()),
            source=entry["source"],
            otherwise=entry.get("otherwise", ""),
            clauses=tuple(_clause(clause) for clause in entry.get("clause", ())),
        )
        for key, entry in table.items()
    }


def _clause(entry: dict[str, str]) -> _Clause:
    unknown = entry.keys() - {
        "kinds",
        "populations",
        "sources",
        "not_sources",
        "if",
        "then",
        "taxa",
    }
    if unknown or entry["then"] not in (AS_LISTED, DEEMED_I, NOT_SUBJECT):
        raise ValueError(f"a clause has no such entries: {entry}")
    return _Clause(
        follows=entry["then"],
        kinds=named_kinds(entry.get("kinds", "")),
        populations=Populations.from_text(entry.get("populations", "")),
        sources=frozenset(entry.get("sources", "").split()),
        not_sources=frozenset(entry.get("not_sources", "").split()),
        condition=" ".join(entry.get("if", "").split()),
        taxa=tuple(name.strip() for name in entry.get("taxa", "").split(",") if name.strip()),
    )
