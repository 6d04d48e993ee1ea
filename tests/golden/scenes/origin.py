"""Origin: packaged models of populations and places, training, isotopes, maps, mixtures."""

from isotope_simulation import animals, plane
from scenes._inputs import rows_of, table


def loci_of(rows, *others):
    return [name for name in rows[0] if name not in ("animal", "breed", "country", *others)]


def play(net):
    def run(line, *more, **options):
        net.run(f"origin {line}", *more, **{"digits": 6, **options})

    held = rows_of("microbov.csv.gz")[3::250]
    cattle = table(net, "cattle.csv", held, ["animal", *loci_of(held)])
    place = rows_of("simulated_range.csv.gz")[3::600]
    loci = [name for name in place[0] if name.startswith("SIM")]
    simulated = table(net, "simulated.csv", place, ["animal", *loci])
    run("info")
    run("info none")
    for style in ("table", "json"):
        run("info microbov-breeds --format", style, limit=4000)
    run("info simulated-range", language="fr", limit=4000)
    for style in ("table", "json", "csv", "tsv"):
        run("assign microbov-breeds", cattle, "--format", style, limit=7000)
    for style in ("table", "json", "csv"):
        run("assign simulated-range", simulated, "--format", style, limit=7000, slow=style == "csv")
    for language in ("fr", "es"):
        run("assign microbov-breeds", cattle, language=language, limit=7000)
    run("assign simulated-range", simulated, language="fr", limit=7000)
    run(
        "assign microbov-breeds",
        cattle,
        "--prior",
        "Zebu=0,5",
        "--confidence",
        "0,99",
        "--exclusion-level",
        "0,05",
        limit=3000,
    )
    strange = table(
        net,
        "strange.csv",
        [dict.fromkeys(["animal", *loci_of(held)], "901/903") | {"animal": "strange"}],
    )
    run("assign microbov-breeds", strange)
    poor = table(
        net,
        "poor.csv",
        [{**held[0], **dict.fromkeys(loci_of(held)[3:], "NA")}],
        ["animal", *loci_of(held)],
    )
    run("assign microbov-breeds", poor)
    net.write("listings.csv", "country;listing\nSenegal;I\n324;II\n")
    run("assign simulated-range", simulated, "--listings", "listings.csv", limit=3000)
    for number, text in enumerate(("land,listing\nSenegal,I\n", "country,listing\nAtlantis,I\n",
                                   "country,listing\nSenegal,I\nSenegal,II\n", "country,listing\n", "{")):  # fmt: skip
        net.write(f"wrong{number}", text)
        run("assign simulated-range", simulated, "--listings", f"wrong{number}")
    run("assign simulated-range", simulated, "--regions", "countries", limit=3000)
    net.write("regions.csv", "country,region\nAtlantis,West\n")
    run("assign simulated-range", simulated, "--regions", "regions.csv")
    run("assign simulated-range", simulated, "--map", "map.html", limit=2500)
    run("assign simulated-range", simulated, "--map", "map.svg", slow=True)
    run("assign simulated-range", simulated, "--map", "map.html")
    for name in ("posterior.geojson", "posterior.csv", "map.shp"):
        run("assign simulated-range", simulated, "--map", name, limit=900)
    run("assign microbov-breeds", cattle, "--map", "x.html")
    run("assign microbov-breeds", cattle, "--regions", "countries")
    for style in ("table", "json"):
        run("together microbov-breeds", cattle, "--format", style, digits=3, limit=3000)
    run("together microbov-breeds", cattle, "--format", "csv", digits=3, limit=3000, slow=True)
    run("together microbov-breeds", cattle, "--confidence", "0.9")
    run("together simulated-range", simulated, "--format", "json")
    run("together simulated-range", simulated, "--format", "csv")
    run("together simulated-range", simulated, language="fr", slow=True)
    for style in ("table", "json"):
        run("quality", cattle, "--format", style, limit=3000)
    run("assign none", cattle)
    run("assign microbov-breeds none.csv")
    run("assign microbov-breeds none.csv", language="es")
    run("assign microbov-breeds", cattle, "--ledger", "no.db", "--sample", "S1")
    for more in (
        ("--confidence", "0.4"),
        ("--confidence", "nan"),
        ("--prior", "x"),
        ("--loci", "X*"),
        ("--population", "no"),
    ):
        run("assign microbov-breeds", cattle, *more)
    trained(net, run, cattle)
    genotypes(net, run)
    isotopes(net)


