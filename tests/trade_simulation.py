"""SIMULATED seizure records, and errors planted in them, each with the codes that count as finding it.

Nothing here is real. The generator knows the vocabulary but none of the checks: an error is made by changing one
cell of a row that was valid.
"""

import random
from datetime import date, timedelta
from typing import NamedTuple

HEADER = (
    "Reference", "Date of seizure", "Species", "Description of specimen", "Quantity", "Unit",
    "Country of incident", "Location of incident", "Detecting agency", "Reason for seizure",
    "Mode of transport", "Method of concealment", "Method of detection",
    "Alleged country of origin", "Country(ies) of transit", "Alleged final destination",
    "Estimated value in country", "Currency", "Nationality of offenders", "Sanction",
    "Appendix", "Source",
)  # fmt: skip
_PLACE = {name: place for place, name in enumerate(HEADER)}

# taxon, origins, kinds (term, unit, median, spread of the logarithm), Appendix on every day of 2019-2022.
_TAXA = (
    ("Manis javanica", ("ID", "MY", "VN", "TH"), (("SCA", "kg", 20, 1.6), ("LIV", "no.", 3, 0.8)), "I"),
    ("Manis tricuspis", ("CM", "NG", "CD", "GA"), (("SCA", "kg", 60, 1.6), ("BOD", "no.", 4, 0.9)), "I"),
    ("Loxodonta africana", ("KE", "TZ", "CM", "UG"), (("TUS", "kg", 25, 1.4), ("IVC", "kg", 2, 1.2)), "I"),
    ("Elephas maximus", ("IN", "TH", "MM"), (("TUS", "kg", 8, 1.0), ("IVC", "kg", 1, 1.0)), "I"),
    ("Diceros bicornis", ("KE", "NA", "ZA"), (("HOR", "no.", 2, 0.7),), "I"),
    ("Panthera tigris", ("IN", "MY", "TH"), (("SKI", "no.", 1, 0.4), ("BON", "kg", 6, 0.8)), "I"),
    ("Amazona aestiva", ("BR", "PY", "AR"), (("LIV", "no.", 8, 1.0), ("EGG", "no.", 20, 0.8)), "II"),
    ("Psittacus erithacus", ("CM", "CD", "GA"), (("LIV", "no.", 30, 1.0),), "I"),
    ("Geochelone elegans", ("IN", "LK"), (("LIV", "no.", 60, 1.0),), ""),
    ("Astrochelys radiata", ("MG",), (("LIV", "no.", 40, 1.0),), "I"),
    ("Pterocarpus santalinus", ("IN",), (("LOG", "m3", 8, 0.9),), "II"),
)  # fmt: skip
_SEIZED_IN = ("SG", "HK", "VN", "CN", "TH", "FR", "US", "KE", "MY", "TR", "BR", "NL")
_TRANSIT = ("AE", "QA", "ET", "TR", "DE", "NG", "UG")
_PLACES = ("port", "airport", "border post", "market", "parcel centre", "house")


class Planted(NamedTuple):
    """An error: the row that has it, its kind, and the codes any of which finds it."""

    row: int
    kind: str
    codes: frozenset[str]


def rows(count: int, seed: int = 1) -> list[list[str]]:
    """Return valid SIMULATED rows, each of one seizure, under `HEADER`."""
    draw = random.Random(seed)
    found = []
    for number in range(count):
        taxon, origins, kinds, appendix = draw.choice(_TAXA)
        term, unit, median, spread = draw.choice(kinds)
        amount = median * 2.718281828 ** (spread * draw.gauss(0, 1))
        text = str(max(1, round(amount))) if unit == "no." else f"{max(0.1, amount):.1f}"
        day = date(2019, 1, 1) + timedelta(days=draw.randrange(1460))
        origin = draw.choice(origins)
        country = draw.choice([one for one in _SEIZED_IN if one != origin])
        transit = draw.sample(
            [one for one in _TRANSIT if one not in (origin, country)], draw.randrange(3)
        )
        destination = draw.choice(
            [one for one in ("CN", "VN", "US", "FR", country) if one not in (*transit, origin)]
        )
        found.append(
            [
                f"SIM-{number:05d}", day.isoformat(), taxon, term, text, unit, country,
                f"{draw.choice(_PLACES)} {draw.randrange(400)}",
                draw.choice(("Customs", "Police", "Wildlife agency")),
                draw.choice(("no CITES document", "false declaration")),
                draw.choice(("air", "sea", "road", "mail/courier")),
                draw.choice(("hidden", "mis-declared", "none")),
                draw.choice(("x-ray/scanner", "intelligence", "physical inspection")),
                origin, "; ".join(transit), destination, str(draw.randrange(100, 9000) * 10),
                draw.choice(("USD", "EUR")), draw.choice(("CN", "VN", "CM", "FR")),
                draw.choice(("pending", "fine", "imprisonment")), appendix, draw.choice(("W", "")),
            ]
        )  # fmt: skip
    return found


