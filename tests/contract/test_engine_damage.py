"""A file that is not what was written is an error with a name, or harmless; never a crash, never sealed as truth."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from semsearch.engines import open_engine
from semsearch.engines.local.engine import LocalEngine
from semsearch.engines.local.thresholds import Thresholds
from semsearch.errors import IndexDamagedError
from semsearch.types import Filters
from tests.contract.histories import DIMENSIONS, Kind, asking, id_of, local, made, stored, unit
from tests.making import article, entry

UNREAD = {"keys.npy", "key_rows.npy", "row_digests.npy", "headlines.npy", "headline_articles.npy"}
"""What nobody opens but a writer, who compares it with its seal first."""


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
    "long": lambda content: (
        b"" if (whole := stored_array(content)) is None else array(np.concatenate([whole, whole[:1]]))
    ),
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

DAMAGES = UNREADABLE | DOUBTFUL


def ask_everything(place: Path) -> None:
    engine = LocalEngine(place, thresholds=Thresholds(repeated_articles=2))  # so that boilerplate is looked for
    filters = Filters(tags={("topics", "t1")}, publishers={"alpha", "beta"}, new_since=0, undated=True, since=0)
    asks = [
        asking("the old river", unit(1), filters=filters, newest_first=True, least_confidence=0.1),
        asking("the old river 旧桥 Brücke", unit(1), phrases=("old",), excluded=("quay wall", "mur"), half_life=9.0),
        asking("river", passages=True),
        asking("", unit(1), without=id_of(2)),
    ]
    for found in engine.search(asks):
        for one in found.ranked():
            found.passages([one.article_id])[0]
            found.terms(one.article_id, one.ordinal)
            found.alike([one.article_id])[0]
    for number in range(7):
        engine.get(id_of(number))
        engine.passages(id_of(number))
        engine.article_vector(id_of(number))
    engine.find(id_of(1)[:8])
    list(engine.articles(filters))
    engine.stats()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    kind = Kind("local", local, open_engine)
    again = "One paragraph that stands in all of these and is long enough to count."
    entries = [made(number) for number in range(7)]
    repeating = [
        entry(article(f"b{one}", f"River {one}.\n\n{again}", publisher="Alpha"), DIMENSIONS) for one in range(3)
    ]
    engine = stored(kind, tmp_path / "index", [*entries, *repeating])
    with engine.writer() as writer:
        writer.delete(id_of(5))
    return tmp_path / "index"


@pytest.mark.parametrize("how", DAMAGES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # arithmetic with values that were never written
def test_a_damaged_file_is_an_error_with_a_name_or_harmless_but_never_a_crash(place: Path, how: str) -> None:
    ask_everything(place)
    crashed, missed = {}, []
    for path in [path for path in place.rglob("*") if path.is_file() and path.name != ".lock"]:
        content = path.read_bytes()
        damaged = DAMAGES[how](content)
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


@pytest.mark.parametrize("file", ["articles.jsonl", "vectors.npy", "keys.npy", "places.npy", "headlines.npy"])
def test_compaction_does_not_seal_damage_as_truth(tmp_path: Path, file: str) -> None:
    engine = local(tmp_path / "index")
    for number in range(2):
        with engine.writer() as writer:
            writer.add(made(number))
    path = min((tmp_path / "index").rglob(file))
    content = path.read_bytes()
    path.write_bytes(
        content.replace(b"eadline", b"eadl1ne", 1) if file == "articles.jsonl" else flipped(content, len(content) - 1)
    )
    with pytest.raises(IndexDamagedError, match="damaged"), open_engine(tmp_path / "index").writer() as writer:
        writer.compact()
