"""What a report lacks, and what it must not say.

Two lists: what ISO/IEC 17025:2017 7.8 and ISO 21043-5:2025 ask of a report, each by its clause,
and words and sentences that no report may have. Both look at the statement, so that a report in
JSON can be checked by anybody (``forensics report check``).
"""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from forensics.messages import N_, _
from forensics.report.shape import missing_keys
from forensics.report.template import SECTIONS, Template
from forensics.report.wording import cautious_call, sentences

__all__ = ["CLAUSES", "Problem", "check", "draft_reasons"]

CLAUSES = {
    "TITLE": N_("a title (17025 7.8.2.1 a)"),
    "LABORATORY": N_("name and address of the laboratory (17025 7.8.2.1 b)"),
    "SITES": N_("where the work was done (17025 7.8.2.1 c)"),
    "NUMBER": N_("a number of its own (17025 7.8.2.1 d)"),
    "CUSTOMER": N_("name and contact of the customer (17025 7.8.2.1 e)"),
    "METHOD": N_("the method (17025 7.8.2.1 f)"),
    "ITEMS": N_("description, number and condition of the items (17025 7.8.2.1 g)"),
    "RECEIVED": N_("when the items were received (17025 7.8.2.1 h)"),
    "PERFORMED": N_("when the work was done (17025 7.8.2.1 i)"),
    "ISSUED": N_("the date of issue (17025 7.8.2.1 j)"),
    "SAMPLING": N_("the sampling plan where items were chosen from more (17025 7.8.2.1 k)"),
    "RESULTS": N_("the results (17025 7.8.2.1 m)"),
    "DEVIATIONS": N_("deviations from the method, or that there were none (17025 7.8.2.1 n)"),
    "AUTHORISED": N_("who authorises the report (17025 7.8.2.1 o)"),
    "OUTSIDE": N_("which results are of outside providers (17025 7.8.2.1 p)"),
    "AMENDED": N_("what an amended report replaces, and why (17025 7.8.8)"),
    "OPINION": N_("of an opinion: author, kind and the findings it rests on (17025 7.8.7)"),
    "OPINION_AUTHORISED": N_("a person authorised for opinions (17025 7.8.7.1)"),
    "QUESTION": N_("the question asked (21043-5, 5)"),
    "PROPOSITIONS": N_("both propositions where a likelihood ratio is given (21043-5, 6)"),
    "INTEGRITY": N_("the quantity of every item (21043-5, 5)"),
    "UNCERTAINTY": N_("measurement uncertainty, or why none applies (21043-5, 6)"),
    "REVIEWED": N_("a technical review of every finding (21043-5, 6)"),
    "DISAGREED": N_("a reviewer who agrees; the last technical review does not"),
    "DATED": N_("a date of issue that is not before what it reports"),
    "STRUCTURED": N_("an identification of this package, not a text that a hand wrote"),
    "REPRODUCED": N_("findings that come out the same when they are computed again"),
    "BLIND_DIFFERS": N_("the reviewer's comment where the own interpretation has another name"),
    "BLIND": N_("the reviewer's own interpretation, made before seeing the call (21043-5, 6)"),
    "ADMINISTRATIVE": N_("an administrative review of every finding (21043-5, 6)"),
    "CONTROLS": N_("controls that passed, or an approved deviation"),
    "ERROR": N_("the error observed in validation among calls like this one"),
    "PRIORS": N_("the calls at other priors"),
    "LANGUAGE": N_("which language has authority"),
    "DECLARATION": N_("the declaration in the authoritative language"),
    "SECTION": N_("every section that has something to say"),
    "LEDGER": N_("the fingerprint of the ledger"),
    "DEMONSTRATION": N_("reference data that is no demonstration"),
    "FALSE": N_("what the ledger and the details say, and nothing else"),
    "FORM": N_("the form of a statement of this version"),
    "OVERSTATED": N_("no word that claims more than evidence can show"),
    "TRANSPOSED": N_("no probability of a proposition where one of the evidence is meant"),
    "PRIOR_UNSTATED": N_("with a probability of a proposition, its prior"),
}
"""What each code asks for."""