def _typo(draw: random.Random, text: str) -> str:
    """Return a word with one letter lost, doubled, or two swapped, not at its beginning."""
    places = [one for one in range(2, len(text) - 2) if " " not in text[one : one + 2]]
    place = draw.choice([one for one in places if text[one] != text[one + 1]])
    kind = draw.randrange(3)
    if kind == 0:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[:place] + text[place] + text[place:]
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def _scaled(row: list[str], factor: float) -> str:
    return f"{float(row[_PLACE['Quantity']]) * factor:.0f}"


def _kinds(draw: random.Random):
    """Return the kinds of errors: name, codes, column, how the cell becomes, whether the row suits."""
    any_row = lambda row: True  # noqa: E731
    origin, transit = _PLACE["Alleged country of origin"], _PLACE["Country(ies) of transit"]
    term, species = _PLACE["Description of specimen"], _PLACE["Species"]
    day, appendix = _PLACE["Date of seizure"], _PLACE["Appendix"]
    plant = lambda row: row[species] == "Pterocarpus santalinus"  # noqa: E731
    pangolin = lambda row: row[species].startswith("Manis")  # noqa: E731
    return (
        ("no species", {"TAXON_MISSING"}, "Species", lambda r: "", any_row),
        ("misspelt species", {"TAXON_UNKNOWN", "TAXON_NOT_HELD"}, "Species",
         lambda r: _typo(draw, r[species]), any_row),
        ("no term", {"TERM_MISSING"}, "Description of specimen", lambda r: "", any_row),
        ("wrong term code", {"TERM_UNKNOWN"}, "Description of specimen", lambda r: r[term][:2] + "Q", any_row),
        ("tusks of a pangolin", {"TERM_TAXON"}, "Description of specimen", lambda r: "TUS", pangolin),
        ("part of an animal for a tree", {"TERM_TAXON"}, "Description of specimen", lambda r: "SKI", plant),
        ("no quantity", {"QUANTITY_MISSING"}, "Quantity", lambda r: "", any_row),
        ("quantity in words without a number", {"QUANTITY_UNREADABLE", "QUANTITY_NOT_NUMBER", "UNIT_CONTRADICTORY"}, "Quantity",
         lambda r: draw.choice(("several", "une pile", "algumas")), any_row),
        ("quantity with an ambiguous separator", {"QUANTITY_AMBIGUOUS"}, "Quantity",
         lambda r: f"{draw.randrange(1, 9)}.{draw.randrange(100, 999)}", any_row),
        ("quantity of nought", {"QUANTITY_NOT_NUMBER"}, "Quantity", lambda r: "0", any_row),
        ("quantity a thousand times too large", {"QUANTITY_OUTLYING"}, "Quantity",
         lambda r: _scaled(r, 1000), any_row),
        ("quantity ten times too large", {"QUANTITY_OUTLYING"}, "Quantity", lambda r: _scaled(r, 10), any_row),
        ("unknown unit", {"UNIT_UNKNOWN"}, "Unit", lambda r: draw.choice(("tons", "kq", "viss")), any_row),
        ("unit that the term has not", {"TERM_UNIT"}, "Unit", lambda r: "l", any_row),
        ("no country", {"COUNTRY_MISSING"}, "Country of incident", lambda r: "", any_row),
        ("country of no code", {"COUNTRY_UNKNOWN"}, "Country of incident", lambda r: "QZ", any_row),
        ("former country", {"COUNTRY_FORMER"}, "Alleged final destination", lambda r: "SU", any_row),
        ("origin that is no range State", {"ORIGIN_NOT_RANGE_STATE"}, "Alleged country of origin",
         lambda r: "NO", any_row),
        ("origin that is a range State, and wrong", frozenset(), "Alleged country of origin",
         lambda r: next(o for t, os, *_rest in _TAXA if t == r[species] for o in os if o != r[origin]),
         lambda r: r[species] in ("Manis javanica", "Loxodonta africana", "Amazona aestiva")),
        ("origin among the transits", {"ROUTE_ORIGIN_TWICE"}, "Country(ies) of transit",
         lambda r: "; ".join([r[origin], *filter(None, r[transit].split("; "))]), any_row),
        ("no date", {"DATE_MISSING"}, "Date of seizure", lambda r: "", any_row),
        ("no such day", {"DATE_NOT_A_DATE"}, "Date of seizure", lambda r: r[day][:5] + "02-30", any_row),
        ("date in the future", {"DATE_OUT_OF_RANGE"}, "Date of seizure", lambda r: "2031" + r[day][4:], any_row),
        ("ambiguous date", {"DATE_AMBIGUOUS", "DATE_NOT_A_DATE"}, "Date of seizure",
         lambda r: f"03/0{draw.randrange(4, 9)}/2020", any_row),
        ("day and month swapped", frozenset(), "Date of seizure",
         lambda r: f"{r[day][:4]}-{r[day][8:]}-{r[day][5:7]}",
         lambda r: int(r[day][8:]) <= 12 and r[day][8:] != r[day][5:7]),
        ("wrong Appendix", {"APPENDIX_NOT_IN_FORCE"}, "Appendix",
         lambda r: "III" if r[appendix] != "III" else "I", lambda r: r[appendix] != ""),
        ("source of plants for an animal", {"TAXON_SOURCE"}, "Source", lambda r: "A", lambda r: not plant(r)),
        ("agency of no list", {"VALUE_NOT_IN_LIST"}, "Detecting agency", lambda r: "Team 7", any_row),
        ("currency of no list", {"CURRENCY_UNKNOWN"}, "Currency", lambda r: "XYZ", any_row),
    )  # fmt: skip


