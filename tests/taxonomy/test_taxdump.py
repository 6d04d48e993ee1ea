"""NCBI's taxonomy from its dump. The dumps here are MADE; a real one is tried where it is unpacked."""

import os
import random
from pathlib import Path

import pytest

from forensics.errors import InputError
from forensics.taxonomy.taxdump import read_taxdump

NODES = [
    (1, 1, "no rank"), (2, 1, "phylum"), (3, 2, "class"), (4, 3, "order"), (5, 4, "family"),
    (6, 5, "genus"), (7, 6, "species"), (8, 7, "subspecies"), (9, 6, "species"),
    (12, 1, "phylum"), (15, 12, "family"), (16, 15, "genus"),
]  # fmt: skip
NAMES = [
    (1, "root", "scientific name"), (2, "Chordata", "scientific name"),
    (3, "Mammalia", "scientific name"), (4, "Pholidota", "scientific name"),
    (5, "Manidae", "scientific name"), (6, "Manis", "scientific name"),
    (7, "Manis javanica", "scientific name"), (7, "Sunda pangolin", "genbank common name"),
    (7, "Paramanis javanica", "synonym"), (8, "Manis javanica alta", "scientific name"),
    (9, "Manis sp. ABC-2010", "scientific name"), (12, "Tracheophyta", "scientific name"),
    (15, "Plantaceae", "scientific name"), (16, "Manis", "scientific name"),
]  # fmt: skip


def dump(folder, nodes=NODES, names=NAMES, merged=((70, 7),)):
    def lines(rows):
        return "".join("\t|\t".join(map(str, row)) + "\t|\n" for row in rows)

    (folder / "nodes.dmp").write_text(lines((*row, "") for row in nodes))
    (folder / "names.dmp").write_text(lines((n, name, "", kind) for n, name, kind in names))
    (folder / "merged.dmp").write_text(lines(merged))
    return folder


def test_a_name_leads_to_its_lineage(tmp_path):
    found = read_taxdump(dump(tmp_path), ["Manis javanica"]).find("Manis javanica")
    assert (found.number, found.species) == (7, "Manis javanica")
    assert found.ranks == {
        "phylum": "Chordata",
        "class": "Mammalia",
        "order": "Pholidota",
        "family": "Manidae",
        "genus": "Manis",
    }


@pytest.mark.parametrize("name", ["Paramanis javanica", "Manis javanica alta"])
def test_synonyms_and_subspecies_lead_to_the_accepted_species(tmp_path, name):
    assert read_taxdump(dump(tmp_path), [name]).find(name).species == "Manis javanica"


def test_a_common_name_is_no_name(tmp_path):
    assert read_taxdump(dump(tmp_path), ["Sunda pangolin"]).find("Sunda pangolin") is None


def test_a_provisional_name_is_no_accepted_species(tmp_path):
    name = "Manis sp. ABC-2010"
    assert read_taxdump(dump(tmp_path), [name]).find(name).species == ""


def test_of_homonyms_the_lineage_or_the_number_decides_or_nothing(tmp_path):
    found = read_taxdump(dump(tmp_path), ["Manis"], [16, 999])
    assert found.find("Manis") is None
    assert found.find("Manis", known={"Manidae"}).number == 6
    assert found.find("Manis", known={"Plantaceae"}).number == 16
    assert found.find("Manis", number=16).number == 16
    assert found.find("Manis", number=999) is None


def test_a_merged_number_is_followed(tmp_path):
    found = read_taxdump(dump(tmp_path), [], [70])
    assert found.by_number[70].number == 7
    assert found.find("not in the dump", number=70).species == "Manis javanica"


def test_a_circle_is_told(tmp_path):
    nodes = [*NODES[:5], (6, 7, "genus"), (7, 6, "species")]
    with pytest.raises(InputError, match="taxon [67] has no end to its lineage"):
        read_taxdump(dump(tmp_path, nodes=nodes), ["Manis javanica"])


@pytest.mark.parametrize(
    "file, content, part",
    [
        ("nodes.dmp", b"x\t|\t1\t|\tgenus\t|\n", "nodes.dmp, line 1: 'x' is not a number"),
        ("nodes.dmp", b"9999999999\t|\t1\t|\tgenus\t|\n", "is not a number"),
        ("nodes.dmp", b"90000000\t|\t1\t|\tgenus\t|\n", "is not a number"),
        ("nodes.dmp", b"A" * 300_000, "line 1: found 0 cells"),
        ("names.dmp", b"1\t|\troot\n", "names.dmp, line 1: found 1 cells"),
        ("nodes.dmp", None, "nodes.dmp: there is no such file"),
    ],
)
def test_what_is_no_dump_is_told_with_its_line(tmp_path, file, content, part):
    dump(tmp_path)
    if content is None:
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_bytes(content)
    with pytest.raises(InputError, match=part):
        read_taxdump(tmp_path, ["Manis javanica"])


def through(folder, number):
    dump(folder)
    whole = {
        name: (folder / name).read_bytes() for name in ("nodes.dmp", "names.dmp", "merged.dmp")
    }
    for case in range(number):
        rng = random.Random(f"taxdump {case}")
        name = rng.choice(list(whole))
        content = bytearray(whole[name])
        for _ in range(rng.randint(1, 6)):
            place = rng.randrange(len(content) + 1)
            content[place : place + rng.choice((0, 1, 9))] = rng.randbytes(rng.randint(0, 3))
        (folder / name).write_bytes(content)
        try:
            read_taxdump(folder, ["Manis javanica", "Manis"], [70])
        except InputError as error:
            assert name in str(error) or "no end" in str(error)
        (folder / name).write_bytes(whole[name])


def test_three_hundred_damaged_dumps_do_no_harm(tmp_path):
    through(tmp_path, 300)


@pytest.mark.slow
def test_ten_thousand_damaged_dumps_do_no_harm(tmp_path):
    through(tmp_path, 10_000)


@pytest.mark.slow
def test_the_dump_of_emboss_data():
    """Debian's emboss-data, unpacked into FORENSICS_FORMAT_FILES (see test_real_formats.py)."""
    folder = os.environ.get("FORENSICS_FORMAT_FILES")
    found = next(Path(folder).rglob("TAXONOMY/names.dmp"), None) if folder else None
    if found is None:
        pytest.skip("emboss-data is not unpacked; set FORENSICS_FORMAT_FILES")
    dumped = read_taxdump(found.parent, ["Manis javanica", "Mustela vison", "Thalia"], [30])
    assert dumped.find("Manis javanica").ranks["family"] == "Manidae"
    assert dumped.find("Mustela vison").species == "Neovison vison"
    assert dumped.find("Thalia") is None
    assert dumped.find("Thalia", known={"Marantaceae"}).ranks["phylum"] == "Streptophyta"
    assert dumped.by_number[30].number == 29
