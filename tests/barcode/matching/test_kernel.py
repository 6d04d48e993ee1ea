"""Who compares sequences: the compiled kernel or the reference, with the same results, and said once."""

import json
import random
import re
import struct
from array import array

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from simulation import mutate, placed_whole, query, random_sequence

from forensics.barcode.locus import EQUALITIES, IUPAC
from forensics.barcode.matching import kernel, reference
from forensics.barcode.matching.index import Index
from forensics.barcode.matching.kernel import KmerFilter
from forensics.barcode.reference.records import ReferenceRecord

LOADED = (
    "import sys\n"
    "from forensics.barcode.matching import kernel, search\n"
    "print(kernel.implementation.__name__.rpartition('.')[2], kernel.is_compiled())\n"
    "print(*sorted({'edlib', 'numpy', 'logging'} & set(sys.modules)))\n"
)
WITHOUT = (
    "import sys\nsys.modules['forensics.barcode.matching._kernel'] = None  # not to be found\n"
)
ASKED = "FORENSICS_PURE is set"
MISSING = "without the compiled kernel"

compiled = pytest.mark.skipif(not kernel.is_compiled(), reason="built without a compiler")


@compiled
def test_the_compiled_kernel_is_taken_where_there_is_one(run):
    found = run("-c", LOADED, FORENSICS_PURE="")
    assert found.stdout.splitlines() == ["_kernel True", ""], found.stderr
    assert not found.stderr


def test_the_environment_takes_the_reference_and_it_is_said(run):
    found = run("-c", LOADED, FORENSICS_PURE="1")
    assert found.stdout.splitlines() == ["reference False", "logging"], found.stderr
    assert found.stderr.count(ASKED) == len(found.stderr.splitlines()) == 1


def test_where_there_is_no_kernel_the_reference_stands_in_and_how_to_get_one_is_said(run):
    found = run("-c", WITHOUT + LOADED, FORENSICS_PURE="")
    assert found.stdout.splitlines()[0] == "reference False", found.stderr
    assert found.stderr.startswith("Note: ") and len(found.stderr.splitlines()) == 1
    assert (
        MISSING in found.stderr
        and "C compiler" in found.stderr
        and "docs/installing.md" in found.stderr
    )


def test_no_module_of_the_package_imports_edlib(root):
    importing = [
        path.relative_to(root).as_posix()
        for folder in ("forensics", "reference_sequences", "models")
        for path in (root / folder).rglob("*.py")
        if re.search(r"^\s*(import edlib|from edlib)", path.read_text(encoding="utf-8"), re.M)
    ]
    assert importing == []


@pytest.fixture
def fasta(tmp_path):
    path, near = tmp_path / "x.fasta", query()
    path.write_text(
        f">a\n{near}\n>turned\n{near[::-1]}\n>half\n{near[:300]}\n>long\nTTAGG{near}CCA\n"
    )
    return path


@compiled
def test_identify_prints_the_same_bytes_with_the_kernel_and_with_the_reference(run, library, fasta):
    arguments = ("-m", "forensics", "identify", fasta, "--library", library.path,
                 "--format", "json", "--reasons")  # fmt: skip
    with_kernel, without = (
        run(*arguments, FORENSICS_PURE=pure, SOURCE_DATE_EPOCH="1700000000") for pure in ("", "1")
    )
    # One of the four is random, and so of no locus.
    assert with_kernel.returncode == without.returncode == 3, without.stderr
    assert with_kernel.stdout == without.stdout
    assert with_kernel.stderr == "" and without.stderr.count(ASKED) == 1
    results = [json.loads(line) for line in without.stdout.splitlines()]
    assert len(results) == 4
    assert all(set(one["provenance"]["dependencies"]) == {"python"} for one in results)


STARTING = """
import multiprocessing
from forensics.barcode.matching import kernel
if __name__ == "__main__":
    process = multiprocessing.get_context("spawn").Process(target=kernel.is_compiled)
    process.start()
    process.join()
    raise SystemExit(process.exitcode)
"""


def test_a_process_that_another_one_started_does_not_say_it_again(run, tmp_path):
    (tmp_path / "script.py").write_text(STARTING)  # is read by the process that it starts, too
    found = run(tmp_path / "script.py", FORENSICS_PURE="1")
    assert found.returncode == 0
    assert found.stderr.count(ASKED) == 1, found.stderr


