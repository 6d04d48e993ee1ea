"""A store of seizures: import, check, fix, convert, export, indicators, publication."""

import csv
import io

from indicator_simulation import carcass_table, seizure_table
from laboratory import Laboratory
from trade_simulation import as_csv
from trade_simulation import rows as simulated

CSV = """Reference,Date,Species,Term,Quantity,Country,Origin,Destination,Appendix
R1,2019-03-05,Manis javanica,SCA,36 kg,SG,ID,ZR,II
R2,03/04/2019,Manis javanica,SCA,1.200 kg,SG,ID,CN,I
R3,2019-05-06,Loxodonta africana,TUS,"12,5 kg",KE,UG,CN,I
R4,2019-13-06,Panthera tigris,SKI,2,Thailand,,,
R5,,Dalbergia,LOG,three,VN,,,
"""


def play(net):
    net.write("x.csv", CSV)
    run = lambda line, *more, **options: net.run(f"trade {line}", *more, **options)  # noqa: E731
    for style in ("table", "json", "csv", "tsv"):
        run("validate x.csv --format", style, limit=7000)
    for language in ("fr", "es"):
        run("validate x.csv --date-order dmy --severity error", language=language)
    run("validate x.csv --decimal . --year 2019 --output problems.csv")
    run("import s.db x.csv --new --dry-run --problems p.csv")
    run("import s.db x.csv --new --date-order dmy")
    run("import s.db x.csv --new")
    run("import s.db x.csv --date-order dmy", language="es")
    net.write("y.csv", CSV.replace("R", "Q", 1).replace("\nR", "\nY"))
    run("import s.db y.csv --dry-run --format json", limit=7000)
    run("import s.db y.csv --decimal , --date-order mdy", language="fr")
    for style in ("table", "json"):
        for number in (1, 2, 4):
            run("show s.db", number, "--format", style)
    run("show s.db 1", language="fr")
    run("show s.db 99")
    for style in ("table", "json", "csv"):
        run("show s.db --search 'manis javanica' --format", style)
    run("show s.db --search manis --limit 1", language="fr")
    run("show s.db --search nothing")
    run("show s.db --search -")
    run("show s.db 1 --format csv")
    run("show s.db")
    run("validate s.db --year 2019 --output decide.csv")
    text = (net.folder / "decide.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]))
    writer.writeheader()
    writer.writerows({**row, "accept": "yes" if row["suggestion"] else ""} for row in rows)
    net.write("decided.csv", stream.getvalue())
    by = ("--by", "amina", "--reason", "checked")
    run("fix s.db --decisions decided.csv", *by, "--dry-run")
    run("fix s.db --decisions decided.csv", *by)
    run("fix s.db --accept COUNTRY_FORMER --by amina", language="fr")
    run("fix s.db --by amina")
    run("fix s.db --accept NONSENSE --by amina")
    run("show s.db 1 --format json")
    run("fix s.db --set-aside 4", *by, "--dry-run")
    run("fix s.db --set-aside 4", *by)
    run("fix s.db --set-aside 3 --specimen 3", *by)
    for style in ("table", "json", "csv"):
        run("show s.db --uncounted --format", style)
    run("fix s.db --restore 4", *by)
    run("fix s.db --restore 4", *by)
    for style in ("table", "json", "csv"):
        run("convert s.db --dry-run --format", style)
    run("convert s.db", language="fr")
    for name, ending in (
        ("aitr", "csv"),
        ("aitr", "xlsx"),
        ("etis", "csv"),
        ("geojson", "geojson"),
    ):
        run("export s.db --to", name, "--output", f"{name}.{ending}", limit=6000)
    run("export s.db --to aitr --output aitr.csv")
    run("export s.db --to aitr --output all.csv --all-columns --language fr", language="fr")
    run("export s.db --to aitr --output x.pdf")
    run("export s.db --to etis --output q.csv --all-columns")
    run("import s.db geojson.geojson --dry-run")
    run("import none.db x.csv")
    run("validate none.csv")
    run("validate none.csv", language="fr")
    run("validate s.db --law none")
    run("validate s.db --decimal ,")
    net.write("text.db", b"SQLite format 3\0 and no more")
    run("show text.db 1")
    net.write("esc.csv", "Reference,Species,Quantity\nR\x1b[31m,Manis,1.200\n")
    run("validate esc.csv")
    net.write(
        "total.csv",
        "reference,date,species,quantity,unit\nA,2020,Manis,300,kg\nB,2020,Manis,351,kg\nTotal,2020,Manis,651,kg\n",
    )
    run("import s.db total.csv")
    run("fix s.db --accept ROW_TOTAL --by amina")
    run("analyse s.db --format csv")
    run("import u.db none.csv --new")
    for line in (
        "show s.db 1 --uncounted", "show s.db --findings", "show s.db 1 --all",
        "fix s.db --set-aside 1 --restore 1 --by a --reason b", "fix s.db --set-aside 1 --by a",
        "fix s.db --set-aside 99 --by a --reason b",
        "fix s.db --accept COUNTRY_FORMER --specimen 1 --by a", "analyse s.db --graph g.json",
        "analyse s.db --table routes --by year", "serve", "serve --account amina",
        "serve site --account amina --clearance parties",
    ):  # fmt: skip
        run(line)
    linked(net, run)
    indicators(net, run)
    published(net, run)


def linked(net, run):
    """Tie a seizure to a ledger."""
    (net.folder / "lab").mkdir()
    lab = Laboratory.founded(net.folder / "lab")
    finding = lab.found()
    lab.close()
    ledger = ("--ledger", "lab/laboratory.db")
    run("import t.db x.csv --new", *ledger)
    run("link t.db 1 --case C1 --finding", finding, *ledger)
    run("link t.db 1 --case C9", *ledger)
    run("link t.db 1")
    for style in ("table", "json", "csv"):
        run("show t.db --findings", *ledger, "--format", style)
    run("show t.db --findings", *ledger, "--all", language="fr")
    run("show t.db 1")


def indicators(net, run):
    """Counts, trends, routes."""
    for name, table in {
        "carcasses": carcass_table()[0],
        "seizures": seizure_table(60),
    }.items():
        table.to_csv(net.folder / f"{name}.csv", index=False, lineterminator="\n")
    quick = ("--draws", "100", "--warm-up", "20", "--chains", "2")
    for style in ("table", "json", "csv"):
        run("pike carcasses.csv --area East --area West", *quick, "--format", style, digits=4)
        run("pike carcasses.csv --observed --format", style)
        run("analyse seizures.csv --by species --format", style)
        run("analyse seizures.csv --table routes --format", style, limit=3000)
    for _time in range(2):
        run("pike carcasses.csv", *quick, "--figure", "pike.svg", digits=4, limit=600)
    run("analyse seizures.csv --by year", language="fr")
    run("analyse seizures.csv --table routes --graph routes.json", limit=3000)
    run("analyse seizures.csv --table routes --graph routes.json")
    run("analyse seizures.csv --table countries --format csv", language="es")
    for arguments in (
        ("analyse", "nothing.csv"), ("analyse", "total.csv"), ("pike", "seizures.csv"),
        ("analyse", "seizures.csv", "--table", "routes", "--first", "1990", "--last", "1991"), ("pike", "carcasses.csv", "--observed", "--figure", "a.svg"),
    ):  # fmt: skip
        run(*arguments)


def published(net, run):
    """Three sites for three readers, and accounts."""
    net.write("r.csv", as_csv(simulated(40)))
    run("import p.db r.csv --new")
    run("link p.db 1 --case A")
    run("publish p.db --output site --closed-case A --unlinked", limit=1500)
    run("publish p.db --output site")
    run("publish p.db --output second --fewest 5", language="fr", limit=600)
    phrase = "twelve letters\ntwelve letters\n"
    run("serve --account amina --clearance parties", text=phrase)
    run("serve --account amina --clearance parties", text="short\nshort\n")
    run("serve lab")
