"""A model is fetched from a hub only when asked for, whole and as listed, and never what could run code."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from semsearch import hub
from semsearch.cli import main
from semsearch.encoders.model_files import read_folder
from semsearch.encoders.models import open_model
from semsearch.errors import EncoderError, FetchError
from semsearch.hub import fetch_model
from semsearch.network.transfers import Network
from tests.serving import ALWAYS, Fault, Server

NAME = "newsroom/words"
pytestmark = pytest.mark.usefixtures("own_home")

COMMIT, OTHER_COMMIT = "0123456789abcdef" * 2 + "01234567", "f" * 40
IMPATIENT = Network(patience=0.2, tries=2)


class Hub:
    """A stand-in for a hub: the two addresses of its protocol, as files of a server's folder."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def publish(self, model: Path, name: str = NAME, commit: str = COMMIT, **said: Any) -> Path:
        """Serve a model as its main revision, and return the folder that its files are served from."""
        files = self.server.folder / name / "resolve" / commit
        shutil.copytree(model, files)
        (files / "pytorch_model.bin").write_bytes(b"a pickle")
        (files / "onnx").mkdir()
        (files / "onnx" / "model.json").write_text("{}")
        self.tell(name, commit, **said)
        return files

    def tell(self, name: str = NAME, commit: str = COMMIT, **said: Any) -> dict[str, Any]:
        """Write down what lies in the folder, and whatever else a hub should say."""
        files = self.server.folder / name / "resolve" / commit
        paths = sorted(path for path in files.rglob("*") if path.is_file())
        entries = [_entry(path, str(path.relative_to(files))) for path in paths]
        listing = {"id": name, "sha": commit, "cardData": {"license": "mit"}, "siblings": entries, **said}
        self.say(listing, name)
        return listing

    def say(self, listing: object, name: str = NAME) -> None:
        place = self.server.folder / "api" / "models" / name / "revision" / "main"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(listing))

    def requests(self) -> list[str]:
        return [asked.path for asked in self.server.log]


def _entry(path: Path, name: str) -> dict[str, Any]:
    content = path.read_bytes()
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
    entry: dict[str, Any] = {"rfilename": name, "size": len(content), "blobId": blob}
    if path.suffix in {".safetensors", ".bin"}:
        entry["lfs"] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 130}
    return entry


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """Yields an empty hub."""
    (tmp_path / "hub").mkdir()
    with Server(tmp_path / "hub") as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield Hub(server)


@pytest.fixture
def model(models: Path) -> Path:
    return models / "words"


def test_what_was_fetched_is_the_model_and_nothing_else(served: Hub, model: Path, own_home: Path) -> None:
    files = served.publish(model)
    fetched = fetch_model(NAME)
    assert (fetched.name, fetched.revision, fetched.licence) == (NAME, COMMIT, "mit")
    assert open_model(NAME).digest == read_folder(model, "original").digest
    assert open_model(NAME).path == Path(fetched.path)
    there = {path.relative_to(fetched.path) for path in Path(fetched.path).rglob("*") if path.is_file()}
    wanted = {path.relative_to(model) for path in model.rglob("*") if path.is_file()}
    assert there - {Path("origin.json")} == wanted
    assert fetched.fetched_bytes == fetched.size_bytes == sum((files / path).stat().st_size for path in wanted)
    assert json.loads((Path(fetched.path) / "origin.json").read_bytes())["revision"] == COMMIT
    assert not [path for path in (own_home / "models").iterdir() if path.suffix == ".part"]


def test_what_is_there_already_is_not_fetched_again(served: Hub, model: Path) -> None:
    served.publish(model)
    first = fetch_model(NAME)
    served.server.log.clear()
    again = fetch_model(NAME)
    assert (again.path, again.fetched_bytes) == (first.path, 0)
    assert served.requests() == [f"api/models/{NAME}/revision/main"]


