"""What a running Datasette tells a reader: nothing of a higher clearance, by no address."""

import asyncio
import csv
import html
import io
import json
import re
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

pytest.importorskip("datasette", reason="needs the extra publish")

import httpx
from datasette.app import Datasette
from datasette.utils import baseconv, tilde_encode

from forensics.errors import UsageError
from forensics.trade.importing import import_file
from forensics.trade.publishing import plugin as our_plugin
from forensics.trade.publishing.accounts import CLEARANCES, Attempts, new_line
from forensics.trade.publishing.writing import ACCESS_LOG, command, environment, publish
from forensics.trade.store import create_store

sys.path.insert(0, str(Path(__file__).parents[2]))
import trade_simulation

PASSWORD = "simulated-password"
SECRET = "0" * 64
CANARIES = ("Zyxwvut", "SIM-000", "-33.71234", "2026-SECRET", "98765.4")
"""In records that only the secretariat may see: a person, references, a place, a case, a value."""
ENDS = ("", ".json", ".csv", ".jsono", ".blob", "/", "?_shape=array", ".json?_labels=on",
        ".csv?_stream=on&_labels=on", "?_facet=country", ".json?_facet=species&_facet_size=max",
        "?_facet_array=transit", "?_search=Zyx", "?_where=1=1", "?_sort=id&_next=1", "?_trace=1",
        ".json?_nocount=1", "?_nofacet=1&_extra=database", "?sql=select+1", ".json?sql=select+*+from+seizures",
        "/1", "/1.json", "/1.json?_extras=foreign_key_tables", "/1.blob?_blob_column=place",
        "/1/-/insert", "/-/drop")  # fmt: skip
OF_ALL = tuple(
    f"/-/{name}{end}"
    for name in ("metadata", "databases", "versions", "plugins", "settings", "config", "threads",
                 "permissions", "messages", "allow-debug", "patterns", "auth-token?token=x", "actor", "query")
    for end in ("", ".json")
)  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("publishing")
    rows = trade_simulation.rows(400)
    place = dict(zip(trade_simulation.HEADER, range(99)))
    for row in rows:
        row[place["Location of incident"]] = "Zyxwvut street 7"
    rows[7][place["Estimated value in country"]] = "98765.4"
    path = folder / "records.csv"
    path.write_bytes(trade_simulation.as_csv(rows))
    text = path.read_text(encoding="utf-8").splitlines()
    extra = [",Latitude,Longitude", *(f",-33.71234,{100 + place / 100}" for place in range(400))]
    path.write_text("\n".join(a + b for a, b in zip(text, extra)) + "\n", encoding="utf-8")
    with create_store(folder / "store.db") as store:
        import_file(store, path)
        with store.changing():
            store.add_link(8, None, "case", "", "2026-SECRET", False)
        made = publish(store, folder / "site", unlinked=True)
    assert (made.seizures, made.withheld) == (400, 1)
    return folder / "site"


@pytest.fixture(scope="module")
def served(site):
    import os

    old = os.environ.get("FORENSICS_TRADE_ACCOUNTS")
    lines = [new_line(name, name, PASSWORD) for name in CLEARANCES[1:]]
    os.environ["FORENSICS_TRADE_ACCOUNTS"] = "\n".join(lines)
    found = Datasette(config_dir=site, secret=SECRET)
    asyncio.run(found.invoke_startup())
    yield found
    if old is None:
        del os.environ["FORENSICS_TRADE_ACCOUNTS"]
    else:
        os.environ["FORENSICS_TRADE_ACCOUNTS"] = old
    from datasette.plugins import pm

    for plugin in list(pm.get_plugins()):
        if getattr(plugin, "__file__", "").endswith("clearance.py"):
            pm.unregister(plugin)


def _cookies(served, clearance):
    if clearance == "public":
        return {}
    held = {"a": {"id": clearance}, "e": baseconv.base62.encode(int(time.time()) + 60)}
    return {"ds_actor": served.sign(held, "actor")}


def _gets(served, paths, cookies):
    async def all_of():
        return [
            (path, await served.client.get(path, cookies=cookies, follow_redirects=True))
            for path in paths
        ]

    return asyncio.run(all_of())


