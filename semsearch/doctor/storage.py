"""Findings about files: the manifest, checksums, other files in the folder, the lock, the disk."""

import os
from collections.abc import Iterator

from semsearch import identity, text
from semsearch.doctor.commands import Remedies
from semsearch.engines.folders import DERIVED, Manifest, SegmentEntry, Surroundings, is_truth
from semsearch.rendering.phrases import size
from semsearch.text import counted
from semsearch.types import Damage, Finding, Precision, State, Tier, Verification

_SHOWN = 3
"""Damaged files of a segment that a message names; `verify` names all."""

_CANNOT = {
    Tier.SNIPPETS: "it holds the beginning of each passage alone: whole texts cannot be read, words further on are not "
    "found, and nothing can be added",
    Tier.VECTORS: "it holds no text: nothing can be read or searched by words, and nothing can be added",
}


def missing_finding(message: str, around: Surroundings, commands: Remedies) -> Finding:
    """Return the finding why there is no index, and what to do."""
    if around.building or around.pulling_bytes is not None:
        word = "pull SOURCE" if around.pulling_bytes is not None and not around.building else "build PATH…"
        return Finding("manifest", State.PROBLEM, message, commands.writing(*word.split()))
    if around.has_segments:
        lost = f"{message}; but there are segments, whose articles can be saved"
        return Finding("manifest", State.PROBLEM, lost, commands.repair)
    return Finding("manifest", State.PROBLEM, message, commands.writing("build", "PATH…"))


def manifest_finding(manifest: Manifest) -> Finding:
    """Return the finding that the manifest is sound."""
    return Finding("manifest", State.WELL, f"generation {manifest.generation:,}, its checksum matches")


def checksum_findings(verification: Verification, manifest: Manifest, commands: Remedies) -> Iterator[Finding]:
    """Yield a finding for each damaged segment: what that means, and what to do."""
    if not verification.damages:
        files = counted(verification.files, "file")
        yield Finding("checksums", State.WELL, f"{files}, {size(verification.size_bytes)}, all match")
    by_segment: dict[str | None, list[Damage]] = {}
    for damage in verification.damages:
        by_segment.setdefault(damage.segment, []).append(damage)
    entries = {entry.name: entry for entry in manifest.segments}
    for name, damages in by_segment.items():
        faults = "; ".join(map(str, damages[:_SHOWN]))
        more = f"; and {len(damages) - _SHOWN:,} more ({commands.reading('verify')})" if len(damages) > _SHOWN else ""
        means, mend = _outlook(entries.get(name or ""), damages, manifest, commands)
        yield Finding("checksums", State.PROBLEM, f"{faults}{more}. {means}", mend)


def _outlook(
    entry: SegmentEntry | None, damages: list[Damage], manifest: Manifest, commands: Remedies
) -> tuple[str, str]:
    """Return what the damage of one segment means, and the command that fixes it."""
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
    message = (
        f"Of its {counted(entry.articles, 'article')} those that can be proved are saved to a file, to be added again"
    )
    return message, commands.repair


def around_findings(around: Surroundings, commands: Remedies) -> Iterator[Finding]:
    """Yield findings about other files in the index's folder, and about the lock."""
    yield _lock(around, commands)
    if around.left_behind:
        paths = ", ".join(around.left_behind[:_SHOWN]) + ("…" if len(around.left_behind) > _SHOWN else "")
        message = (
            f"{counted(len(around.left_behind), 'path')}, {size(around.left_bytes)}, not part of the index: {paths}; a "
            "killed writer left them, or another process still reads them; the next writer removes them"
        )
        yield Finding("left behind", State.NOTICE, message, commands.writing("compact"))
    if around.building and around.has_manifest:
        message = {
            "unfinished": "one that is to replace this index is not finished; its own command goes on where it stopped",
            "damaged": "what an unfinished one had done is damaged, and of no use",
        }[around.building]
        mend = commands.repair if around.building == "damaged" else commands.rebuild
        yield Finding("build", State.NOTICE, message, mend)
    if around.pulling_bytes is not None:
        message = (
            f"one was interrupted after {size(around.pulling_bytes)}; its own command goes on where it stopped, and "
            "--repair throws that away"
        )
        yield Finding("pull", State.NOTICE, message, commands.writing("pull", "SOURCE"))


def _lock(around: Surroundings, commands: Remedies) -> Finding:
    if around.is_locked:
        return Finding("lock", State.NOTICE, f"it is being written to by {around.holder or 'another process'}")
    if around.holder:
        message = f"free; {around.holder} was killed while it wrote, which did no harm"
        return Finding("lock", State.WELL, message)
    if commands.directory.is_dir() and not os.access(commands.directory, os.W_OK):
        return Finding("lock", State.NOTICE, "free, but this account may not write here")
    return Finding("lock", State.WELL, "free")


def manifest_findings(manifest: Manifest, commands: Remedies) -> Iterator[Finding]:
    """Yield findings about the recipe, the origin, and the rules by which segments were made."""
    yield _rules(manifest, commands)
    if (tier := manifest.recipe.tier) is not Tier.FULL:
        yield Finding("tier", State.NOTICE, f"{tier.value}: {_CANNOT[tier]}")
    if manifest.origin:
        yield _origin(manifest)
    exact = manifest.recipe.precision is Precision.F32
    message = "f32: the same vectors on every machine" if exact else "auto: fast, the same within 0.001"
    yield Finding("precision", State.WELL, message)


def _rules(manifest: Manifest, commands: Remedies) -> Finding:
    outdated = sum(entry.derived != DERIVED for entry in manifest.segments)
    if outdated:
        message = (
            f"{counted(outdated, 'segment')} of an earlier version cannot be searched; to renew them encodes nothing"
        )
        return Finding("rules", State.PROBLEM, message, commands.writing("compact"))
    recipe = manifest.recipe
    if (recipe.identity_version, recipe.text_version) != (identity.VERSION, text.VERSION):
        message = (
            f"identity {recipe.identity_version} and text {recipe.text_version}, not {identity.VERSION} and "
            f"{text.VERSION} as in this version: it can be searched, but nothing can be added"
        )
        return Finding("rules", State.NOTICE, message, commands.rebuild)
    message = f"identity {recipe.identity_version}, text {recipe.text_version}, derived files {DERIVED}: current"
    return Finding("rules", State.WELL, message)


def _origin(manifest: Manifest) -> Finding:
    origin = manifest.origin
    if origin is None:
        raise ValueError("the index was not installed")
    changed = origin.generation != manifest.generation
    changes = "has changes of its own since, which pulling again would undo" if changed else "unchanged since"
    signed = "signed by a trusted key" if origin.signed_by else "not signed by a trusted key"
    state = State.NOTICE if changed or not origin.signed_by else State.WELL
    return Finding("origin", state, f"{origin.name} {origin.release} from {origin.where}, {signed}; {changes}")


def disk_finding(verification: Verification, around: Surroundings) -> Finding:
    """Return the finding whether there is room to write everything again, which a compaction does at worst."""
    message = f"{size(around.free_bytes)} free; a compaction takes {size(verification.size_bytes)} at worst"
    enough = around.free_bytes >= verification.size_bytes
    mend = "" if enough else "make room on this disk, or move the index to another"
    return Finding("disk", State.WELL if enough else State.NOTICE, message, mend)
