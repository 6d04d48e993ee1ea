"""Likelihood ratios, probabilities and certainty: what a text states of them, and what the findings of a report have."""

import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from forensics.report.finding import Finding
from forensics.report.narrative import parts
from forensics.report.reported import is_of_taxa
from forensics.report.statement import Statement

__all__ = ["PHRASES", "Figures", "figures_of", "find_odds", "sentences_of"]

_POWERS = {
    "hundred": 2, "cent": 2, "cien": 2, "cem": 2, "thousand": 3, "mille": 3, "mil": 3, "million": 6, "millón": 6,
    "millon": 6, "millones": 6, "milhão": 6, "milhões": 6, "billion": 9, "milliard": 9, "trillion": 12, "billón": 12,
}  # fmt: skip
_WORD_OF_POWER = rf"(?:{'|'.join(_POWERS)})s?"
_NUMBER = (
    rf"(?:\d+(?:[ .,']\d+)*(?:\^-?\d+(?:[.,]\d+)?|e[+-]?\d+)?(?: ?[x×] ?10\^-?\d+)?(?: {_WORD_OF_POWER}\b)*"
    rf"|(?:an? |one |une? )?\b{_WORD_OF_POWER}\b(?: {_WORD_OF_POWER}\b)*)"
)
_LIKELY = (
    r"(?:likel|probab|provável|prováveis|vraisembl|veros[íi]mil|plausib|support|soutien|apoyo)"
)
_RATIO = re.compile(
    rf"({_NUMBER})[ -]?(?:de )?(?:times|fold|fois|veces|vezes)(?: \w+){{0,2}}? {_LIKELY}"
    rf"|(?:likelihood ratio|\bLR\b|bayes factor|\bodds\b|rapport de vraisemblance|(?:raz[óo]n|cociente|relación) de "
    rf"verosimilitud(?:es)?)[^\d;]{{0,30}}?({_NUMBER})"
    rf"|({_NUMBER}) (?:to|against|contre|contra|a) (?:1|one|un|uno)\b",
    re.IGNORECASE,
)
_ONE_IN = re.compile(
    rf"\b(?:one|1|une?|una)(?: (?:chances?|posibilidad|probabilidad|oportunidad))? (?:in|on|sur|entre|en) (?:una? )?({_NUMBER})",
    re.IGNORECASE,
)
_CHANCE = re.compile(
    rf"{_LIKELY}|chance|coïncid|coincid|hasard|azar|random|confiden|confiance|confianza|posibilidad",
    re.IGNORECASE,
)
_SURE = re.compile(
    r"\b(?:certain|certainty|sure|certitude|sûre?s?|certeza|segur[oa]s?|seguridad)\b", re.IGNORECASE
)
_SHARE = re.compile(
    rf"({_NUMBER}) ?(%|per ?cent|pour ?cent|por ?ciento|por ?cien)|\b(0[.,]\d+)", re.IGNORECASE
)
_ALL = re.compile(r"(?:100(?:[.,]0+)?|hundred|cent|cien|cem)$", re.IGNORECASE)
# Of a measure, and of no proposition.
_MEASURE = re.compile(
    r"identi|ethanol|alco+h?ol|éthanol|etanol|coverage|couverture|cobertura|\bbases?\b|% (?:of|des|de l[ao]s|dos|das)\b",
    re.IGNORECASE,
)
_CERTAIN = re.compile(
    r"(?<!\w)(?:(?:is|are|be|was) (?:\w+ly )?(?:certain|sure)|with (?:\w+ )?certainty|certainly|"
    r"(?:est|sont|c'est) (?:\w+ment )?(?:certaine?s?|sûre?s?)|avec (?:une )?certitude|certainement|"
    r"(?:es|son|está|están) (?:\w+mente )?(?:segur[oa]s?|ciert[oa]s?)|con (?:\w+ )?(?:certeza|seguridad)|ciertamente|"
    r"(?:é|são) (?:cert[oa]s?)|com certeza)(?!\w)",
    re.IGNORECASE,
)
_NEVER = re.compile(
    r"\b(?:not|cannot|no|never|nothing|ne|n'\w+|pas|jamais|rien|nunca|tampoco|nada|não)\b",
    re.IGNORECASE,
)
# "Strong support" and its like are words of a scale of likelihood ratios.
_VERBAL = re.compile(
    r"\b(?:(?:moderate|strong|powerful) support|soutien (?:\w+ment )?(?:modéré|fort)|apoyo (?:\w+mente )?(?:moderado|fuerte))\b",
    re.IGNORECASE,
)
# Hard phrases: no report is refused for one, since a denial or a quotation may have it, and each is named.
PHRASES = [re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE) for pattern in (
    r"proves?|proved|proven|prouve(?:nt)?|prouvée?s?|demuestran?|(?:está|queda|ha sido) (?:com)?(?:probad|demostrad)[oa]s?",
    r"(?:beyond|without) (?:an?y? |all |reasonable |the shadow of an? )*doubt|no doubt",
    r"(?:hors de|au[- ]delà de|sans) (?:tout |aucun |nul |l'ombre d'un |le moindre )?doute(?: raisonnable)?",
    r"(?:fuera de|más allá de|sin) (?:toda |ninguna |lugar a |la menor )?dudas?(?: razonable)?",
    r"(?:ir|in)refutabl\w+|irréfutabl\w+|in?disputabl\w+|indiscutabl\w+|incontestabl\w+|undeniabl\w+|incuestionabl\w+",
    r"infallibl\w+|infailli\w+|infalibl\w+|error[- ]free|never errs",
    r"to the exclusion of all others?|à l'exclusion de tout autre|con exclusión de (?:todo|cualquier)",
    r"conclusively|definiti?vely|definitely|définitivement|definitivamente|unequivocal(?:ly)?",
    r"(?:more|plus|más) (?:likely|probables?|vraisemblables?) (?:that|que?(?! si\b)|qu'(?!il est))",
    r"guaranteed|garantie?s?|garantizad[oa]s?",
)]  # fmt: skip


