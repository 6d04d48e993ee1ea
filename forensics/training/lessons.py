"""What the lessons call: the exhibits that are examined in them, and checks of what a learner has answered.

>>> from forensics.training import check
>>> check("1.2", "a").right
False

The questions of a lesson stand in a table, ``questions/01.toml``. Below the number of a question are

``kind``       ``choice``: a letter; ``choices``: several; ``number``; ``text``: a name or a word;
               ``statement``: sentences, which the gate of a report reads
``right``      the answer, or a list: of ``choices`` all of them, else each is right; of a ``statement`` lists of
               beginnings of words, of each list one is needed. What begins with a dot
               is looked up in the result of the lesson: ``.taxon``, ``.candidates.0.mismatches``
``tolerance``  by which a number may differ
``why``        what is said of a right answer; it may have ``{right}`` and ``{about}`` in it
``hint``       what is said of a wrong one
``hints``      what is said of a certain wrong one, by that answer; of ``choices`` by a letter that is too many; of a
               ``statement`` by what the gate finds

Names are written with an underscore, ``Panthera_leo``, so that they are not taken for text to be translated. Case,
accents and signs make no difference between two texts.
"""

import functools
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sized
from dataclasses import dataclass
from html import escape
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forensics.barcode.reading.inputs import as_queries
from forensics.barcode.run import COLOURS
from forensics.barcode.verdict import Outcome
from forensics.drawing import require_matplotlib
from forensics.errors import UsageError
from forensics.io.files import folder
from forensics.messages import N_, _, speak

if TYPE_CHECKING:
    import pandas

_QUESTIONS = Path(__file__).with_name("questions")
_FORMS = {
    "choice": N_(
        'Write one of the letters in quotation marks, such as answer = "a"; here: {letters}.'
    ),
    "choices": N_('Write letters in quotation marks, such as answer = "a c"; here: {letters}.'),
    "number": N_("Write a number without quotation marks and with a decimal point, such as 0.95."),
    "text": N_('Write a text in quotation marks, such as answer = "Panthera leo".'),
    "statement": N_("Write your sentences in quotation marks."),
}
"""The kinds of answers, and how one is written."""
_NAMES = (
    N_("scale"), N_("tusk"), N_("bead"), N_("tooth"), N_("skin"), N_("feather"), N_("bushmeat"), N_("fillet"),
    N_("caviar"), N_("leaf"), N_("carving"), N_("biltong"),
)  # fmt: skip
"""The exhibits with a sequence, as reference_sequences/demonstration names them."""
_LETTERS, _DOTS = 12.5, 96
"""Points and dots an inch: the smallest letters are of 11 points, and a picture of 9 inches fits a screen."""


@dataclass(frozen=True)
class Checked:
    """What became of an answer.

    Attributes
    ----------
    question : str
        Such as ``1.3``: lesson 1, question 3.
    right : bool or None
        None where nothing was answered.
    hint : str
        What is wrong and where to look; of a right answer, why it is right.
    """

    question: str
    right: bool | None
    hint: str

    def __repr__(self) -> str:
        return f"{'☐' if self.right is None else '✘✔'[self.right]} {self.question}  {self.hint}"

    def _repr_html_(self) -> str:
        colour = COLOURS[Outcome.NAMED if self.right else Outcome.LIMITED]
        return (
            f"<p style='border-left:4px solid {colour};padding-left:8px'>{escape(repr(self))}</p>"
        )


def begin(code: str) -> None:
    """Begin a lesson: use its language, and letters in pictures that can be read at 1024 x 768.

    Parameters
    ----------
    code : str
        Of the language, such as ``fr``.
    """
    require_matplotlib()
    import matplotlib

    speak(code)
    matplotlib.rcParams.update({"font.size": _LETTERS, "figure.dpi": _DOTS})


def exhibits() -> dict[str, Any]:
    """Return what the lessons examine, by its English name: each may be given to `forensics.identify`.

    Twelve have a sequence (`truth`). ``clean`` and ``mixed`` are two pairs of chromatograms, ``letters`` is the highest
    peak at each base of the forward read of ``mixed``. All is real but the stories of the lessons.
    """
    place = folder("reference_sequences") / "demonstration"
    found: dict[str, Any] = {
        query.name: query._replace(name=_(query.name))
        for query in as_queries(place / "exhibits.fasta")
    }
    for name, file in (("clean", "Bombus_ignitus_short"), ("mixed", "Bombus_ignitus")):
        found[name] = [place / f"{file}_{strand}.ab1.gz" for strand in "FR"]
    (read,) = as_queries(found["mixed"][0])
    if read.chromatogram:
        kept = slice(read.chromatogram.start, read.chromatogram.end)
        highest = read.chromatogram.amplitudes[kept].argmax(axis=1)
        found["letters"] = {"letters": "".join("ACGT"[base] for base in highest)}
    return found


