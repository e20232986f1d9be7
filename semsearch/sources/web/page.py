"""Reads the article of a page."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from lxml import etree
from lxml.html import HtmlElement

from semsearch.dates import is_credible
from semsearch.files import now_seconds
from semsearch.ports import Place
from semsearch.sources.facts.article import Facts, article
from semsearch.sources.markup.plain_text import plain
from semsearch.sources.web import dates, labels
from semsearch.sources.web.addresses import domain, named_addresses, own_address
from semsearch.sources.web.authors import authors
from semsearch.sources.web.body import Hints, body
from semsearch.sources.web.charset import decode_page
from semsearch.sources.web.claims import Claims, read_claims
from semsearch.sources.web.extraction import MOST_CHARACTERS
from semsearch.sources.web.lines import PageLine, below_headline, columns_of, lines_of
from semsearch.sources.web.refusals import is_walled, refusal
from semsearch.sources.web.tree import bounded, parse, without_hidden, without_struck
from semsearch.types import Article, Date, Skipped

DEADLINE = 8.0
"""Seconds of the processor; a page that takes longer gets its body by rules alone, in linear time.

Not seconds of a clock: a machine that is busy or was asleep would read another text from the same page.
"""

_USEFUL_COLUMNS = 200
"""Of a text behind a paywall, or one that the page does not show; a shorter one is worth less than a summary."""

_NEVER_SHOWN = ("script", "style", "svg", "template", "iframe", "object", "canvas")


def page_article(raw: bytes, place: Place) -> Article | Skipped:
    """Return the article of a page, or why it has none."""
    started = time.thread_time()
    decoded = decode_page(raw, place.charset)
    text, cut = bounded(decoded.text)
    root = parse(text)
    if root is None:
        return Skipped(place.origin, "nothing that could be a page")
    claims = read_claims(root)
    etree.strip_elements(root, *_NEVER_SHOWN, with_tail=False)
    without_hidden(root)
    without_struck(root)
    lines = lines_of(root)
    candidates = labels.titles(claims)
    head = [line.text for line in below_headline(lines, candidates)]
    facts = _facts(claims, root, head, place)
    claimed_body = _claimed_body(claims)
    hints = Hints(candidates, facts.authors, labels.descriptions(claims), claimed_body)
    in_time = time.thread_time() - started < DEADLINE
    text = body(root if in_time else None, lines, hints)
    if not text and columns_of(claimed_body) >= _USEFUL_COLUMNS:  # a script would have shown it
        text = claimed_body
    addresses = [*named_addresses(claims), *([place.address] if place.address else [])]
    if reason := refusal(claims, text, lines, addresses):
        return Skipped(place.origin, reason)
    return article(
        _with_text(facts, text, claims, lines, {"replaced_characters": decoded.replaced, "cut_characters": cut}),
        place,
        place.origin,
        whole_file=facts.url is None,
    )


def _facts(claims: Claims, root: HtmlElement, head: Sequence[str], place: Place) -> Facts:
    """Return all facts about the article except its text."""
    url = own_address(claims, place.address)
    outlet, names = labels.outlets(claims)
    host = domain(url) or domain(place.address)
    now = now_seconds()

    def credible(date: Date) -> bool:
        return is_credible(date, now, place.fetched)

    published, date_text = dates.published_date(claims, head, url or place.address, credible)
    return Facts(
        title=labels.title(labels.titles(claims), claims.headings),
        url=url,
        publisher=outlet,
        domain=host,
        authors=authors(claims, root, head, [*names, *([host, host.partition(".")[0]] if host else [])]),
        published=published,
        written=date_text,
        updated=dates.updated_date(claims, head, published, credible),
        language=labels.language(claims),
        section=labels.section(claims),
        topics=labels.topics(claims),
    )


def _claimed_body(claims: Claims) -> str:
    """Return the article's body as JSON-LD has it, "" where it does not."""
    markup = claims.article.get("articleBody")
    return plain(markup[:MOST_CHARACTERS]) if isinstance(markup, str) else ""


def _with_text(facts: Facts, text: str, claims: Claims, lines: Sequence[PageLine], lost: Mapping[str, int]) -> Facts:
    """Return the facts with the text, or with the page's summary where a paywall hides that, and with their tags."""
    text_from = ""
    tags: dict[str, tuple[str, ...]] = {name: (str(count),) for name, count in lost.items() if count}
    walled = is_walled(claims, text, lines)
    if walled:
        tags["paywalled"] = ("true",)
    if not text or (walled and columns_of(text) < _USEFUL_COLUMNS):
        summary = max(labels.descriptions(claims), key=len, default="")
        if columns_of(summary) > columns_of(text):
            text, text_from = summary, "summary"
    return replace(facts, text=text, text_from=text_from, tags=tags)
