"""Findings about files: the manifest, checksums, what lies beside the index, the lock, the disk."""

import os
from collections.abc import Iterator

from semsearch import identity, text
from semsearch.doctor.commands import Remedies
from semsearch.engines.folders import DERIVED, Manifest, SegmentEntry, Surroundings, is_truth
from semsearch.rendering.phrases import size
from semsearch.text import counted
from semsearch.types import Damage, Finding, Precision, State, Tier, Verification

_NAMED = 3
"""Damaged files of a segment that are named; `verify` names all."""

_CANNOT = {
    Tier.SNIPPETS: "it holds the beginning of each passage alone: whole texts cannot be read, words further on are not "
    "found, and nothing can be added",
    Tier.VECTORS: "it holds no text: nothing can be read or searched by words, and nothing can be added",
}


def missing_finding(said: str, around: Surroundings, commands: Remedies) -> Finding:
    """Say why there is no index, and what to do."""
    if around.building or around.pulling_bytes is not None:
        word = "pull SOURCE" if around.pulling_bytes is not None and not around.building else "build PATH…"
        return Finding("manifest", State.PROBLEM, said, commands.writing(*word.split()))
    if around.has_segments:
        lost = f"{said}; but there are segments, whose articles can be saved"
        return Finding("manifest", State.PROBLEM, lost, commands.repair)
    return Finding("manifest", State.PROBLEM, said, commands.writing("build", "PATH…"))


def manifest_finding(manifest: Manifest) -> Finding:
    """Say what the manifest says."""
    return Finding("manifest", State.WELL, f"generation {manifest.generation:,}, its checksum matches")


def checksum_findings(verification: Verification, manifest: Manifest, commands: Remedies) -> Iterator[Finding]:
    """Name each damaged segment, and what becomes of it."""
    if not verification.damages:
        files = counted(verification.files, "file")
        yield Finding("checksums", State.WELL, f"{files}, {size(verification.size_bytes)}, all match")
    by_segment: dict[str | None, list[Damage]] = {}
    for damage in verification.damages:
        by_segment.setdefault(damage.segment, []).append(damage)
    entries = {entry.name: entry for entry in manifest.segments}
    for name, damages in by_segment.items():
        named = "; ".join(map(str, damages[:_NAMED]))
        more = f"; and {len(damages) - _NAMED:,} more ({commands.reading('verify')})" if len(damages) > _NAMED else ""
        means, mend = _outlook(entries.get(name or ""), damages, manifest, commands)
        yield Finding("checksums", State.PROBLEM, f"{named}{more}. {means}", mend)


def _outlook(
    entry: SegmentEntry | None, damages: list[Damage], manifest: Manifest, commands: Remedies
) -> tuple[str, str]:
    """Say what damage of one segment means, and which command fixes it."""
    names = {damage.path.rpartition("/")[2] for damage in damages}
    if entry is None:
        return "Nothing else is lost", commands.repair
    if not is_truth(entry, names):
        return "Its articles and vectors are whole, and nothing is lost", commands.repair
    origin = manifest.origin
    if origin and origin.generation == manifest.generation:
        return f"Its {counted(entry.articles, 'article')} can be fetched again", commands.pull(origin)
    if manifest.recipe.tier is not Tier.FULL:
        return f"Its {counted(entry.articles, 'article')} can only be had from where they came", commands.pull(None)
    said = (
        f"Of its {counted(entry.articles, 'article')} those that can be proved are saved to a file, to be added again"
    )
    return said, commands.repair


