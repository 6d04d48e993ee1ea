"""The tables of `species_calls`: means over splits with their 95 % intervals, and the aims."""

import math
import statistics
from dataclasses import astuple

from evaluation import interval, wilson
from species_scores import REPEATS, Counts, chance_error, drawn_again

__all__ = ["report"]

# Aims of issue 4, What must be shown 1.
RATIO, SURE_WRONG, CALIBRATION_ERROR = 0.5, 0.02, 0.02
SETTING, SETTING_WRONG, SETTING_RECALL = "ours, confidence 0.8, prior 0.5", 0.06, 0.75


def report(results: list[dict]) -> None:
    """Print the tables of one locus and length; `results` holds one entry a split."""
    calibrated = [result for result in results if result["true"]]
    if calibrated and len(calibrated) < len(results):
        print(f"\n{len(results) - len(calibrated)} splits too small to calibrate are left out.")
        results = calibrated
    first = results[0]
    length = f"pieces of {first['length']} bp" if first["length"] else "whole sequences"
    natural = statistics.fmean(result["natural"] for result in results)
    some = next(iter(first["counts"].values()))
    print(f"\n## {first['locus']}, {length}\n")
    seeds = ", ".join(str(result["seed"]) for result in results)
    print(
        f"{len(results)} splits (seeds {seeds}); in the first {some.known} known and {some.novel} novel queries; "
        f"natural mix {natural:.0%} known. In %, with the 95 % interval of species drawn again ({REPEATS} times).\n"
    )
    _calls(results)
    _matched(results)
    _truth(results)
    _intervals(results)
    _sets(results)
    _aims(results)


def _calls(results: list[dict]) -> None:
    print(
        "| setting | known right | known wrong | known unassigned | novel over-called "
        "| wrong a call 10:90 | 50:50 | 90:10 | natural | genus right (known) | genus right (novel) "
        "| genus wrong a call 50:50 | accuracy, natural |"
    )
    print("|---" * 13 + "|")
    for setting in results[0]["counts"]:
        cells = [
            _cell(results, setting, lambda c, _n: c.correct / c.known),
            _cell(results, setting, lambda c, _n: c.wrong / c.known),
            _cell(results, setting, lambda c, _n: (c.known - c.correct - c.wrong) / c.known),
            _cell(results, setting, lambda c, _n: c.over_called / c.novel),
            _cell(results, setting, lambda c, _n: c.wrong_per_call(0.1)),
            _cell(results, setting, lambda c, _n: c.wrong_per_call(0.5)),
            _cell(results, setting, lambda c, _n: c.wrong_per_call(0.9)),
            _cell(results, setting, lambda c, n: c.wrong_per_call(n)),
            _cell(results, setting, lambda c, _n: c.genus_correct / c.known),
            _cell(results, setting, lambda c, _n: c.novel_genus_correct / c.novel),
            _cell(results, setting, lambda c, _n: c.genus_wrong_per_call(0.5)),
            _cell(results, setting, lambda c, n: c.accuracy(n)),
        ]
        print(f"| {setting} | {' | '.join(cells)} |")


def _cell(results: list[dict], setting: str, figure) -> str:
    natural = statistics.fmean(result["natural"] for result in results)
    counts = drawn_again([result["species"][setting] for result in results])
    whole, *again = (figure(count, natural) for count in counts if count.known and count.novel)
    ordered = sorted(value for value in again if not math.isnan(value))
    if not ordered:
        return _per_cent(whole)
    low, high = (
        ordered[round(0.025 * (len(ordered) - 1))],
        ordered[round(0.975 * (len(ordered) - 1))],
    )
    return f"{_per_cent(whole)} ({_per_cent(low)}-{_per_cent(high)})"


def _with_half(mean: float, half: float) -> str:
    return _per_cent(mean) + ("" if math.isnan(half) else f" ± {100 * half:.1f}")


def _per_cent(share: float) -> str:
    return "-" if math.isnan(share) else f"{100 * share:.1f}"


def matched_ratio(results: list[dict], setting: str, mix: str) -> tuple[float, ...]:
    """Return mean wrong per call of the peer, ours at its recall, told the mix, confidence, hindsight."""
    rows = [result["matched"][setting][mix] for result in results]
    keys = ("peer", "ours", "ours_told_the_mix", "confidence")
    # A split where one of them is not defined is left out of all, to compare like with like.
    rows = [row for row in rows if not any(math.isnan(row[key]) for key in keys)]
    if not rows:
        return (math.nan,) * 5
    means = [statistics.fmean(row[key] for row in rows) for key in (*keys, "hindsight")]
    return tuple(means)


