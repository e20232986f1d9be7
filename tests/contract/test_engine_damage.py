"""A file that is not what was written is an error with a name, or harmless; never a crash, never sealed as truth."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from semsearch.engines import open_engine
from semsearch.engines.local.engine import LocalEngine
from semsearch.engines.local.thresholds import Thresholds
from semsearch.errors import IndexDamagedError
from semsearch.types import Filters
from tests.array_files import NAMES, joined, pieces_in, saved
from tests.contract.histories import DIMENSIONS, LOCAL, asking, id_of, local, made, stored, unit
from tests.making import article, entry

UNREAD = ("keys.arrays", "background.arrays, articles", "background.arrays, headlines")
"""What nobody opens but a writer, who compares it with its seal first."""


def loaded(piece: bytes) -> np.ndarray:
    return np.load(io.BytesIO(piece))


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


def random_values(piece: bytes) -> bytes:
    whole = loaded(piece)
    if whole.dtype.kind not in "iu":
        return piece
    bounds = np.iinfo(whole.dtype)
    return saved(np.random.default_rng(5).integers(bounds.min, bounds.max, whole.shape, whole.dtype, endpoint=True))


UNREADABLE: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda content: content[:20],
    "empty": lambda _: b"",
    "zeros": lambda content: bytes(len(content)),
    "ones": lambda content: b"\xff" * len(content),
}
"""Of a file."""

DOUBTFUL: dict[str, Callable[[bytes], bytes]] = {
    "header": lambda content: content.replace(b"{'", b"(('", 1),
    "half": lambda content: content[: len(content) // 2],
    "flipped in the middle": lambda content: flipped(content, len(content) // 2),
    "flipped at the end": lambda content: flipped(content, len(content) - 2),
}
UNREADABLE_ARRAYS: dict[str, Callable[[bytes], bytes]] = {
    "short": lambda piece: saved(loaded(piece)[:-1]),
    "long": lambda piece: saved(np.concatenate([loaded(piece), loaded(piece)[:1]])),
    "scalar": lambda _: saved(np.array(7)),
}
"""Of one array in a file."""

DOUBTFUL_ARRAYS: dict[str, Callable[[bytes], bytes]] = {
    "another type": lambda piece: saved(np.full(loaded(piece).shape, 0.5)),
    "random values": random_values,
}

DAMAGES = UNREADABLE | DOUBTFUL
ARRAY_DAMAGES = UNREADABLE_ARRAYS | DOUBTFUL_ARRAYS


def damaged_versions(path: Path, content: bytes, how: str) -> Iterator[tuple[str, bytes]]:
    """Yield what a file holds when it, or each of its arrays, is damaged in this way, and what is damaged then."""
    if how in DAMAGES:
        yield path.name, DAMAGES[how](content)
    elif path.name in NAMES:
        pieces = pieces_in(path.name, content)
        for name, piece in pieces.items():
            yield f"{path.name}, {name}", joined((pieces | {name: ARRAY_DAMAGES[how](piece)}).values())


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
    again = "One paragraph that stands in all of these and is long enough to count."
    entries = [made(number) for number in range(7)]
    repeating = [
        entry(article(f"b{one}", f"River {one}.\n\n{again}", publisher="Alpha"), DIMENSIONS) for one in range(3)
    ]
    engine = stored(LOCAL, tmp_path / "index", [*entries, *repeating])
    with engine.writer() as writer:
        writer.delete(id_of(5))
    return tmp_path / "index"


@pytest.mark.parametrize("step", [16, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("how", [*DAMAGES, *ARRAY_DAMAGES])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # arithmetic with values that were never written
def test_a_damaged_file_is_an_error_with_a_name_or_harmless_but_never_a_crash(place: Path, how: str, step: int) -> None:
    """By default each file, or array, is damaged in every 16th way, and each way is that of every 16th one."""
    ask_everything(place)
    crashed, missed = {}, []
    turn = [*DAMAGES, *ARRAY_DAMAGES].index(how)
    for path in sorted(path for path in place.rglob("*") if path.is_file() and path.name != ".lock"):
        content = path.read_bytes()
        for what, damaged in damaged_versions(path, content, how):
            turn += 1
            if turn % step:
                continue
            path.write_bytes(damaged)
            try:
                ask_everything(place)
                if how in UNREADABLE | UNREADABLE_ARRAYS and damaged != content and not what.startswith(UNREAD):
                    missed.append(what)
            except IndexDamagedError as error:
                assert "damaged" in str(error)
            except Exception as error:  # noqa: BLE001 - every file's, not the first one's
                crashed[what] = repr(error)
        path.write_bytes(content)
    assert crashed == {}
    assert missed == []
    ask_everything(place)


@pytest.mark.parametrize("file", ["articles.jsonl", "vectors.npy", "keys.arrays", "terms.arrays", "background.arrays"])
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