# Of a draft these may be open; anything else that is missing refuses a report all the same.
_OF_A_DRAFT = ("REVIEWED", "BLIND", "ADMINISTRATIVE", "CONTROLS")


@dataclass(frozen=True)
class Problem:
    """Something that is missing or must not stand there.

    Attributes
    ----------
    code : str
        One of `CLAUSES`.
    field : str
        Where in the statement, such as ``customer.name``.
    found : str
        What stands there; empty where nothing does.
    """

    code: str
    field: str
    found: str = ""

    def __str__(self) -> str:
        found = _(" Found: “{text}”.").format(text=self.found) if self.found else ""
        return _("{code} {field}: a report needs {what}.{found}").format(
            code=self.code, field=self.field, what=_(CLAUSES[self.code]), found=found
        )

    def to_dict(self) -> dict:
        """Return plain values."""
        return asdict(self)


def check(statement: dict, template: Template | None = None) -> list[Problem]:
    """Return everything that a report lacks or must not say.

    Parameters
    ----------
    statement : dict
        From `forensics.report.collecting.collect`, or read from a report in JSON.
    template : Template, optional
        Whose order of sections and declaration are looked at, too.
    """
    if gone := list(missing_keys(statement)):
        # What stands on them cannot be looked at; the codes say what they are for.
        return [Problem(_CODES.get(place, "FORM"), place) for place in gone]
    found: list[Problem] = []
    try:
        for part in (_missing, _of_findings, _of_opinions, _of_words):
            found += part(statement)
        if template:
            found += _of_template(statement, template)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        # Every key is there, but a value is of another kind than this package writes.
        found.append(Problem("FORM", type(error).__name__, str(error)))
    return found


def draft_reasons(statement: dict) -> list[str]:
    """Return why a statement is but a draft, in words; nothing where it is none."""
    open_ = [
        problem
        for problem in _of_findings(statement)
        if problem.code in ("REVIEWED", "DISAGREED", "CONTROLS")
    ]
    return [str(problem) for problem in open_]


# -- what is missing --------------------------------------------------------------------

_NEEDED: tuple[tuple[str, str], ...] = (
    ("LABORATORY", "laboratory.name"),
    ("LABORATORY", "laboratory.address"),
    ("SITES", "laboratory.sites"),
    ("NUMBER", "report.number"),
    ("CUSTOMER", "customer.name"),
    ("CUSTOMER", "customer.contact"),
    ("METHOD", "method.name"),
    ("METHOD", "method.reference"),
    ("ITEMS", "exhibits"),
    ("ISSUED", "report.issued"),
    ("RESULTS", "findings"),
    ("DEVIATIONS", "method.deviations"),
    ("UNCERTAINTY", "method.uncertainty"),
    ("AUTHORISED", "authorisation.name"),
    ("AUTHORISED", "authorisation.function"),
    ("QUESTION", "request.question"),
    ("LANGUAGE", "report.language"),
    ("LEDGER", "ledger.fingerprint"),
    ("LEDGER", "timeline"),
)
_CODES = {path: code for code, path in _NEEDED}
_OF_AN_ITEM = (
    ("ITEMS", "exhibit"),
    ("ITEMS", "description"),
    ("ITEMS", "condition"),
    ("RECEIVED", "received_at"),
    ("INTEGRITY", "quantity"),
    ("INTEGRITY", "unit"),
)


