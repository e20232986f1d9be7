import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.artifact.registry import Listing, find, parse_registry
from semsearch.errors import ArtifactError, FetchError, NotFoundError
from semsearch.network.transfers import NETWORK, Network
from tests.serving import Server

HOUSE = "https://example.org/packs/registry.json"
DIGEST = "0123456789abcdef" * 4


def entry(**changes: object) -> dict[str, object]:
    whole: dict[str, object] = {
        "description": "News of a small harbour",
        "licence": "CC-BY-4.0",
        "size_bytes": 1234,
        "sha256": DIGEST,
        "urls": ["harbour.pack"],
    }
    return {key: value for key, value in (whole | changes).items() if value is not ...}


def written(entries: object, version: object = 1) -> bytes:
    return json.dumps({"semsearch_registry": version, "indexes": entries}).encode()


def listed(where: str = HOUSE, /, **changes: object) -> Listing:
    return parse_registry(written({"harbour": entry(**changes)}), where)["harbour"]


@pytest.fixture(autouse=True)
def _network_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SEMSEARCH_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)


def test_an_entry_says_what_it_says_and_nothing_else() -> None:
    least = listed(unknown={"deeply": ["nested"]})
    assert least == Listing(
        "harbour",
        "News of a small harbour",
        "CC-BY-4.0",
        1234,
        DIGEST,
        ("https://example.org/packs/harbour.pack",),
    )
    extra = {"contents_sha256": DIGEST[::-1], "articles": 0, "passages": 2**53 - 1, "encoder": "hashing"}
    extra |= {"release": "2024-05", "key": "abc="}
    assert listed(**extra) == replace(least, **extra)
    assert listed(release=None) == listed()


def test_nothing_of_a_description_steers_a_terminal() -> None:
    one = listed(description="\x1b]0;mine\x07red \x1b[31m\n\tgreen\u202e \ud800", licence="a\rb", encoder="\x9bx")
    assert (one.description, one.licence, one.encoder) == ("]0;minered [31m green", "a b", "x")


@pytest.mark.parametrize(
    ("place", "meant"),
    [
        ("x.pack", "https://example.org/packs/x.pack"),
        ("../y/x.pack?v=2", "https://example.org/y/x.pack?v=2"),
        ("/x.pack", "https://example.org/x.pack"),
        ("//other.example/x.pack", "https://other.example/x.pack"),
        ("http://other.example/x.pack", "http://other.example/x.pack"),
    ],
)
def test_places_count_from_the_address_of_the_registry(place: str, meant: str) -> None:
    assert listed(urls=[place, "z"]).urls == (meant, "https://example.org/packs/z")


@pytest.mark.parametrize(
    "place",
    [
        "file:///etc/passwd",
        "file:/etc/passwd",
        "ftp://a/x",
        "C:\\x.pack",
        "data:,x",
        "http:///x",
        "http://[",
    ],
)
def test_a_registry_at_an_address_names_addresses_only(place: str) -> None:
    with pytest.raises(ArtifactError, match=r"'harbour': urls\[1\]"):
        listed(urls=["x", place])


def test_a_registry_in_a_file_names_addresses_and_files_of_its_own_folder_and_nothing_else(tmp_path: Path) -> None:
    where = str(tmp_path / "registry.json")
    places = ["packs/x.pack", "https://example.org/x.pack"]
    assert listed(where, urls=places).urls == (str(tmp_path / "packs" / "x.pack"), *places[1:])
    for place in (
        "/etc/passwd",
        str(tmp_path / "x.pack"),
        "C:\\x.pack",
        "C:x.pack",
        "../x",
        "a/../../x",
        "a\\..\\..\\x",
        "file:///etc/passwd",
        "ftp://a/x",
        "//server/x",
        "\\\\server\\x",
    ):
        with pytest.raises(ArtifactError, match=r"urls\[0\]"):
            listed(where, urls=[place])