def around_findings(around: Surroundings, commands: Remedies) -> Iterator[Finding]:
    """Say what lies beside the index, and who writes."""
    yield _lock(around, commands)
    if around.left_behind:
        named = ", ".join(around.left_behind[:_NAMED]) + ("…" if len(around.left_behind) > _NAMED else "")
        said = (
            f"{counted(len(around.left_behind), 'path')}, {size(around.left_bytes)}, not part of the index: {named}; a "
            "killed writer left them, or another process still reads them; the next writer removes them"
        )
        yield Finding("left behind", State.NOTICE, said, commands.writing("compact"))
    if around.building and around.has_manifest:
        said = {
            "unfinished": "one that is to replace this index is not finished; its own command goes on where it stopped",
            "damaged": "what an unfinished one had done is damaged, and of no use",
        }[around.building]
        yield Finding("build", State.NOTICE, said, {"damaged": commands.repair}.get(around.building, commands.rebuild))
    if around.pulling_bytes is not None:
        said = (
            f"one was interrupted after {size(around.pulling_bytes)}; its own command goes on where it stopped, and "
            "--repair throws that away"
        )
        yield Finding("pull", State.NOTICE, said, commands.writing("pull", "SOURCE"))


def _lock(around: Surroundings, commands: Remedies) -> Finding:
    if around.is_locked:
        return Finding("lock", State.NOTICE, f"it is being written to by {around.holder or 'another process'}")
    if around.holder:
        said = f"free; {around.holder} was killed while it wrote, which did no harm"
        return Finding("lock", State.WELL, said)
    if commands.directory.is_dir() and not os.access(commands.directory, os.W_OK):
        return Finding("lock", State.NOTICE, "free, but this account may not write here")
    return Finding("lock", State.WELL, "free")


def manifest_findings(manifest: Manifest, commands: Remedies) -> Iterator[Finding]:
    """Say what the recipe, the origin and the segments' rules mean for whoever uses the index."""
    yield _rules(manifest, commands)
    if (tier := manifest.recipe.tier) is not Tier.FULL:
        yield Finding("tier", State.NOTICE, f"{tier.value}: {_CANNOT[tier]}")
    if manifest.origin:
        yield _origin(manifest)
    exact = manifest.recipe.precision is Precision.F32
    said = "f32: the same vectors on every machine" if exact else "auto: fast, the same within 0.001"
    yield Finding("precision", State.WELL, said)


def _rules(manifest: Manifest, commands: Remedies) -> Finding:
    outdated = sum(entry.derived != DERIVED for entry in manifest.segments)
    if outdated:
        said = f"{counted(outdated, 'segment')} of an earlier version cannot be searched; to renew them encodes nothing"
        return Finding("rules", State.PROBLEM, said, commands.writing("compact"))
    recipe = manifest.recipe
    if (recipe.identity_version, recipe.text_version) != (identity.VERSION, text.VERSION):
        said = (
            f"identity {recipe.identity_version} and text {recipe.text_version}, not {identity.VERSION} and "
            f"{text.VERSION} as in this version: it can be searched, but nothing can be added"
        )
        return Finding("rules", State.NOTICE, said, commands.rebuild)
    said = f"identity {recipe.identity_version}, text {recipe.text_version}, derived files {DERIVED}: current"
    return Finding("rules", State.WELL, said)


def _origin(manifest: Manifest) -> Finding:
    origin = manifest.origin
    if origin is None:
        raise ValueError("the index was not installed")
    own = origin.generation != manifest.generation
    changes = "has changes of its own since, which pulling again would undo" if own else "unchanged since"
    signed = "signed by a trusted key" if origin.signed_by else "not signed by a trusted key"
    state = State.NOTICE if own or not origin.signed_by else State.WELL
    return Finding("origin", state, f"{origin.name} {origin.release} from {origin.where}, {signed}; {changes}")


def disk_finding(verification: Verification, around: Surroundings) -> Finding:
    """Say whether there is room to write everything anew, which a compaction does at worst."""
    said = f"{size(around.free_bytes)} free; a compaction takes {size(verification.size_bytes)} at worst"
    enough = around.free_bytes >= verification.size_bytes
    mend = "" if enough else "make room on this disk, or move the index to another"
    return Finding("disk", State.WELL if enough else State.NOTICE, said, mend)
