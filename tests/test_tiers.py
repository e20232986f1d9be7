"""Tiers: what an artifact holds of its articles, and what the index that is installed of it can be asked."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch import Index, Mode, Query
from semsearch.artifact.pull import pull
from semsearch.artifact.tiers import SNIPPET_CHARACTERS, _beginning
from semsearch.copies import paragraph_hashes
from semsearch.errors import ArtifactError, SemsearchError
from semsearch.types import Tier
from tests.array_files import arrays_in, arrays_of
from tests.packing import (
    ENCODER,
    PARTS,
    Artifact,
    arrays,
    asked,
    early,
    in_every_tier,
    keys_of,
    late,
    opened,
    packed,
    stored_articles,
    story,
    three_segments,
    tree,
)

WORDS = (
    *("token_keys", "token_words", "group_keys", "pair_keys", "row_postings"),
    *("article_postings", "places", "about", "row_spellings", "about_spellings"),
)
TERMS, REPEATS = "terms.arrays", "repeats.arrays"
EVERYONE = range(24)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return three_segments(tmp_path_factory.mktemp("tiers") / "councils")


@pytest.fixture(scope="module")
def artifacts(index: Path) -> dict[Tier, Artifact]:
    return in_every_tier(index)


# Packed


def test_of_snippets_nothing_travels_beyond_what_is_shown(artifacts: dict[Tier, Artifact]) -> None:
    full, found = artifacts[Tier.FULL], artifacts[Tier.SNIPPETS]
    everything = found.everything()
    terms, all_terms = ({*arrays(one, TERMS, "token_keys").tolist()} for one in (found, full))
    assert terms < all_terms
    for number in EVERYONE:
        for part in PARTS:
            assert early(number, part).encode() in everything
            assert late(number, part).encode() not in everything
            assert {*keys_of(early(number, part))} <= terms
            assert {*keys_of(late(number, part))} <= all_terms - terms
    hashes = {hash_ for number in EVERYONE for hash_ in whole_hashes(number)}
    for name in ("paragraphs", "sorted_paragraphs"):
        assert hashes <= {*arrays(full, REPEATS, name).tolist()}
        assert not {*arrays(found, REPEATS, name).tolist()} - {0} & {*arrays(full, REPEATS, name).tolist()}
        assert not {*arrays(found, REPEATS, name).tolist()} & hashes
    assert arrays(found, REPEATS, "sketches").tobytes() != arrays(full, REPEATS, "sketches").tobytes()
    assert not any(arrays_of_keys(found))
    assert any(arrays_of_keys(full))
    counted = arrays(found, TERMS, "lengths")
    assert counted.max() <= arrays(full, TERMS, "lengths").max()


def whole_hashes(number: int) -> list[int]:
    return [int(one) for one in paragraph_hashes(story(number).text)]


def arrays_of_keys(found: Artifact) -> list[int]:
    name = "keys.arrays"
    return [key for content in found.of(name) for key in arrays_in(name, content)["halves"].ravel().tolist()]


def test_of_snippets_each_passage_is_the_beginning_of_its_own(artifacts: dict[Tier, Artifact]) -> None:
    whole = stored_articles(artifacts[Tier.FULL])
    for name, line in stored_articles(artifacts[Tier.SNIPPETS]).items():
        spans = whole[name]["passages"]
        assert len(line["passages"]) == len(spans)
        for (start, end), (first, last) in zip(line["passages"], spans, strict=True):
            shown, passage = line["text"][start:end], whole[name]["text"][first:last]
            assert len(shown) <= SNIPPET_CHARACTERS
            assert shown.endswith(" …")
            assert passage.startswith(shown.removesuffix(" …"))
            assert passage[len(shown) - 2].isspace()
        assert {**line, "passages": 0, "text": 0, "origin": 0} == {**whole[name], "passages": 0, "text": 0, "origin": 0}


def test_of_vectors_there_is_no_word_of_any_text(artifacts: dict[Tier, Artifact]) -> None:
    found, whole = artifacts[Tier.VECTORS], stored_articles(artifacts[Tier.FULL])
    everything = found.everything()
    for number in EVERYONE:
        assert not [part for part in PARTS if f"zq{number}{part}".encode() in everything]
    for word in (b"harbour", b"glacier", b"drought"):
        assert word not in everything
    for name in WORDS:
        assert arrays(found, TERMS, name).size == 0
    assert arrays(found, REPEATS, "paragraphs").size == 0
    assert not arrays(found, TERMS, "lengths").any()
    assert not any(arrays_of_keys(found))
    for name, line in stored_articles(found).items():
        assert line["text"] == ""
        assert line["passages"] == whole[name]["passages"]
        assert line["article"] == whole[name]["article"]
    assert len(np.unique(arrays(found, REPEATS, "sketches"), axis=0)) == 1


def test_in_every_tier_vectors_are_those_of_whole_passages(artifacts: dict[Tier, Artifact]) -> None:
    for name in ("vectors.npy", "article_vectors.npy"):
        assert len({b"".join(found.of(name)) for found in artifacts.values()}) == 1
    for file, name in (("background.arrays", "headlines"), ("columns.arrays", "ids"), ("columns.arrays", "published")):
        assert len({arrays(found, file, name).tobytes() for found in artifacts.values()}) == 1


def test_what_is_less_is_packed_as_it_is_and_never_as_more(index: Path, tmp_path: Path) -> None:
    for at, tier in enumerate(Tier):
        packed(index, tmp_path / "x.pack", tier=tier)
        pull(str(tmp_path / "x.pack"), tmp_path / tier / "councils")
        for other in list(Tier)[:at]:
            with pytest.raises(ArtifactError, match=f"holds {tier} of its articles") as refused:
                packed(tmp_path / tier / "councils", tmp_path / "more.pack", tier=other)
            assert refused.value.hint == f"pack what it holds: --tier {tier}"
            assert not (tmp_path / "more.pack").exists()
        packed(tmp_path / tier / "councils", tmp_path / "again.pack", tier=tier)
        assert (tmp_path / "again.pack").read_bytes() == (tmp_path / "x.pack").read_bytes()
        for other in list(Tier)[at:]:
            packed(tmp_path / tier / "councils", tmp_path / "less.pack", tier=other)
            packed(index, tmp_path / "direct.pack", tier=other)
            if tier is Tier.FULL or other is tier:
                assert (tmp_path / "less.pack").read_bytes() == (tmp_path / "direct.pack").read_bytes()
            assert opened(tmp_path / "less.pack").json["manifest"]["recipe"]["tier"] == other


texts = st.text("abcü京 \n.", min_size=1, max_size=500)


@given(texts)
def test_the_beginning_of_a_beginning_is_all_of_it(text: str) -> None:
    shown = _beginning(text)
    assert len(shown) <= SNIPPET_CHARACTERS
    assert _beginning(shown) == shown
    assert text.startswith(shown.removesuffix(" …").rstrip()) if shown != text else len(text) <= SNIPPET_CHARACTERS


# Installed


@pytest.fixture(scope="module")
def tiers(index: Path, artifacts: dict[Tier, Artifact]) -> dict[Tier, Path]:
    """Where what was packed is installed."""
    for tier in artifacts:
        pull(str(index.parent / f"{tier}.pack"), index.parent / "installed" / tier)
    return {tier: index.parent / "installed" / tier for tier in artifacts}


def test_by_meaning_alone_every_tier_ranks_the_same(tiers: dict[Tier, Path]) -> None:
    ranked, sure = {}, {}
    for tier, place in tiers.items():
        with Index.open(place, encoder=ENCODER) as index:
            assert index.stats().recipe.tier is tier
            ranked[tier] = [
                [(hit.rank, hit.article.article_id, hit.passage.ordinal, hit.score) for hit in answer.hits]
                for answer in asked(index, Mode.DENSE)
            ]
            sure[tier] = [hit.confidence for answer in asked(index, Mode.DENSE) for hit in answer.hits]
    assert ranked[Tier.FULL] == ranked[Tier.SNIPPETS] == ranked[Tier.VECTORS]
    # The fewer words a tier holds, the fewer hits it knows to have every word of a query.
    assert all(full >= some for full, some in zip(sure[Tier.FULL], sure[Tier.VECTORS], strict=True))
    assert all(len(hits) == 24 for hits in ranked[Tier.FULL])


def test_a_passage_is_its_articles_text_from_start_to_end(tiers: dict[Tier, Path]) -> None:
    for tier in (Tier.FULL, Tier.SNIPPETS):
        with Index.open(tiers[tier], encoder=ENCODER) as index:
            for hit in [hit for answer in asked(index) for hit in answer.hits]:
                text = index.get(hit.article.article_id).text
                assert hit.text == text[hit.passage.start : hit.passage.end] != ""
    with Index.open(tiers[Tier.VECTORS], encoder=ENCODER) as index, Index.open(tiers[Tier.FULL]) as full:
        for hit in [hit for answer in asked(index) for hit in answer.hits]:
            assert hit.text == index.get(hit.article.article_id).text == ""
            whole = full.get(hit.article.article_id).text
            assert whole[hit.passage.start : hit.passage.end].startswith("The ")


@pytest.mark.parametrize("tier", [Tier.SNIPPETS, Tier.VECTORS])
def test_of_less_than_everything_one_may_delete_and_compact_and_not_add(
    tiers: dict[Tier, Path], tier: Tier, tmp_path: Path
) -> None:
    place = Path(shutil.copytree(tiers[tier], tmp_path / "own"))
    with Index.open(place, encoder=ENCODER) as index:
        before = tree(place)
        with pytest.raises(SemsearchError, match=f"holds {tier} of its articles") as refused:
            index.add([story(1)])
        assert refused.value.hint
        assert tree(place) == before
        assert len(index.delete(["https://news.example.org/s3"])) == 1
        index.compact()
        assert index.stats().segments == 1
        assert index.stats().recipe.tier is tier
        assert [segment.repeats.paragraphs.size for segment in index._engine._snapshot.segments] == (
            [0] if tier is Tier.VECTORS else [69]
        )
        assert index.verify().damages == ()
        assert len(asked(index, Mode.DENSE)[0].hits) == 23
    [terms] = [arrays_of(path)["token_keys"] for path in (place / "segments").rglob(TERMS)]
    assert bool(terms.size) == tier.has_words
    content = b"".join(path.read_bytes() for path in (place / "segments").rglob("*.*"))
    assert b"late" not in content
    assert (b"zq7oneearly" in content) == tier.has_words


def test_of_vectors_words_are_refused_and_mixtures_are_said(tiers: dict[Tier, Path]) -> None:
    with Index.open(tiers[Tier.VECTORS], encoder=ENCODER) as index:
        for query in (
            Query("harbour", mode=Mode.LEXICAL),
            Query("harbour", phrases=("the quay",)),
            Query("harbour", excluded=("boats",)),
        ):
            with pytest.raises(SemsearchError, match="holds vectors and no words") as refused:
                index.search(query)
            assert refused.value.hint == "ask by meaning alone: --mode dense"
        notice = "this index holds no words; searched by meaning alone"
        assert index.search("harbour").notices == (notice,)
        assert index.search(Query("harbour", mode=Mode.DENSE)).notices == ()
        assert index.similar("https://news.example.org/s3").hits
        with pytest.raises(SemsearchError, match="holds vectors and no words"):
            index.similar("https://news.example.org/s3", mode=Mode.LEXICAL)