def _tables(site, name):
    with sqlite3.connect(site / f"{name}.db") as database:
        return [
            row[0] for row in database.execute("SELECT name FROM sqlite_schema WHERE type='table'")
        ]


def _addresses(site, name):
    """Return addresses of everything in a database, and forms of its name that a router might take."""
    found = [f"/show/{name}", f"/show/{name}/country/NL", f"/show/{name}/taxon/Manis~20javanica"]
    found += [f"/{name}{end}" for end in (*ENDS, ".db", ".db?_dl=on", ".sqlite", ".db/")]
    found += [f"//{name}", f"/./{name}", f"/public/../{name}", f"/{name}-000000", f"/{name}~2ejson",
              f"/%{ord(name[0]):02x}{name[1:]}", f"/~{ord(name[0]):02x}{name[1:]}", f"/{name.upper()}",
              f"/{name}%2edb", f"/-/static/../{name}.db", f"/public.db/../{name}.db", f"/_memory?sql=attach+'{name}.db'+as+x",
              f"/_memory?sql=select+*+from+{name}.seizures", f"/public?sql=select+*+from+{name}.seizures",
              f"/public.json?sql=attach+'{name}.db'+as+x", f"/static/{name}.db", f"/static/../{name}.db"]  # fmt: skip
    for table in (*_tables(site, name), "sqlite_master", "sqlite_schema"):
        found += [f"/{name}/{tilde_encode(table)}{end}" for end in ENDS]
    return found


@pytest.mark.parametrize(
    ("reader", "above"),
    [("public", "parties"), ("public", "secretariat"), ("parties", "secretariat")],
)
def test_every_address_of_a_higher_clearance_is_refused(served, site, reader, above):
    addresses = _addresses(site, above)
    assert len(addresses) > 150
    for path, response in _gets(served, addresses, _cookies(served, reader)):
        assert response.status_code in (400, 403, 404, 405), (path, response.status_code)
        assert not any(canary in response.text for canary in CANARIES), path
    opened = _gets(served, [f"/{above}/seizures.json"], _cookies(served, above))
    assert opened[0][1].status_code == 200  # so that the test can fail


@pytest.mark.parametrize("reader", CLEARANCES)
def test_pages_about_the_installation_and_downloads_are_refused_to_all(served, reader):
    downloads = [f"/{name}{end}" for name in CLEARANCES for end in (".db", ".db?_dl=1")]
    paths = [
        *OF_ALL,
        *downloads,
        "/_internal",
        "/_internal/databases.json",
        "/:memory:",
        "/_memory.json",
    ]
    for path, response in _gets(served, paths, _cookies(served, reader)):
        assert response.status_code in (403, 404), (reader, path, response.status_code)


@pytest.mark.parametrize(("reader", "seen"), [("public", CANARIES), ("parties", CANARIES)])
def test_what_a_reader_may_open_holds_nothing_of_what_it_may_not(served, site, reader, seen):
    names = CLEARANCES[: CLEARANCES.index(reader) + 1]
    paths = ["/", "/.json"]
    for name in names:
        paths += [f"/{name}", f"/{name}.json", f"/show/{name}", f"/{name}/country_year?country=SG"]
        paths += [f"/{name}/taxon_year?taxon=Manis%20javanica"]
        for table in _tables(site, name):
            paths += [f"/{name}/{table}{end}" for end in
                      ("", ".json?_size=max&_labels=on", ".csv?_stream=on&_labels=on")]  # fmt: skip
    for path, response in _gets(served, paths, _cookies(served, reader)):
        assert response.status_code == 200, path
        assert not any(canary in response.text for canary in seen), path
        assert not any(f"/{name}" in response.text for name in CLEARANCES[len(names) :]), path
        assert response.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("name", ["public", "parties"])
def test_a_file_holds_no_byte_of_what_it_may_not_tell_and_no_foreign_key(site, name):
    data = (site / f"{name}.db").read_bytes()
    assert not any(canary.encode() in data for canary in CANARIES)
    with sqlite3.connect(site / f"{name}.db") as database:
        for table in _tables(site, name):
            assert not database.execute(f'PRAGMA foreign_key_list("{table}")').fetchall()
    assert any(b"Zyxwvut" in (site / f"{one}.db").read_bytes() for one in CLEARANCES)