def find_odds(
    text: str, figures: Callable[[], "Figures"], *, names_taxon: Callable[[str], bool]
) -> Iterator[str]:
    """Yield the numbers of odds, and the words of certainty, in a sentence that no finding has.

    Parameters
    ----------
    text : str
    figures : callable
        Returns those of the findings; not called where the sentence has no number of odds.
    names_taxon : callable
        Whether a clause names a taxon: "99.9 % whale" is a probability, too.
    """
    # As each stands there, and the numbers that it may mean.
    ratios: list[tuple[Any, ...]] = [*_ratios_in(text)]
    shares: list[tuple[Any, ...]] = []
    clauses = re.split(r", |: | (?:and|et|y) ", text)
    for clause in clauses:
        denied, measure = _NEVER.search(clause), _MEASURE.search(clause)
        of_chance = _CHANCE.search(clause) or (not measure and names_taxon(clause))
        for match in _SHARE.finditer(clause):
            is_all = _ALL.match(match[1] or "") and not measure
            if (is_all or _SURE.search(clause)) and not denied:
                yield match[0]
            elif of_chance:
                shares.append((match[0], *_read(match[1] or match[3], 100 if match[1] else 1)))
        for match in _CERTAIN.finditer(clause):
            if not _NEVER.search(clause[: match.start()]):
                yield match[0]
        shares += [
            (match[0], *(_Number(1 / one.value, one.digits) for one in _read(match[1]) if one.value))
            for match in _ONE_IN.finditer(clause) if of_chance
        ]  # fmt: skip
    verbal = _VERBAL.search(text)
    if not (ratios or shares or verbal):
        return
    known = figures()
    if verbal and not known.ratios and not _NEVER.search(text[: verbal.start()]):
        yield verbal[0]
    for shown, *values in ratios:
        if not any(one.agrees(other) for one in values for other in known.ratios):
            yield shown
    for shown, *values in shares:
        others = [*known.shares, *(_Number(1 / one.value, one.digits) for one in known.ratios)]
        if not any(one.value < 1 and one.agrees(other) for one in values for other in others):
            yield shown


