"""Makes of a small index what its author, who can compute every checksum, could make of it; then asks it everything.

Each mutation damages something and seals it anew, so that no checksum tells. An input is survived where everything
that is asked of it ends in time and within memory, in an answer or in an error of ours; where no file outside the
index is changed, or shown; and where nothing that is printed moves a terminal or is no JSON.
"""

import contextlib
import hashlib
import io
import json
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from semsearch import doctor, engines
from semsearch.cli import main
from semsearch.engines.local.engine import LocalEngine
from semsearch.engines.local.manifest import MANIFEST, SEGMENTS
from semsearch.engines.local.thresholds import Thresholds
from semsearch.errors import SemsearchError
from semsearch.files import canonical_json
from semsearch.index import Index
from semsearch.types import Filters, Mode, Query
from tests.array_files import NAMES, arrays_of, change, joined, pieces_in, saved, store
from tests.commands import WIRE
from tests.conftest import some_articles
from tests.making import article, day

MOST_SECONDS = 30
"""Of processor time, for everything that is asked of one index. More is a hang."""

MOST_SECONDS_WAITED = 180.0
"""By the clock, however busy the machine is. More is waiting for something that never comes."""

MOST_MEMORY = 3 * 2**30
"""Of address space beyond what was there at first."""

CANARY = "c0ffee-canary-of-somebody-else"
"""Stands in files outside the index, and may be shown by nobody."""

Mutation = Callable[[Path, random.Random], str]
"""Changes an index, seals it anew, and says what it did."""

_RAW = "\ue000raw:"
"""A text that begins so is written as what follows, whatever that is."""

SPOKEN = "\x1b]0;owned\x07\x1b[2J\u202egnp.exe\u2066\r\n\x9b31m\x00\x7f"
"""What must reach no terminal."""

NASTY: tuple[Any, ...] = (
    None, True, False, -1, 0, 1, 2, 3, 2**31, 2**53, 2**63, -(2**63), 10**300, 1.5, -0.0, 1e308, "", "..", "a/../../b",
    "/etc/passwd", "\\\\somewhere\\share", "C:\\x", "a\0b", SPOKEN, "é" * 300, "x" * 100_000, "0" * 64, [], {}, [[]],
    [1], [None], ["a"], [-1, 5], {"a": 1}, {"": []}, f"{_RAW}1e400", f"{_RAW}NaN", f"{_RAW}-Infinity",
    f'{_RAW}"\\ud800"', f"{_RAW}{'9' * 5000}", f"{_RAW}{'[' * 3000}{']' * 3000}",
    _RAW + '{"a":' * 3000 + "1" + "}" * 3000, f'{_RAW}{{"name":"a","name":"b"}}', "nan", "1_000", "javascript:alert(1)",
)  # fmt: skip


class UnsurvivedError(Exception):
    """An index did what none may do."""


@dataclass(slots=True)
class Outcome:
    """What became of one input."""

    said: str  # what was done to the index
    refused: bool = False  # whether it could not be opened and searched
    seconds: float = 0.0
    memory: int = 0  # bytes that the process grew by at most
    failures: list[str] = field(default_factory=list)


# The index that is changed, and its seals.


def make(where: Path) -> None:
    """Make an index of two segments, with deletions, copies and a publisher's own paragraph."""
    kept = "This paragraph stands below everything that the courier prints, and says nothing of any of it."
    carried = [article(f"q{n}", WIRE, title="Dockers", published=day(500 + n), publisher="Hill") for n in range(3)]
    ours = [
        article(f"k{n}", f"Story {n} of the harbour.\n\n{kept}", publisher="Courier", language="en") for n in range(9)
    ]
    with Index.build([*some_articles(), *carried, *ours], where, encoder="hashing:16", passage_tokens=24) as index:
        index.add([article("ferry", "A ferry goes to the island twice a day.", published=day(700))])
        index.delete(["https://news.example.org/wheat"])


def body_of(where: Path) -> dict[str, Any]:
    """Read what the manifest says."""
    said: dict[str, Any] = json.loads((where / MANIFEST).read_bytes())["manifest"]
    return said