def test_a_damaged_model_and_one_of_another_revision_are_replaced(served: Hub, models: Path) -> None:
    served.publish(models / "words")
    folder = Path(fetch_model(NAME).path)
    weights = next(folder.rglob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")
    assert fetch_model(NAME).fetched_bytes
    assert open_model(NAME).digest == read_folder(models / "words", "original").digest
    served.publish(models / "mean", commit=OTHER_COMMIT)
    assert fetch_model(NAME).revision == OTHER_COMMIT
    assert open_model(NAME).digest == read_folder(models / "mean", "original").digest


def test_it_goes_on_where_it_stopped(served: Hub, model: Path) -> None:
    files = served.publish(model)
    [weights] = [path.relative_to(files) for path in files.rglob("*.safetensors")]
    place = f"{NAME}/resolve/{COMMIT}/{weights}"
    served.server.faults[place] = [Fault(cut=100, times=2), Fault(status=503, times=ALWAYS)]
    with pytest.raises(FetchError, match="could not be read"):
        fetch_model(NAME, network=IMPATIENT)
    with pytest.raises(EncoderError, match="not on this machine"):
        open_model(NAME)
    served.server.renew()
    fetch_model(NAME)
    [(begin, _)] = [asked for asked in served.server.ranges(place) if asked]
    assert begin > 0
    assert served.server.sent(place) == (files / weights).stat().st_size - begin


def test_what_differs_from_the_list_is_refused_and_asked_for_anew(served: Hub, model: Path) -> None:
    files = served.publish(model)
    for path in (files / "modules.json", next(files.rglob("*.safetensors"))):
        place = f"{NAME}/resolve/{COMMIT}/{path.relative_to(files)}"
        served.server.faults[place] = [Fault(flip=5)]
        with pytest.raises(FetchError, match="another digest"):
            fetch_model(NAME)
    assert fetch_model(NAME).revision == COMMIT


def test_a_slow_server_does_not_hold_for_ever(served: Hub, model: Path) -> None:
    served.publish(model)
    served.server.faults[f"{NAME}/resolve/{COMMIT}/modules.json"] = [Fault(stall=0, times=ALWAYS)]
    with pytest.raises(FetchError, match="timed out"):
        fetch_model(NAME, network=IMPATIENT)


def test_a_list_without_sizes_and_digests_will_do(served: Hub, model: Path) -> None:
    listing = served.publish(model) and served.tell()
    listing["siblings"] = [{"rfilename": entry["rfilename"]} for entry in listing["siblings"]]
    served.say(listing)
    fetch_model(NAME)
    assert open_model(NAME).digest == read_folder(model, "original").digest


@pytest.mark.parametrize("status", [401, 403])
def test_what_is_private_or_gated_is_said_with_what_to_do(served: Hub, model: Path, status: int) -> None:
    served.publish(model)
    served.server.faults[f"api/models/{NAME}/revision/main"] = [Fault(status=status)]
    with pytest.raises(FetchError, match="private") as private:
        fetch_model(NAME)
    assert f"hf download {NAME}" in private.value.hint
    served.server.faults[f"{NAME}/resolve/{COMMIT}/modules.json"] = [Fault(status=status)]
    with pytest.raises(FetchError, match="accept its terms"):
        fetch_model(NAME)


def test_no_model_of_that_name(served: Hub) -> None:
    with pytest.raises(FetchError, match=r"has no model newsroom/words, or no revision main of it"):
        fetch_model(NAME)
    with pytest.raises(FetchError, match=r"has no model sentence-transformers/words"):
        fetch_model("words")
    for name in ("../up", "a/b/c", "https://example.org/model"):
        with pytest.raises(EncoderError, match="there is no model"):
            fetch_model(name)
    assert len(served.requests()) == 2


def without_weights(files: Path) -> None:
    for path in files.rglob("*.safetensors"):
        path.unlink()


def without_modules(files: Path) -> None:
    (files / "modules.json").unlink()


def with_code_of_its_own(files: Path) -> None:
    modules = [{"idx": 0, "name": "0", "path": "", "type": "custom.Model"}]
    (files / "modules.json").write_text(json.dumps(modules))


def with_a_path_that_leads_out(files: Path) -> None:
    modules = [{"idx": 0, "name": "0", "path": "../..", "type": "sentence_transformers.models.Transformer"}]
    (files / "modules.json").write_text(json.dumps(modules))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without_weights, "a pickle can run code"),
        (without_modules, "not a sentence-transformers model"),
        (with_code_of_its_own, "may need code of the model's own"),
        (with_a_path_that_leads_out, "leads out of the folder"),
    ],
)
def test_what_may_not_be_loaded_is_not_kept(
    served: Hub, model: Path, own_home: Path, change: Callable[[Path], None], message: str
) -> None:
    change(served.publish(model))
    served.tell()
    with pytest.raises(EncoderError, match=message):
        fetch_model(NAME)
    assert not [path for path in (own_home / "models").iterdir() if path.is_dir()]
    assert not [path for path in served.requests() if path.endswith((".bin", ".safetensors"))]