def _matched(results: list[dict]) -> None:
    if not results[0]["matched"]:
        return
    mixes = list(next(iter(results[0]["matched"].values())))
    print(
        "\nAt the recall of each peer: wrong a species call, the peer → ours at prior 0.5 (ratio; "
        "in brackets the ratio with the mix stated as prior; in braces that of hindsight, trees grown "
        "on the truth of these very queries, which nobody can have). Confidences under 0.5 cannot "
        "be asked for on the command line.\n"
    )
    print("| peer | our confidence | " + " | ".join(map(_mix, mixes)) + " |")
    print("|---" * (len(mixes) + 2) + "|")
    for setting in results[0]["matched"]:
        cells, confidence = [], math.nan
        for mix in mixes:
            peer, own, told, confidence, best = matched_ratio(results, setting, mix)
            if math.isnan(peer):
                cells.append("recall not reached")
            else:
                cells.append(
                    f"{_per_cent(peer)} → {_per_cent(own)} ({_over(own, peer)}; "
                    f"[{_over(told, peer)}]; {{{_over(best, peer)}}})"
                )
        reached = "-" if math.isnan(confidence) else f"{confidence:.2f}"
        rows = [result["matched"][setting][mixes[0]] for result in results]
        missed = sum(math.isnan(row["ours"]) for row in rows)
        if missed:  # such splits are left out of both sides
            reached += f" (not reached in {missed} of {len(rows)} splits)"
        print(f"| {setting} | {reached} | {' | '.join(cells)} |")


def _mix(mix: str) -> str:
    return mix if mix == "natural" else f"{100 * float(mix):.0f}:{100 - 100 * float(mix):.0f}"


def _over(own: float, peer: float) -> str:
    return f"{own / peer:.2f}" if peer and not math.isnan(own) else "-"


def calibration_error(bins: list[list[float]]) -> float:
    """Return the expected calibration error of bins of (weight, probability, right)."""
    return sum(abs(right - probability) for _weight, probability, right in bins) / sum(
        weight for weight, _probability, _right in bins
    )


def pooled_error(results: list[dict], mix: str, bins: str = "bins") -> float:
    """Return the calibration error over the queries of all splits."""
    splits = [result["true"][mix][bins] for result in results]
    return calibration_error([[sum(v) for v in zip(*places)] for places in zip(*splits)])


def pooled_chance(results: list[dict], mix: str) -> float:
    """Return the calibration error that chance alone would give over the queries of all splits."""
    return chance_error([pair for result in results for pair in result["true"][mix]["stated"]])


def sure_wrong(results: list[dict], mix: str) -> float:
    """Return the share of wrong among the species calls at 0.95 or more, of all splits."""
    rows = zip(*(astuple(result["true"][mix]["sure"]) for result in results))
    return Counts(*map(sum, rows)).wrong_per_call(float(mix))


def _truth(results: list[dict]) -> None:
    if not results[0]["true"]:
        return
    print(
        "\nAre our probabilities true? The mix is stated as the prior. Calibration error of the top "
        "answer (a species or none), 10 bins; the mean over splits is inflated by the few "
        "queries in a bin, the pooled one less. Of the compared: 'none' is right, too, where no record of the species "
        "lies on the stretch of the query.\n"
    )
    print(
        "| known:novel | calibration error, pooled | of the compared | by chance alone | mean over splits | species calls at ≥ 0.95: "
        "wrong, %, pooled | mean over splits | known: wrong of calls (Wilson 95 %) "
        "| novel: called of all (Wilson 95 %) |"
    )
    print("|---" * 9 + "|")
    for mix in results[0]["true"]:
        true = [result["true"][mix] for result in results]
        error = interval(calibration_error(t["bins"]) for t in true)
        wrong = interval(t["sure"].wrong_per_call(float(mix)) for t in true)
        bad = sum(t["sure"].wrong for t in true)
        calls = bad + sum(t["sure"].correct for t in true)
        over, novel = sum(t["sure"].over_called for t in true), sum(t["sure"].novel for t in true)
        print(
            f"| {_mix(mix)} | {pooled_error(results, mix):.3f} | {pooled_error(results, mix, 'of compared'):.3f} "
            f"| {pooled_chance(results, mix):.3f} | {error[0]:.3f} ± "
            f"{error[1]:.3f} | {_per_cent(sure_wrong(results, mix))} | {_with_half(*wrong)} | {_of(bad, calls)} "
            f"| {_of(over, novel)} |"
        )


WINDOW = 100  # queries whose stated probabilities are next to each other


def held_by_intervals(results: list[dict]) -> tuple[int, int]:
    """Return in how many windows the interval agrees with the share that is known, and how many there are.

    The share of a window has an error of its own, by how many known and how many missing are in it.
    """
    queries = sorted((tuple(q) for r in results for q in r["intervals"]), key=lambda q: q[1])
    some = [next(iter(r["counts"].values())) for r in results]  # those without a near record, too
    total = {True: sum(c.known for c in some), False: sum(c.novel for c in some)}
    agree = windows = 0
    for start in range(0, len(queries) - WINDOW + 1, WINDOW):
        window = queries[start : start + WINDOW]
        known = sum(q[0] for q in window) + 0.5
        novel = WINDOW + 1 - known
        seen = math.log(known / total[True]) - math.log(novel / total[False])
        stated = statistics.fmean(_logit(q[1]) for q in window)
        error = statistics.fmean((_logit(q[3]) - _logit(q[2])) / (2 * 1.96) for q in window)
        spread = math.sqrt(error**2 + 1 / known + 1 / novel)
        agree += abs(seen - stated) <= 1.96 * spread
        windows += 1
    return agree, windows


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _of(hits: int, total: int) -> str:
    low, high = wilson(hits, total)
    return f"{hits} of {total} ({100 * low:.1f}-{100 * high:.1f})"


