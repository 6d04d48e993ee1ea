"""CITES listings: agreement with Species+ (2017, 2022) and the parrots' index, dates, synonyms, names shown, speed.

    python benchmarks/listings.py

The sources are evaluation data (`FORENSICS_EVALUATION_DATA`); they are compared with, never copied.
"""

import ast
import csv
import gzip
import os
import sys
import time
from collections import Counter, defaultdict
from datetime import date
from itertools import combinations
from pathlib import Path

from evaluation import ROOT, wilson

from forensics.taxonomy.listings import listing_of, read_official
from forensics.taxonomy.listings.lookup import upwards
from forensics.taxonomy.listings.results import NO_LISTING
from forensics.taxonomy.listings.table import (
    EXCEPTED,
    NOMENCLATURE_AS_OF,
    genera,
    packaged,
    standard_name,
    synonyms,
    taxon_of,
)
from forensics.taxonomy.names import packaged_backbone
from forensics.taxonomy.synonyms import cites_accepted_names

__all__ = ["animals", "dates", "elephants", "names", "parrots", "renamed", "speed"]

# The last amendments of CoP17 were in force on this day; the source of 2017 has them all.
COP17, IN_2022 = date(2017, 10, 4), date(2022, 6, 22)
MISALIGNED = "SUBSPECIES"


def data_folder():
    """Return the folder of listings, or leave with 3."""
    named = os.environ.get("FORENSICS_EVALUATION_DATA", ROOT / "../shared/data")
    path = Path(named).resolve() / "listings"
    if not path.is_dir():
        print(f"no evaluation data in {path}", file=sys.stderr)
        sys.exit(3)
    return path


def said(name, day):
    """Return the Appendices of the name itself and of what contains it."""
    table = packaged()
    standing, _closed = upwards(taxon_of(name, day, table), None, day, table)
    return "/".join(sorted({row.appendix for row, _ in standing} - {EXCEPTED}, key=len)) or "none"


def share(hits, of):
    low, high = wilson(hits, of)
    return f"{hits:,} of {of:,} ({hits / of:.2%}; {low:.2%}-{high:.2%})"


