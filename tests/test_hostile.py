"""An index of somebody who wants harm: refused with a reason, or wrong about its own articles; never anything else."""

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import zstandard

from semsearch import doctor
from semsearch.artifact import contents, frames
from semsearch.artifact.pack import pack
from semsearch.artifact.pull import pull
from semsearch.engines.local import product_codes
from semsearch.engines.local.arrays import map_bytes, read_array
from semsearch.engines.local.engine import LocalEngine
from semsearch.engines.local.manifest import SEGMENTS, parse_manifest
from semsearch.engines.local.thresholds import Thresholds
from semsearch.errors import ArtifactError, IndexDamagedError, RecipeMismatchError, SemsearchError
from semsearch.files import Seal, canonical_json
from semsearch.index import Index
from tests import hostility
from tests.array_files import change
from tests.examples import slow_but
from tests.hostility import CANARY, MUTATIONS, NASTY, SPOKEN, body_of, command, printed_badly, reseal, seal, segments_of
from tests.packing import opened

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("base") / "index"
    hostility.make(where)
    return where


@pytest.fixture
def index(base: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(base, tmp_path / "index"))


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    for name in ("secret", "articles.jsonl", "vectors.npy"):
        (folder / name).write_text(CANARY)
    return folder


def campaign(*arguments: str) -> None:
    call = [sys.executable, ROOT / "scripts/fuzz_index.py", *arguments]
    done = subprocess.run(call, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="processes are copied, and bounded")
def test_a_few_hostile_indexes_are_survived() -> None:
    campaign(*list(MUTATIONS)[::12], "--inputs", "1", "--seed", "7")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="processes are copied, and bounded")
@pytest.mark.parametrize("name", MUTATIONS)
def test_many_hostile_indexes_of_each_kind_are_survived(name: str) -> None:
    campaign(name, "--inputs", "3" if name == "spoken" else "10", "--seed", "1000")  # long texts take long to print


def test_what_is_sealed_anew_without_a_change_is_the_same_index(index: Path) -> None:
    reseal(index)
    with Index.open(index) as same:
        assert {damage.path for damage in same.verify().damages} == {"manifest.json"}  # in other bytes
        assert same.search("harbour quay").hits


# Numbers that claim more than there is.


@pytest.mark.parametrize(
    "said",
    [b"(" * 300 + b")" * 300, b"-" * 9_000 + b"1", b"1" + b"*9" * 4_000, b"__import__('os').abort()", b"{'descr': 7}"],
)
def test_the_header_of_an_array_is_not_read_as_python(tmp_path: Path, said: bytes) -> None:
    path = tmp_path / "x.npy"
    path.write_bytes(b"\x93NUMPY\x01\x00" + (len(said) + 1).to_bytes(2, "little") + said + b"\n" + bytes(64))
    with pytest.raises(ValueError, match="is not f4"):
        read_array(path, "f4", None)


@pytest.mark.parametrize(
    "array",
    [
        np.array([{"a": 1}], dtype=object),
        np.zeros(3, dtype=[("a", "<f4")]),
        np.zeros(3, dtype=">f4"),
        np.zeros((3, 1), dtype="<f4"),
        np.zeros(4, dtype="<f4"),
        np.zeros(0, dtype="<f4"),
    ],
)
def test_an_array_of_another_kind_is_refused(tmp_path: Path, array: np.ndarray) -> None:
    np.save(tmp_path / "x.npy", array, allow_pickle=True)
    with pytest.raises(ValueError, match="is not"):
        read_array(tmp_path / "x.npy", "f4", 3)


def test_every_array_that_is_written_is_read_as_numpy_reads_it(index: Path) -> None:
    for path in index.rglob("*.npy"):
        whole = np.load(path)
        assert read_array(path, whole.dtype.str, *whole.shape).tobytes() == whole.tobytes()


