"""Appendices of CITES of a specimen."""


def play(net):
    day = ("--date", "2018-05-01")
    elephant = ("Loxodonta africana", "--population", "BW", "--kind", "tusks", "--source", "I")
    for style in ("table", "json", "csv", "tsv"):
        net.run(
            "listing 'Canis lupus' 'Corvus corax' '=Made up'", *day, "--format", style, limit=9000
        )
    for language in ("en", "fr", "es"):
        net.run("listing", *elephant, *day, language=language)
        net.run("listing 'Canis lupus' Felis 'Panthera leo'", *day, language=language)
    net.run("listing 'Canis lupus pallipes'", *day, "--population", "India", "--format", "json")
    net.run("listing 'Canis lupus x familiaris'", *day, "--generation", "2")
    net.run(
        "listing Dalbergia Ara 'Manis javanica' 'Rhincodon typus' 'Crocodylus niloticus' "
        "--source C",
        limit=9000,
    )
    net.run("listing Fictus --lineage Felidae --lineage Carnivora")
    net.write("law.csv", "taxon,law,category,article\nOkapia johnstoni,Made-up Act,I,4\n")
    net.write("index.csv", "FullName,RankName,CurrentListing\nOkapia johnstoni,SPECIES,I\n")
    net.write(
        "more.csv", "taxon,action,after,since,source\nBycanistes,include,II,2026-01-05,Decree 7\n"
    )
    files = ("--national", "law.csv", "--official", "index.csv", "--amendments", "more.csv")
    net.run("law build law --as-of 2026-02-01", *files)
    net.run("law info law")
    net.run("law info law", "--format", "json", language="fr")
    net.run("law build again --as-of 2026-02-01 --official index.csv --covers Cetacea")
    net.run("law build law --as-of 2026-02-01 --official index.csv")
    net.run("law build again --as-of 2026-02-01")
    net.run("law info none")
    net.run("law accept law --ledger none.db --as amina")
    official = ("--law", "law")
    net.run("listing 'Bycanistes brevis'", *official)
    net.run("listing 'Okapia johnstoni'", *official)
    net.run("listing 'Okapia johnstoni'", *official, "--format", "csv", language="fr")
    for more in (("--law", "none"), ("--date", "yesterday"), ("--kind", "zzzz"), ("--source", "?"),
                 ("--population", "Atlantis")):  # fmt: skip
        net.run("listing Manis", *more)
    net.run("listing Manis --date yesterday", language="es")
    net.run("listing")
    net.run("listing", "Manis \x1b[31mjavanica", *day)
