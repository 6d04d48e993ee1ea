"""What a report lacks, and what it must not say.

Two lists: what ISO/IEC 17025:2017 7.8 and ISO 21043-5:2025 ask of a report, each by its clause,
and words and sentences that no report may have. Both look at the statement, so that a report in
JSON can be checked by anybody (``forensics report check``).
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import forensics
from forensics.core.provenance import SOFTWARE
from forensics.messages import N_, _
from forensics.report.blind import difference as blind_difference
from forensics.report.bounds import named_by
from forensics.report.corrections import EVIDENCE
from forensics.report.figures import is_recorded
from forensics.report.overreach import overreaching
from forensics.report.phrases import faults
from forensics.report.shape import missing_keys
from forensics.report.template import SECTIONS, Template, read_template
from forensics.report.wording import cautious_call, is_call, sentences

__all__ = ["CLAUSES", "NOT_REFUSED", "Problem", "check", "draft_reasons"]

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
    "HAND_CORRECTED": N_(
        "a new finding where a result, or how it was reached, was corrected by hand"
    ),
    "PICTURE": N_("every picture that is attached, as it was recorded"),
    "REPRODUCED": N_("findings that come out the same when they are computed again"),
    "AGAIN": N_("figures that were computed again; these stand as they were recorded"),
    "BLIND_DIFFERS": N_("the reviewer's comment where the own interpretation has another name"),
    "BELOW_RANK": N_("no taxon below the rank that is reported, in opinions and comments"),
    "PERSON": N_("no person of the case, in opinions and comments"),
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
    "SOFTWARE": N_(
        "the name of this software, and no version that is newer than the one that checks"
    ),
    "VERSION": N_("this version of the software: an older one made it, and words may differ"),
    "OLDER": N_("what this version adds: it is of an older version, and that was not compared"),
    "GROWN": N_(
        "a look at the later events of its case: it was compared with the ledger as it was when it was built"
    ),
    "ERASED": N_(
        "a look at the order: what it says here was erased by order since, and cannot be compared any more"
    ),
    "OVERSTATED": N_("no word that claims more than evidence can show"),
    "TRANSPOSED": N_("no probability of a proposition where one of the evidence is meant"),
    "PRIOR_UNSTATED": N_("with a probability of a proposition, its prior"),
}
"""What each code asks for."""

NOT_REFUSED = ("AGAIN", "ERASED", "GROWN", "OLDER", "VERSION")
"""Codes that are told, and for which no report is refused: nothing need be wrong."""


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

    @property
    def refuses(self) -> bool:
        """Whether a report with it is refused."""
        return self.code not in NOT_REFUSED

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
        Whose order of sections and declaration are looked at, too; the words that are printed are
        looked at with the packaged one where none is given.
    """
    if gone := list(missing_keys(statement)):
        # What stands on them cannot be looked at; the codes say what they are for.
        return [Problem(_CODES.get(place, "FORM"), place) for place in gone]
    found: list[Problem] = []
    try:
        for part in (
            _missing, _of_findings, _of_opinions, _of_overreach, _of_older, _of_software,
        ):  # fmt: skip
            found += part(statement)
        found += _of_words(statement, template or read_template())
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
        if not 0 < plan["chosen"] <= plan["population"]:
            found = _("{n} of {all}").format(n=plan["chosen"], all=plan["population"])
            yield Problem("SAMPLING", f"plans.{number}.chosen", found)
        elif (many := named_by(statement, plan)) > plan["chosen"]:
            found = _("{n} of {all}").format(n=many, all=plan["chosen"])
            yield Problem("SAMPLING", f"plans.{number}.things", found)
        elif plan["examined"] > plan["chosen"]:
            found = _("{n} of {all}").format(n=plan["examined"], all=plan["chosen"])
            yield Problem("SAMPLING", f"plans.{number}.examined", found)


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
        yield from _of_blind(statement, one, technical, place)
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
        if "again" in one and not one["again"]:
            yield Problem("AGAIN", f"{place}.again", one.get("again_missing") or "")
        for which, figure in enumerate(one["figures"]):
            if not is_recorded(figure):
                yield Problem("PICTURE", f"{place}.figures.{which}", figure["name"])
        for correction in statement["corrections"]:
            if correction["corrects"] == one["event"] and correction["field"] in EVIDENCE:
                yield Problem(
                    "HAND_CORRECTED", place, f"{correction['field']} ({correction['event']})"
                )
        if one["kind"] == "individual" and len(statement["request"]["propositions"] or ()) < 2:
            yield Problem("PROPOSITIONS", "request.propositions", one["kind"])
        if is_call(one):
            rank = cautious_call(one)["rank"]
            if rank in one["errors"] and not one["errors"][rank]:
                yield Problem("ERROR", f"{place}.errors.{rank}")
            # Where no name is reported, too: what was not computed again may be invented.
            if not one["priors"]:
                yield Problem("PRIORS", f"{place}.priors", one.get("priors_missing") or "")