def _intervals(results: list[dict]) -> None:
    agree, windows = held_by_intervals(results)
    if windows:
        print(
            f"\nIntervals (prior 0.5): in {agree} of {windows} windows of {WINDOW} queries the share of known species "
            "lies where the interval and the error of so few queries let it lie (95 % of them should)."
        )


def _sets(results: list[dict]) -> None:
    """Print how often the set of species that holds the confidence holds the truth."""
    if not results[0]["sets"]:
        return
    print(
        "\nThe set of species that is not excluded, known queries of all splits. No set: the "
        "library's species together do not reach the confidence.\n"
    )
    print("| setting | no set | one species | several | species a set | sets without the truth |")
    print("|---" * 6 + "|")
    for setting in results[0]["sets"]:
        rows = [result["sets"][setting] for result in results]
        total = {key: sum(row[key] for row in rows) for key in rows[0]}
        given = total["one"] + total["several"]
        size = f"{total['names'] / given:.1f}" if given else "-"
        print(
            f"| {setting} | {total['none']} | {total['one']} | {total['several']} | {size} "
            f"| {_of(total['without the truth'], given)} |"
        )


def _aims(results: list[dict]) -> None:
    """Print the aims of the issue, each with what was found."""
    if not results[0]["true"]:
        return
    lines = []
    ratios, bounds = {}, []
    for setting in results[0]["matched"]:
        for mix in results[0]["matched"][setting]:
            peer, own, _told, _confidence, best = matched_ratio(results, setting, mix)
            ratios[setting, mix] = own / peer if peer else math.nan
            bounds.append(best / peer if peer else math.nan)
    found = [ratio for ratio in ratios.values() if not math.isnan(ratio)]
    met = sum(ratio <= RATIO for ratio in found)
    lines.append(
        ("at each peer's recall at most half its wrong per call", met == len(ratios),
         f"{met} of {len(ratios)} peer settings and mixes, {len(ratios) - len(found)} not comparable; "
         f"median ratio {statistics.median(found):.2f}" if found else "not comparable")
    )  # fmt: skip
    bounds = [bound for bound in bounds if not math.isnan(bound)]
    met = sum(bound <= RATIO for bound in bounds)
    lines.append(
        ("the same with hindsight (nobody can have it)", met == len(ratios),
         f"{met} of {len(ratios)}; median ratio {statistics.median(bounds):.2f}" if bounds else "-")
    )  # fmt: skip
    for mix in results[0]["true"]:
        wrong, error = sure_wrong(results, mix), pooled_error(results, mix)
        lines.append((f"at ≥ 0.95 at most 2 % wrong, {_mix(mix)}",
                      _at_most(wrong, SURE_WRONG), "no such call" if math.isnan(wrong) else f"{_per_cent(wrong)} %"))  # fmt: skip
        lines.append((f"calibration error at most 0.02, {_mix(mix)}",
                      error <= CALIBRATION_ERROR, f"{error:.3f}"))  # fmt: skip
    mean = {
        setting: interval(r["counts"][setting].accuracy(r["natural"]) for r in results)[0]
        for setting in results[0]["counts"]
    }
    best = max(mean, key=mean.get)
    peer = max((s for s in mean if not s.startswith("ours")), key=mean.get)
    own = max((s for s in mean if s.startswith("ours")), key=mean.get)
    lines.append(("best accuracy of all, natural mix", best.startswith("ours"),
                  f"{own} {_per_cent(mean[own])} %, {peer} {_per_cent(mean[peer])} %"))  # fmt: skip
    counts = [result["counts"][SETTING] for result in results]
    wrong = interval(c.wrong_per_call(0.5) for c in counts)[0]
    recall = interval(c.correct / c.known for c in counts)[0]
    lines.append((f"{SETTING}, 50:50: at most 6 % wrong, at least 75 % of the known named",
                  wrong <= SETTING_WRONG and recall >= SETTING_RECALL,
                  f"{_per_cent(wrong)} % wrong, {_per_cent(recall)} % named"))  # fmt: skip
    print("\n| aim | met | found |\n|---|---|---|")
    for aim, reached, text in lines:
        print(f"| {aim} | {'yes' if reached else '**no**'} | {text} |")


def _at_most(value: float, limit: float) -> bool:
    return math.isnan(value) or value <= limit  # no call at all is no wrong call
