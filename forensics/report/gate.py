"""The gate: texts that people typed must not say more than the findings of the report.

Every text of a statement is looked at, with three questions:

- Which taxa does it name? One that is reported, or contains one that is, by lineage. Not a narrower one, and not
  another one.
- Does it say that a person of the case did something, or is guilty?
- Does it give a number of odds, or a certainty, that no finding on which it rests has?

What a field means decides how it is read (`_FIELDS`): what a customer declared may name any taxon, since the report
shows it as declared. A text that says too much in other words gets past; reviewers read the report all the same.

Likelihood ratios, probabilities and certainty: what a text states of them, and what the findings of a report have.
"""

import functools
import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from forensics.messages import _
from forensics.report.layout import Template
from forensics.report.narrative import parts
from forensics.report.problems import Problem
from forensics.report.reported import candidates_of, is_of_taxa, relate_to_reported, reported_groups
from forensics.report.statement import Finding, Statement
from forensics.taxonomy.mentions import Relation, find_mentions, words
from forensics.verbal import verbal

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
    r"(?:é|são) (?:cert[oa]s?)|com certeza|"
    r"(?:beyond|without) (?:an?y? |all |reasonable |the shadow of an? )*doubt|"
    r"(?:hors de|au[- ]delà de) (?:tout )?doute(?: raisonnable)?|sans (?:aucun|nul|l'ombre d'un|le moindre) doute|"
    r"(?:fuera de|más allá de) (?:toda )?dudas?|sin (?:ninguna |lugar a |la menor )dudas?|sin duda alguna)(?!\w)",
    re.IGNORECASE,
)
_NEVER = re.compile(
    r"\b(?:not|cannot|no|never|nothing|ne|n'\w+|pas|jamais|rien|nunca|tampoco|nada|não)\b",
    re.IGNORECASE,
)
# "Strong support" and its like are words of a scale of likelihood ratios: by adverb and adjective, the step.
_VERBAL = re.compile(
    r"\b(?:(\w+) )?(moderate|strong|powerful) support\b|\bsoutien (?:(\w+) )?(modéré|fort)\b"
    r"|\bapoyo (?:(\w+) )?(moderado|fuerte)\b",
    re.IGNORECASE,
)
_STEPS = {
    "moderate": 2, "modéré": 2, "moderado": 2, "moderately": 3, "modérément": 3, "moderadamente": 3, "strong": 4,
    "fort": 4, "fuerte": 4, "very": 5, "très": 5, "muy": 5, "extremely": 6, "extrêmement": 6, "extremadamente": 6,
    "powerful": 6,
}  # fmt: skip


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
    support = _VERBAL.search(text)
    if not (ratios or shares or support):
        return
    known = figures()
    if support and not _NEVER.search(text[: support.start()]):
        if _step_of(support) > max((one.step for one in known.ratios), default=0):
            yield support[0]
    for shown, *values in ratios:
        if not any(one.agrees(other) for one in values for other in known.ratios):
            yield shown
    for shown, *values in shares:
        others = [*known.shares, *(_Number(1 / one.value, one.digits) for one in known.ratios)]
        if not any(one.value < 1 and one.agrees(other) for one in values for other in others):
            yield shown


def _step_of(said: re.Match[str]) -> int:
    """Return the step of the scale that words of support name."""
    *adverb, adjective = (word.lower() for word in said.groups() if word)
    return next((_STEPS[word] for word in adverb if word in _STEPS), _STEPS[adjective])


@dataclass(frozen=True, slots=True)
class _Number:
    """A number, and with how many digits it was written."""

    value: float
    digits: int

    @property
    def step(self) -> int:
        """The step of the verbal scale, as a likelihood ratio."""
        return verbal(self.value).step

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


