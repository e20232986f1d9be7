"""Packs an index as one file that anybody can check: a plain tar of zstd frames, with its table of contents first."""

import json
import logging
import tarfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from semsearch import __version__, limits
from semsearch.artifact import contents as table
from semsearch.artifact.about import About, Rights
from semsearch.artifact.contents import Contents, PackedFile
from semsearch.artifact.frames import frame_pieces
from semsearch.artifact.signatures import SIGNATURE_SUFFIX, sign
from semsearch.artifact.succession import is_ordered
from semsearch.artifact.tiers import placeless, travelling
from semsearch.engines.folders import Export, exported
from semsearch.errors import ArtifactError
from semsearch.files import Writing, new_name, open_plain, remove, rename, sync_directory, write_new, writing
from semsearch.ports import Entry
from semsearch.types import Date, Metadata, Packed, SourceNote, Tier

_log = logging.getLogger(__name__)

FOLDER = "semsearch-index"
"""The folder to which `tar x` unpacks."""

FIRST = f"{FOLDER}/artifact.json"

_BLOCK = tarfile.BLOCKSIZE
_COPIED_BYTES = 1 << 20
_MOST_RIGHTS = 5
_RIGHTS = ("rights", "usage_terms", "licence", "license")
"""Tags in which readers keep what a source says about rights."""

Observer = Callable[[int, int], None]
"""Called with the number of bytes packed so far, and of all bytes."""


def pack(
    directory: Path,
    path: Path,
    *,
    tier: Tier = Tier.FULL,
    about: About | None = None,
    key: Path | None = None,
    observer: Observer = lambda _done, _total: None,
) -> Packed:
    """Write an index, or the part of it that the tier allows, as one file; the same index gives the same bytes.

    Args:
        path: an artifact at this path is replaced atomically at the end; any other file is left alone.
        key: the private key that signs the artifact; the signature is written beside it.

    Raises:
        ArtifactError: another file is there, or the index holds less than the tier.
        IndexDamagedError: a file of the index has changed since it was written.
    """
    _refuse_other_file(path)
    workplace = path.with_name(f".{path.name}.packing")
    with exported(directory, workplace, tier, travelling(tier)) as export:
        if not export.files:
            raise ArtifactError(f"{directory} has no articles", "add some before you pack it")
        with writing(workplace / "members") as stream:
            members = dict(_write_members(export, stream, observer))
        contents = _contents(export, members, about or About(), directory)
        head = table.encoded_readably(contents, str(path))
        signature = sign(head, key) if key else None
        remove(new_name(path))
        with writing(new_name(path)) as stream:
            stream.write(_head(FIRST, len(head)) + head + _padding(len(head)))
            for piece in _pieces(workplace / "members"):
                stream.write(piece)
            stream.write(bytes(2 * _BLOCK))
    _put_in_place(path, signature)
    if not is_ordered(contents.release):
        _log.warning(
            "release %r is not a version or a date (1.4, 2026-01): pull cannot tell that it is newer than another",
            contents.release,
        )
    signed_by = json.loads(signature)["key"] if signature else None
    return Packed(
        path,
        contents.name,
        contents.release,
        contents.description,
        contents.licence,
        tier,
        contents.articles,
        contents.passages,
        contents.manifest.recipe.encoder.name,
        contents.sources,
        stream.seal.size_bytes,
        stream.seal.sha256,
        table.digest(head),
        signed_by,
    )


def _refuse_other_file(path: Path) -> None:
    if not path.exists():
        return
    try:
        with open_plain(path) as stream:
            beginning = stream.read(len(FIRST))
    except ValueError:
        beginning = b""
    if beginning != FIRST.encode():
        raise ArtifactError(f"{path} already exists and is not an artifact", "name another file")


def _put_in_place(path: Path, signature: bytes | None) -> None:
    """Put the new artifact in its place, so that no signature ever stands beside an artifact that it does not fit."""
    signature_path = path.with_name(path.name + SIGNATURE_SUFFIX)
    if signature:
        remove(new_name(signature_path))
        write_new(new_name(signature_path), signature)
    remove(signature_path)
    sync_directory(path.parent)
    rename(new_name(path), path)
    if signature:
        rename(new_name(signature_path), signature_path)


