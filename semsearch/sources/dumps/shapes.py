"""What a line looks like and where it stands -> values by name, which the model of lines has weights for."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate, groupby

from semsearch.sources.dumps.lines import DumpLine, PageDump
from semsearch.sources.dumps.looks import SENTENCES, Look
from semsearch.text import Span

Values = Mapping[str, Sequence[str]]
"""For each name, the value of each line."""

NEUTRAL = {"capitals": ("none",), "begin": ("letter",), "theme": ("none",)}
"""Values that say which script a page is written in, or nothing: they have no weights."""

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
    """Return all the values of a page's lines; each list has as many as the page has lines."""
    own = {name: list(map(say, page.lines)) for name, say in _OWN.items()}
    own["count"] = [bucket(page.counts[line.text], (1, 2, 3, 5)) for line in page.lines]
    own["native"] = ["01"[native] for native in page.native]
    return {**own, **_around(page), **_within(page), **_themes(page), **_clusters(page), **_best(page)}


def bucket(value: float, bounds: Sequence[float]) -> str:
    """Return the name of the greatest bound that a value reaches; "0" below all."""
    at = bisect_right(bounds, value)
    return str(bounds[at - 1]) if at else "0"


def _kind(line: DumpLine) -> str:
    return f"{'stopped ' if line.stopped else ''}{line.look.name.lower()} {bucket(line.columns, _KIND_SIZES)}"


def _mark(line: DumpLine) -> str:
    return f"{min(line.level, 4)}{'*' if line.item else ''}{'@' if line.linked else ''}"


def end_of(line: DumpLine) -> str:
    """Return what a line ends with: the stop, or the kind of character, and whether quotes or brackets follow."""
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


def _told(pattern: re.Pattern[str]) -> Callable[[DumpLine], str]:
    return lambda line: "1" if pattern.search(line.text[:400]) else "0"


_OWN: Mapping[str, Callable[[DumpLine], str]] = {
    "kind": _kind,
    "size": lambda line: bucket(line.columns, _SIZES),
    "mark": _mark,
    "end": end_of,
    "begin": _begin,
    "capitals": _capitals,
    "shouted": _shouted,
    "digits": _digits,
    "inner": _inner,
    "address": _told(_ADDRESS),
    "separator": _told(_SEPARATOR),
    "money": _told(_MONEY),
}


def is_own_prose(page: PageDump, at: int) -> bool:
    """Tell whether a line is prose that may be an article's: in the page's script, and once on it."""
    line = page.lines[at]
    return line.look is Look.PROSE and page.native[at] and page.counts[line.text] == 1


def _prose(page: PageDump) -> list[int]:
    """Return for each line its columns where it is prose that may be an article's, else 0."""
    return [line.columns if is_own_prose(page, at) else 0 for at, line in enumerate(page.lines)]


def _around(page: PageDump) -> dict[str, list[str]]:
    """Say how much prose is near, and how near the nearest is."""
    prose = _prose(page)
    sums = [0, *accumulate(prose)]
    count, whole = len(prose), max(1, sums[-1])
    found: dict[str, list[str]] = {}
    for reach in (2, 6, 15):
        found[f"above {reach}"] = [bucket(sums[at] - sums[max(0, at - reach)], _COLUMNS) for at in range(count)]
        found[f"below {reach}"] = [
            bucket(sums[min(count, at + 1 + reach)] - sums[at + 1], _COLUMNS) for at in range(count)
        ]
    found["share above"] = [bucket(sums[at] / whole, _SHARES) for at in range(count)]
    found["share below"] = [bucket(1 - sums[at + 1] / whole, _SHARES) for at in range(count)]
    found["since prose"] = _since(map(bool, prose))
    found["until prose"] = _since(map(bool, reversed(prose)))[::-1]
    return found


def _since(there: Iterable[bool]) -> list[str]:
    """Return how many lines ago there was one; "never" before the first."""
    found, ago = [], -1
    for one in there:
        found.append("never" if ago < 0 else bucket(ago, _LINES))
        ago = 0 if one else ago + 1 if ago >= 0 else -1
    return found


def _within(page: PageDump) -> dict[str, list[str]]:
    """Say how long the run of lines is that a line stands in, and which closing words and headings it follows."""
    runs: list[str] = []
    for sentences, run in groupby(page.lines, lambda line: line.look in SENTENCES):
        length = sum(1 for _ in run)
        runs += [f"{'text' if sentences else 'list'} {bucket(length, _LINES)}"] * length
    closings, closed = [], 0
    for line in page.lines:
        closed = closed + 1 if line.look is Look.CLOSING else 0 if line.look is Look.PROSE else closed
        closings.append(bucket(closed, (1, 2, 3)))
    first = next((at for at, line in enumerate(page.lines) if line.level == 1), None)
    headed = ["none" if first is None else str((at > first) - (at < first)) for at in range(len(page.lines))]
    return {"run": runs, "closed": closings, "headed": headed}


def _themes(page: PageDump) -> dict[str, list[str]]:
    """Say how many of a line's words stand in the page's prose elsewhere."""
    prose = _prose(page)
    own = [words_of(line.text[:400]) for line in page.lines]
    known = Counter(word for words, columns in zip(own, prose, strict=True) if columns for word in words)
    shares = []
    for words, columns in zip(own, prose, strict=True):
        others = 2 if columns else 1
        shared = sum(known[word] >= others for word in words)
        shares.append(bucket(shared / len(words), (0.01, 0.15, 0.3, 0.45, 0.6, 0.8)) if words else "none")
    return {"theme": shares}


def words_of(text: str) -> frozenset[str]:
    """Return the longer words of a text, folded; of Chinese, Japanese and Korean all pairs of neighbours."""
    return frozenset((word[1] or word[0]).casefold() for word in _WORD.finditer(text))


def _clusters(page: PageDump) -> dict[str, list[str]]:
    """Say how much of the page's prose stands together where a line stands, with gaps of so many lines."""
    prose = _prose(page)
    whole = max(1, sum(prose))
    found = {}
    for gap in (3, 10):
        sizes, owner, last = [], [], None
        for at, columns in enumerate(prose):
            if columns:
                if last is None or at - last > gap:
                    sizes.append(0)
                sizes[-1] += columns
                last = at
            owner.append(len(sizes) - 1 if last is not None and at - last <= gap else -1)
        best = max(sizes, default=0)
        found[f"cluster {gap}"] = [
            "none" if one < 0 else f"{'most' if sizes[one] == best else 'some'} {bucket(sizes[one] / whole, _PARTS)}"
            for one in owner
        ]
    return found


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
    """Return where the run of lines is in which prose outweighs the most what is none; Kadane's sum, in one pass."""
    gap = 0
    best = total = 0.0
    start = end = since = 0
    for at, (line, native) in enumerate(zip(page.lines, page.native, strict=True)):
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
            total, since = 0.0, at
        total += worth
        if total > best:
            best, start, end = total, since, at + 1
    return start, end


def _best(page: PageDump) -> dict[str, list[str]]:
    start, end = best_run(page)
    found = []
    for at in range(len(page.lines)):
        if at < start:
            found.append("-" + bucket(start - at, (1, 2, 4, 8, 20)))
        elif at >= end:
            found.append("+" + bucket(at + 1 - end, (1, 2, 4, 8, 20)))
        else:
            found.append("first" if at == start else "last" if at == end - 1 else "in")
    return {"best": found}
