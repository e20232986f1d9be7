"""A model is made ready once, kept whole or made again, refused where it disagrees; and the commands that do so."""

import hashlib
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch

import semsearch.encoders
from semsearch import Index
from semsearch.cli import main
from semsearch.encoders import load_encoder, prepare_encoder, preparing, ready_models, runtime
from semsearch.encoders.compiled import CompiledEncoder
from semsearch.encoders.graphics import MANY, CardEncoder
from semsearch.encoders.models import open_model
from semsearch.encoders.shelf import Key
from semsearch.encoders.transformer import TransformerEncoder
from semsearch.engines.local.manifest import MANIFEST
from semsearch.errors import EncoderError
from semsearch.files import canonical_json
from semsearch.ports import Matrix
from semsearch.types import Precision, ReadyModel
from tests.conftest import some_articles
from tests.making import article
from tests.tiny_models import narrow_sighted, padded_left, steep, tiny_model, tiny_word_average, without_prompt

TEXTS = [
    "The mayor opens the bridge over the river.",
    "",
    "Storm and flood: the harbour was closed on Monday, and the trains stood still!",
    "a",
    "Die Bürgermeisterin eröffnet die Brücke – endlich.",
    "The council vote on the school budget. " * 5,
]
FILES = ("model.bin", "model.xml", "ready.json", "tokens.json")

Notices = Callable[[], list[str]]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a transformer and an average of words, which is ready sooner."""
    folder = tmp_path_factory.mktemp("models")
    tiny_model(folder / "mean")
    tiny_word_average(folder / "words")
    return folder


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home in which nothing is ready."""
    monkeypatch.setenv("SEMSEARCH_HOME", str(tmp_path / "own"))
    return tmp_path / "own"


@pytest.fixture
def notices(caplog: pytest.LogCaptureFixture) -> Notices:
    """Returns what a user was told since it was last called."""
    caplog.set_level(logging.INFO, "semsearch")

    def take() -> list[str]:
        said = [record.getMessage() for record in caplog.records if record.name.startswith("semsearch")]
        caplog.clear()
        return said

    return take


def loaded(model: Path) -> Matrix:
    """Load a compiled model and let it read."""
    encoder = load_encoder(str(model), Precision.F32)
    assert isinstance(encoder, CompiledEncoder)
    return encoder.encode_passages(TEXTS)


def truth(model: Path) -> Matrix:
    return TransformerEncoder(open_model(str(model))).encode_passages(TEXTS)


def the_one(home: Path) -> Path:
    """Return the only folder of a ready model, which is all there is but locks."""
    [folder] = [path for path in (home / "encoders").iterdir() if path.suffix != ".lock"]
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# Once


@pytest.mark.parametrize("name", ["mean", "words"])
def test_a_model_is_made_ready_once(own_home: Path, models: Path, notices: Notices, name: str) -> None:
    expected = truth(models / name)
    np.testing.assert_allclose(loaded(models / name), expected, atol=1e-5)
    [notice] = notices()
    assert "preparing" in notice
    assert str(models / name) in notice
    before = contents(the_one(own_home))
    assert tuple(sorted(before)) == FILES
    np.testing.assert_allclose(loaded(models / name), expected, atol=1e-5)
    assert prepare_encoder(str(models / name), Precision.F32)
    assert notices() == []
    assert contents(the_one(own_home)) == before


def test_a_copy_of_a_model_is_ready_when_the_model_is(
    own_home: Path, models: Path, notices: Notices, tmp_path: Path
) -> None:
    first = loaded(models / "words")
    shutil.copytree(models / "words", tmp_path / "copy")
    notices()
    assert loaded(tmp_path / "copy").tobytes() == first.tobytes()
    assert notices() == []
    assert load_encoder(str(tmp_path / "copy"), Precision.F32).identity.name == str(tmp_path / "copy")
    assert the_one(own_home)


