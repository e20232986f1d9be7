"""Describes a page's lines, by their look and their position, in named values that the model has weights for."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate, groupby

from semsearch.sources.dumps.lines import DumpLine, PageDump
from semsearch.sources.dumps.looks import SENTENCES, Look
from semsearch.text import Span

Values = Mapping[str, Sequence[str]]
"""For each name, the values of all lines."""

NEUTRAL = {"capitals": ("none",), "begin": ("letter",), "theme": ("none",)}
"""Values without weights: they only show the script of a page, or nothing."""

_SAMPLE = 200
"""Characters of a line that are looked at one by one."""

_SIZES = (8, 15, 25, 35, 45, 60, 75, 90, 110, 140, 180, 250, 350)
_KIND_SIZES = (20, 40, 70, 120, 250)
_LINES = (1, 2, 3, 4, 6, 9, 14, 22, 40)
_COLUMNS = (1, 80, 200, 400, 800, 1600)
_SHARES = (0.01, 0.06, 0.12, 0.2, 0.35, 0.5, 0.7, 0.9)
_PARTS = (0.05, 0.15, 0.3, 0.5, 0.8)
_SINGLE = frozenset((Look.PROSE, Look.NOTICE))

_END = {
    **dict.fromkeys(".。｡۔।", "."),
    **dict.fromkeys("?？؟", "?"),
    **dict.fromkeys("!！", "!"),
    **dict.fromkeys("…", "…"),
    **dict.fromkeys(":：", ":"),
    **dict.fromkeys(",;，；、،", ","),
}
_QUOTES = "\"'“”„‘’«»‹›「」『』《》＂"
_INNER = re.compile(r"[,;:，；：、،]\s?|[.!?。！？؟](?=.)")
_ADDRESS = re.compile(r"https?:|www\.|\w@\w|\.(?:com|de|org|net)\b")
_SEPARATOR = re.compile(r"\s[|/•·›»>→–-]\s|[|›»→]")
_MONEY = re.compile(r"[$€£¥₹%]|\b(?:EUR|USD|Euro)\b")
_WORD = re.compile(
    r"(?=([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]{2}))|[^\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]{4,}"
)


def shapes(page: PageDump) -> Values:
    """Return all values of a page's lines: for each name a list with a value for each line."""
    values = {name: list(map(describe_line, page.lines)) for name, describe_line in _OF_LINE.items()}
    values["count"] = [bucket(page.counts[line.text], (1, 2, 3, 5)) for line in page.lines]
    values["native"] = ["01"[native] for native in page.native]
    for describe in (_prose_around, _runs_and_closings, _themes, _clusters, _best_run_values):
        values |= describe(page)
    return values


def bucket(value: float, bounds: Sequence[float]) -> str:
    """Return the greatest bound that a value reaches, as text; "0" below all bounds."""
    reached = bisect_right(bounds, value)
    return str(bounds[reached - 1]) if reached else "0"


def _kind(line: DumpLine) -> str:
    return f"{'stopped ' if line.stopped else ''}{line.look.name.lower()} {bucket(line.columns, _KIND_SIZES)}"


def _mark(line: DumpLine) -> str:
    return f"{min(line.level, 4)}{'*' if line.item else ''}{'@' if line.linked else ''}"


def end_of(line: DumpLine) -> str:
    """Return the stop or kind of character that a line ends with, and a quote where quotes or brackets follow."""
    text = line.text[-8:]
    bare = text.rstrip(_QUOTES + ")]）」』】")
    last = bare[-1:] or text[-1:]
    quoted = '"' if len(bare) < len(text) else ""
    return _END.get(last, "word" if last.isalpha() else "digit" if last.isdigit() else "mark") + quoted


def _begin(line: DumpLine) -> str:
    first = line.text[0]
    if first.isdigit():
        return "digit"
    if first in _QUOTES:
        return '"'
    if not first.isalpha():
        return "mark"
    return "lower" if first.islower() else "upper" if first.isupper() else "letter"


