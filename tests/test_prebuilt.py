"""Names: what a registry says of them, where they are installed, and whom one has to believe."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from semsearch import Index
from semsearch.artifact.prebuilt import Registry, install, installed_at, is_name, registry_named
from semsearch.artifact.pull import Trust
from semsearch.artifact.signatures import PublicKey, make_key, trust
from semsearch.cli import main
from semsearch.engines.local.manifest import read_manifest
from semsearch.errors import ArtifactError, FetchError, IndexExistsError, NotFoundError, SignatureError, UsageError
from semsearch.types import Packed, Pulled
from tests.packing import ENCODER, GONE, IMPATIENT, Ending, build, newer, opened, packed, story
from tests.serving import Fault


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an index, two releases of it, a key that signed both, and another key."""
    folder = tmp_path_factory.mktemp("house")
    index = build(folder / "councils", map(story, range(8)))
    for name in ("ann", "bea"):
        make_key(folder / name)
    packed(index, folder / "1.pack", key=folder / "ann")
    packed(newer(Path(shutil.copytree(index, folder / "later" / "councils"))), folder / "2.pack", key=folder / "ann")
    return folder


@pytest.fixture(scope="module")
def served(house: Path) -> Iterator[Ending]:
    with Ending(house) as server:
        yield server


@pytest.fixture
def server(served: Ending, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Ending:
    for name in ("SEMSEARCH_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SEMSEARCH_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    served.faults.clear()
    served.log.clear()
    return served


def listed(house: Path, file: str = "1.pack", **changes: Any) -> dict[str, Any]:
    """Return what whoever runs a registry writes of an artifact: what `pack --json` printed, or something else."""
    made = packed(house / "councils" if file == "1.pack" else house / "later" / "councils", house / "again.pack")
    entry = {**_entry(made), "urls": [file], **changes}
    return {key: value for key, value in entry.items() if value is not ...}


def _entry(made: Packed) -> dict[str, Any]:
    entry = made.to_dict()["entry"]
    assert isinstance(entry, dict)
    return entry


@pytest.fixture
def registry(house: Path, server: Ending) -> Callable[..., str]:
    """Write the registry that knows councils so, and return its address."""

    def write(file: str = "1.pack", **changes: Any) -> str:
        indexes = {"councils": listed(house, file, **changes)}
        (house / "registry.json").write_text(json.dumps({"semsearch_registry": 1, "indexes": indexes}))
        return server.address("registry.json")

    return write


def installed(where: str, **how: Any) -> Pulled:
    return install("councils", installed_at("councils"), registry=where, network=IMPATIENT, **how)


def titles(index: Index) -> set[str]:
    return {metadata.title for metadata in index.articles()}


STORIES = {f"Story {number}" for number in range(8)}


# From a name to an index


def test_a_name_is_installed_once_and_then_nobody_is_asked(server: Ending, registry: Callable[..., str]) -> None:
    where = registry()
    with Index.from_prebuilt("councils", registry=where, encoder=ENCODER) as index:
        assert index.location == installed_at("councils")
        assert index.location.is_relative_to(os.environ["SEMSEARCH_HOME"])
        assert titles(index) == STORIES
        assert index.search("zq3oneearly").hits[0].article.title == "Story 3"
    assert server.ranges("1.pack")
    server.log.clear()
    server.faults["registry.json"] = server.faults["1.pack"] = [GONE]
    with Index.from_prebuilt("councils", registry=where) as index:
        assert titles(index) == STORIES
    with Index.from_prebuilt("councils", offline=True) as index:
        assert titles(index) == STORIES
    assert server.log == []


def test_what_was_interrupted_goes_on(server: Ending, registry: Callable[..., str], house: Path) -> None:
    where = registry()
    server.until = 15_000
    with pytest.raises(FetchError, match="503"):
        installed(where)
    server.until = None
    server.log.clear()
    with Index.from_prebuilt("councils", registry=where) as index:
        assert titles(index) == STORIES
    begin = opened(house / "1.pack").begin
    ranges = [range_ for range_ in server.ranges("1.pack") if range_ and range_[0] >= begin]
    assert 15_000 <= ranges[0][0] < 16_500  # between two members nothing is asked for
    assert server.sent("1.pack") <= (house / "1.pack").stat().st_size - 15_000 + begin + 512


def test_pull_brings_it_up_to_date(
    server: Ending, registry: Callable[..., str], house: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = registry()
    Index.from_prebuilt("councils", registry=where).close()
    registry("2.pack")
    with Index.from_prebuilt("councils", registry=where) as index:
        assert titles(index) == STORIES
    server.log.clear()
    with pytest.raises(SystemExit) as ended:
        main(["pull", "councils", "--registry", where, "--json"])
    assert ended.value.code == 0
    said = json.loads(capsys.readouterr().out)
    second = opened(house / "2.pack")
    assert (said["segments_fetched"], said["segments_kept"], said["articles"]) == (1, 1, 12)
    assert said["fetched_bytes"] == sum(
        len(frame) for name, (_, frame) in second.frames.items() if name.startswith("segments/000002")
    )
    assert said["directory"] == str(installed_at("councils"))
    with Index.from_prebuilt("councils") as index:
        assert len(titles(index)) == 12


def test_a_registry_may_be_a_file(server: Ending, registry: Callable[..., str], house: Path) -> None:
    registry()
    with Index.from_prebuilt("councils", registry=str(house / "registry.json")) as index:
        assert titles(index) == STORIES
    assert server.log == []
    origin = read_manifest(installed_at("councils")).origin
    assert origin
    assert origin.where == str(house / "1.pack")


def test_where_the_registry_is_may_be_settled(
    registry: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, house: Path
) -> None:
    with pytest.raises(UsageError, match="no registry was named") as refused:
        Index.from_prebuilt("councils")
    assert all(way in (refused.value.hint or "") for way in ("--registry", "$SEMSEARCH_REGISTRY", "semsearch.toml"))
    where = registry()
    Path("semsearch.toml").write_text(f'registry = "{where}"\n')
    assert registry_named() == Registry(where, trusted=False)
    Index.from_prebuilt("councils").close()
    shutil.rmtree(installed_at("councils"))
    Path("semsearch.toml").write_text('registry = "here/registry.json"\n')
    shutil.copytree(house, tmp_path / "here")
    Index.from_prebuilt("councils").close()
    monkeypatch.setenv("SEMSEARCH_REGISTRY", "of-the-variable.json")
    assert registry_named() == Registry("of-the-variable.json")
    assert registry_named("given.json") == Registry("given.json")


def test_a_name_that_the_registry_lacks_is_not_found(registry: Callable[..., str], tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no index named 'council'") as refused:
        Index.from_prebuilt("council", registry=registry())
    assert refused.value.hint == "did you mean councils?"
    assert not (tmp_path / "home" / "indexes").exists()
    with pytest.raises(FetchError, match="there is no registry at"):
        Index.from_prebuilt("councils", registry="nowhere.json")


def test_offline_nothing_is_asked(server: Ending, registry: Callable[..., str]) -> None:
    with pytest.raises(FetchError, match="is set"):
        Index.from_prebuilt("councils", registry=registry(), offline=True)
    assert server.log == []


# What is a name


@pytest.mark.parametrize(
    "name",
    ["..", "../councils", "/councils", ".", "", "a/b", "Councils", "ü", "a" * 65, "https://news.example.org/x", "a\n"],
)
def test_what_is_no_name_is_never_a_place(name: str, registry: Callable[..., str]) -> None:
    with pytest.raises(UsageError, match="cannot be a name in a registry"):
        Index.from_prebuilt(name, registry=registry())
    assert not is_name(name)


def test_what_lies_in_the_working_folder_is_no_prebuilt_index(registry: Callable[..., str], house: Path) -> None:
    shutil.copy(house / "2.pack", "councils")
    assert not is_name("councils")
    with Index.from_prebuilt("councils", registry=registry()) as index:
        assert titles(index) == STORIES
    Path("councils").unlink()
    Path("councils").mkdir()
    assert is_name("councils")  # a folder is no artifact


# Whom to believe


def test_what_the_registry_says_is_compared(registry: Callable[..., str]) -> None:
    where = registry(contents_sha256="0" * 64)
    with pytest.raises(ArtifactError, match="is not what the registry says: its contents have another digest"):
        installed(where)
    assert not (installed_at("councils") / "manifest.json").exists()


def test_with_the_digest_of_the_file_alone_all_of_it_is_proved_first_and_resumed(
    server: Ending, registry: Callable[..., str], house: Path
) -> None:
    where = registry(contents_sha256=..., sha256=_digest(house / "1.pack"))
    size = (house / "1.pack").stat().st_size
    server.faults["1.pack"] = [Fault(cut=15_000), GONE]
    with pytest.raises(FetchError, match="503"):
        installed(where)
    assert not installed_at("councils").exists()
    server.faults.clear()
    server.log.clear()
    made = installed(where)
    assert server.ranges("1.pack")[0] == (15_000, size)
    assert server.sent("1.pack") == size - 15_000
    assert made.origin.where == server.address("1.pack")
    with Index.from_prebuilt("councils") as index:
        assert titles(index) == STORIES
    assert [path.name for path in installed_at("councils").parent.iterdir()] == ["councils"]


def _digest(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_file_of_another_digest_is_never_opened(server: Ending, registry: Callable[..., str], house: Path) -> None:
    for wrong in ({"sha256": "0" * 64}, {"sha256": _digest(house / "1.pack"), "size_bytes": 30_000}):
        with pytest.raises(ArtifactError, match="is not what the registry says: it has another digest"):
            installed(registry(contents_sha256=..., **wrong))
    server.faults["1.pack"] = [Fault(flip=20_000)]
    where = registry(contents_sha256=..., sha256=_digest(house / "1.pack"))
    with pytest.raises(ArtifactError, match="another digest"):
        installed(where)
    assert list(installed_at("councils").parent.iterdir()) == []
    installed(where)


def test_without_room_for_the_file_nothing_of_it_is_fetched(
    server: Ending, registry: Callable[..., str], monkeypatch: pytest.MonkeyPatch, house: Path
) -> None:
    where = registry(contents_sha256=..., sha256=_digest(house / "1.pack"))
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=1_000))
    with pytest.raises(ArtifactError, match="has room for 1,000 bytes"):
        installed(where)
    assert server.ranges("1.pack") == []


@pytest.mark.parametrize("known", ["contents", "file"])
def test_a_registrys_key_has_to_have_signed_it(
    server: Ending, registry: Callable[..., str], house: Path, tmp_path: Path, known: str
) -> None:
    ann, bea = ((house / f"{name}.pub").read_text().split()[0] for name in ("ann", "bea"))
    how = {"contents_sha256": ..., "sha256": _digest(house / "1.pack")} if known == "file" else {}
    with pytest.raises(SignatureError, match="it is not signed by a trusted key"):
        installed(registry(key=bea, **how))
    assert not list(installed_at("councils").parent.glob(".*"))  # what is refused for good is not kept
    server.faults["1.pack.sig"] = [Fault(status=404)]
    with pytest.raises(SignatureError, match="it has no signature"):
        installed(registry(key=ann, **how))
    made = installed(registry(key=ann, **how))
    assert made.origin.signed_by == ann
    assert made.origin.where == server.address("1.pack")
    with pytest.raises(UsageError, match="the key of councils is not a public key"):
        installed(registry(key="semsearch-ed25519:AAAA", **how))
    assert sorted(path.name for path in installed_at("councils").parent.iterdir()) == ["councils"]
    assert tmp_path


def test_where_one_place_fails_the_next_is_asked(
    server: Ending, registry: Callable[..., str], house: Path, notices: Callable[[], list[str]]
) -> None:
    (house / "other.pack").write_bytes((house / "2.pack").read_bytes())
    for first in ("nowhere.pack", "other.pack", "registry.json"):
        shutil.rmtree(installed_at("councils"), ignore_errors=True)
        made = installed(registry(urls=[first, "1.pack"]))
        assert made.origin.where == server.address("1.pack")
        [said] = notices()
        assert server.address(first) in said
        assert said.endswith("; trying the next place")
    server.faults["1.pack"] = [Fault(), Fault(), Fault(cut=5_000), GONE]
    shutil.copy(house / "1.pack", house / "mirror.pack")
    shutil.rmtree(installed_at("councils"))
    made = installed(registry(urls=["1.pack", "mirror.pack"]))
    whole = sum(len(frame) for _, frame in opened(house / "1.pack").frames.values())
    assert (
        whole - 5_000 <= made.fetched_bytes < whole
    )  # the rest: what came whole from the first place is not fetched again
    server.faults.clear()
    with pytest.raises(FetchError, match=r"nowhere\.pack"):
        installed(registry(urls=["other.pack", "nowhere.pack"]), trust=Trust())


@pytest.mark.parametrize("named_by", ["working folder", "option", "variable", "own settings"])
def test_the_keys_of_a_registry_are_trusted_only_if_a_person_named_it(
    registry: Callable[..., str],
    house: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    notices: Callable[[], list[str]],
    named_by: str,
) -> None:
    ann = (house / "ann.pub").read_text().split()[0]
    where = registry(key=ann)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    how: dict[str, Any] = {"trust": Trust(signed=True), "network": IMPATIENT}
    if named_by == "working folder":
        Path("semsearch.toml").write_text(f'registry = "{where}"\n')
        with pytest.raises(SignatureError, match=r"it has no signature|it is not signed by a trusted key"):
            install("councils", installed_at("councils"), **how)
        [warning, *_] = notices()
        assert f"the registry {where} was named by semsearch.toml in the working folder" in warning
        assert all(way in warning for way in ("not trusted", "--registry", "$SEMSEARCH_REGISTRY"))
        made = install("councils", installed_at("councils"), network=IMPATIENT)
        assert made.origin.signed_by is None
        trust(PublicKey(ann), "ann")  # a person may trust the key itself
    elif named_by == "option":
        how["registry"] = where
    elif named_by == "variable":
        monkeypatch.setenv("SEMSEARCH_REGISTRY", where)
    else:
        (tmp_path / "config" / "semsearch").mkdir(parents=True)
        (tmp_path / "config" / "semsearch" / "config.toml").write_text(f'registry = "{where}"\n')
    assert install("councils", installed_at("councils"), **how).origin.signed_by == ann
    assert bool(notices()) == (named_by == "working folder")


def test_a_settings_file_in_the_working_folder_is_never_a_persons_own(
    registry: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    where = registry()
    Path("semsearch").mkdir()
    Path("semsearch/config.toml").write_text(f'registry = "{where}"\n')
    for relative in (".", ""):
        monkeypatch.setenv("XDG_CONFIG_HOME", relative)
        monkeypatch.setenv("HOME", "relative")
        with pytest.raises(UsageError, match="no registry was named"):
            registry_named()


def test_a_registry_file_that_nobody_named_leads_to_no_private_machine(
    registry: Callable[..., str], server: Ending, house: Path
) -> None:
    registry(urls=[server.address("1.pack")])
    Path("semsearch.toml").write_text(f'registry = "{house / "registry.json"}"\n')
    with pytest.raises(FetchError, match="a private network that you did not name"):
        install("councils", installed_at("councils"), network=IMPATIENT)
    assert server.ranges("1.pack") == []
    assert installed(str(house / "registry.json")).articles == 8


def test_a_whole_file_that_may_not_replace_what_is_installed_is_not_kept(
    registry: Callable[..., str], house: Path
) -> None:
    installed(registry("2.pack"))
    where = registry(contents_sha256=..., sha256=_digest(house / "1.pack"))
    with pytest.raises(IndexExistsError, match="is not newer"):
        installed(where)
    assert [path.name for path in installed_at("councils").parent.iterdir()] == ["councils"]
    assert installed(where, force=True).articles == 8
