"""What the readers make of the files under tests/golden/readers/inputs. Every text there was written for this."""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from semsearch.ports import Place
from semsearch.sources.kinds import kind_of
from semsearch.sources.nested import articles
from semsearch.sources.streams import opened
from semsearch.types import Article, Skipped, Unreadable

INPUTS = Path(__file__).parent / "golden" / "readers" / "inputs"
DAMAGED = Path(__file__).parent / "damaged"


def records(path: Path, raw: bytes | None = None) -> list[Article | Skipped | Unreadable]:
    """Read a file's bytes, or others in their place, as a file of that name is read."""
    place = Place(path.name, f"inputs/{path.name}")
    with opened(BytesIO(path.read_bytes() if raw is None else raw)) as stream:
        return list(articles(stream, place, kind_of(path.name)))


def as_golden(path: Path) -> bytes:
    """Return the articles of a file, and what was skipped in it, as JSON."""
    found = [
        {"origin": one.origin, "skipped": one.reason}
        if not isinstance(one, Article)
        else {
            "origin": one.origin,
            "article": {
                name: value for name, value in one.metadata.to_dict().items() if name not in ("origin", "place")
            },
            "intervals": [
                date and [date.earliest, date.latest] for date in (one.metadata.published, one.metadata.updated)
            ],
            "text": one.text,
        }
        for one in records(path)
    ]
    return (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode()


def golden() -> Iterator[tuple[str, bytes]]:
    """Yield the name of each golden file and what is expected there."""
    for path in sorted(INPUTS.iterdir()):
        yield f"{path.name}.json", as_golden(path)
