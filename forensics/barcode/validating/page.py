"""A validation as one page of HTML: no script, nothing from the network, fit for A4.

Reliability diagrams as SVG text, drawn without any package.
"""

from collections.abc import Iterable, Sequence

from forensics.barcode.validating.validation import METRICS, OUTCOMES
from forensics.messages import N_, _, numeral, thousands
from forensics.paper import document, escaped, facts, heading, paragraph, table

_SIDE, _LEFT, _TOP, _BELOW = 150, 34, 20, 34
_DOT = "#1d4e89"


def reliability_svg(bins: Sequence[dict], title: str) -> str:
    """Return a diagram: stated probability across, share that was right up, with intervals.

    Parameters
    ----------
    bins : sequence of dict
        `forensics.stats.Bin` as plain values.
    title : str
        Plain text, already escaped.
    """
    width, height = _LEFT + _SIDE + 8, _TOP + _SIDE + _BELOW

    def x(value: float) -> float:
        return _LEFT + value * _SIDE

    def y(value: float) -> float:
        return _TOP + (1 - value) * _SIDE

    # Written out here: what translators are given is taken from no f-string.
    stated, share = _("stated"), _("share right")
    parts = [
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{title}">',
        f'<text x="{x(0.5)}" y="12" text-anchor="middle" class="title">{title}</text>',
        f'<rect x="{x(0)}" y="{y(1)}" width="{_SIDE}" height="{_SIDE}" class="frame"/>',
        f'<line x1="{x(0)}" y1="{y(0)}" x2="{x(1)}" y2="{y(1)}" class="diagonal"/>',
    ]
    for tick in (0, 0.5, 1):
        parts += [
            f'<text x="{x(tick)}" y="{y(0) + 13}" text-anchor="middle">{numeral(tick, "g")}</text>',
            f'<text x="{x(0) - 4}" y="{y(tick) + 3}" text-anchor="end">{numeral(tick, "g")}</text>',
        ]
    parts += [
        f'<text x="{x(0.5)}" y="{height - 5}" text-anchor="middle">{stated}</text>',
        f'<text transform="translate(10 {y(0.5)}) rotate(-90)" text-anchor="middle">{share}</text>',
    ]
    for group in bins:
        low, high = group["interval"]
        at = x(group["stated"])
        radius = 1.6 + 2.6 * group["weight"] ** 0.5
        parts += [
            f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{y(low):.1f}" y2="{y(high):.1f}" class="bar"/>',
            f'<circle cx="{at:.1f}" cy="{y(group["observed"]):.1f}" r="{radius:.1f}" fill="{_DOT}"/>',
        ]
    return "".join([*parts, "</svg>"])


# Groups that are listed on the page; the JSON has all.
_GROUPS = 24
_NAMES = 12
_WAYS = {
    "known": N_("the record, or its haplotype"),
    "species_out": N_("its whole species"),
    "genus_out": N_("its whole genus"),
}
_OUTCOMES = {
    "met": N_("met"),
    "not met": N_("not met"),
    "not shown": N_("not shown"),
}
_SCORES = {
    "right": N_("right species"),
    "right_genus": N_("right genus"),
    "wrong": N_("wrong"),
    "unassigned": N_("no name"),
}
_STYLE = """
.met, .notmet, .notshown { font-weight: 600; white-space: nowrap }
.met::before { content: "\\2713 " } .notmet::before { content: "\\2717 " }
.notshown::before { content: "? " }
.met { color: #17652f } .notmet { color: #a3161b } .notshown { color: #7a5200 }
.figures { display: flex; gap: 3mm; flex-wrap: wrap } .figures svg { width: 43mm; height: auto }
svg text { font: 8.5px "DejaVu Sans", Arial, sans-serif; fill: #333 } svg .title { font-weight: 600 }
svg .frame { fill: none; stroke: #777 } svg .diagonal { stroke: #999; stroke-dasharray: 3 3 }
svg .bar { stroke: #1d4e89; stroke-width: 1.1 }
@media print { .met, .notmet, .notshown { print-color-adjust: exact } }
"""