def _at(statement: dict, path: str) -> object:
    found: object = statement
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _missing(statement: dict) -> Iterator[Problem]:
    for code, path in _NEEDED:
        if not _at(statement, path):
            yield Problem(code, path)
    for number, one in enumerate(statement.get("exhibits") or ()):
        for code, name in _OF_AN_ITEM:
            if not one.get(name):
                yield Problem(code, f"exhibits.{number}.{name}")
    report = statement["report"]
    acts = [one["at"][:10] for one in statement["timeline"] if one["type"] != "report"]
    if report.get("issued") and acts and report["issued"] < max(acts):
        yield Problem("DATED", "report.issued", f"{report['issued']} < {max(acts)}")
    chief = statement["authorisation"]["person"]
    if chief and not statement["authorisation"]["enrolled"]:
        yield Problem("AUTHORISED", "authorisation.person", chief)
    if report.get("replaces") and not report.get("reason"):
        yield Problem("AMENDED", "report.reason")
    for number, run in enumerate(statement["runs"]):
        if not run.get("performed_at"):
            yield Problem("PERFORMED", f"runs.{number}.performed_at")
        if run["missing_or_failed"] and not run["deviation"]:
            yield Problem("CONTROLS", f"runs.{number}", ", ".join(run["missing_or_failed"]))
        of_provider = [f["event"] for f in statement["findings"] if run["run"] in f["runs"]]
        said = {n for one in statement["outside"] for n in one.get("findings", ())}
        if run.get("provider") and not set(of_provider) <= said:
            yield Problem("OUTSIDE", "outside", run["provider"])
    for number, one in enumerate(statement["outside"]):
        for name in ("provider", "work", "findings"):
            if not one.get(name):
                yield Problem("OUTSIDE", f"outside.{number}.{name}")
    examined = {f["exhibit"] for f in statement["findings"]}
    if len(statement["exhibits"]) > len(examined) > 0 and not statement["plans"]:
        yield Problem("SAMPLING", "plans")
    for number, plan in enumerate(statement["plans"]):
        for name in ("population", "method", "chosen_by"):
            if not plan.get(name):
                yield Problem("SAMPLING", f"plans.{number}.{name}")


def _of_findings(statement: dict) -> Iterator[Problem]:
    for number, one in enumerate(statement["findings"]):
        place = f"findings.{number}"
        for name in ("event", "kind", "sample", "exhibit", "found_at", "analyst_name"):
            if not one.get(name):
                yield Problem("RESULTS", f"{place}.{name}")
        if not (one["result"] or one["text"]):
            yield Problem("RESULTS", f"{place}.result")
        technical = [r for r in one["reviews"] if r["stage"] == "technical"]
        # The last word counts: an agreement may be taken back.
        if not technical:
            yield Problem("REVIEWED", f"{place}.reviews")
        elif technical[-1]["outcome"] != "agrees":
            yield Problem("DISAGREED", f"{place}.reviews", technical[-1]["reviewer_name"] or "")
        elif not any(r["blind"] and r["interpretation"] for r in technical):
            yield Problem("BLIND", f"{place}.reviews")
        administrative = [r for r in one["reviews"] if r["stage"] == "administrative"]
        if not administrative or administrative[-1]["outcome"] != "agrees":
            yield Problem("ADMINISTRATIVE", f"{place}.reviews")
        yield from _of_blind(one, technical, place)
        if any(r["reviewer"] == one["analyst"] for r in one["reviews"]):
            yield Problem("REVIEWED", f"{place}.reviews", one["analyst"])
        if (one["library"] or {}).get("demonstration") and (
            statement["ledger"]["kind"] == "casework"
        ):
            yield Problem("DEMONSTRATION", f"{place}.library", one["library"].get("name") or "")
        if one["kind"] == "identification" and not one["result"]:
            yield Problem("STRUCTURED", f"{place}.result", one["text"] or "")
        if one["differs"]:
            yield Problem("REPRODUCED", f"{place}.differs", ", ".join(one["differs"][:5]))
        if one["kind"] == "individual" and len(statement["request"]["propositions"] or ()) < 2:
            yield Problem("PROPOSITIONS", "request.propositions", one["kind"])
        if one["kind"] == "identification" and one["result"] and one["result"].get("rank"):
            rank = cautious_call(one)["rank"]
            if rank in one["errors"] and not one["errors"][rank]:
                yield Problem("ERROR", f"{place}.errors.{rank}")
            if not one["priors"]:
                yield Problem("PRIORS", f"{place}.priors", one.get("priors_missing") or "")


def _of_blind(finding: dict, technical: list, place: str) -> Iterator[Problem]:
    """Ask for a comment where a blind interpretation names something else than is reported."""
    if finding["kind"] != "identification" or not finding["result"]:
        return
    taxon = cautious_call(finding)["taxon"]
    for review in technical:
        own = (review["interpretation"] or "").casefold()
        if (
            review["blind"]
            and own
            and not review["comment"]
            and (taxon is not None and taxon.casefold() not in own)
        ):
            yield Problem("BLIND_DIFFERS", f"{place}.reviews", review["interpretation"])