def _capitals(line: DumpLine) -> str:
    words = [word for word in line.text[:_SAMPLE].split() if word[0].isalpha()]
    cased = [word for word in words if word[0].islower() or word[0].isupper()]
    if not cased:
        return "none"
    return bucket(sum(word[0].isupper() for word in cased) / len(cased), (0.1, 0.3, 0.5, 0.7, 0.99))


def _shouted(line: DumpLine) -> str:
    text = line.text[:_SAMPLE]
    return "1" if text.isupper() and len(text) > 3 else "0"


def _digits(line: DumpLine) -> str:
    text = line.text[:_SAMPLE]
    return bucket(sum(map(str.isdigit, text)) / len(text), (0.01, 0.05, 0.15, 0.3))


def _inner(line: DumpLine) -> str:
    return bucket(len(_INNER.findall(line.text[:_SAMPLE])), (1, 2, 3, 5, 8))


def _matches(pattern: re.Pattern[str]) -> Callable[[DumpLine], str]:
    """Return a function that says "1" of lines in which an expression matches, else "0"."""
    return lambda line: "1" if pattern.search(line.text[:400]) else "0"


_OF_LINE: Mapping[str, Callable[[DumpLine], str]] = {
    "kind": _kind,
    "size": lambda line: bucket(line.columns, _SIZES),
    "mark": _mark,
    "end": end_of,
    "begin": _begin,
    "capitals": _capitals,
    "shouted": _shouted,
    "digits": _digits,
    "inner": _inner,
    "address": _matches(_ADDRESS),
    "separator": _matches(_SEPARATOR),
    "money": _matches(_MONEY),
}


def is_own_prose(page: PageDump, index: int) -> bool:
    """Tell whether a line is prose that may be an article's: in the page's script, and only once on the page."""
    line = page.lines[index]
    return line.look is Look.PROSE and page.native[index] and page.counts[line.text] == 1


def _prose_by_line(page: PageDump) -> list[int]:
    """Return the columns of each line that is prose that may be an article's, 0 for others."""
    return [line.columns if is_own_prose(page, index) else 0 for index, line in enumerate(page.lines)]


def _prose_around(page: PageDump) -> dict[str, list[str]]:
    """Return how much prose is near each line, and how near the nearest is."""
    prose = _prose_by_line(page)
    sums = [0, *accumulate(prose)]  # sums[i]: columns above line i
    count, total = len(prose), max(1, sums[-1])
    values: dict[str, list[str]] = {}
    for reach in (2, 6, 15):
        above = [sums[index] - sums[max(0, index - reach)] for index in range(count)]
        below = [sums[min(count, index + 1 + reach)] - sums[index + 1] for index in range(count)]
        values[f"above {reach}"] = [bucket(columns, _COLUMNS) for columns in above]
        values[f"below {reach}"] = [bucket(columns, _COLUMNS) for columns in below]
    values["share above"] = [bucket(columns / total, _SHARES) for columns in sums[:-1]]
    values["share below"] = [bucket(1 - columns / total, _SHARES) for columns in sums[1:]]
    values["since prose"] = _distances(map(bool, prose))
    values["until prose"] = _distances(map(bool, reversed(prose)))[::-1]
    return values


def _distances(flags: Iterable[bool]) -> list[str]:
    """Return how many lines before each line the last flag was set, "never" before the first one."""
    distances, distance = [], -1
    for flag in flags:
        distances.append("never" if distance < 0 else bucket(distance, _LINES))
        if flag:
            distance = 0
        elif distance >= 0:
            distance += 1
    return distances


def _runs_and_closings(page: PageDump) -> dict[str, list[str]]:
    """Return the kind and length of the run that each line is in, and which closing words and heading it follows."""
    runs: list[str] = []
    for sentences, run in groupby(page.lines, lambda line: line.look in SENTENCES):
        length = sum(1 for _ in run)
        runs += [f"{'text' if sentences else 'list'} {bucket(length, _LINES)}"] * length
    closings, closed = [], 0
    for line in page.lines:
        if line.look is Look.CLOSING:
            closed += 1
        elif line.look is Look.PROSE:
            closed = 0
        closings.append(bucket(closed, (1, 2, 3)))
    count = len(page.lines)
    heading = next((index for index, line in enumerate(page.lines) if line.level == 1), None)
    headed = ["none"] * count if heading is None else ["-1"] * heading + ["0"] + ["1"] * (count - heading - 1)
    return {"run": runs, "closed": closings, "headed": headed}