@pytest.mark.parametrize("change", ["the conversion", "OpenVINO", "the precision", "the model"])
def test_another_version_of_anything_is_made_anew(
    own_home: Path, models: Path, notices: Notices, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    loaded(models / "words")
    notices()
    match change:
        case "the conversion":
            monkeypatch.setattr(runtime, "CONVERSION", runtime.CONVERSION + 1)
            loaded(models / "words")
        case "OpenVINO":
            monkeypatch.setattr(runtime, "VERSION", f"{runtime.VERSION}-next")
            loaded(models / "words")
        case "the precision":
            if not runtime.has_bfloat16():
                pytest.skip("this processor has one precision")
            load_encoder(str(models / "words"), Precision.AUTO)
        case "the model":
            loaded(models / "mean")
    assert len(notices()) == 1
    assert len(ready_models()) == 2
    assert len({ready.path for ready in ready_models()}) == 2
    loaded(models / "words")
    assert notices() == []
    assert own_home.exists()


def test_a_name_of_a_folder_is_of_everything_that_it_depends_on() -> None:
    key = Key("a" * 64, "f32", "2026.1", 1)
    others = [
        replace(key, digest="a" * 63 + "b"),
        replace(key, precision="bf16"),
        replace(key, openvino="2026.2"),
        replace(key, conversion=2),
    ]
    assert len({one.folder for one in (key, *others)}) == 5


def test_threads_that_start_together_make_one(own_home: Path, models: Path, notices: Notices) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(loaded, [models / "mean"] * 4))
    assert len({vectors.tobytes() for vectors in answers}) == 1
    np.testing.assert_allclose(answers[0], truth(models / "mean"), atol=1e-5)
    assert tuple(sorted(contents(the_one(own_home)))) == FILES
    assert not [notice for notice in notices() if "preparing" not in notice]