def page(result: dict) -> str:
    """Return the page of what `forensics.barcode.validating.validation.validate` found."""
    library = result["library"]
    title = _("Validation of {name}").format(name=library["title"])
    parts = [
        *_head(result),
        *_criteria(result),
        *_summary(result),
    ]
    for locus, of_locus in result["loci"].items():
        parts += _locus(locus, of_locus)
    if result["known"]:
        parts += _known(result["known"])
    return document(title, [*parts, *_method(result)], style=_STYLE)


def _head(result: dict) -> Iterable[str]:
    library, parameters = result["library"], result["parameters"]
    if library["demonstration"]:
        yield f'<p class="warn">{escaped(library["statement"])}</p>'
    yield facts(
        (_("Library"), f"{library['name']} {library['version']}".strip()),
        (_("SHA-256 of the library"), library["sha256"]),
        (_("Software"), f"{result['software']} {result['version']}"),
        (_("Time (UTC)"), result["time"]),
        (
            _("Parameters"),
            _(
                "confidence {confidence}, prior that the library holds the species "
                "{in_library_prior}, at most {samples} records a locus, seed {seed}"
            ).format(**parameters),
        ),
    )
    yield paragraph(
        _(
            "Records of the library were looked up as if they were not in it. This shows how the "
            "library and the software behave together on such records. It does not show how the "
            "laboratory works at the bench, how other populations differ, or whether the names "
            "in the library are right; that needs the laboratory's own blind vouchered "
            "specimens."
        )
    )


def _criteria(result: dict) -> Iterable[str]:
    yield heading(2, _("Acceptance criteria, stated before the run"))
    yield table(
        (_("what"), _("limit"), _("asked at"), _("why")),
        (
            (
                escaped(_(METRICS[c["metric"]])),
                _limit(c),
                ", ".join(_length(n) for n in c["lengths"]),
                escaped(_(c["reason"])),
            )
            for c in result["criteria"]
        ),
    )
    yield paragraph(
        _(
            "Met: the whole 95 % interval keeps the limit. Not shown: the rate keeps it, but too "
            "few records were tried to be sure. Not met: the rate itself exceeds it."
        )
    )


def _summary(result: dict) -> Iterable[str]:
    yield heading(2, _("Outcome"))
    rows = []
    for locus, of_locus in result["loci"].items():
        count = {name: 0 for name in _OUTCOMES}
        for row in of_locus["criteria"]:
            count[row["outcome"]] += 1
        verdict = next(n for n in ("not met", "not shown", "met") if count[n] or n == "met")
        rows.append(
            (
                escaped(locus),
                *(thousands(of_locus[key]) for key in ("records", "species", "sampled")),
                _("yes") if of_locus["calibrated"] else _("no: plain rule"),
                *(str(count[name]) for name in _OUTCOMES),
                _badge(verdict),
            )
        )
    yield table(
        (
            _("locus"), _("records"), _("species"), _("tried"), _("calibrated"),
            _("met"), _("not met"), _("not shown"), _("all together"),
        ),
        rows,
        numbers=(1, 2, 3, 5, 6, 7),
    )  # fmt: skip


def _locus(name: str, of_locus: dict) -> Iterable[str]:
    yield f"<h2>{escaped(name)}</h2>"
    lengths = list(dict.fromkeys(row["length"] for row in of_locus["criteria"]))
    by_metric: dict[str, dict] = {}
    for row in of_locus["criteria"]:
        by_metric.setdefault(row["metric"], {})[row["length"]] = row
    yield table(
        (_("criterion"), _("limit"), *map(_length, lengths)),
        (
            (
                escaped(_(METRICS[metric])),
                _limit(next(iter(rows.values()))),
                *(_judged(rows.get(length)) for length in lengths),
            )
            for metric, rows in by_metric.items()
        ),
    )
    yield heading(3, _("Error rates"))
    if of_locus["calibrated"] and not of_locus["cross_fitted"]:
        yield paragraph(
            _(
                "Too few species to hold some back, so the plain rule was tested, not the "
                "calibration."
            )
        )
    yield table(
        (
            _("length"), _("left out of the library"), _("tried (species)"), _("right species"),
            _("wrong species"), _("no species named"), _("right genus"), _("wrong genus"),
            _("'nothing near'"),
        ),
        (
            (
                _length(length),
                escaped(_(_WAYS[way])),
                f"{thousands(rates['trials'])} ({thousands(rates['species'])})",
                *(
                    _rate(rates[key])
                    for key in (
                        "species_right", "species_wrong", "no_species",
                        "genus_right", "genus_wrong", "nothing_near",
                    )
                ),
            )
            for length, at in of_locus["lengths"].items()
            for way, rates in at["rates"].items()
            if way in _WAYS and rates["trials"]
        ),
    )  # fmt: skip
    yield from _reliability(of_locus)
    yield from _taxa(of_locus["taxa"])
    yield from _confusable(of_locus["confusable"])


