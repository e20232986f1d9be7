"""Finds the article in a web page that was dumped as plain text, among navigation, notices and other headlines.

A page is cut into lines, a model says which are the article's, and another which above them is its title. Shallow
features: Kohlschütter, Fankhauser and Nejdl, "Boilerplate detection using shallow text features", WSDM 2010.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise, takewhile

from semsearch.ports import Place
from semsearch.sources.dumps.heads import Head, read_head
from semsearch.sources.dumps.lines import DumpLine, PageDump, cut_lines, read_page
from semsearch.sources.dumps.looks import SENTENCES, Look
from semsearch.sources.dumps.model import KEPT, trained
from semsearch.sources.dumps.separators import part_of, telling
from semsearch.sources.dumps.shapes import best_run, is_own_prose, shapes, words_of
from semsearch.sources.dumps.titles import main_stretch, title_place
from semsearch.sources.facts.article import Facts, article
from semsearch.text import display_width, normalise_text
from semsearch.types import Article, Skipped

_FEW_COLUMNS = 250
"""An article with less text is one only if its title says so: a footer has a sentence or two as well."""

_MISSED_SHARE = 0.2
"""A model that took less than so much of what the page's best run of prose has did not see the article."""

_ABOVE_SHARE = 0.25
"""As much of an article as may turn out to stand above its title, and then is none of it."""

_MARKS = frozenset((Look.ASIDE, Look.CLOSING))
_RESUMING = 2
"""Paragraphs in a row with which an article goes on."""

_INSET_BELOW = 12
_INSET_ABOVE = 4
"""No more lines than these stand between paragraphs of an article where the model saw its end, or its beginning."""

_NOTICE_COLUMNS = 150
"""A sentence in which the site speaks of itself is none of an article's if it is shorter."""

_OFFER_COLUMNS = 75
_OFFERS = 12
"""Lines beside such a sentence that are no longer than so many columns are of the same box."""

_CLOSINGS = 1
"""Names of boxes, or days, beyond which an article may go on."""

_ALIKE = 0.1
"""As much of the words of paragraphs as an article has said where it goes on with them."""

_KNOWN_CHARACTERS = 20_000

_INSETS = frozenset((Look.ASIDE, Look.NOTICE))
_HEAD_REACH = 25
"""Lines below a title, among which date and byline are looked for."""

_MOST_LINES = 20_000
_NEIGHBOURHOOD = 2_000
"""Of a page with more lines only those are looked at closely that stand so near to its best run of prose."""

_FIRST_COLUMNS = 200
"""A first line that is longer is no title."""


def looks_like_page(text: str) -> bool:
    """Tell a page with its navigation and other furniture from a text that is an article and nothing else."""
    return _furnished(cut_lines(text))


def page_article(text: str, place: Place) -> Article | Skipped:
    """Return the article that a page holds; where a text is no page, all of it is the article."""
    lines = cut_lines(text)
    if not _furnished(lines):
        return _whole(text, place)
    page = read_page(lines)
    kept = article_places(page)
    title = title_place(page, main_stretch(lines, kept), trained().title) if kept else None
    if title is not None:
        kept = _below(title, lines, kept)
    text = normalise_text("\n\n".join(lines[at].text for at in kept))
    few = sum(lines[at].columns for at in kept) < _FEW_COLUMNS
    if not text or (few and (title is None or not _agree(lines[title].text, text))):
        return Skipped(place.origin, f"a page without an article: no text stands together in its {len(lines)} lines")
    if title is None:
        return _article(place, "", text, Head())
    return _article(place, lines[title].text, text, _head(lines, title, next((at for at in kept if at > title), title)))


def article_places(page: PageDump) -> list[int]:
    """Return the places of the lines that are the article's, each text once."""
    places = telling(page)
    if len(places) > _MOST_LINES:
        start, end = best_run(part_of(page, places))
        places = places[max(0, start - _NEIGHBOURHOOD) : min(end, start + _MOST_LINES) + _NEIGHBOURHOOD]
    return [places[at] for at in _places(part_of(page, places))]


def _places(page: PageDump) -> list[int]:
    parts = trained().parts(shapes(page), len(page.lines))
    offers = _offers(page)
    kept = [at for at, part in enumerate(parts) if part in KEPT and page.native[at] and at not in offers]
    kept = _extended(page, kept) if kept else []
    run = [at for at in range(*best_run(page)) if at not in offers and is_own_prose(page, at)]
    if _columns(page, kept) < _MISSED_SHARE * _columns(page, run):
        kept = run
    alone = [at for above, below in pairwise(kept) if (at := _between(page, above, below)) is not None]
    places: dict[str, int] = {}
    for at in sorted({*kept, *alone} - offers):
        places.setdefault(page.lines[at].text, at)
    return list(places.values())


def _columns(page: PageDump, places: Sequence[int]) -> int:
    """Return how much prose stands at some places."""
    return sum(page.lines[at].columns for at in places if is_own_prose(page, at))