def _write_members(export: Export, stream: Writing, observer: Observer) -> Iterator[tuple[str, PackedFile]]:
    seals = sorted(export.manifest.seals(), key=lambda item: item[0])  # the manifest's order may differ
    total = sum(seal.size_bytes for _, seal in seals)
    done = offset = 0
    for path, seal in seals:
        frame = b"".join(frame_pieces(export.files[path]))
        stream.write(_head(f"{FOLDER}/{path}.zst", len(frame)) + frame + _padding(len(frame)))
        yield path, PackedFile(offset + _BLOCK, len(frame))
        offset += _BLOCK + len(frame) + len(_padding(len(frame)))
        done += seal.size_bytes
        observer(done, total)


def _head(name: str, size: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size = size
    return entry.tobuf(tarfile.GNU_FORMAT, "utf-8", "strict")


def _padding(size: int) -> bytes:
    return bytes(-size % _BLOCK)


def _pieces(path: Path) -> Iterator[bytes]:
    with open_plain(path) as stream:
        while piece := stream.read(_COPIED_BYTES):
            yield piece


def _contents(export: Export, members: dict[str, PackedFile], about: About, directory: Path) -> Contents:
    encoder = export.manifest.recipe.encoder  # its name may be the path of a folder
    recipe = replace(export.manifest.recipe, encoder=replace(encoder, name=placeless(encoder.name)))
    generation = min(export.manifest.generation, limits.PACKED_GENERATION)
    manifest = replace(export.manifest, generation=generation, recipe=recipe)
    return Contents(
        name=table.artifact_name(about.name or directory.resolve().name),
        release=about.release or str(export.manifest.generation),
        description=about.description,
        licence=about.licence,
        made_by=f"semsearch {__version__}",
        articles=sum(entry.articles for entry in manifest.segments),
        passages=sum(entry.passages for entry in manifest.segments),
        manifest=manifest,
        members=members,
        sources=tuple(_sources(export.articles(), about)),
    )


def _sources(entries: Iterable[Entry], about: About) -> Iterator[SourceNote]:
    """Yield a note on each publisher, sorted by number of articles, descending, then by name."""
    sources: dict[str | None, _Source] = {}
    for entry in entries:
        metadata = entry.article.metadata
        sources.setdefault(metadata.publisher or _domain(metadata), _Source()).count(metadata)
    names_present = {name.casefold() for key, source in sources.items() for name in (key, source.domain) if name}
    if names_absent := sorted(about.sources.keys() - names_present):
        _log.warning("no article is from %s, for which a licence or an address is given", ", ".join(names_absent))
    for name, source in sorted(sources.items(), key=lambda item: (-item[1].articles, item[0] or "")):
        terms = _rights_of(about, name, source.domain)
        rights = sorted(source.rights.items(), key=lambda item: (-item[1], item[0]))[:_MOST_RIGHTS]
        first, last = (date.text if date else None for date in (source.first, source.last))
        yield SourceNote(
            name, source.articles, first, last, terms.licence, terms.url, tuple(text for text, _ in rights)
        )


@dataclass(slots=True)
class _Source:
    """One publisher while its articles are counted."""

    articles: int = 0
    first: Date | None = None
    last: Date | None = None
    domain: str | None = None
    rights: Counter[str] = field(default_factory=Counter)

    def count(self, metadata: Metadata) -> None:
        self.articles += 1
        self.domain = self.domain or _domain(metadata)
        if date := metadata.published:
            self.first = min(self.first or date, date, key=lambda published: published.earliest)
            self.last = max(self.last or date, date, key=lambda published: published.latest)
        for tag in _RIGHTS:
            self.rights.update(metadata.tags.get(tag, ()))


def _rights_of(about: About, name: str | None, domain: str | None) -> Rights:
    for key in (name or "", domain or ""):
        if rights := about.sources.get(key.casefold()):
            return rights._replace(licence=rights.licence or about.licence or None)
    return Rights(about.licence or None)


def _domain(metadata: Metadata) -> str | None:
    return next(iter(metadata.tags.get("domain", ())), None)
