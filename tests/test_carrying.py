"""What merging takes over is, byte for byte, what would be derived from the texts."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.engines.local import lexicon, new_lexicon
from semsearch.engines.local.merge import contents_of, selections
from semsearch.engines.local.new_segment import write_contents, write_segment
from semsearch.engines.local.segment import Segment
from semsearch.ports import Entry
from tests.examples import examples
from tests.making import article, entry
from tests.stories import ANEW, ELSEWHERE, STORY, whole

DIMENSIONS = 4
TEXTS = [
    whole(*STORY),
    whole(*STORY[:2], ANEW),
    whole(*ELSEWHERE),
    whole(ELSEWHERE[0], STORY[0]),
    "Die Brücke über den Fluss wird nach dem Hochwasser neu gebaut, wie der Rat am Dienstag beschloss.",
    "旧桥将在洪水后重建。\n\n市议会星期二作出了决定。",
    "short",
    "river " * 400,
    "?!",
]

articles = st.builds(
    lambda number, text, publisher, language: entry(
        article(f"a{number}", TEXTS[text], publisher=publisher, language=language), DIMENSIONS
    ),
    st.integers(0, 40),
    st.integers(0, len(TEXTS) - 1),
    st.sampled_from([None, "Coast Courier", "Talbote"]),
    st.sampled_from([None, "en", "de", "zh"]),
)


def stored(folder: Path, entries: list[Entry], *, with_words: bool, deleted: list[int]) -> Segment:
    named = write_segment(folder, 1, entries, with_words=with_words)
    segment = Segment(folder, named, DIMENSIONS)
    segment.alive[[at for at in deleted if at < named.articles]] = False
    return segment


@examples(25)
@given(
    contents=st.lists(articles, min_size=1, max_size=30, unique_by=lambda one: one.article.metadata.article_id),
    cuts=st.lists(st.integers(1, 29), max_size=3, unique=True),
    deleted=st.lists(st.integers(0, 30), max_size=6),
    passages=st.sampled_from([1, 7, 1_000]),
    with_words=st.booleans(),
    together=st.sampled_from([1, 20, 1 << 18]),
)
def test_what_is_taken_over_is_what_would_be_derived(
    tmp_path_factory: pytest.TempPathFactory,
    contents: list[Entry],
    cuts: list[int],
    deleted: list[int],
    passages: int,
    with_words: bool,
    together: int,
) -> None:
    folder = tmp_path_factory.mktemp("segments")
    bounds = [0, *sorted(cut for cut in cuts if cut < len(contents)), len(contents)]
    segments = [
        stored(folder / str(begin), contents[begin:end], with_words=with_words, deleted=deleted)
        for begin, end in pairwise(bounds)
    ]
    living = sorted(one.article_id(at) for one in segments for at in range(one.entry.articles) if one.alive[at])
    seen: list[str] = []
    for number, selection in enumerate(selections(segments, passages)):
        entries = selection.entries()
        seen += [one.article.metadata.article_id for one in entries]
        anew = write_segment(folder / f"anew{number}", 2, entries, with_words=with_words)
        with pytest.MonkeyPatch.context() as patch:
            for module in (lexicon, new_lexicon):
                patch.setattr(module, "TOGETHER", together)
            carried = write_contents(folder / f"carried{number}", 2, contents_of(selection))
        assert carried == anew
    assert seen == living