def test_a_message_of_another_command_is_not_joined_by_one_about_the_kernel(run):
    found = run("-m", "forensics", "--help", FORENSICS_PURE="1")
    assert found.returncode == 0 and found.stderr == ""


# -- Edits, placements and paths: kernel, reference, a plain table and, where it installs, edlib
# agree


try:
    import edlib
except ImportError:  # no wheel for this system
    edlib = None

BOTH = [reference, *([kernel.implementation] if kernel.is_compiled() else [])]
by_each = pytest.mark.parametrize("by", BOTH, ids=[one.__name__.split(".")[-1] for one in BOTH])
third = pytest.mark.skipif(edlib is None, reason="edlib is not installed: no third opinion")

SEEDS = st.integers(0, 2**32)
# Around the words of 64 bits, and the lengths of barcodes.
LENGTHS = st.one_of(
    st.sampled_from([1, 2, 15, 63, 64, 65, 127, 128, 129, 192, 320, 658]), st.integers(1, 700)
)
# With two letters nearly every alignment has ties; the last is not an IUPAC code.
LETTERS = st.sampled_from(["ACGT", "AC", "A", "".join(IUPAC), "ACGTACGTACGTACGTN", "ACG?"])
LIMITS = st.sampled_from([0, 1, 0.05, 0.3, 1.0, 2.0])
PAIRWISE = ("semiglobal_distance", "semiglobal_placements", "prefix_ends", "semiglobal_path",
            "prefix_path")  # fmt: skip