def _of_opinions(statement: dict) -> Iterator[Problem]:
    for number, one in enumerate(statement["opinions"]):
        for name in ("author", "kind", "text", "findings"):
            if not one.get(name):
                yield Problem("OPINION", f"opinions.{number}.{name}")
        reported = {finding["event"] for finding in statement["findings"]}
        if strange := sorted(set(one.get("findings") or ()) - reported):
            yield Problem("OPINION", f"opinions.{number}.findings", ", ".join(map(str, strange)))
        if not one["authorised"]:
            yield Problem(
                "OPINION_AUTHORISED", f"opinions.{number}.author", one.get("author") or ""
            )
        if (
            one.get("kind") == "likelihood_ratio"
            and len(statement["request"]["propositions"] or ()) < 2
        ):
            yield Problem("PROPOSITIONS", "request.propositions")


def _of_template(statement: dict, template: Template) -> Iterator[Problem]:
    from forensics.report.layout import lay_out

    wanted = {section.id for section in lay_out(statement, _with_all(template))}
    for name in SECTIONS:
        if name in wanted and name not in template.sections:
            yield Problem("SECTION", f"template.sections.{name}")
    language = statement["report"]["language"]
    if language and language not in template.declaration:
        yield Problem("DECLARATION", f"template.declaration.{language}")
    for name, text in template.declaration.items():
        yield from _of_text(f"template.declaration.{name}", text)


def _with_all(template: Template) -> Template:
    from dataclasses import replace

    return replace(template, sections=SECTIONS)


# -- what must not stand there ----------------------------------------------------------

_WORD = r"(?<!\w)(?:{})(?!\w)"
# In English, French, Spanish and Portuguese.
_OVERSTATED = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        _WORD.format(r"irrefutabl[ey]|irréfutables?|irrefutables?|irrefutável|irrefutáveis"),
        _WORD.format(r"(?<!a )certain(?! (?:number|amount|kind|type|extent|cases?)\b)"),
        _WORD.format(r"certainly|certainty|we are sure|sure that|guaranteed?s?"),
        _WORD.format(r"(?:est|sont|il est|c'est) (?:certaine?s?|sûre?s?)"),
        _WORD.format(r"certitude|certainement|certeza|certamente|ciertamente"),
        _WORD.format(r"conclusively|definitively|undoubtedly|indisputabl[ey]|unequivocal(?:ly)?"),
        _WORD.format(r"(?:without|beyond) (?:an?y? |all )?(?:reasonable |shadow of a? ?)?doubt"),
        _WORD.format(r"scientifically established|définitivement|de façon définitive"),
        _WORD.format(r"sans (?:aucun )?doute|indubitable(?:ment)?|sin duda|sem dúvida"),
        _WORD.format(r"to the exclusion of all others?|no other \w+ could"),
        r"(?<![\d.,])(?:100|hundred)[\s\u00a0\u202f]*(?:%|per ?cent|pour ?cent|por ?ciento|por ?cento)",
        r"(?<![\d.,])0[\s\u00a0\u202f]*% (?:error|erreur)",
        _WORD.format(r"proved|proven|proves|never errs|error[- ]free|infallible"),
        _WORD.format(r"prouvée?s?|prouve|probado|prueba que|provado|prova que"),
        _WORD.format(r"zero (?:error|risk)|no possibility of error|unique to"),
    )
]
# A word that is denied just before it is no overstatement; nor is a liquid or letters that agree.
_DENIED = re.compile(
    r"\b(?:not|cannot|can't|never|nor|neither|ne|n'\w+|pas|jamais|nunca|não)\b.{0,30}$",
    re.IGNORECASE,
)
_OF_A_MEASURE = re.compile(r"identi|ethanol|alco+h?ol|éthanol|\bbases?\b", re.IGNORECASE)


def _overstated(sentence: str) -> str:
    """Return the word by which a sentence claims too much; nothing where there is none."""
    for pattern in _OVERSTATED:
        for found in pattern.finditer(sentence):
            word = found.group(0).strip()
            measured = word[0] in "10" and _OF_A_MEASURE.search(sentence)
            if not measured and not _DENIED.search(sentence[: found.start()]):
                return word
    return ""