WRONG: dict[str, list[object]] = {
    "description": [..., 7],
    "licence": [..., 7],
    "size_bytes": [..., -1, 2**53, 1.0, "1", True, float("inf")],
    "sha256": [..., 7, DIGEST.upper(), DIGEST[1:], DIGEST + "\n", "٣" * 64],
    "urls": [..., [], ["x"] * 17, "x.pack", {}, [1], [""], ["a\nb"], [" a"], ["a\u202eb"], [None]],
    "contents_sha256": [7, ""],
    "articles": [-1, False, []],
    "passages": [10**400],
    "encoder": [7],
    "release": [7],
    "key": [7, "a\nb"],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in WRONG.items() for value in values])
def test_what_is_wrong_is_named_by_entry_and_field(field: str, value: object) -> None:
    with pytest.raises(ArtifactError) as caught:
        listed(**{field: value})
    assert HOUSE in str(caught.value)
    assert f"'harbour': {field}" in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("name", ["", "Harbour", ".hidden", "a/b", "a" * 65, "a\n", "ü", "-x", "\x1b[31m"])
def test_names_are_plain(name: str) -> None:
    with pytest.raises(ArtifactError, match="the name") as caught:
        parse_registry(written({name: entry()}), HOUSE)
    assert str(caught.value).isprintable()
    assert parse_registry(written({"a" * 64: entry(), "0.a_b-c": entry()}), HOUSE)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"<html>",
        b"[]",
        b"[" * 100_000,
        b"{}",
        written({}, version="1"),
        written({}, version=True),
        written({}, version=0),
        written([]),
        written(None),
        written({"a": []}),
        b'{"semsearch_registry": 1, "indexes": {}, "indexes": {}}',
    ],
)
def test_what_is_no_registry_is_refused(content: bytes) -> None:
    with pytest.raises(ArtifactError) as caught:
        parse_registry(content, HOUSE)
    assert HOUSE in str(caught.value)
    assert caught.value.hint


def test_a_newer_registry_asks_for_a_newer_version() -> None:
    with pytest.raises(ArtifactError, match="of version 2") as caught:
        parse_registry(written({"strange": 7}, version=2), HOUSE)
    assert caught.value.hint == "update semsearch"


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*entry(), "key", "articles", "contents_sha256"]), _json, max_size=3))
def test_any_entry_is_a_listing_or_refused(changes: dict[str, Any]) -> None:
    try:
        one = listed(**changes)
    except ArtifactError as error:
        assert "'harbour'" in str(error)
    else:
        assert one.urls
        assert all(place.startswith("http") for place in one.urls)
        assert (one.description + one.licence).isprintable()


def test_a_name_is_found_in_a_file_and_at_an_address(tmp_path: Path) -> None:
    file = tmp_path / "registry.json"
    file.write_bytes(written({"harbour": entry(), "harvest": entry()}))
    assert find(str(file), "harbour", NETWORK).urls == (str(tmp_path / "harbour.pack"),)
    with Server(tmp_path) as server:
        where = server.address("registry.json")
        assert find(where, "harvest", NETWORK).urls == (server.address("harbour.pack"),)
        with pytest.raises(FetchError, match="--offline"):
            find(where, "harvest", Network(offline=True))
        with pytest.raises(FetchError, match="there is no registry"):
            find(server.address("none.json"), "harbour", NETWORK)
    with pytest.raises(FetchError, match="there is no registry"):
        find(str(tmp_path / "none.json"), "harbour", NETWORK)


def test_an_unknown_name_is_told_what_is_like_it(tmp_path: Path) -> None:
    file = tmp_path / "registry.json"
    file.write_bytes(written({"harbour": entry(), "wheat": entry()}))
    with pytest.raises(NotFoundError, match=r"no index named 'Harbor' among its 2") as caught:
        find(str(file), "Harbor", NETWORK)
    assert caught.value.hint == "did you mean harbour?"
    with pytest.raises(NotFoundError, match="among its 2"):
        find(str(file), "zzz", NETWORK)


def test_a_registry_has_a_bound(tmp_path: Path) -> None:
    file = tmp_path / "registry.json"
    file.write_bytes(written({"harbour": entry(description=" " * (4 << 20))}))
    with pytest.raises(FetchError, match="larger than the"):
        find(str(file), "harbour", NETWORK)
