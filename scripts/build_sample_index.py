"""Build the prebuilt index in index/ from scripts/sample_corpus/: the same bytes every time on the same machine."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from semsearch.index import Index
from semsearch.sources import read
from semsearch.types import Precision, Skipped, Summary, Unreadable

ROOT = Path(__file__).resolve().parent.parent
EPOCH = "1767225600"
"""2026-01-01T00:00:00Z, used as the time of indexing."""


def fail_on_trouble(event: Skipped | Unreadable | Summary) -> None:
    """Every file of the sample corpus must be usable."""
    if not isinstance(event, Summary):
        sys.exit(f"{event.origin}: {event.reason}")


def main(target: Path = ROOT / "index") -> None:
    """Build beside the target, then put it in its place."""
    os.environ["SOURCE_DATE_EPOCH"] = EPOCH
    os.chdir(ROOT)  # origins are kept in the index: relative ones are the same everywhere
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        built = Path(folder) / "index"
        articles = read(sorted(path for path in Path("scripts/sample_corpus").iterdir() if path.is_dir()))
        index = Index.build(articles, built, precision=Precision.F32, observer=fail_on_trouble, commit_seconds=None)
        stats = index.stats()
        index.close()
        (built / ".lock").unlink(missing_ok=True)
        if target.exists():
            shutil.rmtree(target)
        built.rename(target)
    print(f"{target}: {stats.articles} articles, {stats.passages} passages, {stats.size_bytes / 1e6:.1f} MB")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
