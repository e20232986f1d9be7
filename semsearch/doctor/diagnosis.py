"""Runs all checks, in the order in which a user would ask: the index's files, its contents, the encoder."""

import platform
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from semsearch import __version__
from semsearch.doctor import contents, encoders, storage
from semsearch.doctor.commands import Remedies
from semsearch.engines.folders import Inside, Manifest, Surroundings, inspect, read_manifest, surroundings, verify
from semsearch.errors import (
    IndexDamagedError,
    IndexMissingError,
    NotPermittedError,
    RecipeMismatchError,
    SemsearchError,
)
from semsearch.types import Finding, State, Verification

Observer = Callable[[int, int], None]
"""Called with the number of bytes compared so far, and of all bytes."""

ENCODER_CHECKS = encoders.CHECKS
"""Names of the checks of this machine's encoders; all others are about the index."""

_LIBRARIES = ("faiss-cpu", "numpy", "sentence-transformers", "openvino")

_READING_ERRORS = (SemsearchError, OSError, ValueError, LookupError, TypeError, ArithmeticError, MemoryError)
"""Errors that reading may raise if checksums match, but a stranger wrote the files."""


def diagnose(directory: Path, observer: Observer = lambda _done, _total: None) -> list[Finding]:
    """Return the findings of all checks; damage is a finding, not an error."""
    return list(_findings(directory, observer))


def _findings(directory: Path, observer: Observer) -> Iterator[Finding]:
    commands = Remedies(directory)
    around = surroundings(directory)
    yield _versions()
    manifest = _manifest_or_finding(directory, commands, around)
    if isinstance(manifest, Finding):
        yield manifest
        yield from storage.around_findings(around, commands)
        yield from encoders.kept_findings()
        return
    verification = verify(directory, observer)
    yield storage.manifest_finding(manifest)
    yield from storage.checksum_findings(verification, manifest, commands)
    yield from storage.around_findings(around, commands)
    yield from storage.manifest_findings(manifest, commands)
    yield storage.disk_finding(verification, around)
    inside = _inside_or_finding(directory, verification, commands)
    if isinstance(inside, Finding):
        yield inside
    else:
        yield from contents.findings(inside, commands)
    yield from encoders.findings(manifest.recipe, None if isinstance(inside, Finding) else inside.stats, commands)
    yield from encoders.kept_findings()


def _versions() -> Finding:
    versions = [f"semsearch {__version__}", f"Python {platform.python_version()}"]
    for library in _LIBRARIES:
        try:
            versions.append(f"{library} {version(library)}")
        except PackageNotFoundError:
            versions.append(f"no {library}")
    return Finding("versions", State.WELL, ", ".join(versions))


def _manifest_or_finding(directory: Path, commands: Remedies, around: Surroundings) -> Manifest | Finding:
    try:
        return read_manifest(directory)
    except RecipeMismatchError as error:
        return Finding("manifest", State.PROBLEM, str(error), error.hint)
    except IndexDamagedError as error:
        message = f"{error}; nothing else says which segments belong to the index, so only the articles can be saved"
        return Finding("manifest", State.PROBLEM, message, commands.repair)
    except NotPermittedError as error:
        return Finding("manifest", State.PROBLEM, str(error), error.hint)
    except IndexMissingError as error:
        return storage.missing_finding(str(error), around, commands)


def _inside_or_finding(directory: Path, verification: Verification, commands: Remedies) -> Inside | Finding:
    if any(damage.segment for damage in verification.damages):
        return Finding("contents", State.NOTICE, "not checked until the files are whole")
    try:
        return inspect(directory)
    except _READING_ERRORS as error:
        message = f"the checksums match, but this is not what an index holds: {error}"
        return Finding("contents", State.PROBLEM, message, commands.rebuild)