class _Meant(Enum):
    """What a field is for."""

    STATEMENT = auto()
    """Something that the laboratory says: all three questions."""
    NAME = auto()
    """Of an organisation, a person or a place: "Elephant Lane" names no taxon."""
    DECLARED = auto()
    """What somebody else said of the case: any taxon, and who is said to have done what, but no guilt."""
    SEEN = auto()
    """How a thing looked, or what was planned: any taxon."""
    ASKED = auto()
    """A question, which may name what it asks of."""
    OWN = auto()
    """What an examiner or a reviewer found: its taxa are compared with the result, or are the result."""
    COMPUTED = auto()
    """What a program writes: it names no persons."""
    NOT_TYPED = auto()


# The first pattern that a place fits counts; a field that none fits is a statement.
_FIELDS = (
    ("findings.*.result.query", _Meant.STATEMENT),
    ("findings.*.result.limits*", _Meant.COMPUTED),
    ("findings.*.result.warnings*", _Meant.COMPUTED),
    ("findings.*.result.*", _Meant.NOT_TYPED),
    ("findings.*.text", _Meant.OWN),
    ("findings.*.explanation", _Meant.COMPUTED),
    ("*.reviews.*.interpretation", _Meant.OWN),
    ("findings.*.accepted.*", _Meant.SEEN),
    *((f"findings.*.{name}*", _Meant.NOT_TYPED) for name in (
        "library", "parameters", "inputs", "software", "dependencies", "plugins", "errors", "priors",
        "differs", "figures", "noted", "again", "listings", "examined",
    )),
    *((f"{name}*", _Meant.NOT_TYPED) for name in (
        "software", "ledger", "template.sha256", "official_list", "draft", "shown_in", "details_sha256",
    )),
    *((f"{name}.*.question", _Meant.ASKED) for name in ("findings.*.asked", "unanswered")),
    *((f"*.{name}", _Meant.SEEN) for name in ("named", "against")),
    *((f"*{name}", _Meant.DECLARED) for name in ("information_given", ".description", ".old*", ".new*")),
    *((f"exhibits.*.{name}", _Meant.DECLARED) for name in ("kind", "population")),
    *((f"*.{name}", _Meant.SEEN) for name in ("condition", "grouping", "controls*")),
    *((f"{name}.*", _Meant.NAME) for name in ("laboratory", "customer", "authorisation", "people", "case")),
    *((f"*.{name}", _Meant.NAME) for name in (
        "author", "author_name", "analyst", "analyst_name", "reviewer", "reviewer_name", "by", "to",
        "chosen_by", "received_by", "received_from", "seizing_agency", "seizure_place", "location",
        "provider", "instrument", "protocol", "letterhead*",
    )),
)  # fmt: skip


def find_overreach(statement: Statement, template: Template | None = None) -> Iterator[Problem]:
    """Yield everything in the texts of a report that goes beyond its findings, each once.

    Parameters
    ----------
    statement : Statement
    template : Template, optional
        Whose oath, footer and letterhead are looked at, too.

    Yields
    ------
    Problem
        Of code ``TAXON``, ``PERSON`` or ``ODDS``.
    """
    texts = [*_texts_of(statement.to_dict())]
    if template:
        own = {
            "letterhead": template.letterhead,
            "footer": template.footer,
            "declaration": template.declaration,
        }
        texts += _texts_of(own, "template")
    scopes: dict[tuple[int, ...], _Scope] = {}

    def scope_of(place: str) -> _Scope:
        findings = _findings_of(statement, place)
        events = tuple(finding.event for finding in findings)
        if events not in scopes:
            scopes[events] = _Scope(statement, findings)
        return scopes[events]

    seen = set()
    for place, text in texts:
        scope, meant = scope_of(place), _meaning_of(place)
        if meant is _Meant.NOT_TYPED or (text, meant, id(scope)) in seen:
            continue
        seen.add((text, meant, id(scope)))
        for code, found in dict.fromkeys(_find(text, meant, scope)):
            yield Problem(code, place, found)
    for number, opinion in enumerate(statement.opinions):
        place = f"opinions.{number}.kind"
        if opinion.kind in scope_of(place).kinds_without_figure:
            yield Problem("ODDS", place, opinion.kind)


