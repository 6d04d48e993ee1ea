"""Plugin of Datasette: login, refusals, the access log, and pages with a map and charts.

Datasette itself refuses a database by the ``allow`` block of its metadata. Here the same is done once more,
by the address and before Datasette sees the request, together with all pages about the installation
(``/-/metadata``, ``/-/databases`` ...) and downloads of whole databases. So one fault opens nothing.

Map and bars are SVG, with nothing that a browser would have to fetch.
"""

import functools
import json
import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote

from asgiref.sync import sync_to_async  # a dependency of Datasette
from datasette import handle_exception, hookimpl
from datasette.utils import baseconv, tilde_decode
from datasette.utils.asgi import NotFound, Response
from markupsafe import Markup

from forensics.core.stored import utc_now
from forensics.errors import UsageError
from forensics.messages import _
from forensics.trade.publishing.accounts import CLEARANCES, Attempts, check, read_accounts
from forensics.trade.publishing.suppression import OTHER
from forensics.trade.vocabulary import countries

_WIDTH, _HEIGHT, _SOUTH = 960.0, 410.0, -58.0
_SHADES = ("#fde7c8", "#fbc58a", "#f39b53", "#dc6a2c", "#a8400f")
_EMPTY = "#e4e7ea"

_MAX_ROWS = 40  # rows of a list on a page; the table has all
_POINTS = 3000
App = Callable[
    [dict[str, Any], Callable[..., Any], Callable[..., Any]], Awaitable[None]
]  # an ASGI application
NAME = "forensics-clearance"
SESSION_SECONDS = 8 * 3600
_OPEN = ("/-/static/", "/-/login", "/-/logout")
_HEADERS = (
    (b"cache-control", b"private, no-store"),
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    # Nothing is loaded from, or sent to, anywhere else.
    (
        b"content-security-policy",
        b"default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        b"img-src 'self' data:; form-action 'self'; frame-ancestors 'none'",
    ),
)
_attempts = Attempts()


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
        "hidden": _("hidden"),
        "all": _("All rows"),
        "seizures": _("Seizures"),
        "public": _("Public"),
        "parties": _("Parties"),
        "secretariat": _("Secretariat"),
        "anonymous": _("You see only public data. Log in to see more."),
        "caution": _("These are seizures that were reported, not all trade."),
        "unit": _("A record is a taxon in a seizure."),
        "small": _("Hatched: hidden, since it is a small count or would reveal one."),
        "coarse": _("The outlines are coarse; the smallest countries are in the list alone."),
    }


def _label(name: str) -> str:
    return {OTHER: _("Other"), "?": _("Not known")}.get(name, name)


def _country(code: str) -> str:
    country = countries().get(code)
    return country.names[0] if country else _label(code)


async def overview(request: Any, datasette: Any) -> Response:
    """Show the map, years, countries and taxa of a clearance; each leads to its rows in a table of Datasette."""
    name = request.url_vars["clearance"]
    if name not in CLEARANCES:
        raise NotFound(name)
    await datasette.ensure_permissions(request.actor, [("view-database", name), "view-instance"])
    database = datasette.get_database(name)
    counts = {}
    for kind in ("country", "taxon"):
        rows = await database.execute(f"SELECT {kind}, records FROM {kind} ORDER BY records DESC")
        counts[kind] = [tuple(row) for row in rows.rows]
    years = await database.execute("SELECT year_group, records FROM year ORDER BY year_group")
    rows_of = {kind: f"{datasette.urls.table(name, f'{kind}_year')}?{kind}=" for kind in counts}
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
    context = {
        "clearance": name,
        "map": Markup(world(shown, link=rows_of["country"], points=points)),
        "points": bool(points),
        "dots": _("Dots: {shown} of {all} places of seizure.").format(
            shown=len(points), all=places
        ),
        "chart": Markup(
            bars([(_label(year), count) for year, count in years.rows], title=_("Records by year"))
        ),
        "lists": [
            _list("countries", "country", counts["country"], rows_of["country"], _country),
            _list("taxa", "taxon", counts["taxon"], rows_of["taxon"], _label),
        ],
    }
    html = await datasette.render_template("overview.html", context, request=request)
    return Response.html(html)


def _list(
    title: str, kind: str, rows: Sequence[tuple[Any, ...]], link: str, label: Callable[[str], str]
) -> dict[str, Any]:
    most = max((count for _name, count in rows), default=1)
    return {
        "title": title,
        "table": kind,
        "more": len(rows) > _MAX_ROWS,
        "rows": [
            {
                "href": f"{link}{quote(name)}",
                "label": label(name),
                "count": count,
                "share": round(100 * count / most, 1),
            }
            for name, count in rows[:_MAX_ROWS]
        ],
    }