def relatives(seed, length, letters):
    """Return a sequence and a changed part of it between others, once or twice; either may be first."""
    rng = random.Random(seed)
    one = random_sequence(rng, length, letters)
    changes = rng.randrange(length // 3 + 1)
    other = mutate(rng, one, substitutions=changes, insertions=changes // 3, deletions=changes // 4)
    before, behind = (random_sequence(rng, rng.choice([0, 3, 90]), letters) for _ in "ab")
    other = (before + other[rng.choice([0, 0, length // 3]) :] + behind) * rng.choice([1, 1, 2])
    return rng.sample([one, other or "A"], 2)


def allowed(limit, inner):
    return limit if isinstance(limit, int) else int(limit * len(inner))


# -- kernel and reference ---------------------------------------------------------------


@compiled
@examples(1500)
@given(SEEDS, LENGTHS, LETTERS, LIMITS, st.booleans(), st.booleans())
def test_the_kernel_gives_what_the_reference_gives(seed, length, letters, limit, exact, as_text):
    inner, outer = relatives(seed, length, letters)
    if not as_text:
        inner, outer = inner.encode(), outer.encode()
    asked = inner, outer, allowed(limit, inner), exact
    for name in PAIRWISE:
        assert getattr(kernel.implementation, name)(*asked) == getattr(reference, name)(*asked), (
            name
        )


@compiled
@pytest.mark.parametrize("length", [1900, 4200])
@pytest.mark.parametrize("letters", ["ACGT", "AC"])
def test_the_paths_of_long_sequences_are_those_of_the_reference(length, letters):
    inner, outer = relatives(length, length, letters)
    for name in ("semiglobal_path", "prefix_path"):
        given_ = [getattr(by, name)(inner, outer, len(inner), False) for by in BOTH]
        assert given_[0] == given_[1]


@compiled
@examples(300)
@given(SEEDS, LENGTHS, st.sampled_from([0, 0.02, 0.1, 0.3]))
def test_places_far_from_each_other_are_all_weighed(seed, length, share):
    """Whole and broken copies, each unlike in its own way, so far apart that what lies between is left."""
    rng = random.Random(seed)
    inner, outer = random_sequence(rng, length), ""
    for _copy in range(rng.randrange(1, 5)):
        changes = rng.randrange(int(share * length) + 2)
        copy = mutate(rng, inner, substitutions=changes // 2, insertions=changes - changes // 2)
        part = copy[rng.choice([0, 0, length // 2]) :]
        outer += part + random_sequence(rng, rng.choice([5, 400]))
    asked = inner, outer, int(share * len(inner)), False
    assert kernel.semiglobal_placements(*asked[:3]) == reference.semiglobal_placements(*asked)


@examples(200)
@given(SEEDS, LETTERS, st.integers(0, 16), st.sampled_from([15, 15, 40]))
def test_many_match_at_once_as_one_by_one(seed, letters, most, longest):
    rng = random.Random(seed)
    inners = [
        random_sequence(rng, rng.randrange(1, longest + 1), letters)
        for _inner in range(rng.choice([0, 1, 4, 9, 33]))
    ]
    outer = random_sequence(rng, rng.randrange(1, longest + 60), letters)
    for inner in inners[:2]:  # some do match
        place = rng.randrange(len(outer))
        outer = outer[:place] + mutate(rng, inner, substitutions=rng.randrange(3)) + outer[place:]
    asked = tuple(inner.encode() for inner in inners), outer.encode(), most
    expected = [
        i for i, inner in enumerate(inners)
        if kernel.semiglobal_distance(inner, outer, most) is not None
    ]  # fmt: skip
    assert kernel.match_any(*asked) == reference.match_any(*asked) == expected


# -- a plain table ----------------------------------------------------------------------


@by_each
@examples(200)
@given(SEEDS, st.integers(1, 40), st.sampled_from(["ACGT", "AC", "".join(IUPAC)]))
def test_the_edits_are_those_of_a_plain_table(by, seed, length, letters):
    inner, outer = relatives(seed, length, letters)
    edits = placed_whole(inner, outer)
    assert by.semiglobal_distance(inner, outer, len(inner), False) == edits
    assert by.semiglobal_distance(inner, outer, edits, False) == edits
    assert not edits or by.semiglobal_distance(inner, outer, edits - 1, False) is None


@by_each
@examples(300)
@given(SEEDS, LENGTHS, LETTERS, st.booleans(), st.booleans())
def test_a_path_leads_from_one_to_the_other_and_costs_its_edits(
    by, seed, length, letters, exact, prefix
):
    inner, outer = relatives(seed, length, letters)
    path_of = by.prefix_path if prefix else by.semiglobal_path
    edits, start, path = path_of(inner, outer, len(inner), exact)
    assert start == 0 or not prefix
    here, there, cost = 0, start, 0
    for count, step in path:
        assert count > 0 and step in "=XID"
        for _ in range(count if step in "=X" else 0):
            assert same(inner[here], outer[there], exact) == (step == "=")
            here, there = here + 1, there + 1
        here += count * (step == "I")
        there += count * (step == "D")
        cost += count * (step != "=")
    assert all(one[1] != other[1] for one, other in zip(path, path[1:]))
    assert (here, cost) == (len(inner), edits)
    if prefix:
        told, ends = by.prefix_ends(inner, outer, len(inner), exact)
        assert (edits, there) == (told, ends[0])
    else:
        told, places = by.semiglobal_placements(inner, outer, len(inner), exact)
        assert (edits, (start, there)) == (told, places[0])


def same(one, other, exact):
    if exact:
        return one == other
    return bool(set(IUPAC.get(one, "")) & set(IUPAC.get(other, "")))


# -- a third opinion --------------------------------------------------------------------


@third
@by_each
@examples(500)
@given(SEEDS, LENGTHS, LETTERS, LIMITS, st.booleans())
def test_distances_places_and_paths_are_those_of_edlib(by, seed, length, letters, limit, exact):
    exact = exact or "?" in letters  # for edlib, letters that are not codes match themselves
    inner, outer = relatives(seed, length, letters)
    most = allowed(limit, inner)
    options = {"task": "path", "k": most, "additionalEqualities": None if exact else EQUALITIES}
    theirs = edlib.align(inner, outer, mode="HW", **options)
    # Where nothing matches, edlib also names the place before the first base.
    if theirs["editDistance"] != len(inner):
        edits, places = by.semiglobal_placements(inner, outer, most, exact)
        told, start, path = by.semiglobal_path(inner, outer, most, exact)
        assert (-1 if edits is None else edits) == theirs["editDistance"]
        assert [(first, end - 1) for first, end in places] == theirs["locations"]
        assert told == edits and (edits is None or start == places[0][0])
        if edits is not None:
            assert written(path) == (theirs["cigar"] or "")
    theirs = edlib.align(inner, outer, mode="SHW", **options)
    if theirs["editDistance"] != len(inner):
        edits, ends = by.prefix_ends(inner, outer, most, exact)
        assert (-1 if edits is None else edits) == theirs["editDistance"]
        assert [end - 1 for end in ends] == [last for _first, last in theirs["locations"]]
        assert written(by.prefix_path(inner, outer, most, exact)[2]) == (theirs["cigar"] or "")


def written(path):
    return "".join(f"{count}{step}" for count, step in path)


# -- what is refused, and by hand -------------------------------------------------------


@by_each
def test_letters_that_are_not_codes_match_nothing_but_exactly_themselves(by):
    for exact, expected in ((False, [1, 1, 1]), (True, [0, 1, 1])):
        outers = ("GGAC?TGG", "GGACGTGG", "GGACNTGG")
        assert [by.semiglobal_distance("AC?T", outer, 4, exact) for outer in outers] == expected
    assert by.semiglobal_distance("ACRT", "GGACATGG", 4, False) == 0
    assert by.semiglobal_distance("ACRT", "GGACATGG", 4, True) == 1


@by_each
def test_of_equally_good_places_every_end_is_named_with_its_furthest_start(by):
    assert by.semiglobal_placements("ACGTTG", "GGACGTTGACGATG", 1, False) == (0, [(2, 8)])
    assert by.semiglobal_placements("AAAA", "AAAAAA", 0, False) == (0, [(0, 4), (1, 5), (2, 6)])
    assert by.semiglobal_placements("ACGT", "CCCC", 2, False) == (None, [])
    assert by.prefix_ends("ACGT", "ACTT", 4, False) == (1, [3, 4])


@by_each
def test_what_cannot_be_compared_is_refused(by):
    for asked in (("", "A", 0), ("A", "", 0), ("A", "A", -1), ("Ä", "A", 0), (b"A", b"\xff", 0)):
        for name in PAIRWISE:
            with pytest.raises(ValueError):
                getattr(by, name)(*asked, False)
    for asked in (((b"",), b"A", 0), ((b"A",), b"", 0), ((b"A",), b"A", -1), ((b"\xff",), b"A", 0)):
        with pytest.raises(ValueError):
            by.match_any(*asked)


def test_without_a_limit_everything_is_placed():
    assert kernel.semiglobal_distance("ACGTACGT", "TT") == 6
    assert kernel.best_starts("ACGT", "ACGTTACGT") == [0, 5]
    assert kernel.prefix_distance("ACGT", "ACGAAAA") == (1, 4)
    assert kernel.prefix_distance("ACGT", "TTTTTTT", 1) == (None, 0)


# -- K-mers that may have been seen: none is missed, and few are taken for seen that were not


@by_each
@examples(100)
@given(st.integers(0, 2**32), st.sampled_from([1, 2, 12, 32]), st.sampled_from([1, 40, 1000]))
def test_no_place_of_a_kmer_is_left_out(by, seed, length, texts):
    rng = random.Random(seed)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(kernel, "implementation", by)
        kmers, known = KmerFilter(length), set()
        for _text in range(texts):
            text = random_sequence(rng, rng.randrange(1, 4 * length))
            kmers.add(text)
            last = max(1, len(text) - length + 1)
            known |= {text[place : place + length] for place in range(0, last, length)}
        asked = random_sequence(rng, 50) + text + random_sequence(rng, 50)
        for one in (asked, text, asked[: length // 2], "", asked + "\u00c4"):
            places = kmers.places(one)
            assert places == sorted(set(places))
            last = max(1, len(one) - length + 1)
            assert {p for p in range(last) if one[p : p + length] in known} <= set(places)


@pytest.mark.skipif(not kernel.is_compiled(), reason="built without a compiler")
@examples(100)
@given(st.integers(0, 2**32), st.integers(1, 40), st.integers(1, 12))
def test_the_kernel_marks_and_finds_what_the_reference_does(seed, length, step):
    rng = random.Random(seed)
    text, other = (random_sequence(rng, rng.randrange(200)) for _ in "ab")
    both = []
    for by in BOTH:
        marks = bytearray(64)
        by.mark_kmers(marks, text, length, step)
        both.append(
            (marks, by.find_marked(marks, text, length), by.find_marked(marks, other, length))
        )
    assert both[0] == both[1]


@by_each
def test_few_kmers_are_taken_for_seen_however_many_there_are(by, monkeypatch):
    monkeypatch.setattr(kernel, "implementation", by)
    rng = random.Random(1)
    asked = random_sequence(rng, 10_000)
    for texts in (1, 100, 1000):
        kmers = KmerFilter(32)
        for _text in range(texts):
            kmers.add(random_sequence(rng, 640))
        assert len(kmers.places(asked)) < 500


@by_each
def test_marks_and_kmers_of_no_size_are_refused(by):
    marks, text = bytearray(8), "ACGT"
    for arguments in ((bytearray(9), text, 2, 1), (bytearray(), text, 2, 1), (marks, text, 0, 1),
                      (marks, text, 2, 0)):  # fmt: skip
        with pytest.raises(ValueError):
            by.mark_kmers(*arguments)
        if arguments[3]:
            with pytest.raises(ValueError):
                by.find_marked(*arguments[:3])
    assert marks == bytes(8)


# -- a query with many records


def words(sequence):
    """Return the different words of 8 bases of a sequence."""
    found = {sequence[place : place + 8] for place in range(len(sequence) - 7)}
    return {word for word in found if set(word) <= set("ACGT")}


@compiled
@examples(60)
@given(
    st.integers(0, 2**32),
    st.sampled_from([5, 64, 65, 150, 330]),
    st.sampled_from(["ACGT", "ACGTRN-"]),
)
def test_far_records_are_placed_several_at_once_as_the_reference_places_each(seed, length, letters):
    """Longer and shorter ones, alike to nothing or altered up to the half, and whatever is asked of each."""
    rng = random.Random(seed)
    query = "".join(rng.choices(letters, k=length))
    records, needed = [], []
    for _ in range(rng.randrange(1, 14)):
        start = rng.randrange(length)
        part = query[start:] if rng.random() < 0.5 else query
        changes = rng.randrange(len(part) // 2 + 1)
        texts = [random_sequence(rng, rng.randrange(2) * rng.randrange(150)) for _end in range(2)]
        records.append(texts[0] + mutate(rng, part, substitutions=changes) + texts[1])
        records.append("".join(rng.choices(letters, k=rng.randrange(1, 2 * length))))
        needed += rng.choices([0.0, 0.4, 0.6, 0.7, 0.8, 0.95], k=2)
    ends = [sum(map(len, records[:number])) for number in range(len(records) + 1)]
    asked = (
        "".join(records).encode(), struct.pack(f"{len(ends)}Q", *ends),
        struct.pack(f"{len(records)}I", *range(len(records))),
        struct.pack(f"{len(needed)}d", *needed),
        struct.pack(f"{len(records)}I", *(len(words(query) & words(record)) for record in records))
        if rng.random() < 0.7 else b"",
    )  # fmt: skip
    one, other = (
        by.compare_many(by.prepare_query(query.encode(), 1), kernel.WHOLE, *asked) for by in BOTH
    )
    assert one == other


@examples(60)
@given(st.integers(0, 2**32), st.sampled_from([0.0, 0.64, 0.92, 1.0]))
def test_the_identities_with_several_are_those_with_each(seed, least):
    rng = random.Random(seed)
    sequence = random_sequence(rng, rng.choice([1, 50, 170, 658]))
    others = [
        altered(
            rng,
            rng.choice([sequence, sequence[3:] + "A", random_sequence(rng, rng.randrange(1, 400))]),
        )
        for _other in range(rng.randrange(12))
    ]
    expected = [kernel.identity(sequence, other, least=least) for other in others]
    assert kernel.identities(sequence, others, least=least) == expected


# -- k-mers of an index


@compiled
def test_shared_kmers_are_counted_as_the_reference_does():
    rng = random.Random(4)
    roots = [random_sequence(rng, 300) for _ in range(3)]
    sequences = {
        mutate(rng, rng.choice(roots), substitutions=rng.randrange(60)) for _ in range(150)
    }
    sequences |= {roots[0][:40], roots[1][:100] + "R" + roots[1][100:]}
    records = [
        (ReferenceRecord(str(n), "-", locus="CR"), s) for n, s in enumerate(sorted(sequences))
    ]
    index = Index.build(records, locus="CR")
    for text in (roots[0], roots[1][:90] + "N" + roots[2][:90], 3 * roots[2][:50], "ACGT"):
        asked = text.encode(), index.tables, index.size
        assert kernel.count_shared(*asked) == reference.count_shared(*asked)
    assert (
        max(memoryview(kernel.count_shared(roots[0].encode(), index.tables, index.size)).cast("I"))
        > 200
    )


@compiled
@examples(60)
@given(st.integers(0, 2**32), st.integers(1, 4), st.sampled_from([1, 3, 40, 200]))
def test_the_kmer_table_is_that_of_the_reference(seed, k, size):
    rng = random.Random(seed)
    texts = [
        random_sequence(rng, rng.randrange(30), rng.choice(["ACGTNR", "ANNN"])) for _ in range(size)
    ]
    assert kernel.kmer_table(texts, k) == reference.kmer_table(texts, k)


@compiled
def test_texts_and_kmers_that_cannot_be_tabled_are_refused():
    for k in (-1, 0, 13, 2**40):
        with pytest.raises(ValueError, match="1 to 12 letters"):
            kernel.kmer_table(["ACGT"], k)
    with pytest.raises(TypeError):
        kernel.kmer_table(["ACGT", b"ACGT"], 3)


def test_shared_kmers_of_damaged_tables_are_not_counted():
    index = Index.build([(ReferenceRecord("A", "-", locus="CR"), 20 * "ACGGT")], locus="CR")
    counts, *others = index.tables
    many = b"\xff" * len(counts.cast("B"))
    for function in (kernel.count_shared, reference.count_shared):
        with pytest.raises(ValueError, match="damaged|contradict"):
            function(b"ACGGTACGGT", (memoryview(many), *others), index.size)


def altered(rng, text):
    """Return a text in which one letter in ten is another."""
    return "".join(rng.choice("ACGT") if rng.random() < 0.1 else letter for letter in text)


@pytest.mark.skipif(not kernel.is_compiled(), reason="built without a compiler")
@examples(60)
@given(st.integers(0, 2**32), st.integers(1, 3))
def test_the_kernel_finds_the_chains_that_the_reference_finds(seed, least):
    rng = random.Random(seed)
    texts = [random_sequence(rng, rng.randrange(120)).encode() for _ in range(rng.randrange(5))]
    scores = bytes((5 if a == b else -4) & 255 for a in range(128) for b in range(128))
    known = [by.index_words(texts, 4) for by in BOTH]
    for _turn in range(4):  # what was found in one query is not remembered in the next
        of = texts[0].decode() if texts else ""
        parts = [
            altered(rng, of)[:50],
            random_sequence(rng, rng.randrange(60)),
            altered(rng, of)[30:],
        ]
        rng.shuffle(parts)
        prices = rng.randrange(30), rng.randrange(3)
        settings = (
            "".join(parts).encode(), scores, min(least, 2), rng.randrange(40), rng.randrange(30),
            rng.choice((10, 25)), *prices,
        )  # fmt: skip
        one, other = (by.find_chains(words, *settings) for by, words in zip(BOTH, known))
        assert one == other


@by_each
def test_words_and_scores_that_do_not_fit_are_refused(by):
    words, scores = by.index_words([b"ACGT"], 2), bytes(128 * 128)
    with pytest.raises(ValueError):
        by.index_words([b"ACGT"], 0)
    with pytest.raises(ValueError):
        by.index_words([b"AC\xff"], 1)
    with pytest.raises(ValueError):
        by.find_chains(words, b"AC\xff", scores, 1, 0, 9, 9, 9, 1)
    with pytest.raises(ValueError):
        by.find_chains(words, b"ACGT", scores[1:], 1, 0, 9, 9, 9, 1)


@pytest.mark.skipif(not kernel.is_compiled(), reason="built without a compiler")
@examples(40)
@given(st.integers(0, 2**32), st.integers(1, 3), st.integers(1, 8))
def test_the_kernel_ranks_far_records_as_the_reference_does(seed, each, most):
    rng = random.Random(seed)
    size, groups = rng.randrange(1, 80), 6
    shared = struct.pack(f"{size}I", *(rng.randrange(9) for _ in range(size)))
    lengths = struct.pack(f"{size}I", *(rng.choice((90, 100, 120)) for _ in range(size)))
    group = struct.pack(f"{size}I", *(rng.randrange(groups) for _ in range(size)))
    left_out = bytes(rng.random() < 0.2 for _ in range(size))
    settings = (shared, lengths, group, left_out, 110, 95, groups, each, most)
    one, other = (by.best_of_groups(*settings) for by in BOTH)
    assert one == other
    for wrong in (left_out[1:], left_out + b"\0"):
        with pytest.raises(ValueError):
            kernel.implementation.best_of_groups(*settings[:3], wrong, *settings[4:])


def rows_of(rng, count):
    """Return rows of four columns of which many are alike: their bytes, where they begin, and first rows."""
    rows = ["\t".join(rng.choice(("", "é", "ab", "abc")) for _ in range(4)) for _ in range(count)]
    encoded = [row.encode() for row in rows]
    starts = array("Q", [sum(map(len, encoded[:number])) for number in range(count + 1)])
    firsts = array("I", [0, *sorted(rng.sample(range(1, count), rng.randrange(count))), count])
    return b"".join(encoded), starts, firsts


@compiled
@examples(60)
@given(st.integers(0, 2**32))
def test_columns_of_first_records_are_those_that_the_reference_reads(seed):
    rng = random.Random(seed)
    rows, starts, firsts = rows_of(rng, rng.randrange(1, 40))
    first = rng.randrange(3)
    asked = (
        memoryview(rows),
        memoryview(starts),
        memoryview(firsts),
        4,
        first,
        rng.randrange(first + 1, 4),
    )
    one, other = (by.first_columns(*asked) for by in BOTH)
    assert one == other and len(one[1]) == 4 * (len(firsts) - 1)


@by_each
@pytest.mark.parametrize(
    ("place", "at", "value"),
    [
        ("starts", 3, 1 << 63),
        ("starts", 1, 10**4),
        ("firsts", 0, 10**6),
        ("firsts", 1, 0),
        ("columns", 3, 5),
    ],
)
def test_columns_of_damaged_sections_are_refused(by, place, at, value):
    rows, starts, firsts = rows_of(random.Random(1), 12)
    columns = [0, 0, 0, 4, 1, 3]
    {"starts": starts, "firsts": firsts, "columns": columns}[place][at] = value
    with pytest.raises(ValueError, match="damaged|contradict"):
        by.first_columns(memoryview(rows), memoryview(starts), memoryview(firsts), *columns[3:])


@by_each
def test_shared_kmers_are_counted_each_once(by, library):
    rng, index = random.Random(5), library.index("COI")
    for haplotype in (0, index.size - 1):
        sequence = index.sequence(haplotype)
        asked = (
            sequence + random_sequence(rng, 50) + sequence
        )  # a k-mer that is there twice counts once
        counts = memoryview(by.count_shared(asked.encode(), index.tables, index.size)).cast("I")
        kmers = set(reference.kmers_of(asked.encode())) - {-1}
        for other in range(index.size):
            own = set(reference.kmers_of(index.sequence(other).encode()))
            assert counts[other] == len(own & kmers)
    with pytest.raises(ValueError):
        by.count_shared(b"ACGTACGTAC", index.tables, index.size + 1)


@compiled
@examples(60)
@given(st.integers(0, 2**32), st.integers(0, 12), st.integers(0, 40))
def test_pieces_side_by_side_are_those_of_the_reference_wherever_a_part_begins(seed, size, start):
    rng = random.Random(seed)
    texts = [random_sequence(rng, rng.randrange(1, 60), "ACGTACGTN") for _ in range(size)]
    whole = kernel.pieces_of(texts, start)
    assert whole == reference.pieces_of(texts, start)
    cut = rng.randrange(size + 1)
    later = start + sum(map(len, texts[:cut]))
    assert whole == kernel.pieces_of(texts[:cut], start) + kernel.pieces_of(texts[cut:], later)
