"""A model is made ready once, and kept whole or made again, whatever happens to its files."""

import hashlib
import json
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

import numpy as np
import pytest

from semsearch.encoders import load_encoder, prepare_encoder, ready_models, runtime
from semsearch.encoders.shelf import Key
from semsearch.errors import EncoderError
from semsearch.files import canonical_json
from semsearch.ports import Matrix
from semsearch.types import Precision
from tests.examples import slow_but
from tests.lazily import transformer
from tests.ready import FILES, TEXTS, Notices, contents, flipped, loaded, the_one, truth

# Once


@pytest.mark.parametrize("name", slow_but(["mean"], ["mean", "words"]))
def test_a_model_is_made_ready_once(own_home: Path, models: Path, notices: Notices, name: str) -> None:
    expected = truth(models / name)
    np.testing.assert_allclose(loaded(models / name), expected, atol=1e-5)
    [notice] = notices()
    assert "preparing" in notice
    assert str(models / name) in notice
    before = contents(the_one(own_home))
    assert tuple(sorted(before)) == FILES[name]
    np.testing.assert_allclose(loaded(models / name), expected, atol=1e-5)
    assert prepare_encoder(str(models / name), Precision.F32)
    assert notices() == []
    assert contents(the_one(own_home)) == before


OTHER_CHANGES = ("OpenVINO", "the precision")


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


@pytest.mark.slow
@pytest.mark.parametrize(
    "change", ["the conversion", *(pytest.param(other, marks=pytest.mark.slow) for other in OTHER_CHANGES), "the model"]
)
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
    assert tuple(sorted(contents(the_one(own_home)))) == FILES["mean"]
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
    "way", [way if way == "a flipped bit" else pytest.param(way, marks=pytest.mark.slow) for way in WAYS]
)
@pytest.mark.parametrize("file", slow_but(["model.bin"], FILES["words"]))
def test_a_damaged_file_is_noticed_and_all_is_made_again(
    kept: Path, models: Path, expected: Matrix, notices: Notices, file: str, way: str
) -> None:
    before = contents(kept)
    WAYS[way](kept / file)
    assert_mended(kept, before, models / "words", expected, notices)


@pytest.mark.parametrize("fact", slow_but(["padding"], ["padding", "geometry", "tokens_per_column"]))
@pytest.mark.parametrize("by", [loaded, lambda model: prepare_encoder(str(model), Precision.F32)])
def test_a_ready_model_that_lacks_a_fact_is_made_again(
    kept: Path, models: Path, expected: Matrix, notices: Notices, fact: str, by: Callable[[Path], object]
) -> None:
    facts = json.loads((kept / "ready.json").read_bytes())["facts"]
    card = json.loads((kept / "ready.json").read_bytes())
    del card["sha256"], (card["facts"]["geometry"] if fact == "tokens_per_column" else card["facts"])[fact]
    card["sha256"] = hashlib.sha256(canonical_json(card)).hexdigest()
    (kept / "ready.json").write_bytes(canonical_json(card))
    by(models / "words")
    assert json.loads((kept / "ready.json").read_bytes())["facts"] == facts
    notices()
    np.testing.assert_allclose(loaded(models / "words"), expected, atol=1e-5)
    assert notices() == []


@pytest.mark.slow
def test_a_card_of_another_shape_is_damaged(kept: Path, models: Path, expected: Matrix, notices: Notices) -> None:
    before = contents(kept)
    assert len(ready_models()) == 1
    for content in CARDS:
        (kept / "ready.json").write_bytes(content)
        assert ready_models() == []
    for content in CARDS[:2]:
        (kept / "ready.json").write_bytes(content)
        assert_mended(kept, before, models / "words", expected, notices)


@pytest.mark.parametrize(
    "what", slow_but(["a file"], ["a file", "an empty folder", "a link to nowhere", "another model's folder"])
)
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


@pytest.mark.parametrize("way", ["a flipped bit", "missing"])
@pytest.mark.parametrize("file", ["model.bin", "model.xml"])
def test_files_that_changed_since_they_were_opened_explain_nothing(
    kept: Path, models: Path, expected: Matrix, notices: Notices, file: str, way: str
) -> None:
    encoder = load_encoder(str(models / "words"), Precision.F32)
    assert encoder.encode_passages(TEXTS).shape == expected.shape
    WAYS[way](kept / file)
    for _ in range(2):
        assert encoder.contributions(TEXTS[0], expected[0]) is None
        np.testing.assert_allclose(encoder.encode_passages(TEXTS), expected, atol=1e-5)
    assert notices() == []


@pytest.mark.slow
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


@pytest.mark.parametrize("home", slow_but(["a file"], ["a file", "below a file", "below /proc"]))
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


@pytest.mark.slow
def test_a_full_disk_is_no_reason_to_refuse_a_model_for_ever(own_home: Path, models: Path, notices: Notices) -> None:
    with files_of_at_most(8_000):
        encoder = load_encoder(str(models / "words"), Precision.F32)
        np.testing.assert_allclose(encoder.encode_passages(TEXTS), truth(models / "words"), atol=1e-5)
    assert isinstance(encoder, transformer.TransformerEncoder)
    assert any("full" in notice for notice in notices())
    assert ready_models() == []
    np.testing.assert_allclose(loaded(models / "words"), truth(models / "words"), atol=1e-5)
    assert tuple(sorted(contents(the_one(own_home)))) == FILES["words"]


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


@pytest.mark.parametrize("owner", slow_but(["another's"], ["own", "another's"]))
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
    assert tuple(sorted(contents(the_one(own_home)))) == FILES["mean"]


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