def _configured(datasette: Any) -> dict[str, Any]:
    return datasette.plugin_config(NAME) or {}


@hookimpl
def startup(datasette: Any) -> None:
    """Refuse to start on accounts that cannot be read."""
    # Where rich is installed, Datasette prints all local values of a request that fails: cookies too.
    handle_exception.rich = None
    datasette._forensics_accounts = read_accounts(_configured(datasette).get("accounts") or "")
    if not hasattr(datasette, "client") or datasette.setting("allow_download"):
        raise UsageError(_("Downloads of databases must be off: settings.json was changed."))


@hookimpl
def prepare_jinja2_environment(env: Any, datasette: Any) -> None:
    """Give templates our texts."""
    env.globals["texts"] = texts


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Any]]]:
    """Return our own"""
    return [
        (r"^/-/login$", login),
        (r"^/show/(?P<clearance>[a-z]+)$", overview),
    ]


@hookimpl
def menu_links(datasette: Any, actor: dict[str, Any] | None) -> list[dict[str, str]]:
    """Return the link to log in."""
    return [] if actor else [{"href": datasette.urls.path("/-/login"), "label": _("Log in")}]


def _actor(datasette: Any, cookie: str) -> dict[str, Any] | None:
    """Return who a cookie is of, by the accounts as they are now."""
    from itsdangerous import BadSignature

    try:
        cookie_data = datasette.unsign(cookie, "actor")
        name, ends = cookie_data["a"]["id"], baseconv.base62.decode(cookie_data["e"])
    except (BadSignature, KeyError, TypeError, ValueError):
        return None
    account = datasette._forensics_accounts.get(str(name))
    if not account or int(ends) < time.time():
        return None
    return {"id": name, "clearance": account.clearance}


@hookimpl(tryfirst=True)
def actor_from_request(datasette: Any, request: Any) -> dict[str, Any] | None:
    """Return the reader."""
    return _actor(datasette, request.cookies.get("ds_actor", ""))


async def login(request: Any, datasette: Any) -> Response:
    """Show the form, or log in."""
    if request.method != "POST":
        return await _form(datasette, request, "")
    given = await request.post_vars()
    name, password = given.get("name", "").strip(), given.get("password", "")
    now, address = time.monotonic(), _address(request.scope)
    if not _attempts.begin(address, now):
        text = _("Too many failed logins from your address; wait a quarter of an hour.")
        return await _form(datasette, request, text, 429)
    # In a thread: others need not wait while a password is hashed.
    account = await sync_to_async(check)(datasette._forensics_accounts, name, password)
    if account is None:
        return await _form(datasette, request, _("Name or password is wrong."), 403)
    _attempts.succeed(address, now)
    response = Response.redirect(datasette.urls.instance())
    cookie_data = {"a": {"id": name, "clearance": account.clearance}}
    cookie_data["e"] = baseconv.base62.encode(int(time.time()) + SESSION_SECONDS)
    response.set_cookie(
        "ds_actor",
        datasette.sign(cookie_data, "actor"),
        max_age=SESSION_SECONDS,
        httponly=True,
        samesite="lax",
        secure=request.scheme == "https",
    )
    return response


async def _form(datasette: Any, request: Any, error: str, status: int = 200) -> Response:
    html = await datasette.render_template("login.html", {"error": error}, request=request)
    return Response.html(html, status=status)


def refused(path: str, clearance: str) -> bool:
    """Whether a reader may not have an address, by its text alone.

    Parameters
    ----------
    path : str
        Decoded, without the query.
    clearance : str
    """
    for text in {path, unquote(path), tilde_decode(path), unquote(tilde_decode(path))}:
        parts = [part for part in text.split("/") if part]
        if not parts:
            continue
        if parts[0] == "-" and not text.startswith(_OPEN):
            return True
        if parts[0].startswith(("_", ":")) or (len(parts) == 1 and text.endswith(".db")):
            return True
        if parts[0] == "show" and len(parts) > 1:
            parts = parts[1:]
        name = parts[0].split(".")[0].split("-")[0].casefold()
        if name in CLEARANCES and CLEARANCES.index(name) > CLEARANCES.index(clearance):
            return True
    return False