def _offers(page: PageDump) -> frozenset[int]:
    """Return the places of a site's sentences about itself, and of the short lines beside, which say what it offers."""
    found: set[int] = set()
    for at, line in enumerate(page.lines):
        if line.look is Look.NOTICE and line.columns < _NOTICE_COLUMNS:
            above = takewhile(
                lambda one: page.lines[one].columns < _OFFER_COLUMNS, range(at - 1, max(-1, at - 1 - _OFFERS), -1)
            )
            below = takewhile(
                lambda one: page.lines[one].columns < _OFFER_COLUMNS,
                range(at + 1, min(len(page.lines), at + 1 + _OFFERS)),
            )
            found.update((at, *above, *below))
    return frozenset(found)


def _between(page: PageDump, above: int, below: int) -> int | None:
    """Return the place of the one line between two paragraphs, insets apart, which can only be a heading; or None."""
    places = [at for at in range(above + 1, below) if page.lines[at].look not in _INSETS]
    if len(places) != 1 or any(page.lines[at].look is not Look.PROSE for at in (above, below)):
        return None
    line = page.lines[places[0]]
    own = page.native[places[0]] and page.counts[line.text] == 1
    return places[0] if own and line.look is Look.PHRASE and not line.linked else None


def _extended(page: PageDump, kept: Sequence[int]) -> list[int]:
    """Return the places of an article and of paragraphs that go on with it, above and below."""
    known = words_of(" ".join(page.lines[at].text for at in kept)[:_KNOWN_CHARACTERS])
    above = _resumed(page, range(kept[0] - 1, -1, -1), known, _INSET_ABOVE)
    below = _resumed(page, range(kept[-1] + 1, len(page.lines)), known, _INSET_BELOW)
    return sorted([*above, *kept, *below])


def _resumed(page: PageDump, places: Sequence[int], known: frozenset[str], most: int) -> Iterator[int]:
    """Yield the places of paragraphs in a row that speak of what an article does, beyond at most so many lines."""
    waiting: list[int] = []
    apart = closings = since = 0
    for at in places:
        line = page.lines[at]
        if is_own_prose(page, at) and line.stopped:
            if apart == 0 and most > _INSET_ABOVE:
                yield at
                continue
            waiting = [*waiting, at] if since <= 1 else [at]
            since = 0
            said = words_of(" ".join(page.lines[one].text for one in waiting))
            alike = len(said & known) >= _ALIKE * len(said) or (apart <= _INSET_ABOVE and not closings)
            if len(waiting) >= _RESUMING and alike:
                yield from waiting
                waiting, apart, closings = [], 0, 0
            continue
        if line.look is Look.ASIDE:
            continue
        apart, since = apart + 1, since + 1
        closings += line.look in (Look.CLOSING, Look.DATED)
        if apart > most or closings > _CLOSINGS:
            return


def _below(title: int, lines: Sequence[DumpLine], kept: Sequence[int]) -> list[int]:
    """Return the places of an article's lines without its title, and without what little stands above that."""
    above = sum(lines[at].columns for at in kept if at < title)
    least = title if above < _ABOVE_SHARE * sum(lines[at].columns for at in kept) else 0
    return [at for at in kept if at >= least and lines[at].text != lines[title].text]


def _head(lines: Sequence[DumpLine], title: int, first: int) -> Head:
    """Read what stands between a title and the first paragraph, and right behind that, since it may be a deck."""
    behind = takewhile(lambda line: line.look in (Look.DATED, Look.ASIDE), lines[first + 1 : first + 1 + _HEAD_REACH])
    below = [*lines[title + 1 : first][:_HEAD_REACH], *behind]
    return read_head(_short(below), _short(lines[max(0, title - 2) : title]))


def _short(lines: Sequence[DumpLine]) -> list[str]:
    return [line.text for line in lines if line.look in (Look.DATED, Look.PHRASE, Look.QUIP)]


def _whole(text: str, place: Place) -> Article | Skipped:
    """Return an article that has all of a text: its first line as title where it reads like one, and the rest."""
    whole = normalise_text(text)
    first, _, rest = whole.partition("\n")
    titled = bool(rest) and display_width(first) <= _FIRST_COLUMNS and not first.endswith((".", "。"))
    title, body = (first, normalise_text(rest)) if titled else ("", whole)
    if not body:
        return Skipped(place.origin, "no text")
    return _article(place, title, body, Head())


def _article(place: Place, title: str, text: str, head: Head) -> Article | Skipped:
    facts = Facts(
        title,
        text,
        url=place.address,
        authors=head.authors,
        published=head.published,
        written=head.published.text if head.published else "",
        updated=head.updated,
    )
    return article(facts, place, place.origin)


def _furnished(lines: Sequence[DumpLine]) -> bool:
    marks = len({line.text for line in lines if line.look in _MARKS})
    linked = sum(line.linked for line in lines)
    runs = (
        sum(1 for _ in run) for sentences, run in groupby(lines, lambda line: line.look in SENTENCES) if not sentences
    )
    listed = sum(length for length in runs if length >= 5)
    if linked >= max(20, 0.3 * len(lines)):
        return True
    if not any(line.look is Look.PROSE for line in lines):
        return marks >= 1 and listed >= 15
    return (marks >= 3 and listed >= 8) or (marks >= 2 and listed >= 16)


def _agree(title: str, text: str) -> bool:
    words = words_of(title)
    shared = len(words & words_of(text))
    return shared >= 2 and shared >= 0.3 * len(words)