# "It is 500 times more likely that the ivory is from X" transposes: what is 500 times more probable
# is the evidence, if it is (Evett & Weir 1998, Interpreting DNA Evidence).
_TRANSPOSED = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:times|fold) (?:more|as) (?:likely|probable)(?! if\b| under\b| given\b)",
        r"\b(?:more|less|far more|very|most|quite|highly) (?:likely|probable) (?:that|to be|to have|"
        r"to come|to originate|the|it|from)\b",
        r"\blikelier (?:that|to|from)\b",
        r"fois plus (?:probable|vraisemblable)s? qu(?:e|')",
        r"veces más probable que\b|vezes mais provável que\b",
        r"\bodds (?:are|is|of)\b|\bodds .{0,20}in favou?r of",
        r"\bchances? (?:that|the|in a|of)\b|% chance\b|one chance in",
        r"likelihood ratio .{0,30}means that|rapport de vraisemblance .{0,30}signifie que",
    )
]
_OF_A_PROPOSITION = re.compile(
    r"(?:probability|likelihood|probabilité|vraisemblance|probabilidad|probabilidade)\s+"
    r"(?:that|of|que|qu'|de que)\s+(?:(?:the|this|it|an?|le|la|cet(?:te)?|ce|el|o|a)\b|l'|[A-Z]\w)"
    r"|with a (?:posterior )?probability of \d|\bposterior probability\b",
)
# Of evidence, and not of a proposition.
_OF_EVIDENCE = re.compile(r"match probability|probabilité de (?:coïncidence|concordance)", re.I)
_PRIOR = re.compile(
    r"\bpriors?\b.{0,30}\d|\bprior (?:probability|odds)\b|\ba priori\b|préalable", re.IGNORECASE
)


def _of_words(statement: dict) -> Iterator[Problem]:
    for place, text in _texts(statement):
        yield from _of_text(place, text)


def _of_text(place: str, text: str) -> Iterator[Problem]:
    if text:
        for sentence in re.split(r"(?<=[.!?;])\s+", text):
            if word := _overstated(sentence):
                yield Problem("OVERSTATED", place, word)
            if any(pattern.search(sentence) for pattern in _TRANSPOSED):
                yield Problem("TRANSPOSED", place, sentence.strip())
            elif (
                _OF_A_PROPOSITION.search(sentence)
                and not _PRIOR.search(sentence)
                and not _OF_EVIDENCE.search(sentence)
            ):
                yield Problem("PRIOR_UNSTATED", place, sentence.strip())


def _texts(statement: dict) -> Iterator[tuple[str, str]]:
    """Yield everything that people wrote or templates made, with its place."""
    for table, names in (
        ("report", ("title", "reason")),
        ("request", ("question", "information_given")),
        ("method", ("name", "reference", "deviations", "uncertainty", "limits")),
    ):
        for name in names:
            if isinstance(statement[table].get(name), str):
                yield f"{table}.{name}", statement[table][name]
    for number, text in enumerate(statement["request"]["propositions"] or ()):
        yield f"request.propositions.{number}", text
    for number, one in enumerate(statement["opinions"]):
        yield f"opinions.{number}.text", one.get("text") or ""
    for number, one in enumerate(statement["outside"]):
        yield f"outside.{number}.work", one.get("work") or ""
    for table, names in (
        ("exhibits", ("description", "condition")),
        ("plans", ("grouping", "method")),
        ("runs", ("deviation",)),
        ("corrections", ("reason",)),
    ):
        for number, one in enumerate(statement[table]):
            for name in names:
                yield f"{table}.{number}.{name}", one[name] or ""
    for number, one in enumerate(statement["findings"]):
        for text in sentences(one):
            yield f"findings.{number}", text
        for limit in (one["result"] or {}).get("limits") or ():
            yield f"findings.{number}.result.limits", str(limit)
        for place, review in enumerate(one["reviews"]):
            for name in ("comment", "interpretation"):
                if review[name]:
                    yield f"findings.{number}.reviews.{place}.{name}", review[name]
