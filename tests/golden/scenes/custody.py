"""A case in a ledger: every act by a command, what is refused, reading, verification, disclosure."""

import json

from tampering import tampering


def play(net):
    net.environment["FORENSICS_LEDGER"] = "lab.db"
    photo = net.write("photo.jpg", b"\xff\xd8simulated photograph")
    net.write("paper.pdf", b"%PDF-1.4 simulated")

    def act(line, *more, by="amina", **options):
        return net.run(f"custody {line}", *more, "--as", by, signs=True, **options)

    def read(line, *more, **options):
        return net.run(f"custody {line}", *more, **options)

    def event(*arguments, **options):
        return json.loads(act(*arguments, "--format", "json", **options) or '{"event": 0}')["event"]

    # -- people and rooms --
    read(
        "init lab.db --laboratory 'Simulated laboratory' --person amina --name 'Amina Dupré'",
        new=True,
    )
    read("init lab.db --laboratory 'Simulated laboratory' --person amina --name A", new=True)
    read("person key dora --output lab.db.keys/dora.key", new=True)
    act("person add bruno --name Bruno --role analyst --role custodian --role manager", new=True)
    act(
        "person add chen --name 'Chen Li' --role reviewer --role manager --role custodian",
        new=True,
        language="fr",
    )
    act("person add dora --name Dora --role analyst --request lab.db.keys/dora.key.request")
    act("person add officer --name 'Officer Jane Roe' --role outside --no-key --agency Customs")
    act("person add bruno --name Bruno --role analyst --no-key")
    act("person key --rotate", new=True, by="dora")
    act(
        "person competence bruno --competence identification --valid-from 2026-01-01T00:00Z "
        "--valid-until 2028-01-01T00:00Z"
    )
    act("location safe --description 'Safe in room 3'")
    act("location freezer --parent safe --format json")
    # -- receipt --
    act("case C1 --agency Customs --reference K-77 --title 'Horn in a suitcase'")
    act("case C2", language="es")
    act(
        "receive C1 --exhibit C1/1 --description horn --quantity 120,5 --unit g --seal A1 "
        "--seal A2 --seizure-place 'Quay 4' --seizure-position '-6.8161, 39.2894' "
        "--received-from 'Officer Jane Roe' --seized-at 2026-03-01T10:00+02:00 --attach",
        photo,
    )
    net.write(
        "list.csv",
        'exhibit,description,quantity,unit,seals\nC1/2,tooth,1,pieces,A3\nC1/3,powder,"5,5",g,A4\n',
    )
    net.write("bad.csv", "exhibit,description,quantity,unit,seal\nC1/2,tooth,1,pieces,A3\n")
    act("receive C1 --list bad.csv")
    act("receive C1 --list list.csv --dry-run")
    act("receive C1 --list list.csv")
    act("receive C1 --exhibit C1/1 --description again")
    act("receive C1 --exhibit C1/1 --description again --quantity 1 --unit g")
    act("receive C9 --exhibit C9/1 --description x --quantity 1 --unit g")
    act("receive C2 --exhibit C2/1 --description powder --quantity 1,200 --unit g")
    act("receive C2 --exhibit C2/1 --description powder --quantity 5 --unit g --seal B1")
    # -- hand-over, refusals in three languages --
    for language in ("en", "fr", "es"):
        act("offer C1/1 --case C1 --to amina", language=language)
    act("offer C1/1 --case C1")
    act("offer C1/1 --case C1 --to bruno --deadline 2026-03-20T00:00Z")
    act("offer C1/1 --case C1 --to bruno --deadline 2026-03-04T00:00Z --dry-run")
    act("offer C1/1 --case C1 --to bruno --deadline 2026-03-04T00:00Z")
    act("accept C1/1 --case C1 --seal A1", by="chen")
    act("accept C1/1 --case C1 --seal A1", by="bruno", language="fr")
    act("offer C1/2 --case C1 --to chen")
    act("refuse C1/2 --case C1 --reason 'seal broken'", by="chen")
    act("offer C1/2 --case C1 --to chen --carrier courier --paper 'paper 1'")
    act("accept C1/2 --case C1 --seal A3", by="chen", language="es")
    act("store C1/3 --case C1 --location freezer --witness chen")
    act("store --out C1/3 --case C1")
    act("store C1/3 --case C1 --out --location freezer")
    act("control R1 --reason x")
    act("person key dora --rotate")
    act("container BOX1 --case C1 --description box")
    act("pack C1/3 --container BOX1 --case C1")
    act("pack --out C1/3 --container BOX1 --case C1")
    act("lost C2/1 --case C2 --circumstances 'not in the safe'")
    act("lost --found C2/1 --case C2 --circumstances 'behind the freezer'")
    act("discrepancy C1 --thing C1/1 --kind seal --description x")
    act(
        "discrepancy C1 --thing C1/1 --kind 'seal number' --seal A2 "
        "--description 'A2 was not named'"
    )
    # -- samples and quantities --
    bruno = {"by": "bruno"}
    act("open C1/1 --case C1 --seal A1 --seal A2 --condition 'as received'", **bruno)
    act(
        "measure C1/1 --case C1 --quantity 119,8 --unit g --instrument 'balance 2' --cause drying",
        **bruno,
    )
    act("split C1/1 --case C1 --sample S1 --quantity 10 --unit g --method 'sterile blade'", **bruno)
    act("split C1/1 --case C1 --sample S2 --quantity 1000 --unit g", **bruno)
    act("seal C1/1 --case C1 --seal Z1 --condition '10 g cut off' --attach", photo, **bruno)
    act("consume S1 --case C1 --quantity 2 --unit g --used-for DNA", **bruno)
    act("consume S1 --case C1 --quantity 50 --unit g --used-for DNA", **bruno, language="fr")
    act("return S1 --case C1 --quantity 8 --unit g", **bruno)
    act("open C1/1 --case C1 --seal Z1 --condition good", **bruno)
    act("return S1 --case C1 --quantity 2 --unit g", **bruno)
    act("seal C1/1 --case C1 --seal Z2 --condition good", **bruno)
    act("seal C1/1 --case C1 --seal Z2 --condition good --attach", photo, **bruno)
    act(
        "plan C1 --population 200 --grouping 'all alike, 200' --method random --chosen 20 "
        "--chosen-by bruno --thing C1/3"
    )
    act("attach C1 --thing C1/1 --description photograph --attach", photo)
    asked = (
        "question C1/1 --case C1 --kind identification --asked-by Customs --question 'What is it?'"
    )
    act(f"{asked} --named Manis --against other")
    act(f"{asked} --named Manis", language="fr")
    # -- runs, validation, findings --
    act(
        "run R1 --kind amplification --controls control=NTC,kind=negative,result=passed "
        "--controls control=POS,kind=positive --lots reagent=polymerase,lot=77",
        by="bruno",
    )
    act("load R1 --case C1 --thing S1 --well A1", by="bruno")
    act("control R1 --control POS --result passed", by="bruno")
    act("control --deviation R1 --reason 'instrument replaced'", by="bruno")
    act(
        "validate",
        "ab" * 32,
        "--name",
        "library 1",
        "--scope",
        "COI of rhinoceroses",
        "--attach",
        "paper.pdf",
    )
    act(
        "finding S1 --case C1 --kind identification --run R1 --library",
        "ab" * 32,
        "--result",
        "taxon=Ceratotherium simum",
        "--result",
        "probability=0.99",
        by="chen",
    )
    finding = event(
        "finding S1 --case C1 --kind identification --run R1 --library",
        "ab" * 32,
        "--result",
        "taxon=Ceratotherium simum",
        "--result",
        "probability=0.99",
        by="bruno",
    )
    act("reviewed", finding, "--case", "C1", "--outcome", "agrees", by="bruno")
    act(
        "reviewed",
        finding,
        "--case",
        "C1",
        "--outcome",
        "agrees",
        "--comment",
        "The data point to one species.",
        by="chen",
    )
    act("control R1 --control NTC --result failed", by="bruno")
    act("report C1 --finding", finding, "--attach", "paper.pdf", by="bruno")
    agreed = event(
        "authorise deviation --case C1 --subject R1 --content 'reason=instrument replaced' "
        "--reason repeated",
        by="chen",
    )
    act("control --deviation R1 --reason 'instrument replaced' --authorisation", agreed, by="bruno")
    act("report C1 --finding", finding, "--attach", "paper.pdf", by="bruno")
    act("deposit S1 --case C1 --name repository", by="bruno")
    # -- holds, approvals, disposal --
    act("offer C2/1 --case C2 --to bruno")
    act("accept C2/1 --case C2", by="bruno")
    act("accept C2/1 --case C2 --condition 'bag intact' --seal B1", by="bruno")
    act("hold C2 --order 'Order 9' --reason appeal")
    act("dispose C2/1 --case C2 --method burnt", by="bruno")
    act("hold --release C2 --order 'Order 10' --reason 'appeal withdrawn'")
    act("dispose C2/1 --case C2 --method burnt", by="bruno")
    agreed = event(
        "authorise dispose --case C2 --thing C2/1 --content method=burnt --reason final", by="chen"
    )
    act("dispose C2/1 --case C2 --method burnt --authorisation", agreed, by="bruno", language="fr")
    received = 12
    act(
        "correct",
        received,
        "--case",
        "C1",
        "--field",
        "received_from",
        "--old",
        "x",
        "--new",
        "y",
        "--reason",
        "z",
    )
    correction = (
        "--field",
        "received_from",
        "--old",
        "Officer Jane Roe",
        "--new",
        "Officer Joan Roe",
        "--reason",
        "misheard",
    )
    agreed = event(
        "authorise correct --case C1 --subject",
        received,
        "--content",
        "field=received_from",
        "--content",
        "old=Officer Jane Roe",
        "--content",
        "new=Officer Joan Roe",
        "--content",
        "reason=misheard",
        "--reason",
        "agreed",
        by="chen",
    )
    act("correct", received, "--case", "C1", *correction, "--authorisation", agreed)
    agreed = event(
        "authorise erase --case C1 --subject",
        received,
        "--content",
        "erased=seizure_position",
        "--content",
        "order=Court order 7",
        "--content",
        "reason=protection",
        "--reason",
        "agreed",
        by="chen",
    )
    act("erase", received, "--case", "C1", "--erased", "seizure_position", "--order", "Court order 7", "--reason", "protection",
        "--authorisation", agreed)  # fmt: skip
    agreed = event(
        "authorise policy --content policy=late_hours=48 --content reason=law --reason agreed",
        by="chen",
    )
    act("policy --policy retention_years=20 --reason law")
    act("policy --policy late_hours=48 --reason law --authorisation", agreed)
    act("person roles chen --role reviewer --role manager --reason 'other tasks'")
    read("backup field.db")
    act("merge field.db --received-from officer --dry-run")
    act("merge none.db --received-from officer")
    act("person revoke dora --reason left")
    act("person key dora --reason back --request lab.db.keys/dora.key.request")
    act("case C3", by="dora")
    # -- wrong use --
    act("case C3 --at 2026-03-01T08:00")
    act("case C3 --at yesterday")
    act("case C3 --at 2026-03-01T10:00+02:00")
    act("case C3 --at 2026-03-01T10:00+02:00 --late-reason 'power cut' --note 'typed later'")
    net.run("custody case C4 --as amina", signs="wrong passphrase", note="wrong passphrase")
    net.run("custody case C4 --as nobody", signs=True)
    net.run("custody case C4 --as amina --ledger none.db", signs=True)
    act("run R2 --kind other --controls x", by="bruno")
    # -- reading --
    for style in ("table", "json", "csv"):
        read("log C1 --format", style, limit=12_000)
        read("controls --format", style)
        read("review C1 --format", style, limit=9000)
    for language in ("fr", "es"):
        read("log C1", language=language, limit=12_000)
        read("review C1", language=language, limit=9000)
        read("log C9", language=language)
    read("log C9")
    read("export C1", limit=6000)
    read("export C9")
    read("export C1 --view exhibits")
    read("export --view exhibits")
    read("print label C1/1 --output label.svg")
    read("print label S1 --output label.pdf")
    read("print label C1/1 S1 --output label.svg")
    read("print label S1 --case C1 --sheet 65 --skip 3 --output labels.html")
    read("print form C1/1 S1 --paper a4 --output form.html")
    # -- heads, witnesses, verification --
    act("head --output head.json")
    read("head")
    read(
        "head --witness head.json --name 'District Court' --key court.key --new "
        "--seen court.seen --output witnessed.json",
        new=True,
    )
    read(
        "head --witness head.json --name 'District Court' --key court.key --new "
        "--seen court.seen --output witnessed.json",
        signs=True,
    )
    read("head --timestamp head.json --output query.tsq")
    for style in ("table", "json"):
        read("verify lab.db --format", style)
        read("verify lab.db --head head.json --format", style)
    read("verify lab.db --head head.json", language="fr")
    read("verify lab.db", language="es")
    read("verify lab.db --fingerprint AAAA-BBBB")
    read("verify none.db")
    read("verify photo.jpg")
    read("backup copy.db")
    read("backup copy.db")
    read("restore copy.db --ledger restored.db")
    read("restore photo.jpg --ledger other.db")
    # -- disclosure --
    act(
        "disclose C1 --output bundle.zip --recipient defence --withhold received_from "
        "--why protection"
    )
    act("disclose C1 --output bundle.zip")
    act("disclose C9 --output other.zip")
    act("disclose C1 --output other.zip --recipient x --open 6:description")
    more(act, read, net)
    batch(net)
    session(net)
    damaged(net)


