"""Batches of sequences to which nothing is near: what each line says, what is said once, and that words and explanations agree."""

import ast
import inspect
import io
import re
from collections import Counter, defaultdict

import pytest
from command_line import records as records_of
from command_line import typed
from golden_results import identifications

from forensics.barcode import identification, verdict
from forensics.barcode.calling import combine
from forensics.barcode.identification import RANK_NAMES, Identification
from forensics.barcode.reference.writing import write_library
from forensics.barcode.run import run_html
from forensics.barcode.verdict import Outcome, detail_lines, make_verdict
from forensics.cli import verdicts
from forensics.cli.origin_screen import MARKS as MARKS_OF_ORIGINS
from forensics.cli.output import Writer
from forensics.cli.verdicts import MARKS
from forensics.core.notice import plain
from forensics.glossary import read_glossary
from forensics.messages import _, available, speak
from forensics.notices import SEQUENCE_SUBJECTS, Kinds

LANGUAGES = available()
CLASSES = {"Aves", "Mammalia", "Actinopteri", "Chondrichthyes"}
FAR_ORDERS = {"Psittaciformes", "Primates", "Carcharhiniformes", "Acipenseriformes"}


@pytest.fixture(autouse=True)
def _english():
    yield
    speak("en")


@pytest.fixture(scope="module")
def records(embedded):
    """Real records of COI by order and species."""
    index = embedded.index("COI")
    found = defaultdict(list)
    for place in range(index.record_count):
        record = index.record(place)
        if record.class_ in CLASSES:
            sequence = index.sequence(index.haplotype_at(place))
            found[record.order, record.species].append((record, sequence))
    return found


