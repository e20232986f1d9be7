"""A file that is not what was written is an error with a name, or harmless; never a crash, never sealed as truth."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from semsearch.engines import open_engine
from semsearch.engines.local import corpus
from semsearch.errors import IndexDamagedError
from semsearch.types import Filters
from tests.contract.histories import Kind, asking, id_of, local, made, stored, unit

UNREAD = {"vectors.faiss", "keys.npy", "key_rows.npy"}
"""What a reader does not open."""


def array(values: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, values)
    return buffer.getvalue()


def stored_array(content: bytes) -> np.ndarray | None:
    return np.load(io.BytesIO(content)) if content.startswith(b"\x93NUMPY") else None


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


def other_dtype(content: bytes) -> bytes:
    whole = stored_array(content)
    return content if whole is None else array(np.full(whole.shape, 0.5))


def random_values(content: bytes) -> bytes:
    whole = stored_array(content)
    if whole is None or whole.dtype.kind not in "iu":
        return content
    bounds = np.iinfo(whole.dtype)
    return array(np.random.default_rng(5).integers(bounds.min, bounds.max, whole.shape, whole.dtype, endpoint=True))


UNREADABLE: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda content: content[:20],
    "empty": lambda _: b"",
    "zeros": lambda content: bytes(len(content)),
    "ones": lambda content: b"\xff" * len(content),
    "short": lambda content: b"" if (whole := stored_array(content)) is None else array(whole[:-1]),
    "long": lambda content: b"" if (whole := stored_array(content)) is None else array(np.concatenate([whole, whole[:1]])),
    "scalar": lambda content: b"" if stored_array(content) is None else array(np.array(7)),
}
DOUBTFUL: dict[str, Callable[[bytes], bytes]] = {
    "header": lambda content: content.replace(b"{'", b"(('", 1),
    "half": lambda content: content[: len(content) // 2],
    "flipped in the middle": lambda content: flipped(content, len(content) // 2),
    "flipped at the end": lambda content: flipped(content, len(content) - 2),
    "another type": other_dtype,
    "random values": random_values,
}


def ask_everything(place: Path) -> None:
    engine = open_engine(place)
    filters = Filters(tags={("topics", "t1")}, publishers={"alpha", "beta"}, new_since=0, undated=True, since=0)
    asks = [
        asking("the old river", unit(1), filters=filters, newest_first=True, least_confidence=0.1),
        asking("the old river 旧桥 Brücke", unit(1), phrases=("old",), excluded=("quay wall", "mur"), half_life=9.0),
        asking("river", passages=True),
        asking("", unit(1), without=id_of(2)),
    ]
    for found in engine.search(asks):
        for one in found.ranked():
            found.passages(one.article_id)
            found.terms(one.article_id, one.ordinal)
            found.alike(one.article_id)
    for number in range(7):
        engine.get(id_of(number))
        engine.passages(id_of(number))
        engine.article_vector(id_of(number))
    engine.find(id_of(1)[:8])
    list(engine.articles(filters))
    engine.stats()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(corpus, "REPEATED_ARTICLES", 2)  # so that boilerplate is looked for
    kind = Kind("local", local, open_engine)
    paragraph = "One paragraph that stands in all of these and is long enough to count."
    entries = [made(number) for number in range(7)]
    engine = stored(kind, tmp_path / "index", [*entries, *(boilerplate(number, paragraph) for number in range(3))])
    with engine.writer() as writer:
        writer.delete(id_of(5))
    return tmp_path / "index"


def boilerplate(number: int, paragraph: str):  # noqa: ANN201
    from tests.contract.histories import DIMENSIONS
    from tests.making import article, entry

    return entry(article(f"b{number}", f"The river {number}.\n\n{paragraph}", publisher="Alpha"), DIMENSIONS)


@pytest.mark.parametrize("how", [*UNREADABLE, *DOUBTFUL])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # arithmetic with values that were never written
def test_a_damaged_file_is_an_error_with_a_name_or_harmless_but_never_a_crash(place: Path, how: str) -> None:
    ask_everything(place)
    crashed, missed = {}, []
    for path in [path for path in place.rglob("*") if path.is_file() and path.name != ".lock"]:
        content = path.read_bytes()
        damaged = (UNREADABLE | DOUBTFUL)[how](content)
        path.write_bytes(damaged)
        try:
            ask_everything(place)
            if how in UNREADABLE and damaged != content and path.name not in UNREAD:
                missed.append(path.name)
        except IndexDamagedError as error:
            assert "damaged" in str(error)
        except Exception as error:  # noqa: BLE001 - every file's, not the first one's
            crashed[path.name] = repr(error)
        path.write_bytes(content)
    assert crashed == {}
    assert missed == []
    ask_everything(place)