def test_the_working_folder_may_change_at_any_time(
    models: Path, notices: Notices, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SEMSEARCH_HOME", "relative")
    for _ in range(2):
        monkeypatch.chdir(tmp_path)
        encoder = load_encoder(str(models / "words"), Precision.F32)
        monkeypatch.chdir("/")
        np.testing.assert_allclose(encoder.encode_passages(TEXTS), truth(models / "words"), atol=1e-5)
    assert len(notices()) == 1
    assert the_one(tmp_path / "relative")


def test_what_one_account_makes_ready_others_may_read(own_home: Path, models: Path) -> None:
    before = os.umask(0o022)
    try:
        loaded(models / "words")
    finally:
        os.umask(before)
    for path in (the_one(own_home), *the_one(own_home).iterdir()):
        assert path.stat().st_mode & 0o044 == 0o044, path


# Damage


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


WAYS: dict[str, Callable[[Path], object]] = {
    "a flipped bit": flipped,
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "empty": lambda path: path.write_bytes(b""),
    "missing": Path.unlink,
    "a folder": a_folder,
}
CARDS = (b"null", b"[" * 100_000, b"[]", b'"ready"', b"{}", b'{"sha256": null}', b"\xff\xfe")


@pytest.fixture(scope="module")
def expected(models: Path) -> Matrix:
    return truth(models / "words")


@pytest.fixture(scope="module")
def filled_home(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the average of words is ready."""
    home = tmp_path_factory.mktemp("filled") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEMSEARCH_HOME", str(home))
        prepare_encoder(str(models / "words"), Precision.F32)
    return home


@pytest.fixture
def kept(own_home: Path, filled_home: Path) -> Path:
    """The folder of a model that is ready."""
    shutil.copytree(filled_home, own_home)
    return the_one(own_home)


def assert_mended(folder: Path, before: dict[str, bytes], model: Path, expected: Matrix, notices: Notices) -> None:
    """Load twice: the first time it is noticed and made again, the second time all is well."""
    np.testing.assert_allclose(loaded(model), expected, atol=1e-5)
    damaged, making = notices()
    assert "is damaged and is made again" in damaged
    assert str(folder) in damaged
    assert "preparing" in making
    assert the_one(folder.parent.parent) == folder
    assert contents(folder).keys() == before.keys()
    np.testing.assert_allclose(loaded(model), expected, atol=1e-5)
    assert notices() == []


@pytest.mark.parametrize(
    "way", [way if way in ("a flipped bit", "missing") else pytest.param(way, marks=pytest.mark.slow) for way in WAYS]
)
@pytest.mark.parametrize("file", FILES)
def test_a_damaged_file_is_noticed_and_all_is_made_again(
    kept: Path, models: Path, expected: Matrix, notices: Notices, file: str, way: str
) -> None:
    before = contents(kept)
    WAYS[way](kept / file)
    assert_mended(kept, before, models / "words", expected, notices)


def test_a_card_of_another_shape_is_damaged(kept: Path, models: Path, expected: Matrix, notices: Notices) -> None:
    before = contents(kept)
    assert len(ready_models()) == 1
    for content in CARDS:
        (kept / "ready.json").write_bytes(content)
        assert ready_models() == []
    for content in CARDS[:2]:
        (kept / "ready.json").write_bytes(content)
        assert_mended(kept, before, models / "words", expected, notices)


@pytest.mark.parametrize("what", ["a file", "an empty folder", "a link to nowhere", "another model's folder"])
def test_something_else_in_a_ready_model_s_place_is_replaced(
    kept: Path, models: Path, expected: Matrix, notices: Notices, what: str
) -> None:
    before = contents(kept)
    shutil.rmtree(kept)
    match what:
        case "a file":
            kept.write_text("in the way")
        case "an empty folder":
            kept.mkdir()
        case "a link to nowhere":
            kept.symlink_to(kept / "nowhere")
        case "another model's folder":
            loaded(models / "mean")
            the_one(kept.parent.parent).rename(kept)
            notices()
    assert_mended(kept, before, models / "words", expected, notices)


def test_a_shifted_weight_is_noticed_before_it_is_believed(kept: Path, models: Path, expected: Matrix) -> None:
    """Weights are looked at while they are compiled; the vectors show that what was compiled was then thrown away."""
    weights = np.fromfile(kept / "model.bin", dtype=np.uint8)
    weights[::4] ^= 1
    weights.tofile(kept / "model.bin")
    np.testing.assert_allclose(loaded(models / "words"), expected, atol=1e-5)


def test_what_others_left_unfinished_is_nothing_and_goes(
    kept: Path, models: Path, expected: Matrix, notices: Notices
) -> None:
    for name in ("12345678", "abc_def"):
        shutil.copytree(kept, kept.with_name(f"{kept.name}.{name}.unfinished"))
    assert [ready.path for ready in ready_models()] == [str(kept)]
    loaded(models / "words")
    assert notices() == []
    flipped(kept / "model.bin")
    np.testing.assert_allclose(loaded(models / "words"), expected, atol=1e-5)
    assert the_one(kept.parent.parent) == kept


# Nowhere to keep it


def assert_not_kept(model: Path, notices: Notices) -> None:
    np.testing.assert_allclose(loaded(model), truth(model), atol=1e-5)
    making, trouble = notices()
    assert "preparing" in making
    assert "SEMSEARCH_HOME" in trouble


@pytest.mark.parametrize("home", ["a file", "below a file", "below /proc"])
def test_a_home_that_cannot_be_made_is_done_without(
    models: Path, notices: Notices, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: str
) -> None:
    (tmp_path / "file").write_text("")
    places = {
        "a file": tmp_path / "file",
        "below a file": tmp_path / "file" / "home",
        "below /proc": Path("/proc/home"),
    }
    monkeypatch.setenv("SEMSEARCH_HOME", str(places[home]))
    assert_not_kept(models / "words", notices)
    assert ready_models() == []
    with pytest.raises(EncoderError, match="nothing can be kept in") as caught:
        prepare_encoder(str(models / "words"))
    assert "SEMSEARCH_HOME" in caught.value.hint
    assert list((tmp_path / "file").parent.iterdir()) == [tmp_path / "file"]


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let writing fail as on a full disk."""
    resource = pytest.importorskip("resource", reason="the system limits no files")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_no_reason_to_refuse_a_model_for_ever(own_home: Path, models: Path, notices: Notices) -> None:
    with files_of_at_most(50_000):
        encoder = load_encoder(str(models / "mean"), Precision.F32)
        np.testing.assert_allclose(encoder.encode_passages(TEXTS), truth(models / "mean"), atol=1e-5)
    assert isinstance(encoder, TransformerEncoder)
    assert any("full" in notice for notice in notices())
    assert ready_models() == []
    np.testing.assert_allclose(loaded(models / "mean"), truth(models / "mean"), atol=1e-5)
    assert tuple(sorted(contents(the_one(own_home)))) == FILES


def without_privileges(*command: object) -> subprocess.CompletedProcess[str]:
    """Run a program that permissions hold for, also where the tests are run by root."""
    drop = []
    if os.geteuid() == 0:
        drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"]
        if not shutil.which("setpriv"):
            pytest.skip("permissions do not hold for root, and there is no setpriv")
    return subprocess.run([*drop, *map(str, command)], capture_output=True, text=True, check=False, timeout=120)


LOAD = """
import logging, sys
import numpy as np
logging.basicConfig(level="INFO", format="%(message)s")
logging.getLogger().setLevel("WARNING")
logging.getLogger("semsearch").setLevel("INFO")
from semsearch.encoders import load_encoder
from semsearch.types import Precision
encoder = load_encoder(sys.argv[1], Precision.F32)
np.save(sys.argv[2], encoder.encode_passages(sys.argv[3:]))
print(type(encoder).__name__)
"""


@pytest.mark.parametrize("owner", ["own", "another's"])
def test_a_ready_model_serves_in_silence_where_nothing_may_be_written(
    kept: Path, models: Path, expected: Matrix, tmp_path: Path, owner: str
) -> None:
    home = kept.parent.parent
    inside = [home, *home.rglob("*")]
    if owner == "another's":
        if os.geteuid() != 0:
            pytest.skip("only root can give files away")
        for path in inside:
            os.chown(path, 12_345, 12_345)
    for path in inside:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        if without_privileges("touch", home / "new").returncode == 0:
            pytest.skip("permissions do not hold here")
        done = without_privileges(sys.executable, "-c", LOAD, models / "words", tmp_path / "vectors.npy", *TEXTS)
    finally:
        for path in inside:
            path.chmod(0o755)
    assert (done.returncode, done.stdout, done.stderr) == (0, "CompiledEncoder\n", "")
    np.testing.assert_allclose(np.load(tmp_path / "vectors.npy"), expected, atol=1e-5)


@pytest.mark.slow
def test_a_home_that_may_only_be_read_is_named(own_home: Path, models: Path, tmp_path: Path) -> None:
    own_home.mkdir()
    own_home.chmod(0o555)
    if without_privileges("touch", own_home / "new").returncode == 0:
        pytest.skip("permissions do not hold here")
    done = without_privileges(sys.executable, "-c", LOAD, models / "mean", tmp_path / "vectors.npy", *TEXTS)
    assert (done.returncode, done.stdout) == (0, "CompiledEncoder\n"), done.stderr
    assert str(own_home) in done.stderr
    assert "SEMSEARCH_HOME" in done.stderr
    assert list(own_home.iterdir()) == []
    np.testing.assert_allclose(np.load(tmp_path / "vectors.npy"), truth(models / "mean"), atol=1e-5)


# Refusal

DIFFERENT: dict[str, Callable[[Path], Path]] = {
    "padding on the left": lambda folder: padded_left(tiny_model(folder)),
    "a prompt that is left out of the mean": without_prompt,
}


def test_a_model_whose_padding_sees_nothing_is_compiled_in_another_way(tmp_path: Path) -> None:
    model = narrow_sighted(tmp_path / "model")
    oracle = TransformerEncoder(open_model(str(model)))
    encoder = load_encoder(str(model), Precision.F32)
    assert isinstance(encoder, CompiledEncoder)
    np.testing.assert_allclose(encoder.encode_passages(TEXTS), oracle.encode_passages(TEXTS), atol=1e-5)


@pytest.mark.parametrize("kind", DIFFERENT)
def test_a_model_that_does_not_agree_is_refused_and_torch_serves(
    own_home: Path, notices: Notices, tmp_path: Path, kind: str
) -> None:
    model = DIFFERENT[kind](tmp_path / "model")
    oracle = TransformerEncoder(open_model(str(model)))
    encoder = load_encoder(str(model), Precision.F32)
    making, refusal = notices()
    assert "preparing" in making
    assert "cannot be compiled" in refusal
    assert "torch" in refusal
    for _ in range(2):
        np.testing.assert_allclose(encoder.encode_passages(TEXTS), oracle.encode_passages(TEXTS), atol=1e-6)
        np.testing.assert_allclose(encoder.encode_queries(TEXTS), oracle.encode_queries(TEXTS), atol=1e-6)
        encoder = load_encoder(str(model), Precision.F32)
    assert notices() == []
    [ready] = ready_models()
    assert ready.refused
    assert ready.refused in refusal
    assert list(contents(the_one(own_home))) == ["ready.json"]
    assert prepare_encoder(str(model), Precision.F32) == ready


def test_a_damaged_refusal_is_thought_over_again(own_home: Path, notices: Notices, tmp_path: Path) -> None:
    model = padded_left(tiny_model(tmp_path / "model"))
    prepare_encoder(str(model), Precision.F32)
    flipped(the_one(own_home) / "ready.json")
    notices()
    assert isinstance(load_encoder(str(model), Precision.F32), TransformerEncoder)
    assert ["damaged" in notices()[0], len(ready_models())] == [True, 1]


def test_where_bfloat16_is_too_coarse_float32_serves(own_home: Path, notices: Notices, tmp_path: Path) -> None:
    if not runtime.has_bfloat16():
        pytest.skip("this processor has one precision")
    model = steep(tmp_path / "model")
    encoder = load_encoder(str(model))
    assert isinstance(encoder, CompiledEncoder)
    np.testing.assert_allclose(encoder.encode_passages(TEXTS), truth(model), atol=1e-5)
    assert any("bfloat16" in notice for notice in notices())
    assert isinstance(load_encoder(str(model)), CompiledEncoder)
    assert notices() == []
    assert {ready.precision: bool(ready.refused) for ready in ready_models()} == {"bf16": True, "f32": False}
    best = prepare_encoder(str(model))
    assert best
    assert (best.precision, best.refused) == ("f32", None)
    assert own_home.exists()


@pytest.fixture
def no_openvino(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let OpenVINO seem not to be installed."""
    monkeypatch.setitem(sys.modules, "openvino", None)
    for name in ("runtime", "compiled"):
        monkeypatch.delitem(sys.modules, f"semsearch.encoders.{name}")
        monkeypatch.delattr(semsearch.encoders, name)


@pytest.mark.usefixtures("no_openvino")
def test_without_openvino_torch_serves(own_home: Path, models: Path, notices: Notices) -> None:
    encoder = load_encoder(str(models / "mean"))
    assert isinstance(encoder, TransformerEncoder)
    np.testing.assert_allclose(encoder.encode_passages(TEXTS), truth(models / "mean"), atol=1e-6)
    [notice] = notices()
    assert "OpenVINO cannot be used here" in notice
    assert prepare_encoder(str(models / "mean")) is None
    assert not own_home.exists()


# Graphics cards


@pytest.mark.parametrize("name", ["mean", "words"])
def test_a_card_changes_no_vector_and_is_not_woken_for_little(models: Path, name: str) -> None:
    compiled = load_encoder(str(models / name), Precision.F32)
    woken = []

    def wake() -> TransformerEncoder:
        woken.append(True)
        return TransformerEncoder(open_model(str(models / name)))

    encoder = CardEncoder(compiled, wake)
    many = [f"{text} {number}" for number in range(MANY) for text in TEXTS][:MANY]
    assert encoder.identity == compiled.identity
    assert (encoder.max_tokens, encoder.overhead_tokens) == (compiled.max_tokens, compiled.overhead_tokens)
    assert encoder.languages == compiled.languages
    assert encoder.count_tokens(many) == compiled.count_tokens(many)
    assert encoder.encode_passages(many[1:]).tobytes() == compiled.encode_passages(many[1:]).tobytes()
    assert encoder.encode_queries(many).tobytes() == compiled.encode_queries(many).tobytes()
    assert encoder.encode_passages([]).shape == (0, compiled.identity.dimensions)
    assert not woken
    for _ in range(2):
        np.testing.assert_allclose(encoder.encode_passages(many), compiled.encode_passages(many), atol=1e-5)
    assert len(woken) == 1


def test_a_card_that_torch_cannot_use_is_none(models: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A device is there, and torch was built without it: the compiled encoder is the quicker one."""
    if torch.cuda.is_available():
        pytest.skip("torch can use a card here")
    (tmp_path / "card").touch()
    compiled = load_encoder(str(models / "mean"), Precision.F32)
    monkeypatch.setattr(preparing, "_CARDS", (tmp_path / "card",))
    encoder = load_encoder(str(models / "mean"), Precision.F32)
    assert isinstance(encoder, CardEncoder)
    many = TEXTS * MANY
    assert encoder.encode_passages(many).tobytes() == compiled.encode_passages(many).tobytes()


# Precision


def vectors_in(index: Path) -> dict[str, Matrix]:
    """Return each segment's vectors."""
    return {path.parent.name: np.load(path) for path in index.glob("segments/*/vectors.npy")}


def test_an_index_remembers_its_precision_and_additions_keep_to_it(models: Path, tmp_path: Path) -> None:
    model = str(models / "mean")
    later = article("whale", "A whale came into the harbour, and the council was on the island.")
    with Index.build(some_articles(), tmp_path / "first", encoder=model, precision=Precision.F32):
        before = vectors_in(tmp_path / "first").keys()
    with Index.open(tmp_path / "first") as again:
        assert again.stats().recipe.precision is Precision.F32
        again.add([later])
    [(_, added)] = [pair for pair in vectors_in(tmp_path / "first").items() if pair[0] not in before]
    for precision in (Precision.F32, Precision.AUTO):
        Index.build([later], tmp_path / precision, encoder=model, precision=precision).close()
    [exact] = vectors_in(tmp_path / "f32").values()
    [quick] = vectors_in(tmp_path / "auto").values()
    assert added.tobytes() == exact.tobytes()
    assert (quick * exact).sum(axis=1).min() >= 0.999
    assert (quick.tobytes() == exact.tobytes()) is not runtime.has_bfloat16()


def test_an_index_made_quickly_stays_quick(models: Path, tmp_path: Path) -> None:
    Index.build(some_articles(), tmp_path / "index", encoder=str(models / "mean")).close()
    with Index.open(tmp_path / "index") as opened:
        assert opened.stats().recipe.precision is Precision.AUTO
        assert opened.search("the harbour").hits


def test_the_fastest_agrees_and_repeats_itself(models: Path) -> None:
    many = [f"{text} {number}" for number in range(50) for text in TEXTS]
    quick, exact = (load_encoder(str(models / "mean"), one) for one in (Precision.AUTO, Precision.F32))
    for ours, theirs in (
        (quick.encode_passages, exact.encode_passages),
        (quick.encode_queries, exact.encode_queries),
    ):
        assert (ours(many) * theirs(many)).sum(axis=1).min() >= 0.999
        assert ours(many).tobytes() == ours(many).tobytes()
        assert theirs(many).tobytes() == theirs(many).tobytes()


def test_an_index_from_before_there_was_a_choice_is_in_float32(models: Path, tmp_path: Path) -> None:
    Index.build(some_articles(), tmp_path / "index", encoder=str(models / "mean")).close()
    manifest = tmp_path / "index" / MANIFEST
    body = json.loads(manifest.read_text())["manifest"]
    del body["recipe"]["precision"]
    sealed = {"sha256": hashlib.sha256(canonical_json(body)).hexdigest(), "manifest": body}
    manifest.write_text(json.dumps(sealed))
    with Index.open(tmp_path / "index") as opened:
        assert opened.stats().recipe.precision is Precision.F32
        assert opened.search("the harbour").hits


# Commands


class Run(NamedTuple):
    status: int
    out: str
    err: str


Command = Callable[..., Run]


@pytest.fixture
def semsearch_command(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """Runs the command line in an empty folder; what libraries write past Python is seen, too."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Run:
        given = [str(argument) for argument in arguments]
        monkeypatch.setattr(sys, "argv", ["semsearch", *given])  # a library looks there
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(given)
        assert isinstance(ended.value.code, int)
        return Run(ended.value.code, *capfd.readouterr())

    return run


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    path = tmp_path / "articles.jsonl"
    lines = [{"id": 1, "title": "A storm", "text": "The storm closed the harbour."}, {"id": 2, "title": "A vote"}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def as_dicts(models: list[ReadyModel]) -> list[dict[str, object]]:
    return [ready.to_dict() for ready in models]


def test_prepare_and_list_say_what_is_ready(own_home: Path, models: Path, semsearch_command: Command) -> None:
    run = semsearch_command("model", "prepare", models / "words")
    precisions = ["bf16", "f32"] if runtime.has_bfloat16() else ["f32"]
    assert run.status == 0
    assert [line.partition(" for this machine")[0] for line in run.err.splitlines()] == [
        f"semsearch: preparing {models / 'words'}" for _ in precisions
    ]
    for shown in (str(models / "words"), str(own_home), "against the original", *precisions):
        assert shown in run.out
    again = semsearch_command("model", "prepare", models / "words")
    assert again == Run(0, run.out, "")
    listed = semsearch_command("model", "list")
    assert listed == Run(0, run.out, "")
    as_json = semsearch_command("model", "list", "--json")
    assert (as_json.status, as_json.err) == (0, "")
    assert json.loads(as_json.out) == as_dicts(ready_models())
    assert [ready["precision"] for ready in json.loads(as_json.out)] == precisions
    assert semsearch_command("model", "prepare", models / "words", "--json") == as_json


def test_notices_are_json_where_the_rest_is_and_none_where_quiet_was_asked_for(
    own_home: Path, models: Path, semsearch_command: Command
) -> None:
    run = semsearch_command("model", "prepare", models / "words", "--json", "--precision", "f32")
    assert run.status == 0
    [notice] = [json.loads(line) for line in run.err.splitlines()]
    assert list(notice) == ["notice"]
    assert "preparing" in notice["notice"]
    assert json.loads(run.out) == as_dicts(ready_models())
    shutil.rmtree(own_home)
    assert semsearch_command("model", "prepare", models / "words", "-q") == Run(0, "", "")
    assert ready_models()


def test_the_first_use_says_that_it_makes_ready(
    own_home: Path, models: Path, semsearch_command: Command, articles: Path
) -> None:
    """And what the converter prints where somebody says --verbose reaches nobody."""
    build = ["build", articles, "--model", models / "words", "--precision", "f32"]
    verbose = semsearch_command(*build, "--verbose", "-i", "verbose")
    assert (verbose.status, verbose.out) == (0, "")
    assert verbose.err.startswith("semsearch: preparing")
    assert len(verbose.err.splitlines()) <= 4, verbose.err
    assert semsearch_command(*build, "--verbose", "-i", "again").err == verbose.err.partition("\n")[2]
    shutil.rmtree(own_home)
    query = semsearch_command("query", "storm", "-i", "verbose", "--json")
    assert json.loads(query.out)["hits"]
    assert [list(json.loads(line)) for line in query.err.splitlines()] == [["notice"]]
    shutil.rmtree(own_home)
    query = semsearch_command("query", "storm", "-i", "verbose", "-q")
    assert (query.status, query.err) == (0, "")
    stats = semsearch_command("stats", "-i", "verbose", "--json")
    assert json.loads(stats.out)["precision"] == "f32"
    assert "precision f32" in semsearch_command("stats", "-i", "verbose").out


def test_nothing_ready_is_nothing_found(own_home: Path, semsearch_command: Command) -> None:
    run = semsearch_command("model", "list")
    assert (run.status, run.out) == (1, "")
    assert "semsearch model prepare" in run.err
    assert semsearch_command("model", "list", "--json") == Run(1, "[]\n", "")
    assert not own_home.exists()


@pytest.mark.parametrize("name", ["/no/such/model", "newsroom/absent", "hashing"])
def test_a_wrong_model_cannot_be_prepared(own_home: Path, semsearch_command: Command, name: str) -> None:
    run = semsearch_command("model", "prepare", name)
    assert (run.status, run.out) == (4, "")
    assert name in run.err
    assert "Traceback" not in run.err
    error = semsearch_command("model", "prepare", name, "--json")
    assert set(json.loads(error.err)) == {"error", "error_type", "hint"}
    assert not own_home.exists()


def test_preparing_in_vain_is_an_error(
    models: Path, semsearch_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elsewhere it is done without; who asks for it alone has to know."""
    monkeypatch.setenv("SEMSEARCH_HOME", "/proc/home")
    run = semsearch_command("model", "prepare", models / "words")
    assert (run.status, run.out) == (4, "")
    assert "nothing can be kept in /proc/home" in run.err
    assert "SEMSEARCH_HOME" in run.err


@pytest.mark.usefixtures("no_openvino")
def test_preparing_without_openvino_finds_nothing_ready(
    own_home: Path, models: Path, semsearch_command: Command
) -> None:
    run = semsearch_command("model", "prepare", models / "words", "--precision", "f32")
    assert (run.status, run.out) == (1, "")
    assert "OpenVINO" in run.err
    assert not own_home.exists()


def test_a_refusal_is_shown(own_home: Path, semsearch_command: Command, tmp_path: Path) -> None:
    model = padded_left(tiny_model(tmp_path / "model"))
    run = semsearch_command("model", "prepare", model, "--precision", "f32")
    assert run.status == 0
    assert "not compiled in f32: its vectors differ" in run.out
    assert semsearch_command("model", "list").out == run.out
    assert the_one(own_home)


# Interruptions


@contextmanager
def at_work(home: Path, model: Path) -> Iterator["subprocess.Popen[str]"]:
    """Start to prepare a model, and wait until there is something unfinished."""
    command = [sys.executable, "-m", "semsearch", "model", "prepare", str(model), "--precision", "f32"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        while not list(home.glob("encoders/*.unfinished")):
            assert running.poll() is None
            time.sleep(0.002)
        yield running


@pytest.mark.slow
def test_a_kill_while_a_model_is_made_ready_leaves_nothing_that_matters(
    own_home: Path, models: Path, notices: Notices
) -> None:
    with at_work(own_home, models / "mean") as running:
        running.kill()
    assert list(own_home.glob("encoders/*.unfinished"))
    assert ready_models() == []
    np.testing.assert_allclose(loaded(models / "mean"), truth(models / "mean"), atol=1e-5)
    assert len(notices()) == 1
    assert tuple(sorted(contents(the_one(own_home)))) == FILES


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0, 0.05, 0.2])
def test_an_interruption_while_a_model_is_made_ready_cleans_up(own_home: Path, models: Path, seconds: float) -> None:
    with at_work(own_home, models / "mean") as running:
        time.sleep(seconds)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    assert running.returncode in (130, 0), err
    assert "Traceback" not in err
    assert running.returncode == 0 or "interrupted" in err
    assert list(own_home.glob("encoders/*.unfinished")) == []
    assert bool(ready_models()) == (running.returncode == 0), out


@pytest.mark.slow
def test_without_openvino_the_command_line_works(models: Path, tmp_path: Path, articles: Path) -> None:
    program = "import sys; sys.modules['openvino'] = None; from semsearch.cli import main; main(sys.argv[1:])"
    build = ["build", articles, "-i", tmp_path / "index", "--model", models / "mean"]
    for command in (build, ["query", "storm", "-i", tmp_path / "index", "--json"]):
        done = subprocess.run(
            [sys.executable, "-c", program, *map(str, command)], capture_output=True, text=True, check=True
        )
        assert "OpenVINO cannot be used here" in done.stderr
        assert "Traceback" not in done.stderr
    assert json.loads(done.stdout)["hits"]
    [found] = vectors_in(tmp_path / "index").values()
    assert len(found) == 2