@pytest.fixture(scope="module")
def far(records, tmp_path_factory):
    """A file of 40 real sequences, each of another species."""
    taken = [these[0] for (order, _species), these in records.items() if order in FAR_ORDERS]
    # From the whole library, in which short ones come first.
    taken = taken[:: len(taken) // 40][:40]
    assert len(taken) == 40 and {record.class_ for record, _text in taken} == CLASSES
    path = tmp_path_factory.mktemp("far") / "far.fasta"
    names = [record.accession.partition(":")[0] for record, _text in taken]
    path.write_text("".join(f">{name}\n{text}\n" for name, (_r, text) in zip(names, taken)))
    return path


@pytest.fixture(scope="module")
def related(records, tmp_path_factory):
    """A library of real birds, mammals and fish of other orders, which knows how far such records can be trusted."""
    near = [
        these[:2]
        for (order, species), these in records.items()
        if species and len(these) > 1 and order not in FAR_ORDERS
    ]
    near = [each for these in near[:: len(near) // 40][:40] for each in these]
    path = tmp_path_factory.mktemp("related") / "library"
    write_library(path, near, name="related", calibrated=True)
    return path


def identified(path, library):
    """Return the results of a file, as the command prints them."""
    lines = typed("identify --format json --library", library, path).stdout.splitlines()
    return list(map(Identification.from_json, lines))


def plainly(text):
    """Return a text with single blanks, breaking or not."""
    return " ".join(text.split())


def lines_and_below(text):
    """Return the lines of samples, each as its cells, and the paragraphs below them."""
    _head, table, below, *_rest = text.split("\n\n")
    marks = {mark.sign for mark in MARKS.values()}
    rows = [line for line in table.splitlines() if line[:1] in marks]
    assert len(rows) == len(table.splitlines()), "each sample has one line"
    return [re.split(r"\s{2,}", row[2:]) for row in rows], plainly(below)


def check_table(text):
    """No sentence stands on more than a tenth of the lines."""
    rows, below = lines_and_below(text)
    sentences = Counter(cell for _name, _call, *cells in rows for cell in cells)
    assert all(count <= len(rows) / 10 for count in sentences.values()), sentences.most_common(3)
    return rows, below


def table_of(results, language):
    """Return what the command prints of results, in a language."""
    speak(language)
    stream = io.StringIO()
    table = verdicts.VerdictTable(Writer("table", stream))
    for result in results:
        table.add(result)
    table.write()
    return stream.getvalue()


@pytest.fixture(scope="module")
def results(related, far):
    found = identified(far, related)
    assert len(found) == 40
    return found


TRY_ANOTHER = {
    "en": "try another library or locus",
    "es": "pruebe otra biblioteca u otro locus",
    "fr": "essayez une autre bibliothèque ou un autre locus",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_all_far_sequences_share_is_said_once(results, language):
    """520 of 520 printed "with a prior of 0.9 the library holds the species with a probability of 12.9% all the same"."""
    rows, below = check_table(table_of(results, language))
    far_call = _("NOTHING NEAR")
    assert {call for _name, call, *_cells in rows} == {far_call}
    assert below.count(f"({results[0].locus})") == below.count(TRY_ANOTHER[language]) == 1
    assert below.count(plainly(_("nothing within {limit:.0%}").format(limit=0.1))) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_far_line_has_the_class_that_is_stated_or_the_nearest_that_was_found(
    results, language
):
    rows, _below = check_table(table_of(results, language))
    shown = {name: " ".join(rest) for name, _call, *rest in rows}
    placed = [result for result in results if result.placement.taxon]
    assert len(placed) > 10
    for result in placed:
        assert shown[result.query].startswith(f"{result.placement.taxon} (")
    for result in results:
        assert _("nearest found {species}, {identity:.1%}").partition("{")[0] in shown[result.query]


@pytest.fixture(scope="module")
def unrelated(library, far):
    """Results of twenty by a library that has no records far from each other."""
    some = far.with_name("some.fasta")
    some.write_text("".join(far.read_text().splitlines(keepends=True)[:40]))
    return identified(some, library.path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_library_without_far_records_says_is_said_once(unrelated, language):
    _rows, below = check_table(table_of(unrelated, language))
    assert below.count(TRY_ANOTHER[language]) == 1
    assert below.count(plainly(_("nothing within {limit:.0%}").format(limit=0.1))) == 1


def test_a_notebook_says_it_once_too(results):
    html = run_html(results)
    assert html.count("try another library or locus") == 1 < html.count("nearest found")


def test_of_few_samples_each_line_says_what_to_do(results):
    text = table_of(results[:3], "en")
    assert text.count("try another library or locus") == 3


# -- one state, one name; no verdict against its explanation ----------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_state_has_one_name_on_a_screen(language):
    speak(language)
    from forensics.cli.identify import _summary

    counted = _summary(Counter(), 0).casefold()
    for _outcome, call in verdict._UNNAMED.values():
        assert _(call).casefold() in counted


@pytest.fixture(scope="module")
def stored():
    """Results of every kind, as they are stored."""
    results = [Identification.from_stored(one) for one in identifications() if "query" in one]
    assert {result.status for result in results} == {
        "identified", "inconclusive", "nothing_near", "unusable",
    }  # fmt: skip
    return results


# What an advice forbids, and what of a verdict would do it.
_FORBIDDEN = {
    r"[Dd]o not write that the species is not in the library": lambda v, text: "not in the library" in text,
    r"[Dd]o not report a name|Nothing is named|[Gg]ive no name|Do not name": lambda v, text: bool(v.rank),
    r"[Rr]eport no species|[Dd]o not report the species": lambda v, text: v.rank == "species",
}  # fmt: skip


def test_no_verdict_is_against_the_explanation_of_a_notice_that_comes_with_it(stored):
    kinds = Kinds(*SEQUENCE_SUBJECTS)
    met = set()
    for result in stored:
        said = make_verdict(result)
        words = " ".join(
            (said.call, *said.evidence, said.advice, result.headline(), result.advice())
        )
        for notice in result.notices:
            kind = kinds.get(notice.code)
            if kind is None:
                continue
            assert kind.severity != "blocks" or not said.rank, (result, notice.code)
            for pattern, is_done in _FORBIDDEN.items():
                if re.search(pattern, f"{kind.meaning} {kind.advice}"):
                    met.add(pattern)
                    assert not is_done(said, words), (said.call, words, notice.code)
    assert met == set(_FORBIDDEN)


def test_every_verdict_word_agrees_with_its_entry_in_the_glossary():
    terms = {term.term: term for term in read_glossary()}
    statuses = {outcome: status for status, (outcome, _call) in verdict._UNNAMED.items()}
    for outcome, mark in MARKS.items():
        assert f"`{mark.sign}`" in terms[outcome].meaning
        assert (
            outcome not in statuses
            or outcome == "unusable"
            or f"`{statuses[outcome]}`" in terms[outcome].meaning
        )
    assert "not in the library" not in terms["nothing near"].meaning


# -- every word and mark of the screen is explained ---------------------------------------------


def labels():
    """Return the labels that the code of the screen prints: first parts of pairs, and of tables of labels."""
    found = set()
    for module in (identification, verdict, combine, verdicts):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Tuple) and len(node.elts) == 2:
                found |= {_text_of(node.elts[0])}
            elif isinstance(node, ast.Dict):
                found |= {_text_of(value) for value in node.values}
    found = {text for text in found if text and "{" not in text and text[0].isupper()}
    assert {"How sure", "Further away", "Blocks", "Compared only"} <= found
    return sorted(found)


def _text_of(node):
    is_text = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_"
    return node.args[0].value if is_text and isinstance(node.args[0], ast.Constant) else ""


def explained(word, language):
    return records_of(typed("explain --format json --lang", language, "--", word))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_screen_is_explained_in_the_language_of_the_reader(language):
    speak(language)
    words = {_(call) for _outcome, call in verdict._UNNAMED.values()}
    words |= {_(text) for text in (*labels(), *RANK_NAMES.values())}
    words |= {"-", "*"}
    meanings = {
        term.in_language(language)[1].replace("`", "").replace("*", "") for term in read_glossary()
    }
    for word in sorted(words):
        entries = explained(word, language)
        assert entries, word
        for entry in entries:
            assert "code" in entry or entry["meaning"] in meanings, word


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mark_is_explained_by_its_verdict(language):
    for marks in (MARKS, MARKS_OF_ORIGINS):
        for outcome, mark in marks.items():
            for sign in mark[:2]:
                names = {entry.get("english") for entry in explained(sign, language)}
                assert outcome.replace("_", " ") in names


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_the_head_are_explained(embedded, far, language):
    one = far.parent / "one.fasta"
    one.write_text("\n".join(far.read_text().splitlines()[:2]) + "\n")
    head = plainly(typed("identify --lang", language, one).stdout.split("\n\n")[0])
    words = [re.split(r"\s*[:,]\s|\s\d", part.strip())[0] for part in head.split("·")]
    assert len(words) == 4
    for word in words:
        assert explained(word, language), word


def test_details_of_a_far_sequence_say_what_was_searched_and_what_to_write(unrelated):
    result = unrelated[0]
    assert make_verdict(result).outcome is Outcome.NOTHING_NEAR
    details = dict(detail_lines(result))
    assert "reaches 90% identity" in details["How sure"]
    assert "Report that nothing near was found" in details["What to do"]


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_every_notice_of_a_sequence_is_explained_in_the_language_of_the_reader(language):
    for code, kind in Kinds(*SEQUENCE_SUBJECTS).items():
        for entry in explained(code, language):
            if entry.get("subject") in SEQUENCE_SUBJECTS:
                speak(language)
                assert _(kind.meaning) != kind.meaning and _(kind.advice) != kind.advice, code
                assert entry["meaning"] == plain(_(kind.meaning))
