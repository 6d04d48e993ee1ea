"""The site of the documentation: every page has its place, and nothing is fetched."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from sources import module_at

from forensics.notices import SUBJECTS

LINK = re.compile(r"\]\(([^)\s#]+)")


@pytest.fixture(scope="module")
def make_site(root):
    return module_at(root / "docs" / "make_site.py")


@pytest.fixture(scope="module")
def navigation(root):
    """Return the pages in the navigation of mkdocs.yml."""
    text = (root / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    return re.findall(r"(\S+\.md)$", text, re.MULTILINE)


@pytest.fixture(scope="module")
def laid_out(make_site, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    make_site.make_pages(folder)
    return folder


def test_every_page_of_the_documentation_is_in_the_navigation(root, navigation):
    docs = root / "docs"
    pages = {path.relative_to(docs).as_posix() for path in docs.rglob("*.md")}
    assert pages - set(navigation) == set(), "give it a place in mkdocs.yml, nav"


def test_every_page_in_the_navigation_is_laid_out_once(navigation, laid_out):
    assert len(navigation) == len(set(navigation))
    assert [page for page in navigation if not (laid_out / page).is_file()] == []


def test_every_link_of_the_site_leads_to_a_file_of_it(laid_out):
    pages = list(laid_out.rglob("*.md"))
    assert len(pages) > 80
    missing = [
        f"{page.relative_to(laid_out)}: {link}"
        for page in pages
        for link in LINK.findall(re.sub(r"(?ms)^ *```.*?^ *```", "", page.read_text("utf-8")))
        if "://" not in link and not link.startswith("mailto:")
        if not (page.parent / link).is_file()
    ]
    assert missing == []


def anchors_of(text):
    """Return the anchors of a page's headings, as the generator makes them."""
    text = re.sub(r"(?ms)^ *(```|~~~).*?^ *\1", "", text)
    anchors = set()
    for heading in re.findall(r"(?m)^#+ +(.*?)\s*$", text):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").replace("*", "")
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).strip().replace(" ", "-")
        number = 0
        while (anchor := f"{slug}_{number}" if number else slug) in anchors:
            number += 1
        anchors.add(anchor)
    return anchors | set(re.findall(r'<a (?:id|name)="([^"]+)"', text))


def test_every_link_into_a_page_leads_to_a_heading_of_it(laid_out):
    """The generator lets some pass."""
    anchors = {}
    missing = []
    for page in laid_out.rglob("*.md"):
        text = re.sub(r"(?ms)^ *```.*?^ *```", "", page.read_text("utf-8"))
        for link, anchor in re.findall(r"\]\(([^()\s#]*)#([^()\s]+)\)", text):
            target = (page.parent / link).resolve() if link else page
            if "://" in link or target.suffix != ".md":
                continue
            if target not in anchors:
                anchors[target] = anchors_of(target.read_text("utf-8"))
            if anchor not in anchors[target]:
                missing.append(f"{page.relative_to(laid_out)}: {link}#{anchor}")
    assert len(anchors) > 20
    assert missing == []