def written(value: object) -> str:
    """Write JSON, and what is none as it is."""
    text = json.dumps(value)
    return re.sub(rf'"{json.dumps(_RAW)[1:-1]}((?:[^"\\]|\\.)*)"', lambda raw: json.loads(f'"{raw[1]}"'), text)


def seal(where: Path, body: object) -> None:
    """Write a manifest that says this, with the checksum that it has, if it has one."""
    text = written(body)
    try:
        digest = hashlib.sha256(canonical_json(json.loads(text))).hexdigest()
    except (ValueError, RecursionError):
        digest = "0" * 64
    (where / MANIFEST).write_text(f'{{"sha256": "{digest}", "manifest": {text}}}', encoding="utf-8")


def reseal(where: Path) -> None:
    """Let the manifest name the files as they are."""
    body = body_of(where)
    for segment in body["segments"]:
        for name in segment["files"]:
            segment["files"][name] = _seal_of(where / SEGMENTS / segment["name"] / name)
        if segment["deleted"]:
            segment["deleted"]["seal"] = _seal_of(where / SEGMENTS / segment["deleted"]["file"])
    seal(where, body)


def _seal_of(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {"size_bytes": 1, "sha256": "0" * 64}
    if (size := path.stat().st_size) > 1 << 26:
        return {"size_bytes": size, "sha256": "0" * 64}  # nobody reads so much before it is refused
    content = path.read_bytes()
    return {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def segments_of(where: Path) -> list[Path]:
    """Return the folders of the segments, the largest first."""
    return sorted((where / SEGMENTS).glob("*/"), key=lambda path: -len((path / "columns.arrays").read_bytes()))


# Ways to change it.


def other_form(where: Path, chance: random.Random) -> str:
    """Give an array another type, shape or header."""
    path, array = _array(where, chance)
    pieces = pieces_in(path.name, path.read_bytes())
    piece = pieces[array]
    whole = np.load(io.BytesIO(piece))
    forms: Mapping[str, Callable[[], bytes]] = {
        "object": lambda: saved(np.array([{"a": 1}] * max(1, len(whole)), dtype=object)),
        "float": lambda: saved(np.full(whole.shape, 0.5)),
        "narrow": lambda: saved(np.zeros(whole.shape, dtype="i1")),
        "big-endian": lambda: saved(whole.astype(whole.dtype.newbyteorder(">"))),
        "structured": lambda: saved(np.zeros(whole.shape, dtype=[("a", "i4"), ("b", "O")])),
        "void": lambda: _header(piece, "|V0", whole.shape),
        "text": lambda: saved(np.zeros(whole.shape, dtype="U7")),
        "by column": lambda: saved(np.asfortranarray(whole)),
        "scalar": lambda: saved(np.array(7)),
        "deeper": lambda: saved(whole[np.newaxis]),
        "flat": lambda: saved(whole.ravel()),
        "empty": lambda: saved(whole[:0]),
        "version 2": lambda: piece[:6] + b"\x02\x00" + piece[8:],
        "huge": lambda: _header(piece, whole.dtype.str, (2**62, *whole.shape[1:])),
        "overflowing": lambda: _header(piece, whole.dtype.str, (2**33, 2**33)),
        "negative": lambda: _header(piece, whole.dtype.str, (-len(whole), *whole.shape[1:])),
        "many axes": lambda: _header(piece, whole.dtype.str, (1,) * 70),
        "nested header": lambda: _raw_header(piece, b"(" * 300 + b")" * 300),
        "signs in the header": lambda: _raw_header(piece, b"-" * 9_000 + b"1"),
        "products in the header": lambda: _raw_header(piece, b"1" + b"*9" * 4_000),
        "code in the header": lambda: _raw_header(piece, b"__import__('os').system('touch owned')"),
        "long header": lambda: _raw_header(piece, b"{" + b" " * 60_000 + b"}"),
        "cut": lambda: piece[: chance.randrange(200)],
        "nothing": lambda: b"",
    }
    name = chance.choice(sorted(forms))
    path.write_bytes(joined((pieces | {array: forms[name]()}).values()))
    reseal(where)
    return f"{path.name}, {array}: {name}"


def other_values(where: Path, chance: random.Random) -> str:
    """Keep an array's type and shape, and change what is in it."""
    path, array = _array(where, chance)
    arrays = arrays_of(path)
    whole = arrays[array]
    name = chance.choice(["one", "one", "few", "all", "shuffled", "reversed", "random", "bytes", "equal", "shifted"])
    flat = whole.reshape(-1).copy()
    if flat.size == 0:
        return other_form(where, chance)
    drawn = np.random.default_rng(chance.randrange(2**32))
    if name in ("one", "few", "all"):
        places = drawn.choice(flat.size, {"one": 1, "few": min(5, flat.size), "all": flat.size}[name], replace=False)
        flat[places] = _extreme(flat.dtype, len(whole), chance)
    elif name == "shuffled":
        drawn.shuffle(flat)
    elif name == "reversed":
        flat = flat[::-1]
    elif name == "equal":
        flat[:] = flat[chance.randrange(flat.size)]
    elif name == "shifted" and flat.dtype.kind in "iu":
        flat = flat + np.array(chance.choice([1, 2, 7, 1000])).astype(flat.dtype)
    else:
        flat = np.frombuffer(drawn.bytes(flat.nbytes), dtype=flat.dtype)
    store(path, arrays | {array: flat.reshape(whole.shape)})
    reseal(where)
    return f"{path.name}, {array}: {name}"


def crossed_spans(where: Path, chance: random.Random) -> str:
    """Let places of postings, paragraphs or rows lap over each other, be negative or larger than there is anything."""
    folder = segments_of(where)[0]
    file, name = chance.choice(
        [
            ("terms.arrays", "row_places"),
            ("repeats.arrays", "row_paragraphs"),
            *(("columns.arrays", each) for each in ("first_rows", "offsets", "spans")),
        ]
    )
    arrays = arrays_of(folder / file)
    whole = arrays[name]
    most = len(arrays["places"]) if name == "row_places" else int(whole.max())
    how = chance.choice(["everything", "negative", "backward", "wrapping"])
    if how == "everything":
        whole[..., 0], whole[..., -1] = 0, most
    elif how == "negative":
        whole[::2, ...] = np.array(-chance.randrange(1, max(2, most))).astype(whole.dtype)
    elif how == "backward":
        whole = whole[..., ::-1] if whole.ndim == 2 else whole[::-1]
    elif whole.ndim == 1:
        whole[1:-1:2], whole[2:-1:2] = np.iinfo(whole.dtype).max, np.iinfo(whole.dtype).min + 5
    else:
        whole[0] = [0, *[-2] * (whole.shape[1] - 1)]
        whole[1:, 0], whole[1:, -1] = np.iinfo(whole.dtype).min, np.iinfo(whole.dtype).max
    store(folder / file, arrays | {name: np.ascontiguousarray(whole)})
    reseal(where)
    return f"{name}: {how}"


def sparse(where: Path, chance: random.Random) -> str:
    """Claim a great deal, in files that are as long and hold nothing."""
    body = body_of(where)
    entry = body["segments"][0]
    folder = where / SEGMENTS / entry["name"]
    many = chance.choice([2**28, 2**33, 2**40])
    per = chance.choice(["passages", "articles", "one"])
    if per == "one":
        path, _ = _array(where, chance)
        name = _stretch(path, many)
        reseal(where)
        return f"{path.name}, {name}: {many} of nothing"
    for file in sorted(entry["files"]):
        if file in NAMES and file != "background.arrays":
            _, whole = arrays_of(folder / file).popitem()
            sizes = {entry[per]: many, entry[per] + 1: many + 1, entry["passages"] + entry["articles"]: many + 1}
            if len(whole) in sizes:
                _stretch(folder / file, sizes[len(whole)])
    entry[per] = many
    seal(where, body)
    reseal(where)
    return f"{many} {per} of nothing"


def other_facets(where: Path, chance: random.Random) -> str:
    """Change one value in what says which article has which publisher, author or tag."""
    path = chance.choice(segments_of(where)) / chance.choice(["facets.arrays", "tags.arrays"])
    arrays = arrays_of(path)
    values = json.loads(arrays["index"].tobytes())
    if chance.random() < 0.15:
        content = chance.choice([b"", b"[]", b"null", b"{}", b"[" * 200_000, b'{"a":' * 100_000, b"\xff", b'"a"', b"7"])
    elif chance.random() < 0.2:
        size = len(arrays["articles"])
        field_name = chance.choice([*sorted(values), "new"])
        values[field_name] = [[f"v{n}", 0, size] for n in range(20_000)] + values.get(field_name, [])
        content = json.dumps(values).encode()
    else:
        content = written(_changed(values, chance)).encode()
    store(path, arrays | {"index": np.frombuffer(content, np.uint8)})
    reseal(where)
    return f"{path.name}: changed"


def other_article(where: Path, chance: random.Random) -> str:
    """Change one value of one article, or several, with offsets that fit."""
    folder = chance.choice(segments_of(where))
    lines = (folder / "articles.jsonl").read_bytes().splitlines(keepends=True)
    for at in chance.sample(range(len(lines)), min(len(lines), chance.choice([1, 1, 2, 50]))):
        lines[at] = written(_changed(json.loads(lines[at]), chance)).encode() + b"\n"
    _articles(folder, lines)
    reseal(where)
    return "articles.jsonl: changed"


def spoken_article(where: Path, chance: random.Random) -> str:
    """Let every text of an article hold what must reach no terminal, or be very long."""
    folder = segments_of(where)[0]
    lines = []
    for line in (folder / "articles.jsonl").read_bytes().splitlines():
        record = json.loads(line)
        said = chance.choice([SPOKEN, SPOKEN * 50, "W" * 300_000, "字" * 100_000, "a\u0301" * 50_000, " " * 100_000])
        for name in chance.sample(["title", "url", "publisher", "section", "language", "sha256"], 4):
            record["article"][name] = chance.choice(["https://a.example/", "javascript:", ""]) + said
        record["article"]["authors"], record["article"]["tags"] = (
            [said, SPOKEN],
            {said[:500]: [said], "k": [SPOKEN] * 5},
        )
        record["article"]["published"], record["instants"] = said, {"published": [0, 2**61], "updated": [5, 1]}
        if chance.random() < 0.5:
            record["text"] = said + record["text"]
        lines.append(written(record).encode() + b"\n")
    _articles(folder, lines)
    body = body_of(where)
    body["origin"] = dict.fromkeys(("where", "name", "release", "contents_sha256", "signed_by"), SPOKEN)
    body["origin"] |= {"generation": chance.choice([0, body["generation"]])}
    seal(where, body)
    reseal(where)
    return "texts for terminals"


def other_manifest(where: Path, chance: random.Random) -> str:
    """Change one value of the manifest, or more."""
    body = body_of(where)
    for _ in range(chance.choice([1, 1, 1, 2])):
        body = _changed(body, chance)
    seal(where, body)
    return "manifest.json: changed"


def other_names(where: Path, chance: random.Random) -> str:
    """Name a segment or a file of it as what lies elsewhere."""
    body = body_of(where)
    entry = chance.choice(body["segments"])
    names = ("..", ".", "../../outside", "/etc", "000001-00000000000g", "a\0b", "C:\\x", "000001-" + "０" * 12,
             "9" * 400, "000001-unfinished", "NUL", "000001-000000000000\n", "", entry["name"].upper())  # fmt: skip
    name = chance.choice(names)
    if chance.random() < 0.5:
        entry["name"] = name
    else:
        old = chance.choice(sorted(entry["files"]))
        entry["files"][chance.choice([name, f"{name}.npy", "../x.npy"])] = entry["files"].pop(old)
    seal(where, body)
    return f"named {name!r:.40}"


def missing(where: Path, chance: random.Random) -> str:
    """Leave a file out of the manifest, or out of its folder, or name one that is not there."""
    body = body_of(where)
    entry = chance.choice(body["segments"])
    name = chance.choice(sorted(entry["files"]))
    how = chance.choice(["unnamed", "gone", "both", "none named", "foreign", "twice", "older"])
    if how in ("unnamed", "both"):
        del entry["files"][name]
    if how in ("gone", "both"):
        (where / SEGMENTS / entry["name"] / name).unlink()
    if how == "none named":
        entry["files"] = {}
    if how == "foreign":
        entry["files"]["foreign.npy"] = {"size_bytes": 3, "sha256": "0" * 64}
    if how == "twice":
        body["segments"].append(entry)
    if how == "older":
        entry["derived"] = chance.choice(["", "1.1.1", SPOKEN])
    seal(where, body)
    return f"{name}: {how}"


def other_codes(where: Path, chance: random.Random) -> str:
    """Put numbers there that no vector is coded as."""
    path = segments_of(where)[0] / "codes.arrays"
    name = chance.choice(NAMES[path.name])
    arrays = arrays_of(path)
    codes = arrays[name]
    at = tuple(chance.randrange(size) for size in codes.shape)
    if codes.dtype == np.int8:
        codes = np.frombuffer(chance.randbytes(codes.size), dtype=np.int8).reshape(codes.shape).copy()
    codes[at] = chance.choice([-128, 0, 127] if codes.dtype == np.int8 else [np.nan, np.inf, -1, 3e38, -3e38, 1e-45, 0])
    store(path, arrays | {name: codes})
    reseal(where)
    return f"{name}: {codes[at]} at {at}"


def linked(where: Path, chance: random.Random) -> str:
    """Put a link, a FIFO or a device in the place of a file or a folder."""
    outside = where.parent / "outside"
    entry = body_of(where)["segments"][0]["name"]
    inside = [path.relative_to(where).as_posix() for path in (where / SEGMENTS / entry).iterdir()]
    others = ["manifest.json", "segments", f"segments/{entry}", "building.json", ".lock", ".lock.json", "pulling",
              "manifest.json.new", "building.json.new", "segments/000009-unfinished", "segments/orphan"]  # fmt: skip
    name = chance.choice([*others, *others, *inside])
    path = where / name
    how = chance.choice(["link", "link", "same", "fifo", "device", "loop", "folder", "deep"])
    if path.is_dir() and not path.is_symlink():
        shutil.copytree(path, outside / "copy", dirs_exist_ok=True)
        shutil.rmtree(path)
    elif path.exists():
        shutil.copy(path, outside / "copy.file")
        path.unlink()
    copied = outside / ("copy" if (outside / "copy").exists() else "copy.file")
    if how == "fifo":
        os.mkfifo(path)
    elif how == "folder":
        path.mkdir()
    elif how == "deep":
        here = Path.cwd()
        path.mkdir()
        os.chdir(path)
        for _ in range(1_500):
            os.mkdir("a")  # noqa: PTH102  their path is longer than any may be
            os.chdir("a")
        os.chdir(here)
    else:
        target = {"device": Path("/dev/zero"), "loop": path, "same": copied}.get(how, outside / "secret")
        if how == "link" and chance.random() < 0.5:
            target = outside
        path.symlink_to(target)
    return f"{name}: {how}"


MUTATIONS: Mapping[str, Mutation] = {
    "form": other_form,
    "values": other_values,
    "spans": crossed_spans,
    "sparse": sparse,
    "facets": other_facets,
    "article": other_article,
    "spoken": spoken_article,
    "manifest": other_manifest,
    "names": other_names,
    "missing": missing,
    "codes": other_codes,
    "links": linked,
}


def _array(where: Path, chance: random.Random) -> tuple[Path, str]:
    """Choose an array: its file, and its name there."""
    paths = [path for path in sorted((where / SEGMENTS).glob("*/*")) if path.name in NAMES]
    return chance.choice([(path, name) for path in paths for name in NAMES[path.name]])


def _raw_header(piece: bytes, said: bytes) -> bytes:
    header = said + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + piece[128:]


def _header(piece: bytes, kind: str, shape: tuple[int, ...]) -> bytes:
    return _raw_header(piece, f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode())


def _stretch(path: Path, many: int) -> str:
    """Let the last array of a file claim to have many rows, and the file be as long, and return its name."""
    *before, (name, piece) = pieces_in(path.name, path.read_bytes()).items()
    whole = np.load(io.BytesIO(piece))
    longer = _header(piece, whole.dtype.str, (many, *whole.shape[1:]))
    content = joined([*(each for _, each in before), longer[: 10 + int.from_bytes(longer[8:10], "little")]])
    path.write_bytes(content)
    with contextlib.suppress(OSError):
        os.truncate(path, len(content) + many * int(np.prod(whole.shape[1:])) * whole.dtype.itemsize)
    return name


def _extreme(kind: np.dtype, size: int, chance: random.Random) -> Any:
    if kind.kind == "f":
        return chance.choice([np.nan, np.inf, -np.inf, -0.0, 0.0, 1e-45, 3e38, -3e38, 1.5, -1, 2, 1e9])
    if kind.kind == "S":
        return chance.choice([b"\x1b[31m", b"\xff" * 20, b"", b"../../../x", b"english", b"f" * 20, b"\0a"])
    if kind.kind == "M":
        return chance.choice([np.datetime64("NaT"), np.datetime64(2**62, "s"), np.datetime64(-(2**62), "s")])
    bounds = np.iinfo(kind)
    return chance.choice([bounds.min, bounds.max, 0, 1, size, min(size + 1, bounds.max), max(-1, bounds.min)])


def _changed(value: Any, chance: random.Random) -> Any:
    """Return a JSON value with one value in it replaced."""
    places: list[tuple[Any, Any]] = []

    def walk(one: Any) -> None:
        for key, inner in one.items() if isinstance(one, dict) else enumerate(one) if isinstance(one, list) else ():
            places.append((one, key))
            walk(inner)

    root = [json.loads(json.dumps(value))]
    walk(root)
    depth = {id(one): len(one) for one, _ in places}
    one, key = chance.choice(sorted(places, key=lambda place: depth[id(place[0])])[: chance.choice([12, 40, 10**6])])
    how = chance.random()
    if how < 0.12 and one is not root:
        del one[key]
    elif how < 0.2 and isinstance(one, dict):
        one[f"{_changed_name(str(key), chance)}"] = one.pop(key)
    elif how < 0.3 and isinstance(one, list):
        one[key:key] = [one[key]] * chance.choice([1, 3, 2_000])
    else:
        one[key] = chance.choice(NASTY)
    return root[0]


def _changed_name(name: str, chance: random.Random) -> str:
    return chance.choice([name + "x", name.upper(), "", SPOKEN, "../" + name, "x" * 10_000, "__class__"])


def _articles(folder: Path, lines: Sequence[bytes]) -> None:
    (folder / "articles.jsonl").write_bytes(b"".join(lines))
    offsets = np.cumsum([0, *map(len, lines)], dtype=np.int64)
    change(folder / "columns.arrays", "offsets", lambda _: offsets)


# What is asked of it.

_ID = "https://news.example.org/harbour"
_TERMINAL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def _nothing(_: object) -> None:
    pass


def asks(where: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield everything that can be asked of an index without changing it, in the library's words."""
    text = 'harbour quay container ships "second quay" story of the courier'
    queries = [
        Query(text, 30, explain=True, context=2, as_of=10**9),
        Query(text, 30, mode=Mode.DENSE, recency=9.0),
        Query(text, 5, mode=Mode.LEXICAL, phrases=("second quay",), excluded=("opera", "bus drivers"), sort="date"),
        Query(
            "fire", 9, Filters(publishers={"hill", "courier"}, tags={("topics", "opera")}, new_since=0),
            group_by="passage", min_confidence=0.1,
        ),
    ]  # fmt: skip
    for number, query in enumerate(queries):
        yield f"search {number}", lambda query=query: _with(where, lambda index: index.search(query))
    yield "search many", lambda: _with(where, lambda index: index.search_many(queries))
    yield "articles", lambda: _with(where, lambda index: list(index.articles(Filters(languages={"en"}))))
    yield "get", lambda: _with(where, lambda index: [index.get(one.article_id) for one in index.articles()])
    yield "similar", lambda: _with(where, lambda index: index.similar(_ID, 30))
    yield "resolve", lambda: _with(where, lambda index: [index.resolve(f"{n:06}") for n in range(20)])
    yield "stats", lambda: _with(where, lambda index: index.stats())
    yield "verify", lambda: _with(where, lambda index: index.verify())
    yield "diagnose", lambda: doctor.diagnose(where)


def changes(where: Path, chance: random.Random) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what changes an index, in some order."""
    told = article("new", "Something new about the harbour.\n\nA second paragraph.", title="New")
    kept = [article("marathon", "A teacher won the city marathon in heavy rain."), *some_articles()[:3]]
    all_changes: list[tuple[str, Callable[[], object]]] = [
        ("add", lambda: _with(where, lambda index: index.add([told, *kept], observer=_nothing))),
        ("delete", lambda: _with(where, lambda index: index.delete([_ID]))),
        ("compact", lambda: _with(where, lambda index: index.compact())),
        ("pack", lambda: _with(where, lambda index: index.pack(where.parent / "packed"))),
        ("repair", lambda: doctor.repair(where)),
    ]
    chance.shuffle(all_changes)
    yield from all_changes


def _with(where: Path, act: Callable[[Index], object]) -> object:
    with Index.open(where) as index:
        return act(index)


def commands(chance: random.Random) -> Iterator[list[str]]:
    """Yield command lines, in every format that there is over time."""
    query = ["query", "harbour quay container ships of the courier", "--explain", "--context", "1"]
    for format_name in chance.sample(["text", "json", "jsonl", "csv", "md"], 2):
        yield [*query, "--format", format_name, *chance.choice([[], ["--full"]])]
        yield ["list", "--format", format_name]
    some = [
        ["stats"],
        ["get", _ID],
        ["similar", _ID],
        ["verify"],
        ["doctor"],
        ["query", "fire", "--tag", "topics=opera"],
    ]
    for one in chance.sample(some, 3):
        yield [*one, *chance.choice([[], ["--json"]])]
    yield chance.choice([["compact"], ["delete", _ID], ["doctor", "--repair"], ["doctor", "--repair", "--json"]])


def command(where: Path, arguments: Sequence[str]) -> tuple[int, str, str]:
    """Run a command line and return its status and what it printed."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([*arguments, "-i", str(where)])
        except SystemExit as done:
            return int(done.code or 0), out.getvalue(), err.getvalue()


def printed_badly(arguments: Sequence[str], out: str, err: str, *, whole: bool) -> list[str]:
    """Say what is wrong with what a command printed; a listing that ends in an error is not whole."""
    found = [f"{name} has {match.group()!r}" for name, text in (("output", out.replace("\r\n", "\n")), ("errors", err))
             for match in [_TERMINAL.search(text)] if match]  # fmt: skip
    if CANARY in out + err:
        found.append("somebody else's file is shown")
    if "Traceback" in err:
        found.append("a traceback")
    if not whole:
        return found
    lines = [out] if "--json" in arguments or "json" in arguments else out.splitlines() if "jsonl" in arguments else []
    for line in filter(str.strip, lines):
        try:
            json.loads(line, parse_constant=_no_number)
        except ValueError as error:
            found.append(f"no JSON: {error}")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


# One input, in a process of its own.


def try_one(base: Path, name: str, seed: int) -> Outcome:
    """Change a copy of an index and ask it everything, in a child process with bounds."""
    with tempfile.TemporaryDirectory() as parent:
        place = Path(parent)
        reported = place / "reported"
        chance = random.Random(f"{name} {seed}")  # noqa: S311  an input is repeated by its seed
        where = place / "room" / "index"
        (place / "room").mkdir()
        shutil.copytree(base, where)
        _put_canaries(place / "room" / "outside")
        said = MUTATIONS[name](where, chance)
        before = _state(place / "room")
        began = time.monotonic()
        child = os.fork()
        if not child:
            _in_child(where, chance, reported)
        status, usage = _wait(child)
        outcome = Outcome(f"{name} {seed}: {said}", seconds=time.monotonic() - began)
        outcome.memory = max(0, usage - _peak())
        if status is None:
            outcome.failures.append("it hangs")
        elif status:
            signalled = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0  # SIGXCPU, SIGKILL: MOST_SECONDS are over
            outcome.failures.append(
                f"the process ended with {(signalled and signal.Signals(signalled).name) or status}"
            )
        if reported.exists():
            told = json.loads(reported.read_text())
            outcome.refused = told["refused"]
            outcome.failures += told["failures"]
        after = _state(place / "room")
        outcome.failures += [f"outside: {path} changed" for path in before if before[path] != after.get(path)]
        expected = re.compile(r"index-rescued-.*\.jsonl|packed")
        outcome.failures += [
            f"outside: {path} is new" for path in after.keys() - before.keys() if not expected.fullmatch(path)
        ]
        _remove(place / "room")
        return outcome


def _in_child(where: Path, chance: random.Random, reported: Path) -> None:
    os.setsid()
    os.chdir(where.parent)
    os.fsync = _nothing  # nobody cuts the power here
    sys.stderr.flush()
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if sys.platform == "linux" else 0
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MOST_MEMORY,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS,) * 2)
    thresholds = Thresholds(repeated_articles=3)
    if chance.random() < 0.3:  # so that FAISS is asked
        thresholds = replace(thresholds, word_rows=2, first_depth=2)
    engines.open_engine = partial(LocalEngine, thresholds=thresholds)
    failures, refused = _asked(where, chance)
    reported.write_text(json.dumps({"failures": failures, "refused": refused}))
    os._exit(0)


def _asked(where: Path, chance: random.Random) -> tuple[list[str], bool]:
    failures: list[str] = []
    refused = False

    def ask(name: str, act: Callable[[], object]) -> None:
        nonlocal refused
        try:
            act()
        except SemsearchError as error:
            refused |= name.startswith("search")
            if not str(error):
                failures.append(f"{name}: an error without a message")
        except BaseException as error:  # noqa: BLE001  which is what is looked for
            failures.append(f"{name}: {_described(error)}")

    for name, act in asks(where):
        ask(name, act)
    for arguments in commands(chance):
        try:
            status, out, err = command(where, arguments)
        except BaseException as error:  # noqa: BLE001
            failures.append(f"{' '.join(arguments)}: {_described(error)}")
            continue
        failures += [f"{' '.join(arguments)}: {what}" for what in printed_badly(arguments, out, err, whole=status < 2)]
    for name, act in changes(where, chance):
        ask(name, act)
    for name, act in asks(where):
        ask(f"{name} afterwards", act)
    return failures, refused


def _described(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next and "semsearch" in trace.tb_next.tb_frame.f_code.co_filename:
        trace = trace.tb_next
    at = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__} at {at}: {error!s:.200}"


def _wait(child: int) -> tuple[int | None, int]:
    end = time.monotonic() + MOST_SECONDS_WAITED
    while time.monotonic() < end:
        found, status, usage = os.wait4(child, os.WNOHANG)
        if found:
            return status, usage.ru_maxrss * 1024
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    return None, os.wait4(child, 0)[2].ru_maxrss * 1024


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _put_canaries(outside: Path) -> None:
    outside.mkdir()
    (outside / "secret").write_text(CANARY)
    (outside / CANARY).write_text(CANARY)
    (outside / "articles.jsonl").write_text(CANARY)
    (outside / "folder").mkdir()
    (outside / "folder" / "file").write_text(CANARY)


def _state(room: Path) -> dict[str, tuple[int, str]]:
    """Return what lies beside the index, and in what it links to."""
    found = {}
    for path in sorted(room.iterdir()):
        if path.name != "index":
            for one in [path, *path.rglob("*")] if path.is_dir() else [path]:
                digest = hashlib.sha256(one.read_bytes()).hexdigest() if one.is_file() else ""
                found[one.relative_to(room).as_posix()] = (one.lstat().st_mode, digest)
    return found


def _remove(folder: Path) -> None:
    """Remove what is deeper than Python can count."""
    os.spawnlp(os.P_WAIT, "rm", "rm", "-rf", str(folder))  # noqa: S606
