"""Packs a file as a zstd frame, and unpacks it within limits."""

from collections.abc import Iterator
from pathlib import Path

from semsearch.files import Seal, open_plain, writing

LEVEL = 9
"""Level 15 makes 100,000 passages of news smaller by .7 %, and takes eight times as long (scripts/bench_pack.py)."""

_WINDOW = 2**27
"""Bytes that a frame may look back."""

_PIECE_BYTES = 1 << 20


def frame_pieces(path: Path) -> Iterator[bytes]:
    """Yield the frame of a file: the same bytes for the same content and the same version of zstd."""
    import zstandard

    size = path.stat().st_size
    frame = zstandard.ZstdCompressor(level=LEVEL, write_checksum=False, write_content_size=True).compressobj(size)
    with open_plain(path) as stream:
        while piece := stream.read(_PIECE_BYTES):
            yield frame.compress(piece)
    yield frame.flush()


def unpack(path: Path, target: Path, seal: Seal) -> None:
    """Write the content of a frame as a new file; never more than one byte above the sealed size is unpacked.

    Raises:
        ValueError: it is not a frame, or not that of the file with this seal.
    """
    import zstandard

    unpacking = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
    with path.open("rb") as stream, writing(target) as new, unpacking.stream_reader(stream) as frame:
        try:
            while piece := frame.read(min(_PIECE_BYTES, seal.size_bytes + 1 - new.seal.size_bytes)):
                new.write(piece)
        except zstandard.ZstdError as error:
            raise ValueError(str(error)) from error
    if new.seal != seal:
        raise ValueError("its checksum is wrong")