def _reliability(of_locus: dict) -> Iterable[str]:
    by_length = {n: at["reliability"] for n, at in of_locus["lengths"].items() if at["reliability"]}
    if not by_length:
        return
    yield heading(3, _("Are the stated probabilities true?"))
    yield paragraph(
        _(
            "Each dot is a bin of the probability of the most probable species, known and absent "
            "species mixed as the prior says; a dot on the dashed line is right as often as it "
            "says. Lines are 95 % intervals, the size of a dot the share of the questions."
        )
    )
    figures = (reliability_svg(at["species"]["bins"], _length(n)) for n, at in by_length.items())
    yield f'<div class="figures">{"".join(figures)}</div>'
    yield table(
        (
            _("length"), _("calibration error, species"), _("calibration error, genus"),
            _("1 % of species calls wrong from probability"), _("calls from there"),
            _("wrong from there (upper limit)"),
        ),
        (
            (
                _length(n),
                _per_cent(at["species"]["calibration_error"]),
                _per_cent(at.get("genus", {}).get("calibration_error")),
                _("not reached")
                if at["species"]["one_per_cent_wrong_at"] is None
                else numeral(at["species"]["one_per_cent_wrong_at"], ".4f"),
                thousands(at["species"]["calls_from_there"]),
                _per_cent(at["species"]["wrong_from_there"])
                + f" ({_per_cent(at['species']['wrong_from_there_high'])})",
            )
            for n, at in by_length.items()
        ),
    )  # fmt: skip


def _taxa(taxa: list[dict]) -> Iterable[str]:
    if not taxa:
        return
    yield heading(3, _("By taxon, whole sequences"))
    yield table(
        (
            _("taxon"), _("known, tried"), _("right species"), _("wrong species"),
            _("'nothing near'"), _("species left out, tried"), _("wrongly named"),
        ),
        (
            (
                ("&nbsp;&nbsp;" if row["rank"] == "order" and row["class"] else "")
                + escaped(row["taxon"]),
                thousands(row["known"]["trials"]),
                _rate(row["known"]["species_right"]),
                _rate(row["known"]["species_wrong"]),
                _rate(row["known"]["nothing_near"]),
                thousands(row["species_out"]["trials"]),
                _rate(row["species_out"].get("species_wrong")),
            )
            for row in taxa
        ),
        numbers=(1, 5),
    )  # fmt: skip


def _confusable(names: dict) -> Iterable[str]:
    yield heading(3, _("Species that this locus cannot distinguish"))
    yield paragraph(
        _(
            "Of {species} species, {identical} share a whole sequence with another species, and "
            "{near} come within {margin:.0%} of another. Every record was compared with every "
            "other. A species with one record may share more than is seen here; a group may also "
            "come from one mislabelled record. Numbers of records are in brackets."
        ).format(
            species=thousands(names["species"]),
            identical=thousands(names["species_identical"]),
            near=thousands(names["species_near"]),
            margin=names["margin"],
        )
    )
    for key, label in (
        ("identical", _("share a sequence")),
        ("near", _("within {margin:.0%} (chained)").format(margin=names["margin"])),
    ):
        groups = names[key]
        if not groups:
            continue
        rows = [(_group(group),) for group in groups[:_GROUPS]]
        if len(groups) > _GROUPS:
            rows.append(
                (_("… and {number} more groups, in the JSON").format(number=len(groups) - _GROUPS),)
            )
        yield table((f"{label}: {len(groups)}",), rows)