@dataclass(frozen=True, slots=True)
class _Number:
    """A number, and with how many digits it was written."""

    value: float
    digits: int

    def agrees(self, other: "_Number") -> bool:
        """Return whether one is the other one, rounded."""
        form = f".{max(1, min(self.digits, other.digits)) - 1}e"
        return format(self.value, form) == format(other.value, form)


@dataclass(frozen=True, slots=True)
class Figures:
    """The likelihood ratios that a report states of findings, and the probabilities, shares and bounds."""

    ratios: Sequence[_Number]
    shares: Sequence[_Number]


def figures_of(findings: Sequence[Finding], statement: Statement) -> Figures:
    """Return the figures that a report states of findings, as it prints them."""
    ratios, shares = [], []
    texts = [str(bound.level) for plan in statement.plans for bound in plan.bounds]
    for finding in findings:
        texts += [
            str(value)
            for name, value in finding.options.items()
            if ("prior" in name or "confidence" in name) and type(value) in (str, float)
        ]
        for part in parts(finding):
            cells = [cell for table in part.tables for row in table.rows for cell in row]
            if part.name == "strength":
                for paragraph in part.paragraphs:
                    for sentence in sentences_of(paragraph):
                        ratios += [
                            one for _shown, *values in _ratios_in(sentence) for one in values
                        ]
            # The identity of a sequence is no probability.
            if part.name != "found" or not is_of_taxa(finding):
                texts += [*part.paragraphs, *cells]
    for text in texts:
        for match in re.finditer(rf"({_NUMBER})( ?%)?", " ".join(sentences_of(text))):
            shares += _read(match[1], 100 if match[2] else 1)
    return Figures(ratios, [one for one in shares if 0 < one.value < 1])


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text as it is read: without signs that nobody sees, and with single blanks."""
    powers = re.sub("[\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+", lambda sign: "^" + sign[0], text)
    text = unicodedata.normalize("NFKC", powers.replace("\u2019", "'"))
    visible = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    return re.split(r"(?<=[.!?;])(?<!\b[A-Z]\.) ", re.sub(r"\s+", " ", visible).strip())


def _ratios_in(text: str) -> Iterator[tuple[Any, ...]]:
    """Yield each likelihood ratio that a sentence states: as it stands there, and what it may mean."""
    for match in _RATIO.finditer(text):
        yield (match[0], *_read(next(filter(None, match.groups()))))


def _read(text: str, divisor: int = 1) -> list[_Number]:
    """Return what a written number may mean: "1,000" is a thousand to some readers, and one to others."""
    power = sum(
        _POWERS.get(word, _POWERS.get(word.rstrip("s"), 0)) for word in text.lower().split()
    )
    number = re.match(
        r"(\d+(?:[ .,']\d+)*)(?:\^(-?\d+(?:[.,]\d+)?)|e([+-]?\d+))?(?: ?[x×] ?10\^(-?\d+))?",
        text,
        re.IGNORECASE,
    )
    if number is None:
        return [_Number(10.0**power / divisor, 1)]
    plain, raised, e, ten = number.groups()
    readings = {
        re.sub(r"[ .,']", "", plain) if re.fullmatch(r"\d{1,3}(?:[ .,']\d{3})+", plain) else ""
    }
    if not plain.startswith("0") or len(plain) > 1:
        head, _sign, tail = plain.replace(" ", "").replace(",", ".").rpartition(".")
        readings.add(f"{head.replace('.', '')}.{tail}" if head else tail)
    return [
        _Number(*_value_of(reading, raised, power + int(e or 0) + int(ten or 0), divisor))
        for reading in readings - {""}
    ]


def _value_of(plain: str, raised: str | None, power: int, divisor: int) -> tuple[float, int]:
    """Return a number, and how many of its digits count: of "1200" two, of "0.970" three."""
    digits = plain.replace(".", "").lstrip("0") if "." in plain else plain.strip("0")
    try:
        if raised is not None:
            return float(plain) ** float(raised.replace(",", ".")) * 10.0**power / divisor, 2
        return float(plain) * 10.0**power / divisor, len(digits)
    except OverflowError:
        return math.inf, 1
