import gzip
import hashlib

import pytest

from forensics.errors import InputError
from forensics.taxonomy.synonyms import read_synonyms


@pytest.fixture
def read(tmp_path):
    def read(content, name="synonyms.tsv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_synonyms(path)

    return read


def table(*rows, header="name\taccepted\tsource"):
    return "".join("\t".join(row) + "\n" for row in (header.split("\t"), *rows))


@pytest.mark.parametrize("delimiter", ["\t", ";", ","])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_tables_are_read_as_people_have_them(read, delimiter, encoding, end, pack):
    rows = [("Name", "Accepted name", "source"), ("Fictus vetus", "Fictus novus", "Müller 1901")]
    content = pack("".join(delimiter.join(row) + end for row in rows).encode(encoding))
    found = read(content, "x.csv")
    assert found.find("Fictus vetus") == ("Fictus vetus", "Fictus novus")
    assert found.sources == {"Fictus vetus": "Müller 1901"}
    assert (found.file, found.sha256) == ("x.csv", hashlib.sha256(content).hexdigest())


def test_chains_are_followed_to_their_end(read):
    found = read(table(("Aus a", "Bus a"), ("Bus a", "Cus a"), ("Cus a", "Cus a")))
    assert found.accepted == {"Aus a": "Cus a", "Bus a": "Cus a"}
    assert found.find("Cus a") == ("", "")


def test_two_rows_agree_where_one_is_a_synonym_of_the_other(read):
    found = read(table(("Aus a", "Bus a"), ("Aus a", "Cus a"), ("Bus a", "Cus a")))
    assert found.find("Aus a")[1] == "Cus a"


def test_a_subspecies_may_be_a_synonym_of_its_own(read):
    found = read(
        table(("Cervus elaphus canadensis", "Cervus canadensis"), ("Cervus elaphus", "Cervus ela"))
    )
    assert found.find("Cervus elaphus canadensis")[1] == "Cervus canadensis"
    assert found.find("Cervus_elaphus_hippelaphus")[1] == "Cervus ela"
    assert found.find("Cervus elaphus isolate 3")[1] == "Cervus ela"


@pytest.mark.parametrize("name", ["Fictus sp.", "Fictus cf. vetus", "Fictus", "F. a x b", ""])
def test_open_names_are_nobodys_synonym(read, name):
    assert read(table(("Fictus vetus", "Fictus novus"))).find(name) == ("", "")


def test_authors_and_blank_rows_do_not_matter(read):
    found = read(table(("Fictus vetus (Linnaeus, 1758)", "Fictus novus L."), ("", "", "")))
    assert found.accepted == {"Fictus vetus": "Fictus novus"}


def test_rows_that_name_no_species_are_told(read):
    found = read(table(("Bovidae hybrid", "Bovidae"), ("Aus b", "Aus"), ("Aus c", "Aus d")))
    assert found.accepted == {"Aus c": "Aus d"}
    assert [line for line, _reason in found.ignored] == [2, 3]
    assert "'Bovidae hybrid'" in found.ignored[0][1] and "'Aus'" in found.ignored[1][1]


@pytest.mark.parametrize(
    "rows, line, part",
    [
        ([("Aus a", "Bus a"), ("Bus a", "Aus a")], 3, "circle: Aus a > Bus a > Aus a"),
        ([("Aus a", "Bus a"), ("Aus a", "Cus a")], 3, "two accepted names: Bus a .line 2., Cus a"),
        ([("Aus a", "Aus a"), ("Aus a", "Cus a")], 3, "two accepted names"),
        ([("Aus a", "")], 2, "'accepted' is empty"),
        ([("", "Aus a")], 2, "'name' is empty"),
    ],
)
def test_errors_have_their_line(read, rows, line, part):
    with pytest.raises(InputError, match=part) as caught:
        read(table(*rows))
    assert caught.value.line == line
    assert "synonyms.tsv" in str(caught.value)


@pytest.mark.parametrize("content", [b"species\tplace\n", b"species\tplace\nFictus a\there\n"])
def test_a_table_without_the_columns_says_what_it_has(read, content):
    with pytest.raises(InputError, match="needs the columns 'name' and 'accepted'"):
        read(content)


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(InputError, match=r"missing\.tsv: there is no such file"):
        read_synonyms(tmp_path / "missing.tsv")
    (tmp_path / "x.gz").write_bytes(b"\x1f\x8bbroken")
    with pytest.raises(InputError, match=r"x\.gz: the compressed file"):
        read_synonyms(tmp_path / "x.gz")