def planted(
    count: int = 5000, errors: int = 300, seed: int = 1
) -> tuple[list[list[str]], list[Planted]]:
    """Return SIMULATED rows of which `errors` have one planted error each, and the list of these.

    A tenth of the errors are seizures that were entered twice, half of them under another reference. Rows are
    numbered from 2, as lines of a CSV file with a header.
    """
    draw = random.Random(seed + 1000)
    table = rows(count, seed)
    chosen = draw.sample(range(count // 2, count), errors)
    found = []
    kinds = _kinds(draw)
    for turn, place in enumerate(chosen):
        row = table[place]
        if turn % 10 == 0:
            other = table[draw.randrange(count // 2)]
            table[place] = list(other)
            same = turn % 20 == 0
            if not same:
                table[place][0] = row[0]
            codes = {"DUPLICATE_REFERENCE", "DUPLICATE_RECORD"} if same else {"DUPLICATE_RECORD"}
            kind = "entered twice" + ("" if same else ", another reference")
            found.append(Planted(place + 2, kind, frozenset(codes)))
            continue
        start = turn - turn // 10
        for step in range(len(kinds)):
            name, codes, column, changed, suits = kinds[(start + step) % len(kinds)]
            if suits(row):
                row[_PLACE[column]] = changed(row)
                found.append(Planted(place + 2, name, frozenset(codes)))
                break
    return table, found


def as_csv(table: list[list[str]]) -> bytes:
    """Return rows as a CSV file."""
    import csv
    import io

    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(HEADER)
    writer.writerows(table)
    return stream.getvalue().encode()
