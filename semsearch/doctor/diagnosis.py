"""One round of checks, in the order in which a person asks: the index's files, what it holds, the encoder."""

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
"""Is told how many bytes were compared, and of how many."""

OF_ENCODERS = encoders.CHECKS
"""Names of checks of this machine's encoders; all others are of the index."""

_LIBRARIES = ("faiss-cpu", "numpy", "sentence-transformers", "openvino")

_IN_FOREIGN_BYTES = (SemsearchError, OSError, ValueError, LookupError, TypeError, ArithmeticError, MemoryError)
"""What reading may raise where checksums match, but a stranger wrote the files."""


def diagnose(directory: Path, observer: Observer = lambda _done, _total: None) -> list[Finding]:
    """Check all that can be wrong; what is damaged raises nothing, for it is what is looked for."""
    return list(_findings(directory, observer))


def _findings(directory: Path, observer: Observer) -> Iterator[Finding]:
    commands = Remedies(directory)
    around = surroundings(directory)
    yield _versions()
    read = _manifest(directory, commands, around)
    if isinstance(read, Finding):
        yield read
        yield from storage.around_findings(around, commands)
        yield from encoders.kept_findings()
        return
    verification = verify(directory, observer)
    yield storage.manifest_finding(read)
    yield from storage.checksum_findings(verification, read, commands)
    yield from storage.around_findings(around, commands)
    yield from storage.manifest_findings(read, commands)
    yield storage.disk_finding(verification, around)
    inside = _inside(directory, verification, commands)
    if isinstance(inside, Finding):
        yield inside
    else:
        yield from contents.findings(inside, commands)
    yield from encoders.findings(read.recipe, None if isinstance(inside, Finding) else inside.stats, commands)
    yield from encoders.kept_findings()


def _versions() -> Finding:
    versions = [f"semsearch {__version__}", f"Python {platform.python_version()}"]
    for library in _LIBRARIES:
        try:
            versions.append(f"{library} {version(library)}")
        except PackageNotFoundError:
            versions.append(f"no {library}")
    return Finding("versions", State.WELL, ", ".join(versions))


def _manifest(directory: Path, commands: Remedies, around: Surroundings) -> Manifest | Finding:
    try:
        return read_manifest(directory)
    except RecipeMismatchError as error:
        return Finding("manifest", State.PROBLEM, str(error), error.hint)
    except IndexDamagedError as error:
        said = f"{error}; nothing else says which segments are the index, and what can be saved are the articles"
        return Finding("manifest", State.PROBLEM, said, commands.repair)
    except NotPermittedError as error:
        return Finding("manifest", State.PROBLEM, str(error), error.hint)
    except IndexMissingError as error:
        return storage.missing_finding(str(error), around, commands)


def _inside(directory: Path, verification: Verification, commands: Remedies) -> Inside | Finding:
    if any(damage.segment for damage in verification.damages):
        return Finding("contents", State.NOTICE, "not checked until the files are whole")
    try:
        return inspect(directory)
    except _IN_FOREIGN_BYTES as error:
        said = f"the checksums match, but this is not what an index holds: {error}"
        return Finding("contents", State.PROBLEM, said, commands.rebuild)