def more(act, read, net):
    """Acts and questions that are refused, and forms of what is read."""
    act("person add erna --name Erna --role outside --request lab.db.keys/dora.key.request")
    net.run("custody case C5", signs=True, note="whose key is not said")
    net.run("custody --as amina --note 'in the morning' case C6", signs=True)
    net.run("custody --as amina verify lab.db")
    act("case =1+1")
    read("export", limit=1500)
    read("export --view samples")
    read("export --view nothing")
    read("print label C1/1 --output label.gif")
    read("print form --output form.doc")


def batch(net):
    """Many acts from a table and from a scanner's list: refused, tried, recorded."""

    def run(line, *more, **options):
        net.run(f"custody batch {line}", *more, "--as", "amina", signs=True, **options)

    head = "act;case;exhibit;description;quantity;unit;seal;thing;location\n"
    rows = (
        "case;C7;;;;;;;\n"
        "receive;C7;C7/1;tusk;9.2;kg;Z7;;\n"
        "case;C8;;;;;;;\n"
        "receive;C8;C8/1;scales;120;g;Z8;;\n"
    )
    net.write("wrong.csv", head + "dance;C7;;;;;;;\nstore;;;;;;;C7/1;\n;C7;;;;;;;\nstore;;tooth\n")
    net.write("refused.csv", head + rows + "store;;;;;;;C7/9;safe\nstore;;;;;;;C7/1;attic\n")
    net.write("morning.csv", head + rows)
    net.write("scans.txt", "C7/1\nC8/1\n")
    run("wrong.csv")
    run("refused.csv")
    run("morning.csv --dry-run")
    run("morning.csv")
    run("scans.txt --act store --set location=safe --format json")
    run("scans.txt --act case")
    run("scans.txt --set location=safe")
    run("scans.txt --act store --set safe")
    net.run("custody store --out C7/1 C8/1 --as amina", signs=True)


def session(net):
    """Ask what is unlocked where nothing is; an agent itself is no scene: it has a clock of its own."""
    net.environment["XDG_RUNTIME_DIR"] = str(net.folder)
    net.run("custody unlock --status")
    net.run("custody lock")
    net.run("custody unlock --as nobody")
    net.run("custody unlock --key paper.pdf --minutes 5")


def damaged(net):
    """Change a byte of what was signed, and of an attachment."""
    with tampering(net.folder / "lab.db") as ledger:
        ledger.execute("UPDATE openings SET value = '\"Officer X\"' WHERE name = 'title'")
    for language in ("en", "fr", "es"):
        net.run("custody verify lab.db", language=language)
    net.run("custody verify lab.db --format json")
    for path in (net.folder / "restored.db.files").iterdir():
        path.write_bytes(b"other")
    net.run("custody verify restored.db")