@hookimpl(trylast=True)
def asgi_wrapper(datasette: Any) -> Callable[[App], App]:
    """Refuse what is refused by its address, write the access log, set headers."""

    def wrap(app: App) -> App:
        async def wrapped(
            scope: dict[str, Any], receive: Callable[..., Any], send: Callable[..., Any]
        ) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            started, seen = time.perf_counter(), {"status": 0, "bytes": 0}
            actor = _actor(datasette, _cookie(scope)) or {}
            # The encoded path too: what a router decodes is not always what was looked at.
            raw = scope.get("raw_path", b"").decode("latin-1").split("?")[0]
            clearance = actor.get("clearance", CLEARANCES[0])
            static = scope["path"].startswith("/-/static/")

            async def noted(message: dict[str, Any]) -> None:
                if message["type"] == "http.response.start":
                    seen["status"] = message["status"]
                    if not static:
                        names = {name for name, _value in _HEADERS}
                        kept = [
                            header
                            for header in message["headers"]
                            if header[0].lower() not in names
                        ]
                        message = {**message, "headers": [*kept, *_HEADERS]}
                elif message["type"] == "http.response.body":
                    seen["bytes"] += len(message.get("body", b""))
                await send(message)

            try:
                if refused(scope["path"], clearance) or refused(raw, clearance):
                    response = Response.text(_("Refused.") + "\n", status=403)
                    await response.asgi_send(noted)
                else:
                    query = whole(scope["path"], scope.get("query_string", b""))
                    await app({**scope, "query_string": query}, receive, noted)
            finally:
                _log(datasette, scope, raw, actor, seen, time.perf_counter() - started)

        return wrapped

    return wrap


def _address(scope: dict[str, Any]) -> str:
    return str((scope.get("client") or ["", 0])[0])


def whole(path: str, query: bytes) -> bytes:
    """Return the query of a download with which Datasette gives the whole table, not its first page.

    Parameters
    ----------
    path : str
        Decoded, without the query.
    query : bytes

    Examples
    --------
    >>> whole("/parties/seizures.csv", b"country=SG"), whole("/parties/seizures.json", b"_size=5")
    (b'country=SG&_stream=on', b'_size=5')
    """
    parts = [part for part in path.split("/") if part]
    if len(parts) != 2 or parts[0] not in CLEARANCES:
        return query
    given = parse_qs(query.decode("latin-1"), keep_blank_values=True)
    more = ""
    if path.endswith(".csv") and not given.keys() & {"_next", "_stream"}:
        if given.get("_size", ["max"]) == ["max"]:  # the link on a page asks for that
            more = "_stream=on"
    elif path.endswith((".json", ".jsono")) and not given.keys() & {"_next", "_size"}:
        more = "_size=max"
    return b"&".join(part for part in (query, more.encode()) if part)


def _cookie(scope: dict[str, Any]) -> str:
    for header, value in scope.get("headers", ()):
        if header.lower() == b"cookie":
            for part in value.decode("latin-1").split(";"):
                name, _sign, content = part.strip().partition("=")
                if name == "ds_actor":
                    return str(content.strip('"'))
    return ""


def _log(
    datasette: Any,
    scope: dict[str, Any],
    raw: str,
    actor: dict[str, Any],
    seen: dict[str, int],
    seconds: float,
) -> None:
    name = _configured(datasette).get("access_log")
    if not name or not datasette.config_dir:
        return
    line = {
        "time": utc_now(),
        "address": _address(scope),
        "account": actor.get("id", ""),
        "clearance": actor.get("clearance", CLEARANCES[0]),
        "method": scope["method"],
        "path": raw or scope["path"],
        "query": scope.get("query_string", b"").decode("latin-1"),
        "status": seen["status"],
        "bytes": seen["bytes"],
        "milliseconds": round(1000 * seconds, 1),
    }
    with open(Path(datasette.config_dir) / name, "a", encoding="utf-8") as stream:
        stream.write(json.dumps(line, ensure_ascii=False) + "\n")


# -- pictures --------------------------------------------------------------------------


@functools.lru_cache(maxsize=1)
def _paths() -> tuple[tuple[str, str, str], ...]:
    """Return code, name and outline of each country."""
    from forensics.origin.outlines import alpha2_of, coarse_countries

    paths = []
    for country in coarse_countries():
        rings = []
        for ring in country.rings:
            if ring[:, 1].max() < _SOUTH:
                continue
            # A ring over the antimeridian is drawn whole at both ends; the frame cuts it.
            longitudes = ring[:, 0]
            y = (84 - ring[:, 1].clip(_SOUTH, 84)) / (84 - _SOUTH) * _HEIGHT
            for turn in (-360, 0, 360):
                x = (longitudes + turn + 180) / 360 * _WIDTH
                if x.max() > 0 and x.min() < _WIDTH:
                    points = " ".join(f"{p:.1f},{q:.1f}" for p, q in zip(x.tolist(), y.tolist()))
                    rings.append(f"M{points}Z")
        code = alpha2_of(country) or ""
        if rings:
            paths.append((code, country.name, "".join(rings)))
    return tuple(paths)