@pytest.mark.parametrize(
    "said",
    [
        [],
        None,
        {"sha": "main", "siblings": []},
        {"sha": COMMIT},
        {"sha": COMMIT, "siblings": [{"rfilename": 7}]},
        {"sha": COMMIT, "siblings": [{"rfilename": "modules.json", "size": -1}]},
        {"sha": COMMIT, "siblings": [{"rfilename": "modules.json", "lfs": {"sha256": "x"}}]},
        {"sha": COMMIT, "siblings": [{"rfilename": "modules.json", "lfs": "x"}]},
        {"sha": COMMIT, "siblings": [{"rfilename": f"{number}.json"} for number in range(10_001)]},
    ],
)
def test_what_is_no_list_of_files_is_said(served: Hub, said: object) -> None:
    served.say(said)
    with pytest.raises(FetchError, match="is not a hub's list of files"):
        fetch_model(NAME)


def test_names_that_lead_elsewhere_are_left_out(served: Hub, model: Path, own_home: Path) -> None:
    listing = served.publish(model) and served.tell()
    listing["siblings"] += [{"rfilename": name} for name in ("../x.json", "/etc/x.json", ".hidden.json", "a\nb.json")]
    served.say(listing)
    fetch_model(NAME)
    assert not list(own_home.rglob("x.json"))
    assert not list(own_home.rglob(".hidden.json"))


def test_what_is_too_large_is_refused_before_it_is_fetched(
    served: Hub, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listing = served.publish(model) and served.tell()
    for entry in listing["siblings"]:
        if entry["rfilename"].endswith(".safetensors"):
            entry["lfs"]["size"] = 1 << 40
    served.say(listing)
    with pytest.raises(EncoderError, match="the limit is"):
        fetch_model(NAME)
    served.tell()
    monkeypatch.setattr(hub, "free_bytes", lambda _: 1000)
    with pytest.raises(EncoderError, match="has room for"):
        fetch_model(NAME)
    assert not [path for path in served.requests() if path.endswith(".safetensors")]


@pytest.mark.parametrize("name", ["SEMSEARCH_OFFLINE", "HF_HUB_OFFLINE"])
def test_nothing_is_asked_where_the_network_is_switched_off(
    served: Hub, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(FetchError, match=f"{name} is set"):
        fetch_model(NAME)
    assert served.requests() == []


def test_the_command_states_revision_licence_and_how_to_use_it(
    served: Hub, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["model", "get", NAME, *arguments])
        assert ended.value.code == 0
        return capsys.readouterr().out

    served.publish(model)
    shown = said()
    for part in (COMMIT, "mit", f"--model {NAME}", "fetched"):
        assert part in shown
    as_json = json.loads(said("--json"))
    assert (as_json["revision"], as_json["fetched_bytes"]) == (COMMIT, 0)
    assert said("-q") == ""