def _of_older(statement: dict) -> Iterator[Problem]:
    """Tell once what a statement of an older version does not have."""
    places = []
    for number, one in enumerate(statement["findings"]):
        if one["result"] and not is_call(one) and "again" not in one:
            places.append(f"findings.{number}.again")
        elif (one["priors"] or one.get("again")) and "noted" not in one:
            places.append(f"findings.{number}.noted")
    if places:
        yield Problem("OLDER", places[0], ", ".join(places[1:5]))


def _of_software(statement: dict) -> Iterator[Problem]:
    """Ask which program made a statement: this one, and no version that is yet to come.

    What made a finding may be another program; that is compared with the ledger.
    """
    name = statement["software"]["name"]
    if name != SOFTWARE:
        yield Problem("SOFTWARE", "software.name", str(name))
    stated, own = statement["software"]["version"], forensics.__version__
    if stated != own:
        older = (known := _numbers(stated)) is not None and known < (_numbers(own) or ())
        yield Problem("VERSION" if older else "SOFTWARE", "software.version", f"{stated} ≠ {own}")


def _numbers(version: object) -> tuple[int, ...] | None:
    """Return the numbers of a version, such as 0.1.0, or None where it has others than these."""
    if not isinstance(version, str) or not re.fullmatch(
        r"\d{1,9}(?:\.\d{1,9}){0,3}", version, re.ASCII
    ):
        return None
    return tuple(map(int, version.split(".")))


def _of_blind(statement: dict, finding: dict, technical: list, place: str) -> Iterator[Problem]:
    """Ask for a comment where a blind interpretation names something else than is reported."""
    for review in technical:
        if (
            review["blind"]
            and not review["comment"]
            and blind_difference(statement, finding, review)
        ):
            yield Problem("BLIND_DIFFERS", f"{place}.reviews", review["interpretation"])


def _of_overreach(statement: dict) -> Iterator[Problem]:
    for code, place, found in overreaching(statement):
        yield Problem(code, place, found)


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

_NUMBER = re.compile(r"[<>≈–\s\u00a0\u202f\d.,+e-]*%?")


def _of_words(statement: dict, template: Template) -> Iterator[Problem]:
    """Look at every text that people wrote, and then at everything that the pages will say.

    What a program wrote is looked at like what a person did: warnings as they were recorded, the
    sentences of the templates in the language of the reader, headings, tables and the oath.
    """
    seen = set()
    for place, text in _texts(statement):
        for problem in _of_text(place, text):
            seen.add((problem.code, problem.found))
            yield problem
    for place, text in _printed(statement, template):
        for problem in _of_text(place, text):
            if (problem.code, problem.found) not in seen:
                seen.add((problem.code, problem.found))
                yield problem


def _of_text(place: str, text: str) -> Iterator[Problem]:
    for code, found in _faults_of(text or ""):
        yield Problem(code, place, found)


@functools.lru_cache(maxsize=4096)
def _faults_of(text: str) -> tuple[tuple[str, str], ...]:
    """Return the faults of a text; most stand in the record and on a page, or on many pages."""
    return tuple(faults(text))


def _printed(statement: dict, template: Template) -> Iterator[tuple[str, str]]:
    """Yield every text of the pages, with its section."""
    from forensics.report.layout import lay_out, title_of

    yield "report.title", title_of(statement)
    yield "template.footer", template.footer
    for line in template.letterhead:
        yield "template.letterhead", line
    for section in lay_out(statement, _with_all(template)):
        yield section.id, section.heading
        for block in section.blocks:
            for text in _of_block(block.to_dict()):
                yield section.id, text


def _of_block(block: dict) -> Iterator[str]:
    """Yield the texts of a block; a number in a table has its meaning from the head of its column."""
    for name in ("label", "text", "caption", "alternative"):
        yield block.get(name) or ""
    yield from block.get("paragraphs", ())
    for row in (block.get("head", ()), *block.get("rows", ())):
        yield from (cell for cell in row if not _NUMBER.fullmatch(cell))


def _texts(statement: dict) -> Iterator[tuple[str, str]]:
    """Yield everything that people wrote or templates made, with its place."""
    for table, names in (
        ("report", ("title", "reason")),
        ("request", ("question", "information_given")),
        ("method", ("name", "reference", "deviations", "uncertainty", "limits", "prior")),
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
        # As they were recorded, too: in JSON they stand beside those that were formed anew.
        for warning in (one["result"] or {}).get("warnings") or ():
            yield f"findings.{number}.result.warnings", str(warning["message"])
        for place, review in enumerate(one["reviews"]):
            for name in ("comment", "interpretation"):
                if review[name]:
                    yield f"findings.{number}.reviews.{place}.{name}", review[name]