@dataclass(frozen=True)
class _Scope:
    """The findings on which a text rests, and what they support."""

    statement: Statement
    findings: Sequence[Finding]

    @cached_property
    def groups(self) -> list[tuple[str, ...]] | None:
        """The taxa that are reported; None where no finding says of which taxon something is."""
        return reported_groups(self.statement, self.findings)

    @cached_property
    def candidates(self) -> tuple[str, ...]:
        """Further names that the findings mention."""
        return tuple(candidates_of(self.findings))

    @cached_property
    def persons(self) -> list[tuple[str, list[str]]]:
        """Each person of the case, and the words by which a text names the person."""
        return [(name, _looks_of(name)) for name in dict.fromkeys(_names(self.statement))]

    @cached_property
    def figures(self) -> Figures:
        """The likelihood ratios that the report states of them, and the probabilities and bounds."""
        return figures_of(self.findings, self.statement)

    @cached_property
    def kinds_without_figure(self) -> set[str]:
        """Kinds of opinions for which the findings have no figure."""
        labels = {part.name for finding in self.findings for part in parts(finding)}
        kinds = {"likelihood_ratio": self.figures.ratios, "probability": "prior" in labels}
        return {kind for kind, has_figure in kinds.items() if not has_figure}


def _texts_of(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if value.strip():
            yield place, value
    elif isinstance(value, (dict, list, tuple)):
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _texts_of(part, f"{place}.{name}" if place else str(name))


@functools.lru_cache(maxsize=4096)
def _meaning_of(place: str) -> _Meant:
    fitting = (meant for pattern, meant in _FIELDS if fnmatchcase(place, pattern))
    return next(fitting, _Meant.STATEMENT)


def _findings_of(statement: Statement, place: str) -> Sequence[Finding]:
    """Return the findings on which a text rests: those that an opinion names, that of a review, or all."""
    table, number, *_rest = [*place.split("."), "", ""]
    if table == "findings":
        return [statement.findings[int(number)]]
    if table == "opinions":
        events = set(statement.opinions[int(number)].findings or ())
        return [one for one in statement.findings if one.event in events] or statement.findings
    return statement.findings


def _find(text: str, meant: _Meant, scope: _Scope) -> Iterator[tuple[str, str]]:
    """Yield code and words of each fault of a text."""
    for sentence in sentences_of(text):
        if meant is _Meant.ASKED and (sentence.endswith("?") or _OPEN.search(sentence)):
            continue  # a question states nothing
        if meant in _COMPARED_BY_LINEAGE:
            yield from (("TAXON", taxon) for taxon in _taxa_beyond(sentence, meant, scope))
        yield from (("PERSON", person) for person in _persons_who_act(sentence, meant, scope))
        if meant is not _Meant.COMPUTED:
            yield from (("ODDS", number) for number in find_odds(
                sentence, lambda: scope.figures,
                names_taxon=lambda clause: bool(find_mentions(clause, scope.candidates)),
            ))  # fmt: skip


# -- taxa -------------------------------------------------------------------------------

# Where a clause is of something else than the item. Of a denial only what follows is.
_NOT_OF_ITEM = re.compile(
    r"\b(?:controls?|blanks?|contr[ôo]le?s?|témoins?|testigos?|blancos?|contaminat\w+|contamina\w+)\b"
    r"|\b(?:not|neither|nor|never|without|except|excludes?|excluded|rather than|(?:an)?other .{0,30}than|instead of|unlike|"
    r"pas|aucune?|ni|sans|sauf|exclu[ets]*|autre\w* .{0,30}que|plutôt que|sino|tampoco|ningun[oa]?|ningún|sin|"
    r"excluye|otr[oa]s? .{0,30}que|no)\b(?! (?:doubt|question|other|possib|cabe|hay duda))",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"(?:\b(?:is|are|was|were) (?:certainly )?not|n'est pas|ne sont pas|\bno (?:es|son))"
    r"(?: (?:of|from|an?|the|any|meat|de|d'une?|du|une?|una|del|carne|viande))* $",
    re.IGNORECASE,
)
# What is compared with a record of the library that is not the item's.
_COMPARED = re.compile(
    r"\b(?:nearest|closest|next|differs?|compared|unlike|voisine?s?|proches?|diffère\w*|comparée?s?|"
    r"cercan\w+|próxim\w+|difiere\w*|comparad\w+)\b",
    re.IGNORECASE,
)


_COMPARED_BY_LINEAGE = (_Meant.STATEMENT, _Meant.NAME, _Meant.ASKED)


def _taxa_beyond(text: str, meant: _Meant, scope: _Scope) -> Iterator[str]:
    """Yield the taxa that a text states and that no finding supports, with what is reported."""
    groups, candidates = scope.groups, scope.candidates
    if groups is None:
        return
    mentions = find_mentions(text, candidates)
    named = {mention.taxon for mention in mentions}
    for mention in mentions:
        binomial = " " in mention.taxon and mention.text.casefold() == mention.taxon.casefold()
        if meant is _Meant.NAME and not (mention.text.islower() or binomial):
            continue  # "Elephant Protection Unit"
        before, _word, after = text.partition(mention.text)
        before, after = (
            re.split(r"[,:]|\b(?:but|mais|sino|pero)\b", before)[-1],
            re.split(r"[,:]", after)[0],
        )
        relation = relate_to_reported(mention.taxon, groups, named)
        if relation is Relation.WITHIN:
            if not _DENIED.search(before):
                continue
        elif relation is Relation.OTHER:
            if _NOT_OF_ITEM.search(before) or re.search(r"\b(?:control|témoin|contrôle)\b", after):
                continue
            if mention.taxon in candidates and _COMPARED.search(text):
                continue
        yield _("{word} (reported: {taxa})").format(
            word=mention.text, taxa="; ".join(" / ".join(group) for group in groups) or _("no name")
        )


# -- persons ----------------------------------------------------------------------------

# What a case calls the persons that it is about, in English, French, Spanish and Portuguese.
_ACCUSED = re.compile(
    r"(?<!\w)(?:(?:the|an|this|each|both) (?:accused|defendants?|suspects?)(?! (?:samples?|mixtures?|items?|pieces?))|"
    r"accused persons?|(?:le |la |les |l'|du |au |cet(?:te)? |ce )(?:accusée?s?|prévenue?s?|inculpée?s?|suspecte?s?)|"
    r"(?:la |le |les )mise?s? en (?:cause|examen)|contrevenante?s?|"
    r"(?:el |la |los |las |del |al |este |esta |o |a |os |as )(?:acusad[oa]s?|imputad[oa]s?|procesad[oa]s?|encausad[oa]s?|"
    r"sospechos[oa]s?|arguid[oa]s?|réus?|ré))(?!\w)",
    re.IGNORECASE,
)
# Words that say what a person did by what they call the person, and that somebody is guilty.
_GUILT = re.compile(
    r"(?<!\w)(?:culprits?|perpetrators?|poachers?|smugglers?|traffickers?|offenders?|guilty|"
    r"braconni(?:er|ère)s?|trafiquante?s?|contrebandi(?:er|ère)s?|coupables?|"
    r"cazador(?:es|as?)? furtiv[oa]s?|traficantes?|contrabandistas?|culpables?|caçador(?:es|as?)? furtiv[oa]s?|"
    r"culpad[oa]s?)(?!\w)",
    re.IGNORECASE,
)
# After these a person is none who acts: "seized from the accused". "By" makes one, and so does what belongs to one.
_ASIDE = re.compile(
    r"(?:\b(?:of|from|to|with|against|for|at|in|on|about|near|than|de|à|chez|contre|avec|pour|sur|en|con|contra|"
    r"para|sobre|a|ante)|(?<=\w)') $",
    re.IGNORECASE,
)
_ASIDE_WITHIN = ("du ", "au ", "del ", "al ")
_AGENT = re.compile(
    r"\b(?:guilt|intent|knowledge|belong\w*|property|possession|responsib\w*|owned|culpabilit\w*|apparten\w+|"
    r"appartien\w+|propriété|pertenec\w+|propiedad|culpa|culpabilidad)\b[^,]{0,20}$",
    re.IGNORECASE,
)
# What is left open, or said of nobody in particular.
_OPEN = re.compile(
    r"(?<!\w)(?:whether|if|what|who|how|why|si|ce qu[ei']|qui|lo que|quién|cómo|nothing|rien|nada)(?!\w)",
    re.IGNORECASE,
)
# What a named person must not be said to have done; handing over, seizing and sealing are acts of custody.
_BY = re.compile(r"\b(?:by|par|por)(?: \w+){0,3}$", re.IGNORECASE)
_OFFENCE = re.compile(
    r"(?:(?:who|qui|que|quien) )?(?:\w+ly |illégalement |ilegalmente |l'a |a |ont |les |has |had |lo |la |los |las |ha |haya )*"
    r"(?<!\w)(?:import\w*|export\w*|smuggl\w*|sold|sells|bought|buys|kill\w*|hunt\w*|shot|shoots|poach\w*|trapp\w*|traffick\w*|"
    r"traded|trades|knew|knows|possess\w*|owns|owned|hid|kept|committed|landed|débarqu\w*|desembarc\w*|vend\w*|achet\w*|tu(?:e|ait|é)|chass\w*|braconn\w*|"
    r"savait|possé\w*|caché|commis|vendi\w*|compr\w*|mat[óo]|caz\w*|sabía|pose[eí]\w*|cometi\w*|introdu\w*|trafic\w*)(?!\w)",
    re.IGNORECASE,
)
# A name shorter than this is a word of many languages, too, and counts only with the rest of the name.
_MIN_SURNAME = 4


def _persons_who_act(text: str, meant: _Meant, scope: _Scope) -> Iterator[str]:
    """Yield the persons of whom a text says that they did something in the case, or are guilty."""
    for match in _GUILT.finditer(text):
        if not _OPEN.search(text[: match.start()]):
            yield match.group(0)
    if meant is _Meant.DECLARED:
        return
    for match in _ACCUSED.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        aside = _ASIDE.search(before) or match.group(0).lower().startswith(_ASIDE_WITHIN)
        if _OPEN.search(before) or after.startswith(("'s", "s'")):
            continue
        if not aside or _AGENT.search(before):
            yield match.group(0)
    tokens = words(text)
    for name, looks in scope.persons:
        for at in range(len(tokens) - len(looks) + 1):
            if [look for look, _word in tokens[at : at + len(looks)]] != looks:
                continue
            before = " ".join(word for _look, word in tokens[:at])
            after = " ".join(word for _look, word in tokens[at + len(looks) :])
            is_agent = _BY.search(before) and _OFFENCE.search(before)
            if (is_agent or _OFFENCE.match(after)) and not _OPEN.search(before):
                yield name
                break


def _looks_of(name: str) -> list[str]:
    """Return the words by which a person is known: the last one, or all where that may be an ordinary word."""
    looks = [look for look, word in words(name) if word[:1].isupper()]
    return looks[-1:] if len(looks) > 1 and len(looks[-1]) >= _MIN_SURNAME else looks


def _names(statement: Statement) -> Iterator[str]:
    """Yield the names of who acted in the case and of who brought the items, but not of who made the report."""
    makers = {opinion.author for opinion in statement.opinions}
    makers.add(statement.authorisation.person)
    for finding in statement.findings:
        makers.add(finding.analyst)
        makers.update(review.reviewer for review in finding.reviews)
    for person in statement.people:
        if person.person not in makers and person.name:
            yield person.name
    for exhibit in statement.exhibits:
        if exhibit.received_from:
            yield exhibit.received_from
