"""Sheets as offices keep them: heads of two rows, merged cells, totals, units of wood; no row vanishes."""

from dataclasses import asdict

import pytest
from workbooks import workbook

from forensics.errors import InputError
from forensics.trade import import_file, validate
from forensics.trade.decisions import accept, fix
from forensics.trade.store import memory_store

pytest.importorskip("openpyxl", reason="needs the extra excel")


def mapping(folder, text):
    path = folder / "own.toml"
    path.write_text(f'format = 1\nname = "own"\n{text}', encoding="utf-8")
    return path


def imported(path, own=None):
    store = memory_store()
    report = import_file(store, path, mapping=own)
    standing = store.row_standings([row["id"] for row in store.table("files")])
    account = asdict(report.account)
    assert account["read"] == sum(standing.values()) == store.counts()["rows"]
    assert account["read"] == account["recorded"] + account["waiting"] + account["aside"]
    return store, report, tuple(account.values())


def amounts(store):
    return [
        (seizure.get("reference"), one.low, one.get("unit"))
        for seizure in store.seizures()
        for one in seizure.specimens
    ]


def told(report):
    return [(one.row, one.code) for one in report.problems]


# A head of two rows under a title: the quantities are merged over kilograms and cubic metres.
FIRST = ["N° PV", "Date", "Pays", "Espèce", "Spécimen", "Quantité", None]
SECOND = [None, None, None, None, None, "kg", "m³"]
TWO_ROWS = [
    ["Rapport annuel 2025 — Direction de la faune"], [], FIRST, SECOND,
    ["PV-1", "14.03.2025", "CM", "Loxodonta africana", "TUS", "12,5", None],
    [None, None, None, "Manis tricuspis", "SCA", "30", None],
    ["PV-2", "15.03.2025", "NA", "Dalbergia", "LOG", None, "120"],
    ["Total", None, None, None, None, "42,5", "120"],
]  # fmt: skip
COLUMNS = """date_order = "dmy"
decimal = ","
default_unit = "kg"
[columns]
reference = "N° PV"
date = "Date"
country = "Pays"
species = "Espèce"
term = "Spécimen"
"""


def test_both_rows_of_a_head_name_the_columns_and_no_row_vanishes(tmp_path):
    path = workbook(tmp_path / "s.xlsx", *TWO_ROWS, merged=["A1:G1", "F3:G3", "A3:A4", "B3:B4"])
    own = mapping(tmp_path, f'header = [3, 4]\n{COLUMNS}quantity = "Quantité kg"\n')
    store, report, account = imported(path, own)
    assert account == (5, 2, 2, 1)
    assert amounts(store) == [("PV-1", 12.5, "kg"), ("PV-2", None, None)]
    assert list(store.seizures())[1].get("country") == "NA"  # Namibia
    assert report.unmapped == ("Quantité m³",)
    assert told(report) == [(6, "ROW_UNIDENTIFIED"), (7, "QUANTITY_ELSEWHERE"), (8, "ROW_TOTAL")]
    # What goes on with a seizure belongs to it as soon as somebody says so; the wood gets its quantity.
    problems = validate(store).problems
    fix(store, accept(problems, ["ROW_UNIDENTIFIED", "QUANTITY_ELSEWHERE"]), decided_by="amina")
    assert amounts(store) == [("PV-1", 12.5, "kg"), ("PV-1", 30, "kg"), ("PV-2", 120, "m3")]


def test_a_row_of_a_head_that_is_not_said_loses_no_date_in_silence(tmp_path):
    path = workbook(tmp_path / "s.xlsx", *TWO_ROWS)
    own = mapping(tmp_path, f'header = 4\n{COLUMNS}quantity = "kg"\n')
    with pytest.raises(InputError) as error:
        imported(path, own)
    text = str(error.value)
    assert "s.xlsx" in text and "reference: the file has no column 'n° pv'" in text
    assert "date: the file has no column 'date'" in text and "The columns are: '', '', " in text
    assert "header = [1, 2]" in text
    own = mapping(tmp_path, f'header = 3\n{COLUMNS}quantity = "Quantité"\n')
    _store, report, account = imported(path, own)  # the second row of the head is no seizure
    assert account == (6, 1, 4, 1)
    assert told(report)[:2] == [(4, "ROW_WIDER"), (4, "ROW_UNIDENTIFIED")]
    assert (7, "ROW_WIDER") in told(report)  # 120 stands below no name: it waits