def trained(net, run, cattle):
    """Train models of populations and of places, assign with them."""
    held = [row for row in rows_of("microbov.csv.gz")[::5] if row["country"] == "Africa"]
    reference = table(net, "reference.csv", held, ["animal", "breed", *loci_of(held)[:9]])
    net.masked = True
    run("train", reference, "--population", "breed", "--output", "model", "--method", "rannala_mountain", "--use", "a test",
        "--limit", "too small", "--licence", "none", digits=4, limit=3500)  # fmt: skip
    run("train", reference, "--population", "breed", "--output", "model")
    run("assign model", cattle, limit=2500, digits=4)
    run("assign model", cattle, "--exclusion-level", "0.05", limit=2500, digits=4)
    run(
        "train",
        reference,
        "--population",
        "breed",
        "--output",
        "shrunk",
        "--no-evaluation",
        language="fr",
        digits=4,
        limit=1200,
    )
    run("evaluate", reference, "--population", "breed", digits=4)
    run("evaluate", reference, "--population", "breed", "--format", "json", digits=4, limit=3000)
    places = rows_of("simulated_range.csv.gz")[::20]
    loci = [name for name in places[0] if name.startswith("SIM")]
    others = [name for name in places[0] if not name.startswith("SIM")]
    table(net, "places.csv", places, [*others, *loci[:5]])
    run("train places.csv --no-evaluation --output map", digits=4, limit=1200)
    run("assign map simulated.csv", digits=3, limit=2000)
    net.masked = False
    run("train", cattle, "--output", "x")
    run("train", cattle, "--kind", "places", "--output", "x")
    run("train", cattle, "--kind", "isotopes", "--output", "x")
    run("train none.csv --output x")


def genotypes(net, run):
    """Readers of genotypes: what they notice, what they refuse."""
    net.write("lone.csv", "id,pop,L1,L2\nA,P,138/140,98/98\nB,P,138,98/100\nC,P,138/142,98/98\n")
    run("quality lone.csv")
    run("quality lone.csv --lone half")
    rows = [
        f"a{n},P{n % 2},{0 if n == 1 else 5 + n},{0 if n == 1 else 9},1{n}0/140" for n in range(6)
    ]
    net.write("zero.csv", "\n".join(["id,pop,lat,lon,L1", *rows]) + "\n")
    run("quality zero.csv")
    run("quality zero.csv --format json", language="fr")
    net.write(
        "x.gen",
        "simulated\nL1\nL2\nPop\na1 , 138140 098098\na2 , 138138 000000\nPop\nb1 , 140142 098100\n",
    )
    net.write("x.vcf", "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ts1\ts2\n"
              "1\t5\tm1\tA\tG\t50\tPASS\t.\tGT\t0/1\t1/1\n1\t9\tm2\tC\tT\t50\tq10\t.\tGT\t0/0\t./.\n")  # fmt: skip
    net.write("x.stru", "L1 L2\na1 1 138 98\na1 1 140 98\nb1 2 138 -9\nb1 2 138 -9\n")
    net.write("two.csv", "id,L1a,L1b\nA,138,140\nB,138,x\n")
    for name in ("x.gen", "x.vcf", "x.stru", "two.csv"):
        run("quality", name)
    run("quality x.vcf --filtered --format json")
    run("quality x.gen --input-format vcf")


def isotopes(net):
    """Models of isotopes by the library's functions: no reader of rasters is needed."""
    from forensics.origin.isotope_models import train_isotopes
    from forensics.origin.predict import assign_with

    isoscape = plane()
    known = animals(isoscape, sites=30, each=3)
    net.masked = True
    model = train_isotopes(
        known,
        [isoscape],
        net.folder / "feathers",
        name="feathers",
        version="1",
        site="site",
        evaluated=False,
    )
    net.run("origin info feathers", digits=4)
    net.write("values.csv", "other;Sample_ID;d2H\n1;F1;-10\n2;F2;-20,5\n3;F3;900\n")
    for style in ("table", "json", "csv"):
        net.run("origin assign feathers values.csv --format", style, digits=4, limit=3000)
    net.run("origin assign feathers values.csv --map feathers.html", digits=3, limit=1500)
    net.run("origin together feathers values.csv", digits=3)
    net.call(
        "assign_with: column",
        lambda: [
            str(one.sample) for one in assign_with(model, "values.csv", sample_column="other")
        ],
    )
    net.call("assign_with: prior", lambda: assign_with(model, "values.csv", prior="units"))
    net.masked = False
