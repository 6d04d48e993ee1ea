"""Only ``library fetch`` uses the network."""

import json
import re

import pytest
from command_line import every_command
from loopback import bold_row
from simulation import query
from sources import imported_names

# What opens lines to other machines; urllib.parse only takes addresses apart.
NETWORK = {
    "socket", "ssl", "http", "urllib.request", "urllib.error", "ftplib", "smtplib", "poplib",
    "imaplib", "telnetlib", "xmlrpc", "socketserver", "asyncio", "requests", "httpx", "aiohttp",
    "urllib3",
}  # fmt: skip
ROOM = ("barcode", "fetch")
AGENT = ("custody", "agent")  # sockets that are files of this user, and nothing else


def modules(root):
    for path in sorted((root / "forensics").rglob("*.py")):
        place = path.relative_to(root / "forensics")
        yield place, imported_names(path)


def test_no_other_room_imports_what_opens_lines(root):
    guilty = {
        str(place): sorted(names & NETWORK)
        for place, names in modules(root)
        if place.parts[:2] not in (ROOM, AGENT)
        and any(name == bad or name.startswith(bad + ".") for name in names for bad in NETWORK)
    }
    assert not guilty


def test_the_key_agent_opens_sockets_of_files_alone(root):
    sources = [
        path.read_text(encoding="utf-8") for path in root.joinpath("forensics", *AGENT).glob("*.py")
    ]
    assert any("AF_UNIX" in text for text in sources)
    for text in sources:
        assert not re.search(r"AF_INET|create_connection|create_server|getaddrinfo", text)
        made = re.findall(r"socket\.socket\(([^)]*)\)", text)
        assert all(family.strip().startswith("socket.AF_UNIX") for family in made)


def test_no_other_room_lets_biopython_ask(root):
    guilty = [
        str(place)
        for place, names in modules(root)
        if place.parts[:2] != ROOM
        and any(
            n.startswith(("Bio.Entrez", "Bio.ExPASy", "Bio.TogoWS", "Bio.KEGG.REST")) for n in names
        )
    ]
    assert not guilty


def test_only_its_command_enters_the_room_of_fetching(root):
    users = {
        str(place)
        for place, names in modules(root)
        if place.parts[:2] != ROOM
        and any(name.startswith("forensics.barcode.fetch") for name in names)
    }
    assert users == {str(next(p for p, _n in modules(root) if p.parts == ("cli", "library.py")))}


# Every event of a socket is told to this hook, whoever opens it.
WATCHED = """
import sys
seen = []
def watch(event, arguments):
    if event.startswith("socket.") or event == "urllib.Request":
        if event == "socket.__new__" and arguments[1] == 1:
            return  # a pipe between processes of this machine
        seen.append(event)
sys.addaudithook(watch)
import json
from forensics.cli import main
for arguments in json.loads(sys.argv[1]):
    try:
        main(arguments, prog_name="forensics")
    except SystemExit as end:
        if end.code not in (0, 3):
            print("FAILED", arguments, end.code)
    if seen:
        print("SOCKET", arguments, seen)
        seen.clear()
print("WATCHED", len(json.loads(sys.argv[1])))
"""


def watched(run, jobs):
    found = run("-c", WATCHED, json.dumps([[str(a) for a in job] for job in jobs]))
    assert f"WATCHED {len(jobs)}" in found.stdout, found.stdout + found.stderr
    return [
        line for line in found.stdout.splitlines() if line.startswith(("SOCKET", "FAILED"))
    ], found


def test_the_help_of_no_command_opens_a_socket(run):
    jobs = [[*name.split()[1:], "--help"] for name, _command in every_command()]
    assert len(jobs) > 20
    assert watched(run, jobs)[0] == []


def test_commands_open_no_socket(run, library_folder, tmp_path):
    fasta = tmp_path / "x.fasta"
    fasta.write_text(f">a|Fictus albus|COI|here\n{query()}\n")
    rows = tmp_path / "BOLD.jsonl"
    rows.write_text(json.dumps(bold_row("FIC1-20", "Fictus albus")) + "\n")
    made, packed = tmp_path / "made", tmp_path / "made.zip"
    jobs = [
        ["identify", fasta, "--library", library_folder],
        ["library", "build", fasta, "--output", made, "--no-calibration", "--no-screening"],
        ["library", "info", made],
        ["library", "info", made, "--panel", "targets"],
        ["library", "export", made, "--output", packed],
        ["library", "import", packed, "--output", tmp_path / "unpacked"],
        ["library", "check", library_folder],
        ["library", "fetch", "--source", "bold", "--taxon", "Fictidae", "--locus", "COI",
         "--from", rows, "--output", tmp_path / "fetched.fasta"],
    ]  # fmt: skip
    assert watched(run, jobs)[0] == []


def test_the_watch_sees_a_command_that_does_use_the_network(run, tmp_path):
    job = ["library", "fetch", "--source", "bold", "--taxon", "x", "--locus", "COI",
           "--server", "http://127.0.0.1:1", "--dry-run"]  # fmt: skip
    code = WATCHED.replace("from forensics.cli import main", (
        "from forensics.cli import main\n"
        "import forensics.barcode.fetch.server as asking\n"
        "asking.TRIES = 1\n"
        "seen.clear()"  # urllib3 tries, as it is imported, whether there is IPv6
    ))  # fmt: skip
    found = run("-c", code, json.dumps([job]))
    assert "SOCKET" in found.stdout, found.stdout + found.stderr


@pytest.mark.slow
def test_the_self_test_opens_no_socket(run):
    assert watched(run, [["selftest"]])[0] == []