def test_a_link_to_nothing_stops_the_site(make_site, monkeypatch, tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.md").write_text("[there](no.md)\n")
    for name in make_site.TOP:
        (tmp_path / name).write_text("# A page\n")
    monkeypatch.setattr(make_site, "ROOT", tmp_path)
    with pytest.raises(SystemExit, match=r"docs/page\.md: the link to no\.md leads nowhere"):
        make_site.find_linked()


def test_links_across_the_border_of_docs_are_turned(root, make_site):
    page = make_site.turn_links("README.md", (root / "README.md").read_text("utf-8"))
    assert "](../tutorial-technician.md)" in page and "](LICENSE)" in page
    assert "](project/CONTRIBUTING.md)" in make_site.turn_links(
        "docs/README.md", (root / "docs" / "README.md").read_text("utf-8")
    )


def test_a_list_after_a_paragraph_begins_behind_an_empty_line(make_site, monkeypatch, tmp_path):
    monkeypatch.setattr(make_site, "ROOT", tmp_path)
    turned = make_site.turn_links("page.md", "Three:\n- one\n- two\n```text\nA\n- B\n```\n")
    assert turned == "Three:\n\n- one\n- two\n```text\nA\n- B\n```\n"


def test_a_folder_without_a_page_is_no_link_and_bars_in_code_lose_their_backslash(
    make_site, monkeypatch, tmp_path
):
    (tmp_path / "tests").mkdir()
    text = "[tests](tests), [a](https://example.org/)\n| `A\\|B` | x \\| y |\n"
    monkeypatch.setattr(make_site, "ROOT", tmp_path)
    assert make_site.turn_links("page.md", text) == (
        "tests, [a](https://example.org/)\n| `A|B` | x \\| y |\n"
    )


def test_the_page_of_commands_shows_each_group_of_options_once_and_each_default_once(make_site):
    section = (
        make_site.list_commands().split("## forensics individual kinship\n")[1].split("\n## ")[0]
    )
    titles = [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| ")]
    assert [title for title in titles if title] == [
        "What to examine", "How to decide", "Output", "Custody", "Advanced",
    ]  # fmt: skip
    assert section.count("`--ledger FILE`") == 1 and "[default: 0.001; 0<=x<1]" in section


def test_the_page_of_notices_has_every_subject_of_the_catalogue(make_site):
    assert {subject for subject, _title, _text in make_site.SECTIONS} == set(SUBJECTS)


def test_every_package_and_module_says_what_it_does(make_site):
    rows = [line for line in make_site.list_modules().splitlines() if line.startswith("| `")]
    assert len(rows) > 40
    assert [row for row in rows if row.endswith("|  |")] == []


def test_the_reference_has_the_packages_that_are_public(root, make_site):
    text = (root / "docs" / "public-api.md").read_text(encoding="utf-8")
    public = text.partition("- The commands")[0]
    named = set(re.findall(r"`(forensics(?:\.\w+)?)`", public))
    # Modules of the top stand on the page of forensics.
    modules = {name for name in named if (root / f"{name.replace('.', '/')}.py").is_file()}
    assert named - modules == set(make_site.PACKAGES)


def test_the_reference_of_a_package_names_what_it_exports(laid_out):
    import forensics

    page = (laid_out / "reference" / "forensics.md").read_text(encoding="utf-8")
    for name in forensics.__all__:
        value = getattr(forensics, name)
        if hasattr(value, "__qualname__"):
            assert f"| [`{name}`][" in page
    assert "::: forensics.examination.identify\n" in page
    page = (laid_out / "reference" / "forensics.custody.md").read_text(encoding="utf-8")
    assert "::: forensics.custody.ledger\n" in page


def test_what_a_page_would_fetch_is_seen(make_site, tmp_path):
    (tmp_path / "a.html").write_text(
        '<script src="assets/a.js"></script><a href="https://example.org">x</a>'
        '<link rel="canonical" href="https://example.org/">'
    )
    assert make_site.find_fetched(tmp_path) == []
    (tmp_path / "b.html").write_text('<script async src="https://example.org/b.js"></script>')
    assert make_site.find_fetched(tmp_path) == ["b.html: https://example.org/b.js"]
    (tmp_path / "b.html").write_text('<link rel="stylesheet" href="//example.org/b.css">')
    assert make_site.find_fetched(tmp_path) == ["b.html: //example.org/b.css"]


def test_nothing_is_fetched_when_the_site_is_read(root):
    text = (root / "mkdocs.yml").read_text(encoding="utf-8")
    assert "font: false" in text and "\n  - offline\n" in text and "://" not in text
    script = Path(root / "docs" / "assets" / "iframe-worker.js").read_text(encoding="utf-8")
    assert (
        "polyfills: [assets/iframe-worker.js]" in text and "Permission is hereby granted" in script
    )


@pytest.mark.slow
def test_the_search_of_the_built_site_works_from_files(root, tmp_path):
    """What `make site` built last is opened as files, as a reader without a network does."""
    browser = (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    index = root / "dist" / "site" / "index.html"
    if browser is None or not index.is_file():
        pytest.skip("needs a browser, and the site that make site builds")
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}"]
    page = subprocess.run(
        [browser, *options, "--virtual-time-budget=20000", "--dump-dom", f"{index.as_uri()}?q=hybrid"],
        capture_output=True, text=True, timeout=300, check=True,
    ).stdout  # fmt: skip
    assert re.search(r"\b[1-9]\d* matching documents", page)
