"""``forensics explain``: what a code of a notice, or a word, means and what to do."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from forensics.cli.options import command
from forensics.cli.output import RECORDS, View, Writer, written
from forensics.core.notice import Severity, plain
from forensics.messages import N_, _, language

if TYPE_CHECKING:
    from forensics.core.notice import NoticeKind
    from forensics.glossary import Term

_SEVERITIES = {
    Severity.BLOCKS: N_("blocks: no name, date or other statement may be given"),
    Severity.LIMITS: N_("limits: less may be stated than without it"),
    Severity.INFORMS: N_("informs: something about this sample"),
    Severity.CONTEXT: N_("context: true of the whole run"),
}
_SUBJECTS = {
    "unusable": N_("a sequence that could not be examined"),
    "sequence": N_("a sequence"),
    "search": N_("a search"),
    "checks": N_("the checks before a call"),
    "calls": N_("a call"),
    "loci": N_("several loci of a sample"),
    "mixture": N_("a mixture"),
    "origin": N_("an origin"),
    "individual": N_("individuals"),
    "captive": N_("wild or captive"),
    "age": N_("an age"),
    "listings": N_("a listing"),
}


@command(
    help=_(
        "Explain a notice or a term, and say what to do.\n\n"
        "\b\n"
        "Examples:\n"
        "  forensics explain KNOWN_HYBRIDISATION\n"
        "  forensics explain chain of custody\n"
        "  forensics explain étalonnage\n\n"
        "The code of a notice follows its text, and is in the JSON of a result; terms are those of "
        "the glossary, in English, French or Spanish."
    ),
)
@click.argument("words", nargs=-1, required=True, metavar="CODE|WORD...")
@written(forms=RECORDS, to_file=False)
def explain(words: tuple[str, ...], writer: Writer) -> None:
    whole = " ".join(words)
    # Several words may be a term of several words, or several terms.
    entries = list(_find(whole)) or [entry for word in words for entry in _find_or_refuse(word)]
    for entry in entries:
        writer.write(entry, _VIEW)


Entry = dict[str, str]


def _find(word: str) -> Iterator[Entry]:
    """Yield what is called so: notices by their code, a term in any language, a mark by its verdict."""
    from forensics.glossary import read_glossary
    from forensics.notices import SUBJECTS, Kinds

    code = re.sub(r"[\s-]+", "_", word.strip()).upper()
    for subject in SUBJECTS:
        if kind := Kinds(subject).get(code):
            yield _entry_of_notice(subject, kind)
    name = word.strip().casefold()
    marked = _marked(name)
    for term in read_glossary():
        if term.term in marked or name in (each.casefold() for each in term.names):
            yield _entry_of_term(term)


def _marked(mark: str) -> set[str]:
    """Return the verdicts, by their terms, that a table marks with this sign."""
    if len(mark) != 1:
        return set()
    from forensics.cli.origin_screen import MARKS as OF_ORIGINS
    from forensics.cli.verdicts import MARKS as OF_SEQUENCES

    verdicts = [*OF_SEQUENCES.items(), *OF_ORIGINS.items()]
    return {verdict.replace("_", " ") for verdict, known in verdicts if mark in known[:2]}


def _find_or_refuse(word: str) -> list[Entry]:
    entries = list(_find(word))
    if entries:
        return entries
    raise click.UsageError(
        " ".join((_("No notice or term is called {word!r}.").format(word=word), *_suggestion(word)))
    )


def _suggestion(word: str) -> Sequence[str]:
    import difflib

    from forensics.glossary import read_glossary
    from forensics.notices import SUBJECTS, Kinds

    names = {name.casefold(): name for term in read_glossary() for name in term.names}
    names |= {code.casefold(): code for code in Kinds(*SUBJECTS)}
    near = difflib.get_close_matches(word.casefold().replace(" ", "_"), names, 3)
    near = near or difflib.get_close_matches(word.casefold(), names, 3)
    if not near:
        return ()
    return (_("Similar: {names}.").format(names=", ".join(names[name] for name in near)),)


def _entry_of_notice(subject: str, kind: "NoticeKind") -> Entry:
    return {
        "code": kind.code,
        "subject": subject,
        "severity": str(kind.severity),
        "meaning": plain(_(kind.meaning)),
        "advice": plain(_(kind.advice)),
    }


def _entry_of_term(term: "Term") -> Entry:
    name, meaning = term.in_language(language())
    return {
        "term": name,
        "meaning": plain(meaning),
        "english": term.term,
        "french": term.french,
        "spanish": term.spanish,
    }


def _show(entry: Entry, writer: Writer) -> None:
    if "code" in entry:
        writer.heading(entry["code"])
        writer.lines(
            [
                (_("Of"), _(_SUBJECTS[entry["subject"]])),
                (_("Severity"), _(_SEVERITIES[Severity(entry["severity"])])),
                (_("Meaning"), entry["meaning"]),
                (_("What to do"), entry["advice"]),
            ]
        )
        return
    writer.heading(entry["term"])
    writer.lines(
        [
            (_("Meaning"), entry["meaning"]),
            *(
                (label, entry[language])
                for label, language in (
                    (_("English"), "english"), (_("French"), "french"), (_("Spanish"), "spanish"),
                )
                if entry[language] != entry["term"]
            ),
        ]
    )  # fmt: skip


def _record(entry: Entry) -> Any:
    return entry


_VIEW: View[Entry] = View(show=_show, record=_record)