def test_numbers_of_the_parties_have_no_gap_where_a_case_was_left_out(site):
    with sqlite3.connect(site / "parties.db") as database:
        found = [row[0] for row in database.execute("SELECT id FROM seizures ORDER BY id")]
    assert found == list(range(1, 400))


def test_only_the_secretariat_asks_in_sql(served):
    for reader, status in (("public", 403), ("parties", 403), ("secretariat", 200)):
        path = f"/{reader}.json?sql=select+1"
        assert _gets(served, [path], _cookies(served, reader))[0][1].status_code == status


def test_a_forged_or_old_cookie_or_one_of_a_removed_account_opens_nothing(served):
    now = int(time.time())
    other = Datasette(memory=True, secret="1" * 64)
    ends = baseconv.base62.encode(now + 60)
    for cookie in (
        other.sign({"a": {"id": "secretariat"}, "e": ends}, "actor"),
        served.sign({"a": {"id": "secretariat"}, "e": baseconv.base62.encode(now - 1)}, "actor"),
        served.sign({"a": {"id": "secretariat", "clearance": "secretariat"}}, "actor"),
        served.sign({"a": {"id": "removed", "clearance": "secretariat"}, "e": ends}, "actor"),
        served.sign({"a": {"id": ["secretariat"]}, "e": ends}, "actor"),
        served.sign({"a": {"id": "root"}, "e": ends}, "actor"),
        "nonsense",
    ):
        for path in ("/secretariat", "/parties.json", "/-/metadata.json"):
            assert _gets(served, [path], {"ds_actor": cookie})[0][1].status_code == 403, cookie


def test_the_metadata_alone_refuses_a_database_too(served):
    async def asked(actor, name):
        return await served.permission_allowed(actor, "view-database", name, default=True)

    for actor, names in ((None, {"public"}), ({"clearance": "parties"}, {"public", "parties"})):
        assert {name for name in CLEARANCES if asyncio.run(asked(actor, name))} == names


async def _logged_in(served, name, password, address="127.0.0.1"):
    transport = httpx.ASGITransport(app=served.app(), client=(address, 50000))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        form = await client.get("/-/login")
        token = form.text.split('name="csrftoken" value="')[1].split('"')[0]
        data = {"name": name, "password": password, "csrftoken": token}
        return await client.post("/-/login", data=data)


def test_five_wrong_passwords_lock_the_address_and_not_the_account(served, monkeypatch):
    monkeypatch.setattr(our_plugin, "_attempts", Attempts())
    right = asyncio.run(_logged_in(served, "parties", PASSWORD))
    assert right.status_code == 302
    assert "httponly" in right.headers["set-cookie"].lower()
    cookie = {"ds_actor": right.cookies["ds_actor"].strip('"')}
    assert _gets(served, ["/parties/seizures.json"], cookie)[0][1].status_code == 200
    statuses = [
        asyncio.run(_logged_in(served, "secretariat", "wrong")).status_code for _ in range(6)
    ]
    assert statuses == [403] * 5 + [429]
    assert asyncio.run(_logged_in(served, "secretariat", PASSWORD)).status_code == 429
    assert asyncio.run(_logged_in(served, "parties", PASSWORD)).status_code == 429
    elsewhere = _logged_in(served, "secretariat", PASSWORD, address="198.51.100.7")
    assert asyncio.run(elsewhere).status_code == 302


def test_downloads_of_a_table_have_all_rows(served, site):
    with sqlite3.connect(site / "parties.db") as database:
        count = database.execute("SELECT count(*) FROM specimens").fetchone()[0]
        taken = database.execute("SELECT count(*) FROM seizures WHERE country = 'SG'").fetchone()[0]
    assert count > 300 and taken > 0
    paths = ["/parties/specimens.csv", "/parties/specimens.csv?_size=max", "/parties/specimens.json?_shape=array",
             "/parties/specimens.json", "/parties/seizures.csv?country=SG"]  # fmt: skip
    lengths = []
    for path, response in _gets(served, paths, _cookies(served, "parties")):
        assert response.status_code == 200, path
        if ".csv" in path:
            lengths.append(len(list(csv.DictReader(io.StringIO(response.text)))))
        else:
            held = response.json()
            lengths.append(len(held if isinstance(held, list) else held["rows"]))
    assert lengths == [count] * 4 + [taken]
    part = _gets(served, ["/parties/specimens.csv?_size=7"], _cookies(served, "parties"))[0][1]
    assert len(part.text.splitlines()) == 8  # what is asked for in so many words


