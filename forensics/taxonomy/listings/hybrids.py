"""Hybrids: animals to the fourth generation, plants as their parents.

References
----------
Resolution Conf. 10.17 (Rev. CoP14), animals: "recent lineage" is the previous four generations.
Resolution Conf. 11.11 (Rev. CoP18), plants: subject where a parent is, unless an annotation excludes them.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from forensics.core.notice import Notice
from forensics.messages import _
from forensics.notices import listings as notices
from forensics.taxonomy.listings.nomenclature import Taxon
from forensics.taxonomy.listings.results import NO_LISTING, Answer, strictest
from forensics.taxonomy.listings.table import EXCEPTED

RECENT_LINEAGE = 4
"""Generations before a hybrid animal in which an ancestor in Appendix I or II makes it subject to the
Convention (Resolution Conf. 10.17)."""
_CROSS = r"\s*×\s*|\s+[xX]\s+"
_HYBRID = r"(?i)\s+hybrids?\.?$"
# One of them is in every name of a hybrid; to compile the patterns takes longer than the answer for another.
_MARKS = ("×", " x ", "hybr")


def parents_of(text: str) -> list[str]:
    """Return the parents of a hybrid as far as its name tells them; nothing for other names.

    Examples
    --------
    >>> parents_of("Felis catus x Prionailurus bengalensis")
    ['Felis catus', 'Prionailurus bengalensis']
    >>> parents_of("Falco rusticolus x F. cherrug"), parents_of("Aloe × spinosissima")
    (['Falco rusticolus', 'Falco cherrug'], ['Aloe'])
    >>> parents_of("Falco cherrug"), parents_of("Ursus hybrid")
    ([], ['Ursus'])
    """
    clean = " ".join(text.replace("_", " ").split())
    if not any(mark in clean.casefold() for mark in _MARKS):
        return []
    if re.search(_HYBRID, clean):
        return [re.sub(_HYBRID, "", clean)]
    parts = [part for part in re.split(_CROSS, clean) if part]
    if len(parts) == 1 and parts[0] != clean:  # ×Brassocattleya
        return parts
    if len(parts) < 2:
        return []
    genus = parts[0].split(" ")[0]
    parents = [parts[0]]
    for part in parts[1:]:
        first, _space, rest = part.partition(" ")
        if first[:1].islower() and " " in parts[0]:  # Canis lupus x familiaris
            parents.append(f"{genus} {part}")
        elif first[:1].islower():  # a name of its own for the hybrid: Aloe × spinosissima
            parents.append(genus)
        elif rest and first.rstrip(".") == genus[: len(first.rstrip("."))]:
            parents.append(f"{genus} {rest}")
        else:
            parents.append(part)
    return list(dict.fromkeys(parents))


def combined(
    of_parents: Sequence[tuple[Taxon, list[Answer], list[Notice]]], generation: int | None
) -> tuple[list[Answer], list[Notice]]:
    """Return the answers for a hybrid of these parents.

    Parameters
    ----------
    of_parents : list of (Taxon, list of Answer, list of Notice)
    generation : int or None
        How many generations ago the nearest ancestor of a listed species lived.
    """
    notes = [note for _taxon, _answers, own in of_parents for note in own]
    plants = any(
        answer.listing and answer.listing.kingdom == "plants"
        for _taxon, answers, _own in of_parents
        for answer in answers
    )
    if len(of_parents) == 1:
        # A hybrid of a genus has two parents: a taxon that is left out by name is but one of them.
        taxon, answers, own = of_parents[0]
        kept = [
            candidate
            for candidate in answers
            if candidate.listing is None or candidate.listing.appendix != EXCEPTED
        ]
        of_parents = [(taxon, kept or answers, own)]
    ranked = [strictest(answers) for _taxon, answers, _own in of_parents]
    # The parent in the strictest Appendix decides; an ancestor in Appendix III makes no hybrid listed.
    decisive = min(ranked, key=lambda answers: "I II III".split().index(answers[0].appendix)
                   if answers[0].appendix in ("I", "II", "III") else 3)  # fmt: skip
    listed = [answer for answer in decisive if answer.appendix in ("I", "II")]
    if not listed:
        reason = _("No parent that is named is in Appendix I or II.")
        return [Answer(NO_LISTING, reason=reason)], notes
    if plants:
        notes.append(notices.HYBRID_PLANT())
        return list(decisive), notes
    notes.append(notices.HYBRID_ANIMAL())
    beyond = Answer(
        NO_LISTING,
        reason=_("No ancestor in Appendix I or II in the previous four generations."),
    )
    if generation is not None:
        return (list(decisive) if generation <= RECENT_LINEAGE else [beyond]), notes
    within = _("an ancestor of it in Appendix I or II lived in the previous four generations")
    before = _("no such ancestor lived in the previous four generations")
    answers_within = [
        replace(candidate, conditions=(within, *candidate.conditions)) for candidate in decisive
    ]
    return [*answers_within, Answer(NO_LISTING, conditions=(before,), reason=beyond.reason)], notes
