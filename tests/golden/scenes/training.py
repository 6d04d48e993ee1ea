"""Exercises and the self-test."""

import csv

SLOW = True


def play(net):
    net.masked = True
    printed = net.run("training new --seed 7 --output round", limit=700)
    net.masked = False
    code = printed.splitlines()[1].rpartition(": ")[2]
    net.hidden[code] = "<code>"
    with open(net.folder / "round/samples.csv", encoding="utf-8", newline="") as handle:
        labels = [f"{row['sample']},identified,{row['label']}\n" for row in csv.DictReader(handle)]
    net.write("answers.csv", "sample,conclusion,taxon\n" + "".join(labels))
    for style in ("table", "json", "csv"):
        net.run("training grade round answers.csv --format", style, signs=code, limit=7000)
    net.run("training grade round answers.csv --pages pages", signs=code, language="fr", limit=7000)
    net.run("training grade round round/answers.csv", signs=code, limit=2500)
    net.run("training grade round answers.csv", signs="AAAAA-AAAAA-AAAAA-AAAAA-AAAAA")
    net.write("bad.csv", "sample,conclusion,taxon\nS01,maybe,\n")
    net.run("training grade round bad.csv", signs=code)
    net.run("training grade none answers.csv")
    net.run("training new --output round")
    net.masked = True
    net.run("selftest --output record.json", limit=2500)
    net.run("selftest", language="fr", limit=2500)