@pytest.mark.skipif(sys.platform != "linux", reason="files with holes")
def test_a_file_that_claims_what_nobody_wrote_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    np.save(path, np.zeros(1 << 10, dtype="<f4"))
    path.write_bytes(path.read_bytes().replace(b"(1024,)", b"(%d,)" % 2**36, 1))
    header = path.read_bytes().index(b"\n") + 1
    os.truncate(path, header + 4 * 2**36)
    for read in (lambda: read_array(path, "f4", None), lambda: map_bytes(path)):
        with pytest.raises(ValueError, match="is not a plain file"):
            read()


# What the manifest says.


@pytest.mark.slow
def test_every_value_of_a_manifest_is_replaced_by_everything_nasty(base: Path) -> None:
    walked(base, NASTY)


def test_every_value_of_a_manifest_is_replaced_by_something_nasty(base: Path) -> None:
    walked(base, [None, -1, 2**63, "..", [], {}, 1.5, True])


def walked(base: Path, nasty: Sequence[object]) -> None:
    """Parse the manifest and the table of contents with each value in it replaced: refused with our error, or read."""
    body = body_of(base)
    body["segments"] = [{**one, "files": dict(list(one["files"].items())[:2])} for one in body["segments"]]
    said = {"semsearch_artifact": 1, "name": "a", "release": "1", "description": "", "licence": "", "made_by": "x",
            "articles": 1, "passages": 1, "sources": [], "manifest": body, "members": {"a": [0, 1]}}  # fmt: skip
    for path in _paths(said):
        for value in nasty:
            changed = json.loads(json.dumps(said))
            one = changed
            for key in path[:-1]:
                one = one[key]
            one[path[-1]] = value
            with pytest.raises((ArtifactError, RecipeMismatchError)):  # the members are none of this manifest
                contents.parse(hostility.written(changed).encode(), "x")
            if path[0] == "manifest":
                _parsed(hostility.written(changed["manifest"]))


def _parsed(text: str) -> None:
    digest = "0" * 64
    with suppress(ValueError, RecursionError):  # of what no manifest can hold
        digest = hashlib.sha256(canonical_json(json.loads(text))).hexdigest()
    with suppress(SemsearchError):
        parse_manifest(f'{{"sha256": "{digest}", "manifest": {text}}}'.encode(), Path("x"))


def _paths(value: object, so_far: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for key, one in inner for path in [(*so_far, key), *_paths(one, (*so_far, key))]]


@pytest.mark.slow
def test_a_manifest_that_is_larger_than_any_is_refused_before_it_is_parsed(index: Path) -> None:
    with (index / "manifest.json").open("wb") as stream:
        stream.write(b'{"sha256": "", "manifest": [' + b"[]," * 1_000_000)
        stream.truncate(300_000_000)
    with pytest.raises(IndexDamagedError, match="manifest"):
        Index.open(index)


@pytest.mark.parametrize("name", ["//server/share", "\\\\server\\share", "x" * 20_000])
def test_an_encoder_is_looked_for_on_this_machine_alone(index: Path, name: str) -> None:
    body = body_of(index)
    body["recipe"]["encoder"]["name"] = name
    seal(index, body)
    with pytest.raises(IndexDamagedError):
        Index.open(index)


def test_a_command_that_is_suggested_cannot_be_more_than_one(index: Path) -> None:
    body = body_of(index)
    body["recipe"]["encoder"] |= {"name": "x; touch owned", "digest": SPOKEN}
    seal(index, body)
    _, out, err = command(index, ["query", "harbour", "--model", "hashing"])
    assert "--model 'x; touch owned'" in err
    assert printed_badly([], out, err, whole=False) == []


# Links out of the index, and what is no file.

READING = (["query", "harbour quay"], ["list"], ["stats"], ["verify"], ["doctor"])
WRITING = (["delete", "https://news.example.org/opera"], ["compact"], ["doctor", "--repair"])


