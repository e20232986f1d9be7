"""Indexes as one file: facts about one that was packed, and one that was installed."""

from dataclasses import asdict, dataclass
from pathlib import Path

from semsearch.types.recipes import Origin, Tier


@dataclass(frozen=True, slots=True)
class SourceNote:
    """The provenance and rights of one publisher's articles."""

    publisher: str | None
    articles: int
    first: str | None = None  # earliest date of publication, as written
    last: str | None = None
    licence: str | None = None  # as whoever packs them states it
    url: str | None = None
    rights: tuple[str, ...] = ()  # what the articles themselves say, most frequent first


@dataclass(frozen=True, slots=True)
class Packed:
    """An artifact that was written."""

    path: Path
    name: str
    release: str
    description: str
    licence: str
    tier: Tier
    articles: int
    passages: int
    encoder: str
    sources: tuple[SourceNote, ...]
    size_bytes: int
    sha256: str  # of the file
    contents_sha256: str  # of its table of contents, which has the checksums of everything else
    signed_by: str | None  # the public key

    def to_dict(self) -> dict[str, object]:
        """Return the object of `pack --json`: the artifact, its sources, and under `entry` its entry for a registry."""
        entry = {
            "description": self.description,
            "licence": self.licence,
            "size_bytes": self.size_bytes,
            "sha256": self.sha256,
            "contents_sha256": self.contents_sha256,
            "urls": [self.path.name],
            "articles": self.articles,
            "passages": self.passages,
            "encoder": self.encoder,
            "release": self.release,
        }
        if self.signed_by:
            entry["key"] = self.signed_by
        return {
            "name": self.name,
            "path": str(self.path),
            "tier": self.tier,
            "sources": [asdict(source) for source in self.sources],
            "entry": entry,
        }


@dataclass(frozen=True, slots=True)
class Pulled:
    """An artifact that was installed."""

    directory: Path
    origin: Origin
    licence: str
    tier: Tier
    articles: int
    passages: int
    fetched_bytes: int  # as packed, in this run
    segments_fetched: int
    segments_kept: int  # that existed already

    def to_dict(self) -> dict[str, object]:
        """Return the object of `pull --json`."""
        return asdict(self) | {"directory": str(self.directory)}