def test_countries_and_taxa_lead_to_their_rows(served):
    page = _gets(served, ["/show/public"], {})[0][1].text
    links = [html.unescape(link) for link in re.findall(r'href="(/public/[a-z]+_year[^"]*)"', page)]
    assert any("country=" in link for link in links) and any("taxon=" in link for link in links)
    for path, response in _gets(served, links, {}):
        assert response.status_code == 200 and "0 rows" not in response.text, path


def test_a_map_says_how_many_of_the_places_it_shows(served, monkeypatch):
    for most, text in ((3000, "Dots: 400 of 400 places"), (7, "Dots: 7 of 400 places")):
        monkeypatch.setattr(our_plugin, "_POINTS", most)
        found = _gets(served, ["/show/secretariat"], _cookies(served, "secretariat"))[0][1]
        assert text in found.text


def test_a_query_of_the_secretariat_is_not_cut(served, site):
    settings = json.loads((site / "settings.json").read_text(encoding="utf-8"))
    assert settings["max_returned_rows"] >= 10_000 and settings["max_csv_mb"] == 0
    with sqlite3.connect(site / "secretariat.db") as database:
        count = database.execute("SELECT count(*) FROM seizures, country").fetchone()[0]
    assert 1000 < count < 10_000
    path = "/secretariat.csv?sql=select+*+from+seizures,country"
    response = _gets(served, [path], _cookies(served, "secretariat"))[0][1]
    assert len(list(csv.DictReader(io.StringIO(response.text)))) == count


def test_the_access_log_names_reader_address_and_answer(served, site):
    _gets(served, ["/secretariat/seizures.json?_size=1"], _cookies(served, "parties"))
    last = json.loads((site / ACCESS_LOG).read_text(encoding="utf-8").splitlines()[-1])
    assert last["account"] == last["clearance"] == "parties" and last["status"] == 403
    assert (last["path"], last["query"]) == ("/secretariat/seizures.json", "_size=1")


def test_no_page_of_ours_loads_anything_from_elsewhere(served):
    for path in (
        "/",
        "/show/public",
        "/public/country_year?country=SG",
        "/-/login",
        "/public/country_year",
    ):
        response = _gets(served, [path], {})[0][1]
        assert "default-src 'self'" in response.headers["content-security-policy"]
        for mark in ('src="http', "@import", "url(http", 'href="//', 'src="//'):
            assert mark not in response.text, (path, mark)


def test_accounts_that_cannot_be_read_stop_the_start(tmp_path):
    path = tmp_path / "accounts.txt"
    path.write_text("amina:parties:xx:yy")
    with pytest.raises(UsageError, match="line 1"):
        environment(path)


def test_no_secret_is_in_the_folder(site):
    for path in site.rglob("*"):
        if path.is_file():
            assert PASSWORD.encode() not in path.read_bytes()
    assert "$env" in (site / "metadata.json").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_server_over_a_socket_refuses_the_same(site, tmp_path):
    accounts = tmp_path / "accounts.txt"
    accounts.write_text(new_line("parties", "parties", PASSWORD))
    server = subprocess.Popen(
        command(site, host="127.0.0.1", port=18543), env=environment(accounts),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _attempt in range(200):
            try:
                urllib.request.urlopen("http://127.0.0.1:18543/")
                break
            except OSError:
                time.sleep(0.05)
        for name in CLEARANCES[1:]:
            for path in _addresses(site, name):
                address = "http://127.0.0.1:18543" + path.replace("'", "%27")
                with pytest.raises(urllib.error.HTTPError) as caught:
                    urllib.request.urlopen(address)
                assert caught.value.code in (400, 403, 404, 405), path
    finally:
        server.terminate()
        server.wait()
