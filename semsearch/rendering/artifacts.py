"""Reports on an index as one file: what was packed, what was installed."""

from collections.abc import Iterator

from semsearch.rendering.counts import HOLDS
from semsearch.rendering.layout import PLAIN, Style, fields
from semsearch.rendering.phrases import size
from semsearch.text import counted
from semsearch.types import Packed, Pulled, SourceNote

SOURCES_NAMED = 6
"""One by one on the screen; the rest are counted."""


def packed_text(packed: Packed, style: Style = PLAIN) -> Iterator[str]:
    """Yield what was written, and how many of its sources state no licence."""
    unlicensed = sum(not source.licence for source in packed.sources)
    shown = packed.sources if style.full else packed.sources[:SOURCES_NAMED]
    rows = [
        ("artifact", str(packed.path)),
        ("name", f"{packed.name} · release {packed.release}"),
        ("holds", f"{_counts(packed)}: {HOLDS[packed.tier]}"),
        ("size", size(packed.size_bytes)),
        ("sha256", packed.sha256),
        ("contents", packed.contents_sha256),
        ("signed by", packed.signed_by or "nobody"),
        *(("" if number else "sources", _source(source)) for number, source in enumerate(shown)),
    ]
    if len(packed.sources) > len(shown):
        rows.append(("", f"{len(packed.sources) - len(shown):,} more"))
    yield from fields(rows, style)
    if unlicensed:
        yield f"{counted(unlicensed, 'source')} without a licence: say which in a file, --about FILE.toml\n"


def _source(source: SourceNote) -> str:
    return f"{source.publisher or 'no publisher'} {source.articles:,}: {_licence(source.licence)}"


def _licence(licence: str | None) -> str:
    return licence or "no licence stated"


def pulled_text(pulled: Pulled, style: Style = PLAIN) -> Iterator[str]:
    """Yield what was installed, where, and how much was fetched."""
    verb = "was" if pulled.segments_kept == 1 else "were"
    kept_note = f", {pulled.segments_kept:,} {verb} there" if pulled.segments_kept else ""
    fetched = f"{size(pulled.fetched_bytes)} in {counted(pulled.segments_fetched, 'segment')}{kept_note}"
    rows = [
        ("index", str(pulled.directory)),
        ("name", f"{pulled.origin.name} · release {pulled.origin.release}"),
        ("holds", f"{_counts(pulled)}: {HOLDS[pulled.tier]}"),
        ("licence", _licence(pulled.licence)),
        ("signed by", pulled.origin.signed_by or "no trusted key"),
        ("contents", pulled.origin.contents_sha256),
        ("fetched", fetched),
    ]
    yield from fields(rows, style)


def _counts(artifact: Packed | Pulled) -> str:
    return f"{counted(artifact.articles, 'article')}, {counted(artifact.passages, 'passage')}"
