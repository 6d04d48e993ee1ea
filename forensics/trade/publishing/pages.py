"""Map, charts, and a page for a country or a taxon, from the aggregates of a database."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from datasette.utils import tilde_decode, tilde_encode
from datasette.utils.asgi import NotFound, Response
from markupsafe import Markup

from forensics.messages import _
from forensics.trade.publishing.accounts import CLEARANCES
from forensics.trade.publishing.pictures import bars, world
from forensics.trade.publishing.suppression import OTHER
from forensics.trade.vocabulary import countries

__all__ = ["details", "overview", "texts"]

_MAX_ROWS = 40  # rows of a list on a page; the table has all
_POINTS = 3000


def texts() -> dict[str, str]:
    """Return the texts of the templates."""
    return {
        "login": _("Log in"),
        "logout": _("Log out"),
        "name": _("Name"),
        "password": _("Password"),
        "overview": _("Map and charts"),
        "tables": _("Tables"),
        "countries": _("Countries"),
        "taxa": _("Taxa"),
        "years": _("Records by year"),
        "records": _("records"),
        "hidden": _("hidden"),
        "all": _("All rows"),
        "seizures": _("Seizures"),
        "public": _("Public"),
        "parties": _("Parties"),
        "secretariat": _("Secretariat"),
        "anonymous": _("You see what is public. Log in to see more."),
        "caution": _("What was seized and reported, not all that was traded."),
        "unit": _("A record is a taxon in a seizure."),
        "small": _("Hatched: hidden, since it is a small count or would reveal one."),
        "coarse": _("The outlines are coarse; the smallest countries are in the list alone."),
    }


def _country(code: str) -> str:
    country = countries().get(code)
    return country.names[0] if country else {OTHER: _("Other"), "?": _("Not known")}.get(code, code)


async def _database(datasette: Any, request: Any) -> tuple[str, Any]:
    name = request.url_vars["clearance"]
    if name not in CLEARANCES:
        raise NotFound(name)
    await datasette.ensure_permissions(request.actor, [("view-database", name), "view-instance"])
    return name, datasette.get_database(name)


async def overview(request: Any, datasette: Any) -> Response:
    """Show the map, years, countries and taxa of a clearance."""
    name, database = await _database(datasette, request)
    counts = {}
    for kind in ("country", "taxon"):
        rows = await database.execute(f"SELECT {kind}, records FROM {kind} ORDER BY records DESC")
        counts[kind] = [tuple(row) for row in rows.rows]
    years = await database.execute("SELECT year_group, records FROM year ORDER BY year_group")
    base = datasette.urls.path(f"/show/{name}/")
    points, places = [], 0
    if name == CLEARANCES[-1]:
        positions = await database.execute(
            "SELECT DISTINCT longitude, latitude FROM seizures "
            "WHERE longitude IS NOT NULL AND latitude IS NOT NULL LIMIT ?",
            [_POINTS],
        )
        points = [tuple(row) for row in positions.rows]
        counted = await database.execute(
            "SELECT count(*) FROM (SELECT DISTINCT longitude, latitude FROM seizures "
            "WHERE longitude IS NOT NULL AND latitude IS NOT NULL)"
        )
        places = counted.rows[0][0]
    shown = {code: count for code, count in counts["country"] if code in countries()}
    return await _rendered(
        datasette,
        request,
        {
            "clearance": name,
            "heading": "",
            "map": Markup(world(shown, link=f"{base}country/", points=points)),
            "points": bool(points),
            "dots": _("Dots: {shown} of {all} places of seizure.").format(
                shown=len(points), all=places
            ),
            "chart": _bars(years.rows),
            "lists": [
                _list("countries", "country", counts["country"], base, _country),
                _list("taxa", "taxon", counts["taxon"], base, _taxon),
            ],
        },
    )


async def details(request: Any, datasette: Any) -> Response:
    """Show a country or a taxon by year."""
    name, database = await _database(datasette, request)
    kind, key = request.url_vars["kind"], tilde_decode(request.url_vars["name"])
    total = (await database.execute(f"SELECT records FROM {kind} WHERE {kind} = ?", [key])).first()
    if total is None:
        raise NotFound(key)
    years = await database.execute(
        f"SELECT year_group, records FROM {kind}_year WHERE {kind} = ? ORDER BY year_group", [key]
    )
    label = _country if kind == "country" else _taxon
    base = datasette.urls.path(f"/show/{name}/")
    mapped = world({key: total[0]}, link=f"{base}country/") if kind == "country" else ""
    lists = []
    if name != CLEARANCES[0]:  # countries by taxa would tell hidden cells of the public tables
        other = "species" if kind == "country" else "country"
        rows = await database.execute(
            f"SELECT coalesce({other}, '?') AS name, count(DISTINCT z.id) AS records "
            "FROM seizures AS z JOIN specimens AS s ON s.seizure = z.id "
            f"WHERE {'z.country' if kind == 'country' else 's.species'} = ? "
            "GROUP BY 1 ORDER BY 2 DESC",
            [key],
        )
        counted = [tuple(row) for row in rows.rows]
        place = ("taxa", "taxon") if kind == "country" else ("countries", "country")
        named = _taxon if kind == "country" else _country
        lists.append(_list(*place, counted, base, named))
        if kind == "taxon":
            counts = {code: count for code, count in counted if code in countries()}
            mapped = world(counts, link=f"{base}country/")
    return await _rendered(
        datasette,
        request,
        {
            "clearance": name,
            "heading": label(key),
            "total": total[0],
            "map": Markup(mapped),
            "chart": _bars(years.rows),
            "lists": lists,
        },
    )


def _taxon(name: str) -> str:
    return {OTHER: _("Other"), "?": _("Not known")}.get(name, name)


def _bars(rows: Iterable[Sequence[Any]]) -> Markup:
    values = [(_taxon(row[0]), row[1]) for row in rows]
    return Markup(bars(values, title=_("Records by year")))


def _list(
    title: str, kind: str, rows: Sequence[tuple[Any, ...]], base: str, label: Callable[[str], str]
) -> dict[str, Any]:
    most = max((count for _name, count in rows), default=1)
    return {
        "title": title,
        "table": kind,
        "more": len(rows) > _MAX_ROWS,
        "rows": [
            {
                "href": f"{base}{kind}/{tilde_encode(name)}",
                "label": label(name),
                "count": count,
                "share": round(100 * count / most, 1),
            }
            for name, count in rows[:_MAX_ROWS]
        ],
    }


async def _rendered(datasette: Any, request: Any, context: dict[str, Any]) -> Response:
    html = await datasette.render_template("overview.html", context, request=request)
    return Response.html(html)