def test_a_mapped_column_that_the_file_lacks_stops_the_import(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("N° PV;Date;Pays;Espèce;Spécimen;Quantités\nPV-1;14.03.2025;CM;Manis;SCA;3\n")
    own = mapping(tmp_path, f'{COLUMNS}quantity = ["Quantité", "Poids"]\n')
    with pytest.raises(
        InputError,
        match="quantity: the file has no column 'quantite' or 'poids'; the nearest is 'Quantités'",
    ):
        imported(path, own)
    path.write_text(
        "N° PV;Date;Pays;Espèce;Spécimen;Quantité;Poids\nPV-1;14.03.2025;CM;Manis;SCA;3;9\n"
    )
    with pytest.raises(InputError, match="quantity: quantite, poids are both there"):
        imported(path, own)


@pytest.mark.parametrize("extra", ['[text]\ncolumn = "Objets"\n', '[[kinds]]\nweight = "Poids"\n'])
def test_columns_of_texts_and_kinds_must_be_there_too(tmp_path, extra):
    path = tmp_path / "s.csv"
    path.write_text("N° PV;Date;Pays;Espèce;Spécimen\nPV-1;14.03.2025;CM;Manis;SCA\n")
    with pytest.raises(InputError, match="the file has no column '(objets|poids)'"):
        imported(path, mapping(tmp_path, COLUMNS + extra))


def test_a_sheet_that_lacks_a_column_is_named_and_the_others_are_read(tmp_path):
    sheets = {
        title: [
            ["N° PV", "Date", "Pays", "Espèce", "Spécimen", quantity],
            [f"PV-{title}", f"14.03.{title}", "CM", "Manis tricuspis", "SCA", 3],
        ]
        for title, quantity in (("2024", "Quantité"), ("2025", "Qté totale"))
    }
    own = mapping(tmp_path, f'{COLUMNS}quantity = "Quantité"\n')
    _store, report, account = imported(workbook(tmp_path / "s.xlsx", **sheets), own)
    assert account == (1, 1, 0, 0)
    ((name, why),) = report.unread
    assert name == "2025" and "the file has no column 'quantite'" in why


HEAD = "Référence;Date;Pays de la saisie;Espèce;Description du spécimen;Quantité;Unité\n"
SHEETS = {
    "a second row of names": (
        ";(jj/mm/aaaa);(code);(nom latin);;(nombre);(kg, pièces)\nR1;14.03.2025;CM;Manis;SCA;3;kg\n",
        (2, 1, 1, 0), [("R1", 3, "kg")], [(2, "ROW_UNIDENTIFIED"), (2, "QUANTITY_UNREADABLE")],
    ),
    "a row of names that has words in every column": (
        "N°;Jour;Pays;Espèce;Partie;Nombre;Unité\nR1;14.03.2025;CM;Manis;SCA;3;kg\n",
        (2, 1, 1, 0), [("R1", 3, "kg")], [(2, "ROW_UNIDENTIFIED"), (2, "QUANTITY_UNREADABLE")],
    ),
    "the head again on each page, and a line of dashes": (
        f"R1;14.03.2025;CM;Manis;SCA;3;kg\n-;-;-;-;-;-;-\n{HEAD}R2;15.03.2025;NA;Manis;SCA;4;kg\n",
        (4, 2, 0, 2), [("R1", 3, "kg"), ("R2", 4, "kg")], [],
    ),
    "rows that go on with the seizure above": (
        "R1;14.03.2025;CM;Manis;SCA;3;kg\n;;;Loxodonta africana;TUS;2;\n;;CM;Psittacus erithacus;LIV;7;\n",
        (3, 1, 2, 0), [("R1", 3, "kg")], [(3, "ROW_UNIDENTIFIED"), (4, "ROW_UNIDENTIFIED")],
    ),
    "totals and a source at the foot": (
        "R1;14.03.2025;CM;Manis;SCA;300;kg\nR2;15.03.2025;NA;Manis;SCA;351;kg\n;;;;TOTAL GÉNÉRAL;651;kg\n"
        "Source : douanes;;;;;;\n",
        (4, 2, 2, 0), [("R1", 300, "kg"), ("R2", 351, "kg")],
        [(4, "ROW_TOTAL"), (5, "ROW_UNIDENTIFIED")],
    ),
    "wood in cubic metres, barrels, and what no list of units has": (
        "R1;14.03.2025;CM;Dalbergia;LOG;120 m³;\nR2;15.03.2025;CM;Dalbergia;LOG;120 (m³);\n"
        "R3;16.03.2025;CM;Dalbergia;LOG;120;st\nR4;17.03.2025;CM;Dalbergia;LOG;environ 120 fûts;\n",
        (4, 4, 0, 0), [("R1", 120, "m3"), ("R2", 120, "m3"), ("R3", 120, "st"), ("R4", 120, "fûts")],
        [(3, "QUANTITY_MORE_TEXT"), (5, "QUANTITY_APPROXIMATE")],
    ),
    "decimal commas, thousands and Namibia": (
        "R1;14.03.2025;NA;Manis;SCA;12,5;kg\nR2;15.03.2025;Namibie;Manis;SCA;1 200,25;kg\n",
        (2, 2, 0, 0), [("R1", 12.5, "kg"), ("R2", 1200.25, "kg")], [],
    ),
    "a remark beside the columns": (
        "R1;14.03.2025;CM;Manis;SCA;3;kg;vu par le procureur\nR2;15.03.2025;CM;Manis;SCA;4;kg\n",
        (2, 1, 1, 0), [("R2", 4, "kg")], [(2, "ROW_WIDER")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHEETS)
def test_every_row_of_a_real_shape_is_recorded_waits_or_was_set_aside(tmp_path, name):
    text, account, quantities, problems = SHEETS[name]
    path = tmp_path / "s.csv"
    path.write_text(HEAD + text, encoding="utf-8")
    store, report, found = imported(path)
    assert (found, amounts(store), told(report)) == (account, quantities, problems)


def test_a_default_unit_is_not_put_beside_other_words(tmp_path):
    path = tmp_path / "s.csv"
    rows = ["PV-1;14.03.2025;CM;Dalbergia;LOG;120 fûts", "PV-2;15.03.2025;CM;Dalbergia;LOG;7"]
    path.write_text("\n".join(["N° PV;Date;Pays;Espèce;Spécimen;Quantité", *rows]))
    store, _report, _account = imported(
        path, mapping(tmp_path, f'{COLUMNS}quantity = "Quantité"\n')
    )
    assert amounts(store) == [("PV-1", 120, "fûts"), ("PV-2", 7, "kg")]
    assert validate(store).counts["UNIT_UNKNOWN"] == 1


@pytest.mark.parametrize(("name", "unit"), [("Poids (kg)", "kg"), ("Quantité kg/pièces", None)])
def test_a_unit_in_the_name_of_the_column_is_that_of_its_quantities(tmp_path, name, unit):
    path = tmp_path / "s.csv"
    rows = ["PV-1;14.03.2025;CM;Manis;SCA;12,5", "PV-2;15.03.2025;CM;Manis;SCA;200 g"]
    path.write_text("\n".join([f"N° PV;Date;Pays;Espèce;Spécimen;{name}", *rows]), encoding="utf-8")
    columns = COLUMNS.replace('default_unit = "kg"\n', "") + f'quantity = "{name}"\n'
    store, _report, _account = imported(path, mapping(tmp_path, columns))
    assert amounts(store) == [("PV-1", 12.5, unit), ("PV-2", 200, "g")]


def test_a_weight_with_a_unit_of_its_own_keeps_it(tmp_path):
    path = tmp_path / "s.csv"
    rows = ["PV-1;14.03.2025;CM;Dalbergia;LOG;;120 m³", "PV-2;15.03.2025;CM;Manis;SCA;3;1.200"]
    path.write_text("\n".join(["N° PV;Date;Pays;Espèce;Spécimen;Nombre;Poids", *rows]))
    kinds = (
        COLUMNS.replace('decimal = ","\n', "") + '[[kinds]]\npieces = "Nombre"\nweight = "Poids"\n'
    )
    store, report, _account = imported(path, mapping(tmp_path, kinds))
    assert amounts(store) == [("PV-1", 120, "m3"), ("PV-2", None, None)]
    assert told(report) == [(3, "QUANTITY_AMBIGUOUS")]


def test_a_portuguese_table_with_a_total_in_another_column(tmp_path):
    path = workbook(
        tmp_path / "s.xlsx",
        ["Referência", "Data da apreensão", "País da apreensão", "Espécie", "Descrição do espécime",
         "Quantidade", "Unidade"],
        ["P-1", "3 de março de 2025", "MZ", "Loxodonta africana", "presas", "12,5", "quilos"],
        ["P-2", "4 de março de 2025", "AO", "Pangolim", "escamas", 30, "kg"],
        [None, None, None, None, "Total geral", 42.5, "kg"],
    )  # fmt: skip
    store, report, account = imported(path)
    assert account == (3, 2, 1, 0) and told(report) == [(4, "ROW_TOTAL")]
    assert amounts(store) == [("P-1", 12.5, "kg"), ("P-2", 30, "kg")]