def truth() -> "pandas.DataFrame":
    """Return what the exhibits with a sequence are: columns query, species, and whether the library has it."""
    import pandas

    place = folder("reference_sequences") / "demonstration" / "exhibits.tsv"
    table = pandas.read_csv(place, sep="\t")[["query", "species", "expected"]]
    return table.assign(query=table["query"].map(_))


def check(question: str, answer: object, about: object = None) -> Checked:
    """Check an answer to a question of a lesson; a wrong one is an answer, too, and no error.

    Parameters
    ----------
    question : str
        Such as ``1.3``.
    answer : str, float, or list of str
        What the learner has written; None where nothing was.
    about : object, optional
        What was found in the lesson, where the right answer depends on it.

    Returns
    -------
    Checked

    Raises
    ------
    UsageError
        If there is no such question.
    """
    asked = _asked(question)
    if isinstance(answer, str):
        answer = answer.strip()
    if answer is None or answer is ... or (isinstance(answer, Sized) and not len(answer)):
        return Checked(
            question,
            None,
            _("No answer yet: write it in the place of None and run the cell again."),
        )
    kind = asked["kind"]
    if kind == "statement" and isinstance(answer, str) and about is not None:
        return _hear(question, answer, about)
    right = asked["right"] if isinstance(asked["right"], list) else [asked["right"]]
    hints: Mapping[str, str] = asked.get("hints", {})
    letters = sorted({*hints, *right}) if kind.startswith("choice") else []
    given = _read(kind, answer)
    if not given or (letters and not {*given} <= {*letters}):
        return Checked(question, False, _(_FORMS[kind]).format(letters=", ".join(letters)))
    wanted = [_value(each, about) for each in right]
    if None in wanted or kind == "statement":
        return Checked(question, False, _("Run the cells above first, from the top of the lesson."))

    same = functools.partial(_same, tolerance=asked.get("tolerance", 0))
    wrong = [each for each in given if not any(same(each, one) for one in wanted)]
    missing = [one for one in wanted if not any(same(each, one) for each in given)]
    if not wrong and not (kind == "choices" and missing):
        return Checked(question, True, _(asked["why"]).format(right=wanted[0], about=about))
    for written, hint in hints.items():
        value = _value(written, about)
        if value is not None and any(same(each, value) for each in wrong):
            return Checked(question, False, _(hint))
    return Checked(question, False, _(asked["hint"]))


def _hear(question: str, statement: str, case: Any) -> Checked:
    """Check sentences by the gate of the report of a case, and for the words that they need."""
    asked = _asked(question)
    for problem in case.testify(statement):
        hint = _(asked["hints"][problem.code])
        return Checked(question, False, f"{hint} ({problem.found})")
    text = f" {_fold(statement)}"
    is_right = all(any(f" {_fold(word)}" in text for word in words) for words in asked["right"])
    return Checked(question, is_right, _(asked["why" if is_right else "hint"]))


@functools.cache
def questions() -> dict[str, dict[str, Any]]:
    """Return the questions of all lessons, by their numbers."""
    return {
        f"{int(path.stem)}.{number}": asked
        for path in sorted(_QUESTIONS.glob("*.toml"))
        for number, asked in tomllib.loads(path.read_text(encoding="utf-8")).items()
    }


def _asked(question: str) -> dict[str, Any]:
    known = questions()
    if question not in known:
        import difflib

        near = difflib.get_close_matches(str(question), known, 3) or [*known][:3]
        raise UsageError(
            _("There is no question {question!r}. Did you mean {known}?").format(
                question=question, known=", ".join(near)
            )
        )
    return known[question]


def _read(kind: str, answer: object) -> list[Any]:
    """Return the parts of an answer; none where it is not of this kind."""
    if kind == "number":
        return [answer] if isinstance(answer, Real) and not isinstance(answer, bool) else []
    if kind == "choices" and isinstance(answer, (list, tuple, set)):
        answer = " ".join(map(str, answer))
    if not isinstance(answer, str):
        return []
    text = _fold(answer)
    return re.findall(r"\w", text) if kind == "choices" else [text]


def _value(written: Any, about: Any) -> Any:
    """Return what is written in a table, or what is found under it in a result; None where nothing is."""
    if not (isinstance(written, str) and written.startswith(".")):
        return written
    try:
        for name in written[1:].split("."):
            if name.isdecimal() or isinstance(about, Mapping):
                about = about[int(name) if name.isdecimal() else name]
            else:
                about = getattr(about, name)
    except (AttributeError, LookupError, TypeError):
        return None
    return about


def _same(value: Any, other: Any, tolerance: float) -> bool:
    if isinstance(value, str):
        # Ranks may be written in the language of the reader.
        return _fold(value) in (_fold(str(other)), _fold(_(str(other))))
    return abs(float(value) - float(other)) <= tolerance


def _fold(text: str) -> str:
    """Return a text without case, accents and signs."""
    plain = "".join(
        sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign)
    )
    return re.sub(r"[\W_]+", " ", plain).strip().casefold()
