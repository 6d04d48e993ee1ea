"""Persons of a case in a text: by their names in the ledger, and by what the law calls them.

An opinion on evidence is none on what a person did. Who made the report may be named in it.
"""

import re
from collections.abc import Iterator

from forensics.report.statement import Statement
from forensics.taxonomy.mentions import contains_name, words

__all__ = ["persons_named"]

# A name shorter than this is a word of many languages, too, and counts only with the rest of the name.
_MIN_SURNAME = 4
# What a case calls the persons that it is about, in English, French, Spanish and Portuguese.
_ROLES = re.compile(
    r"(?<!\w)(?:"
    r"the accused|an accused|accused persons?|defendants?|the suspects?(?! \w)|"
    r"the suspects? (?:who|is|was|has|had|were|are|did|imported|bought|sold|killed|shot|knew)|"
    r"culprits?|perpetrators?|poachers?|smugglers?|traffickers?|the offenders?|"
    r"(?:le |la |les |l['’])(?:accusée?s?|prévenue?s?|inculpée?s?)|mise?s? en (?:cause|examen)|"
    r"contrevenante?s?|braconni(?:er|ère)s?|trafiquante?s?|contrebandi(?:er|ère)s?|"
    r"(?:el |la |los |las )(?:acusad[oa]s?|imputad[oa]s?|procesad[oa]s?|encausad[oa]s?)|"
    r"cazador(?:es|as?)? furtiv[oa]s?|traficantes?|contrabandistas?|"
    r"(?:o |a |os |as )(?:acusad[oa]s?|arguid[oa]s?|réus?|ré)|caçador(?:es|as?)? furtiv[oa]s?"
    r")(?!\w)",
    re.IGNORECASE,
)


def persons_named(text: str, statement: Statement) -> list[str]:
    """Return the persons of the case that a text names; nothing where it names none.

    Parameters
    ----------
    text : str
    statement : Statement
        People who acted in the case, and who brought the items, are persons of the case. Those who
        made the report are none: analysts, reviewers, authors of opinions, who authorises it.
    """
    named = [match.group(0) for match in _ROLES.finditer(" ".join(text.split()))]
    capitals = {look for look, word in words(text) if word[:1].isupper()}
    for name in dict.fromkeys(_names(statement)):
        surname = _surname(name)
        if contains_name(text, name) or (surname and surname in capitals):
            named.append(name)
    return list(dict.fromkeys(named))


def _names(statement: Statement) -> Iterator[str]:
    makers = _makers(statement)
    for person in statement.people:
        if person.person not in makers and person.name:
            yield person.name
    for exhibit in statement.exhibits:
        if exhibit.received_from:
            yield exhibit.received_from


def _makers(statement: Statement) -> set[str | None]:
    """Return the people whose work the report is."""
    makers = {opinion.author for opinion in statement.opinions}
    makers.add(statement.authorisation.person)
    for finding in statement.findings:
        makers.add(finding.analyst)
        makers.update(review.reviewer for review in finding.reviews)
    return makers - {None}


def _surname(name: str) -> str:
    """Return the last word of a name as it looks; nothing where it may be an ordinary word."""
    parts = [(look, word) for look, word in words(name) if word[:1].isupper()]
    if len(parts) < 2 or len(parts[-1][1]) < _MIN_SURNAME:
        return ""
    return parts[-1][0]
