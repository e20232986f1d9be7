"""Write the golden files under tests/golden/: `python scripts/make_golden.py [KIND…]`. Review the diff before a commit.

To add a kind, write one function that yields (name, bytes) and one line in `KINDS`; it owns the folder of its name.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests" / "golden"
sys.path.insert(0, str(ROOT))  # the package, and the cases that its tests are made of


def render() -> Iterator[tuple[str, bytes]]:
    """Yield what each renderer makes of the cases in tests/render_cases.py."""
    from tests import render_cases

    for name, pieces in render_cases.golden():
        yield name, "".join(pieces()).encode()


def readers() -> Iterator[tuple[str, bytes]]:
    """Yield what the readers make of the files under tests/golden/readers/inputs."""
    from tests import reading_cases

    yield from reading_cases.golden()


KINDS: Mapping[str, Callable[[], Iterator[tuple[str, bytes]]]] = {"readers": readers, "render": render}


def write(kind: str) -> None:
    """Make the kind's folder hold exactly its files."""
    folder = GOLDEN / kind
    folder.mkdir(parents=True, exist_ok=True)
    stale = {path.name for path in folder.iterdir() if path.is_file()}
    for name, content in KINDS[kind]():
        path = folder / name
        old_content = path.read_bytes() if path.exists() else None
        if old_content != content:
            path.write_bytes(content)
            print(f"{'new' if old_content is None else 'changed'}: {path.relative_to(ROOT)}")
        stale.discard(name)
    for name in sorted(stale):
        (folder / name).unlink()
        print(f"removed: {(folder / name).relative_to(ROOT)}")


def main() -> None:
    """Write the kinds that are named, or all of them."""
    parser = argparse.ArgumentParser(description="Write the golden files under tests/golden/.")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"one of {', '.join(KINDS)}; all where none is named")
    kinds = parser.parse_args().kinds
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        parser.error(f"no such kind: {', '.join(unknown)}; there are {', '.join(KINDS)}")
    for kind in kinds or KINDS:
        write(kind)


if __name__ == "__main__":
    main()