def _themes(page: PageDump) -> dict[str, list[str]]:
    """Return the share of each line's words that are also in the page's prose elsewhere."""
    prose = _prose_by_line(page)
    line_words = [words_of(line.text[:400]) for line in page.lines]
    prose_words = Counter(word for words, columns in zip(line_words, prose, strict=True) if columns for word in words)
    shares = []
    for words, columns in zip(line_words, prose, strict=True):
        least = 2 if columns else 1
        shared = sum(prose_words[word] >= least for word in words)
        shares.append(bucket(shared / len(words), (0.01, 0.15, 0.3, 0.45, 0.6, 0.8)) if words else "none")
    return {"theme": shares}


def words_of(text: str) -> frozenset[str]:
    """Return the longer words of a text, folded; in Chinese, Japanese and Korean all pairs of adjacent characters."""
    return frozenset((word[1] or word[0]).casefold() for word in _WORD.finditer(text))


def _clusters(page: PageDump) -> dict[str, list[str]]:
    """Return the share of the page's prose in the cluster of each line, for clusters with gaps up to 3 and 10 lines."""
    prose = _prose_by_line(page)
    total = max(1, sum(prose))
    values = {}
    for gap in (3, 10):
        sizes, cluster_of, last_prose = [], [], None
        for index, columns in enumerate(prose):
            if columns:
                if last_prose is None or index - last_prose > gap:
                    sizes.append(0)
                sizes[-1] += columns
                last_prose = index
            cluster_of.append(len(sizes) - 1 if last_prose is not None and index - last_prose <= gap else -1)
        largest = max(sizes, default=0)
        shares = [f"{'most' if size == largest else 'some'} {bucket(size / total, _PARTS)}" for size in sizes]
        values[f"cluster {gap}"] = [shares[cluster] if cluster >= 0 else "none" for cluster in cluster_of]
    return values


_WORTH = {
    Look.PROSE: 1.0,
    Look.QUIP: 0.1,
    Look.PHRASE: -1.0,
    Look.ASIDE: -0.5,
    Look.DATED: -1.5,
    Look.NOTICE: -1.5,
    Look.CLOSING: -3.0,
}


def best_run(page: PageDump) -> Span:
    """Return the run of lines in which prose most outweighs everything else: Kadane's algorithm, in one pass."""
    gap = 0
    best = total = 0.0
    start = end = run_start = 0
    for index, (line, native) in enumerate(zip(page.lines, page.native, strict=True)):
        worth = _WORTH[line.look]
        if worth >= -1.0:
            if not native:
                worth = -1.0
            elif page.counts[line.text] > 1 and line.look is not Look.ASIDE:
                worth = 0.5 if line.look is Look.PROSE and line.columns >= 150 else -1.5
            elif line.look is Look.PROSE:
                worth = line.columns / 100 * (1 if line.stopped else 0.7)
        gap = gap + 1 if worth <= 0 else 0
        if gap and line.look is not Look.CLOSING:
            worth *= 0.7 ** (gap - 1)
        if total <= 0:
            total, run_start = 0.0, index
        total += worth
        if total > best:
            best, start, end = total, run_start, index + 1
    return start, end


def _best_run_values(page: PageDump) -> dict[str, list[str]]:
    """Return where each line is relative to the best run: in it, or how far above (-) or below (+)."""
    start, end = best_run(page)
    values = []
    for index in range(len(page.lines)):
        if index < start:
            values.append("-" + bucket(start - index, (1, 2, 4, 8, 20)))
        elif index >= end:
            values.append("+" + bucket(index + 1 - end, (1, 2, 4, 8, 20)))
        else:
            values.append("first" if index == start else "last" if index == end - 1 else "in")
    return {"best": values}