def world(
    counts: Mapping[str, int], *, link: str, points: Sequence[tuple[float, float]] = ()
) -> str:
    """Return a map of the world, countries shaded by the square root of counts.

    Parameters
    ----------
    counts : mapping of str to int
        By ISO 3166-1 alpha-2 code.
    link : str
        Address of the rows of a country, to which its code is added.
    points : sequence of (float, float)
        Longitude and latitude, degrees.
    """
    most = max(counts.values(), default=1)
    shapes = []
    for code, name, outline in _paths():
        count = counts.get(code, 0)
        shade = _SHADES[_class(count, most)] if count else _EMPTY
        title = f"<title>{escape(name)}: {count}</title>" if count else ""
        path = f'<path d="{outline}" fill="{shade}">{title}</path>'
        shapes.append(f'<a href="{escape(link + code)}">{path}</a>' if count else path)
    dots = "".join(
        f'<circle cx="{(x + 180) / 360 * _WIDTH:.1f}" '
        f'cy="{(84 - y) / (84 - _SOUTH) * _HEIGHT:.1f}" r="1.8"/>'
        for x, y in points
        if _SOUTH < y < 84
    )
    label = escape(_("Map of the countries of seizure"))
    return (
        f'<svg class="world" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT + 30:.0f}" role="img" '
        f'aria-label="{label}">'
        f'<g stroke="#fff" stroke-width="0.4" fill-rule="evenodd">{"".join(shapes)}</g>'
        f'<g fill="#123a63" fill-opacity="0.55">{dots}</g>{_legend(most) if len(counts) > 1 else ""}</svg>'
    )


def _class(count: int, most: int) -> int:
    if most <= 1:
        return len(_SHADES) - 1
    place = math.sqrt(count / most) * len(_SHADES)
    return min(len(_SHADES) - 1, int(place))


def _legend(most: int) -> str:
    parts: list[str] = []
    low = 1
    for place, shade in enumerate(_SHADES):
        ends = [n for n in _ends(most, place) if n >= low]
        if not ends:
            continue
        high = ends[0]
        x, y = 10 + len(parts) * 120, _HEIGHT + 8
        text = f"{low}-{high}" if high > low else str(low)
        parts.append(
            f'<rect x="{x}" y="{y}" width="18" height="12" fill="{shade}"/>'
            f'<text x="{x + 24}" y="{y + 11}" font-size="12">{text}</text>'
        )
        low = high + 1
    return "".join(parts)


def _ends(most: int, place: int) -> list[int]:
    """Return the largest count of a shade, if it has one."""
    high = (
        most if place == len(_SHADES) - 1 else math.ceil(most * ((place + 1) / len(_SHADES)) ** 2)
    )
    while high > 0 and _class(high, most) > place:
        high -= 1
    return [high] if high > 0 and _class(high, most) == place else []


def bars(values: Sequence[tuple[str, int | None]], *, title: str) -> str:
    """Return bars over names; a hidden value (None) is a hatched mark, not a bar of length 0."""
    if not values:
        return ""
    most = max((count for _name, count in values if count), default=1)
    step = min(90.0, 880 / len(values))
    every = max(1, math.ceil(len(values) * 44 / 880))
    parts = []
    for place, (name, count) in enumerate(values):
        x = 40 + place * step
        height = 12 if count is None else 150 * count / most
        fill = "url(#hidden)" if count is None else "#2f6f9f"
        shown = _("hidden") if count is None else str(count)
        parts.append(
            f'<rect x="{x:.1f}" y="{180 - height:.1f}" width="{step * 0.8:.1f}" '
            f'height="{height:.1f}" fill="{fill}"><title>{escape(name)}: {shown}</title></rect>'
        )
        if place % every == 0:
            middle = x + step * 0.4
            parts.append(
                f'<text x="{middle:.1f}" y="196" text-anchor="middle">{escape(name)}</text>'
                f'<text x="{middle:.1f}" y="{175 - height:.1f}" text-anchor="middle">'
                f"{'' if count is None else count}</text>"
            )
    width = 60 + step * len(values)
    return (
        f'<svg class="bars" viewBox="0 0 {width:.0f} 205" style="max-width:{width:.0f}px" '
        f'role="img" aria-label="{escape(title)}" font-size="12">'
        '<defs><pattern id="hidden" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<path d="M0,6L6,0" stroke="#888" stroke-width="1"/></pattern></defs>'
        f'<line x1="36" x2="{width - 16:.0f}" y1="180" y2="180" stroke="#555"/>{"".join(parts)}</svg>'
    )
