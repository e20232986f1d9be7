"""How long it takes to pack and to pull an index, and how many bytes travel, beside what others do with a folder.

    python scripts/bench_pack.py INDEX [--rounds 3] [--levels 3 9 15 19]

Others compress a folder whole: Pyserini's prebuilt indexes are `tar.gz`, PyTerrier's artifacts `tar.lz4`. Here stand
tar with gzip and tar with zstd, of the same files with and without those that `pack` leaves out.
"""

import argparse
import io
import shutil
import statistics
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import zstandard

from semsearch import Index
from semsearch.artifact import frames
from semsearch.artifact.pack import pack
from semsearch.artifact.pull import pull
from semsearch.engines.folders import LEFT_OUT


def main() -> None:
    """Print one table of sizes and seconds, and one of compression levels."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--levels", type=int, nargs="*", default=[3, 9, 15, 19])
    arguments = parser.parse_args()
    with Index.open(arguments.index) as index:
        stats = index.stats()
    print(f"{stats.articles:,} articles, {stats.passages:,} passages, {stats.size_bytes / 1e6:.1f} MB\n")
    with tempfile.TemporaryDirectory() as folder:
        ways(arguments.index, Path(folder), arguments.rounds)
        levels(arguments.index, arguments.levels)


def ways(index: Path, folder: Path, rounds: int) -> None:
    """Pack and install in each way, alternately."""
    timed: dict[str, tuple[list[float], list[float], int]] = {}
    packings: dict[str, tuple[Callable[[Path], object], Callable[[Path, Path], object]]] = {
        "semsearch": (lambda path: pack(index, path), lambda path, into: pull(str(path), into)),
        "tar.zst (level 9)": (lambda path: tar(index, path, "zst"), untar_zst),
        "tar.gz": (lambda path: tar(index, path, "gz"), untar_gz),
    }
    for turn in range(rounds):
        for name, (write, install) in packings.items():
            path, into = folder / f"{turn}-{len(name)}.pack", folder / f"{turn}-{len(name)}"
            packing, installing, _ = timed.setdefault(name, ([], [], 0))
            packing.append(seconds(lambda write=write, path=path: write(path)))
            installing.append(seconds(lambda install=install, path=path, into=into: install(path, into)))
            timed[name] = packing, installing, path.stat().st_size
            path.unlink()
            shutil.rmtree(into)
    reference = timed["semsearch"]
    print(
        "| | MB | packing, s | installing, s | ratio of bytes | packing | installing |\n|---|---|---|---|---|---|---|"
    )
    for name, (packing, installing, size) in timed.items():
        packing_median, installing_median = statistics.median(packing), statistics.median(installing)
        ratios = (
            size / reference[2],
            packing_median / statistics.median(reference[0]),
            installing_median / statistics.median(reference[1]),
        )
        cells = " | ".join(f"{ratio:.2f}" for ratio in ratios)
        print(f"| {name} | {size / 1e6:.1f} | {packing_median:.2f} | {installing_median:.2f} | {cells} |")
    print(
        "\nInstalling by semsearch verifies every file, reads every article and vector, and derives the FAISS index.\n"
    )


def seconds(do: Callable[[], object]) -> float:
    """Return how long a call takes."""
    started = time.perf_counter()
    do()
    return time.perf_counter() - started


def tar(index: Path, path: Path, form: str) -> None:
    """Write a whole folder, as others do."""
    if form == "gz":
        with tarfile.open(path, "w:gz", compresslevel=6) as archive:
            archive.add(index, "index")
        return
    with (
        path.open("wb") as stream,
        zstandard.ZstdCompressor(level=9).stream_writer(stream) as packed,
        tarfile.open(fileobj=packed, mode="w|") as archive,
    ):
        archive.add(index, "index")


def untar_gz(path: Path, into: Path) -> None:
    """Unpack a folder."""
    with tarfile.open(path) as archive:
        archive.extractall(into, filter="data")


def untar_zst(path: Path, into: Path) -> None:
    """Unpack a folder."""
    with (
        path.open("rb") as stream,
        zstandard.ZstdDecompressor().stream_reader(stream) as unpacked,
        tarfile.open(fileobj=io.BufferedReader(unpacked), mode="r|") as archive,
    ):
        archive.extractall(into, filter="data")


def levels(index: Path, tried: list[int]) -> None:
    """Compress the files that travel at several levels."""
    files = [path for path in sorted((index / "segments").rglob("*")) if path.is_file() and path.name not in LEFT_OUT]
    print("| zstd level | MB | s | of vectors, MB | of all else, MB |\n|---|---|---|---|---|")
    for level in tried:
        frames.LEVEL = level
        sizes = {True: 0, False: 0}
        started = time.perf_counter()
        for path in files:
            sizes["vectors" in path.name] += sum(map(len, frames.frame_pieces(path)))
        elapsed = time.perf_counter() - started
        vectors, other_files = sizes[True] / 1e6, sizes[False] / 1e6
        print(f"| {level} | {vectors + other_files:.1f} | {elapsed:.2f} | {vectors:.1f} | {other_files:.1f} |")


if __name__ == "__main__":
    main()
