"""Tables for people: written, read and searched through sqlite-utils."""

import sqlite3
from contextlib import closing

import pytest

from forensics.store.connections import open_memory
from forensics.store.schema import NewTable, open_database, read_view, search_texts, write_database

TEXTS = [
    (1, "Two tusks of ivory, seized at Mombasa, hidden in a container of tea"),
    (2, "Scales of pangolin; ivory bangles, Mombasa port"),
    (3, "Défenses d'éléphant saisies à Libreville"),
    (4, "IVORY ivory ivory"),
]


def ids(words, limit=10):
    return [match.id for match in search_texts(TEXTS, words, limit=limit)]


def test_all_words_must_occur_in_any_order_and_case():
    assert sorted(ids("mombasa IVORY")) == [1, 2]
    assert ids("ivory Libreville") == []


def test_the_record_that_says_it_most_comes_first():
    assert ids("ivory")[0] == 4
    assert len(ids("ivory", limit=2)) == 2


def test_accents_make_no_difference():
    assert ids("defenses elephant") == ids("Défenses éléphant") == [3]


def test_a_phrase_stands_in_quotes():
    assert ids('"ivory bangles"') == [2]
    assert ids('"bangles ivory"') == []


@pytest.mark.parametrize(
    "words", ["ivory OR", "NEAR(", '"', "text:ivory", "ivory*", "-", "''", '"" ivory', "ivory\x00"]
)
def test_signs_of_the_query_language_are_no_errors(words):
    assert isinstance(ids(words), list)


def test_the_excerpt_marks_the_words():
    (match,) = search_texts(TEXTS, "pangolin", limit=1)
    assert match.excerpt.startswith("Scales of [pangolin]; ivory")


def test_a_written_database_has_the_tables_types_keys_and_indexes(tmp_path):
    path = tmp_path / "out.db"
    write_database(
        path,
        {
            "seizures": NewTable(
                {"id": int, "country": str, "mass": float},
                [(2, "KE", 1.5), (1, None, None)],
                key=("id",),
                indexes=("country",),
            ),
            "counts": NewTable(
                {"country": str, "year": str, "records": int}, [], ("country", "year")
            ),
            "notes": NewTable({"text": str}, [("=1+1",), ("",)]),
        },
    )
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM seizures ORDER BY id").fetchall() == [
            (1, None, None),
            (2, "KE", 1.5),
        ]
        assert connection.execute("SELECT * FROM notes").fetchall() == [("=1+1",), ("",)]
        columns = connection.execute("PRAGMA table_info(counts)").fetchall()
        assert [(name, kind, key) for _n, name, kind, _null, _default, key in columns] == [
            ("country", "TEXT", 1),
            ("year", "TEXT", 2),
            ("records", "INTEGER", 0),
        ]
        indexes = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
        ).fetchall()
        assert indexes == [("seizures_country",)]


def test_a_view_is_read_with_its_columns():
    with closing(open_memory()) as connection:
        connection.execute("CREATE TABLE a (x)")
        connection.execute("INSERT INTO a VALUES (1)")
        connection.execute("CREATE VIEW b AS SELECT x, x + 1 AS y FROM a")
        database = open_database(connection)
        columns, rows = read_view(database, "b")
        assert (columns, list(rows)) == (["x", "y"], [{"x": 1, "y": 2}])
        with pytest.raises(KeyError):
            read_view(database, "c")