def _group(group: dict) -> str:
    pairs = list(zip(group["species"], group["records"]))
    text = ", ".join(f"<i>{escaped(name)}</i> ({number})" for name, number in pairs[:_NAMES])
    return text + (f" … +{len(pairs) - _NAMES}" if len(pairs) > _NAMES else "")


def _known(known: dict) -> Iterable[str]:
    yield heading(2, _("The laboratory’s own specimens"))
    for file in known["files"]:
        yield paragraph(
            _("{file}, SHA-256 {digest}").format(file=file["file"], digest=file["sha256"])
        )
    rows = [
        (_("all"), known["all"]),
        *((of_group["group"], of_group) for of_group in known["groups"]),
    ]
    yield table(
        (_("group"), _("specimens (species)"), *(_(_SCORES[name]) for name in OUTCOMES)),
        (
            (
                escaped(name),
                f"{thousands(of_group['specimens'])} ({thousands(of_group['species'])})",
                *(_rate(of_group[key]) for key in OUTCOMES),
            )
            for name, of_group in rows
        ),
    )
    if known["wrong"]:
        yield table(
            (_("specimen called wrongly"), _("true species"), _("called"), _("group")),
            (
                tuple(
                    escaped(of_group[key] or "") for key in ("specimen", "true", "called", "group")
                )
                for of_group in known["wrong"]
            ),
        )


def _method(result: dict) -> Iterable[str]:
    yield heading(2, _("How it was done"))
    yield paragraph(
        _(
            "The calibration was learnt from this library, so it cannot judge itself. The "
            "species were divided into {folds} parts. For each part, a calibration was learnt "
            "from the species of the others by the same procedure, and decided on the records of "
            "the part. The library's own calibration, learnt from all species, was not used "
            "here."
        ).format(folds=result["parameters"]["folds"])
    )
    yield paragraph(
        _(
            "One haplotype per species was drawn first, then a second, and so on up to the "
            "number above. Pieces of 300, 150 and 100 bp were cut at random places from at most "
            "half as many. Intervals are Wilson's at 95 %, for the number of independent trials "
            "that the records of a species are worth. Errors are counted against the names in "
            "the library: a record mislabelled there counts as a wrong call, or hides one."
        )
    )


# -- pieces of HTML ---------------------------------------------------------------------


def _length(name: str) -> str:
    return _("full") if name == "full" else _("{} bp").format(name)


def _per_cent(value: float | None) -> str:
    return "–" if value is None else numeral(100 * value, ".1f") + "\u00a0%"


def _rate(rate: dict | None) -> str:
    if not rate or rate["share"] is None:
        return "–"
    return f'{_per_cent(rate["share"])}<br><span class="small">{_between(rate)}</span>'


def _between(rate: dict) -> str:
    return f"{numeral(100 * rate['low'], '.1f')}–{numeral(100 * rate['high'], '.1f')}"


def _limit(criterion: dict) -> str:
    sign = "≥" if criterion["at_least"] else "≤"
    return f"{sign}&nbsp;{_value(criterion['metric'], criterion['limit'])}"


def _value(metric: str, value: float | None) -> str:
    if value is None:
        return "–"
    if metric == "species_tested":
        return thousands(value)
    # 2.01 must not be printed as 2.0 beside a limit of 2.0 that it does not keep.
    exact = metric == "calibration_error"
    return numeral(100 * value, ".2f") + "\u00a0%" if exact else _per_cent(value)


def _judged(row: dict | None) -> str:
    if row is None:
        return ""
    value = _value(row["metric"], row["value"])
    limits = ""
    if row["value"] is not None and row["low"] != row["high"]:
        limits = f'<br><span class="small">{_between(row)}</span>'
    return f"{_badge(row['outcome'])}<br>{value}{limits}"


def _badge(outcome: str) -> str:
    return f'<span class="{outcome.replace(" ", "")}">{escaped(_(_OUTCOMES[outcome]))}</span>'