def linked(path: Path, target: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def state(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


NAMES = (
    "manifest.json", "manifest.json.new", "building.json", "building-fetched.json", "fetched.json",
    ".lock", ".lock.json", "pulling", "segments", "SEGMENT",
    "SEGMENT/articles.jsonl", "SEGMENT/codes.arrays", "segments/000003-unfinished", "segments/orphan",
)  # fmt: skip


@pytest.mark.parametrize("to", slow_but(["file"], ["file", "folder"]))
@pytest.mark.parametrize("name", NAMES)
def test_a_link_leads_nowhere(index: Path, outside: Path, name: str, to: str) -> None:
    segment = f"{SEGMENTS}/{segments_of(index)[0].name}"
    linked(index / name.replace("SEGMENT", segment), outside if to == "folder" else outside / "secret")
    before = state(outside)
    for arguments in (*READING, *WRITING):
        _, out, err = command(index, arguments)
        assert printed_badly(arguments, out, err, whole=False) == []
        assert state(outside) == before


def test_a_link_in_the_place_of_a_segment_that_names_no_file_is_not_tidied_up(index: Path, outside: Path) -> None:
    body = body_of(index)
    body["segments"][0]["files"] = {}
    seal(index, body)
    linked(index / SEGMENTS / body["segments"][0]["name"], outside)
    before = state(outside)
    doctor.repair(index)
    assert state(outside) == before


@pytest.mark.parametrize("name", ["segments", "pulling", "pulling/DIGEST", "pulling/DIGEST/SEGMENT", ".lock.json"])
def test_installing_an_artifact_writes_and_removes_nothing_elsewhere(
    index: Path, outside: Path, tmp_path: Path, name: str
) -> None:
    artifact = tmp_path / "a.pack"
    pack(index, artifact)
    place = tmp_path / "place"
    digest = contents.digest(opened(artifact).said)
    path = place / name.replace("DIGEST", digest).replace("SEGMENT", segments_of(index)[0].name)
    path.parent.mkdir(parents=True)
    path.symlink_to(outside / "secret" if name.endswith(".json") else outside)
    before = state(outside)
    with suppress(SemsearchError):
        pull(str(artifact), place, force=True)
    assert state(outside) == before
    with Index.open(place) as installed:
        assert installed.verify().damages == ()


@pytest.mark.parametrize("name", ["manifest.json", ".lock", ".lock.json", "building.json", "SEGMENT/articles.jsonl"])
def test_a_pipe_in_the_place_of_a_file_keeps_nobody_waiting(index: Path, name: str) -> None:
    path = index / name.replace("SEGMENT", f"{SEGMENTS}/{segments_of(index)[0].name}")
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    for arguments in (*READING, *WRITING):
        _, out, err = command(index, arguments)
        assert printed_badly(arguments, out, err, whole=False) == []


@pytest.mark.slow
def test_folders_within_folders_are_left_with_a_reason(index: Path) -> None:
    here = Path.cwd()
    (index / SEGMENTS / "orphan").mkdir()
    os.chdir(index / SEGMENTS / "orphan")
    for _ in range(1_200):
        os.mkdir("a")  # noqa: PTH102  their path is longer than any may be
        os.chdir("a")
    os.chdir(here)
    for arguments in WRITING:
        status, _, err = command(index, arguments)
        assert status in (0, 3)
        assert "Traceback" not in err
    os.spawnlp(os.P_WAIT, "rm", "rm", "-rf", str(index / SEGMENTS / "orphan"))  # noqa: S606


# Codes of vectors.


@pytest.mark.parametrize("name", ["steps", "article_steps"])
@pytest.mark.parametrize("column", [0, 1])
@pytest.mark.parametrize("value", [np.nan, np.inf, -1.0, 3e38])
def test_codes_of_no_vectors_are_told(
    index: Path, name: str, column: int, value: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    thresholds = Thresholds(word_rows=2, first_depth=2)
    monkeypatch.setattr("semsearch.engines.open_engine", partial(LocalEngine, thresholds=thresholds))

    def changed(steps: np.ndarray) -> np.ndarray:
        steps[0, column] = value
        return steps

    change(segments_of(index)[0] / "codes.arrays", name, changed)
    reseal(index)
    with Index.open(index, encoder="hashing:16") as changed, pytest.raises(IndexDamagedError):
        changed.search("harbour quay")


def test_faiss_is_shown_no_file_and_no_codes_but_of_the_right_shape() -> None:
    vectors = np.random.default_rng(1).normal(size=(64, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    centroids, codes = product_codes.coded(vectors)
    assert product_codes.ProductCodes(centroids, codes).opened(64, 8).ntotal == 64
    for other in (
        (centroids[:1], codes),
        (centroids[:, :15], codes),
        (centroids, codes[:-1]),
        (centroids * np.float32(np.nan), codes),
        (centroids * np.float32(3e38), codes),
    ):
        with pytest.raises(ValueError, match="not the codes"):
            product_codes.ProductCodes(*other).opened(64, 8)
    with pytest.raises(ValueError, match="not the codes"):
        product_codes.ProductCodes(centroids, codes).opened(1 << 40, 8)


# Frames of an artifact.

SMALL = zstandard.ZstdCompressor().compress(b"abc")
SKIPPED = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"skip"


def test_a_frame_is_unpacked_as_far_as_it_was_sealed(tmp_path: Path) -> None:
    (tmp_path / "frame").write_bytes(zstandard.ZstdCompressor(level=19).compress(bytes(1 << 28)))
    with pytest.raises(ValueError, match="its checksum is wrong"):
        frames.unpack(tmp_path / "frame", tmp_path / "out", Seal(1_000, "0" * 64))
    assert (tmp_path / "out").stat().st_size <= 1_001


@pytest.mark.parametrize(
    "content",
    [b"", SKIPPED, SKIPPED + SMALL[:5], SMALL[:-2], b"x" + SMALL, b"\x28\xb5\x2f\xfd" + b"\xff" * 64,
     b"\x28\xb5\x2f\xfd\x00\xff" + b"\0" * 9],
)  # fmt: skip
def test_what_is_no_frame_of_the_file_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "frame").write_bytes(content)
    with pytest.raises(ValueError, match=r".+"):
        frames.unpack(tmp_path / "frame", tmp_path / "out", Seal(3, hashlib.sha256(b"abd").hexdigest()))


# What is printed.


@pytest.fixture
def spoken(index: Path) -> Path:
    """An index whose every text moves a terminal, and that opens."""
    hostility.spoken_article(index, random.Random(3))  # noqa: S311
    body = body_of(index)
    for entry in body["segments"]:
        entry["derived"] = body_of(index)["segments"][0]["derived"]
    seal(index, body)
    return index


QUERY = ["query", "harbour quay container ships", "--explain", "--context", "1"]
LISTING = ["list"]
ANSWERS = [QUERY, [*QUERY, "--full"], LISTING, ["similar", "https://news.example.org/harbour"]]


@pytest.mark.parametrize("name", slow_but(["text"], ["text", "json", "jsonl", "csv", "md"]))
@pytest.mark.parametrize("arguments", slow_but([QUERY, LISTING], ANSWERS), ids=" ".join)
def test_no_answer_moves_a_terminal(spoken: Path, arguments: list[str], name: str) -> None:
    status, out, err = command(spoken, [*arguments, "--format", name])
    assert status == 0
    assert out.strip()
    assert printed_badly([*arguments, name], out, err, whole=True) == []
    assert "](javascript:" not in out


@pytest.mark.parametrize("name", ["get", "stats", "verify", "doctor"])
@pytest.mark.parametrize("options", slow_but([()], [(), ("--json",)]))
def test_nothing_that_is_told_of_an_index_moves_a_terminal(spoken: Path, name: str, options: tuple[str, ...]) -> None:
    more = ["https://news.example.org/harbour"] if name == "get" else []
    _, out, err = command(spoken, [name, *more, *options])
    assert out.strip()
    assert printed_badly([name, *options], out, err, whole=True) == []


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("vectors.npy", "vectors"),
        ("article_vectors.npy", "article_vectors"),
        ("columns.arrays", "legibility"),
        ("background.arrays", "sums"),
    ],
)
@pytest.mark.parametrize("value", [np.nan, np.inf, "the greatest", -5.0])
@pytest.mark.filterwarnings("error")
def test_a_figure_that_is_none_is_never_printed(index: Path, file: str, name: str, value: float | str) -> None:
    for folder in segments_of(index):
        change(
            folder / file,
            name,
            lambda whole: np.full_like(whole, np.finfo(whole.dtype).max if isinstance(value, str) else value),
        )
    reseal(index)
    for options in (["--json"], ["--json", "--mode", "dense"], ["--json", "--mode", "lexical"]):
        status, out, err = command(index, ["query", "harbour quay", *options])
        assert printed_badly(options, out, err, whole=status < 2) == []
        assert status < 2 or "damaged" in err


# Arrays that contradict each other.

BAD: dict[tuple[str, str], Callable[[np.ndarray], np.ndarray]] = {
    ("terms.arrays", "group_rows"): lambda whole: whole[::-1].copy(),
    ("terms.arrays", "row_postings"): lambda whole: whole | 1 << 31,
    ("terms.arrays", "row_places"): lambda whole: whole[::-1].copy(),
    ("columns.arrays", "first_rows"): lambda whole: np.where(np.arange(len(whole)) == 1, np.iinfo(np.int64).max, whole),
    ("repeats.arrays", "row_paragraphs"): lambda whole: np.tile([0, whole.max()], (len(whole), 1)).astype("i4"),
    ("repeats.arrays", "pair_firsts"): lambda whole: whole[::-1].copy(),
    ("repeats.arrays", "pair_others"): lambda whole: whole - 10**6,
    ("columns.arrays", "offsets"): lambda whole: whole - 7,
    ("columns.arrays", "spans"): lambda whole: whole[::-1].copy(),
    ("columns.arrays", "ids"): lambda whole: np.full_like(whole, b"\x1b[31m"),
    ("keys.arrays", "rows"): lambda whole: whole + 10**6,
    ("background.arrays", "articles"): lambda whole: whole[:-1],
}


@pytest.mark.parametrize(("file", "name"), BAD)
def test_arrays_that_contradict_each_other_are_damage_with_a_name(index: Path, file: str, name: str) -> None:
    for folder in segments_of(index):
        change(folder / file, name, lambda whole: BAD[file, name](whole) if whole.size > 2 else whole)
    reseal(index)
    refused = 0
    for arguments in (["query", "the harbour of the courier"], ["list"], ["compact"]):
        status, _, err = command(index, arguments)
        assert "Traceback" not in err
        refused += status == 3 and "damaged" in err
    assert refused


FACETS = (
    b"[" * 200_000, b'{"a":' * 100_000, b"[]", b"{}", b'{"publisher": [["a", 0, 99]]}', b'{"a": [[1, 0, 1]]}', b"NaN",
    b'{"publisher": [["\\ud800", 0, 25]]}', b'{"publisher": [["a", 0, 5], ["b", 0, 25]]}',
)  # fmt: skip


@pytest.mark.parametrize("content", FACETS)
@pytest.mark.parametrize("file", ["facets.arrays", "tags.arrays"])
def test_facets_that_are_none_are_damage(index: Path, file: str, content: bytes) -> None:
    change(segments_of(index)[0] / file, "index", lambda _: np.frombuffer(content, np.uint8))
    reseal(index)
    with pytest.raises(IndexDamagedError, match="damaged"), Index.open(index, encoder="hashing:16") as opened_index:
        opened_index.search(hostility.Query("fire", filters=hostility.Filters(tags={("topics", "opera")})))