def animals(folder):
    """Print agreement with the animals of 2017, and every difference."""
    with gzip.open(folder / "speciesplus_animals_2017.csv.gz", "rt", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    usable = [row for row in rows if row["listing"] != MISALIGNED]
    plain = [row for row in usable if " " in row["scientific_name"]]
    differing = []
    for row in usable:
        name = row["scientific_name"] if row in plain else row["author"]
        if said(name, COP17) != row["listing"]:
            differing.append((name, row["listing"], said(name, COP17)))
    print(
        f"animals 2017: {len(rows):,} rows, {len(rows) - len(usable)} lost their listing in the source,"
    )
    print(f"  {len(usable) - len(plain)} more are shifted by a column and were put right")
    print(f"  equal: {share(len(usable) - len(differing), len(usable))}")
    for one in differing:
        print("   ", *one, sep="\t")


def dates(folder):
    """Print agreement of Appendices and of dates with the rows of 2022."""
    table, rows = packaged(), defaultdict(dict)
    with open(folder / "listings_2022.csv", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            party = ast.literal_eval(row["party"])["iso_code2"] if row["party"] else ""
            rows[row["full_name"]][row["appendix"], party] = row
    equal, found = 0, Counter()
    for name, wanted in rows.items():
        standing, _closed = upwards(taxon_of(name, IN_2022, table), None, IN_2022, table)
        here = {
            (row.appendix, row.party): row.since for row, _ in standing if row.appendix != EXCEPTED
        }
        equal += here.keys() == wanted.keys()
        for key in here.keys() & wanted.keys():
            theirs = date.fromisoformat(wanted[key]["effective_at"])
            ours = here[key]
            found["not recorded here" if ours is None else "equal" if ours == theirs
                  else "earlier here" if ours < theirs else "later here"] += 1  # fmt: skip
    print(f"listings 2022: Appendices equal: {share(equal, len(rows))}")
    print("  first days:", ", ".join(f"{count} {what}" for what, count in found.most_common()))


def parrots(folder):
    """Print agreement with the parrots of an index."""
    index = read_official(folder / "index_of_cites_species_parrots.csv", as_of=COP17)
    for ranks in (("species", "subspecies"), ("order", "family", "genus")):
        asked = [one for one in index.taxa.values() if one.rank in ranks]
        equal = sum(
            {row.appendix for row in taxon.listings} | ({NO_LISTING} if taxon.partly else set())
            == {one.population_appendix for one in listing_of(taxon.name, date=COP17).answers}
            for taxon in asked
        )
        print(f"parrots, {', '.join(ranks)}: {share(equal, len(asked))}")


def names(folder):
    """Print how many synonyms of 2022 get the answer of the accepted name, or a warning."""
    found, weaker = Counter(), []
    with open(folder / "synonyms_2022.csv", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if row["rank"] not in ("SPECIES", "SUBSPECIES") or " " not in row["accepted"]:
                continue
            result, accepted = said(row["synonym"], IN_2022), said(row["accepted"], IN_2022)
            found["same answer" if result == accepted else "no listing found" if result == "none"
                  else "another Appendix"] += 1  # fmt: skip
            if result not in (accepted, "none"):
                weaker.append((row["synonym"], row["accepted"], result, accepted))
    print("synonyms 2022:", ", ".join(f"{count} {what}" for what, count in found.most_common()))
    for one in weaker:
        print("   ", *one, sep="\t")


def renamed(folder):
    """Print which names that the Appendices accept the packaged backbone makes one, or shows under another name."""
    accepted = {name for name in cites_accepted_names() if " " in name}
    with gzip.open(folder / "speciesplus_animals_2017.csv.gz", "rt", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            accepted.add(row["scientific_name" if " " in row["scientific_name"] else "author"])
    with open(folder / "listings_2022.csv", encoding="utf-8") as stream:
        accepted |= {row["full_name"] for row in csv.DictReader(stream) if row["status"] == "A"}
    day = NOMENCLATURE_AS_OF
    accepted = {
        name for name in accepted if name.count(" ") == 1 and standard_name(name, day) == name
    }
    backbone = packaged_backbone({name.partition(" ")[0] for name in accepted})
    shown = defaultdict(list)
    for name in sorted(accepted):
        shown[backbone.accepted(name)].append(name)
    pairs = [pair for names in shown.values() for pair in combinations(names, 2)]
    away = [(name, into) for into, names in shown.items() for name in names if name != into]
    print(
        f"accepted names: {len(accepted):,}, {len(pairs)} pairs made one, {len(away)} under another name"
    )
    for pair in (*pairs, *away):
        print("   ", *pair, sep="\t")


def elephants():
    """Print what holds for elephants of Botswana and Kenya, by kind of specimen and date."""
    kinds = ("TUS", "IVC", "SKI", "HAI", "LPS", "TRO", "LIV", "MEA")
    print("elephants", *kinds, sep="\t")
    for day in ("1980-01-01", "1995-01-01", "1998-01-01", "2018-05-01"):
        for place in ("BW", "KE"):
            for source in ("W", "I"):
                cells = []
                for kind in kinds:
                    result = listing_of(
                        "Loxodonta africana", population=place, kind=kind, source=source, date=day
                    )
                    cells.append(" or ".join(
                        f"{one.population_appendix}>{one.appendix}" if one.deemed else one.appendix
                        for one in result.answers
                    ))  # fmt: skip
                print(f"{day} {place} {source}", *cells, sep="\t")


def speed(folder):
    """Print how long a start and a question take."""
    with gzip.open(folder / "speciesplus_animals_2017.csv.gz", "rt", encoding="utf-8") as stream:
        asked = [row["scientific_name"] for row in csv.DictReader(stream)][::10]
    begin = time.perf_counter()
    for name in asked:
        listing_of(name, date=COP17)
    each = (time.perf_counter() - begin) / len(asked)
    print(f"a question: {each * 1000:.2f} ms (mean of {len(asked)})")


def main():
    """Print everything."""
    folder = data_folder()
    table = packaged()
    print(f"table: {sum(map(len, table.listings.values())):,} listings of {len(table.listings):,} taxa, "
          f"{len(synonyms())} synonyms, {len(genera()):,} genera")  # fmt: skip
    animals(folder)
    dates(folder)
    parrots(folder)
    names(folder)
    renamed(folder)
    elephants()
    speed(folder)


if __name__ == "__main__":
    main()
