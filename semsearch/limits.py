"""How much an index can hold: one table, for whoever writes and for whoever reads. Imports nothing of ours.

What is beyond a limit is refused before anything is written (`LimitError`), so that what was written can be read.
"""

TEXT_CHARACTERS = 1 << 26
"""Of an article's text. A passage has eight tokens on average at least, so that there are at most SEGMENT_PASSAGES."""

LINE_CHARACTERS = 1 << 20
"""Of a title, a name, an address, a tag's key or one of its values."""

VALUES = 1 << 16
"""Authors of an article, and values of one of its tags."""

TAGS = 1 << 16
"""Of an article: different keys."""

SECONDS = 1 << 62
"""More, before or after 1970, than any second that a date can mean."""

LEAST_PASSAGE_TOKENS = 16
PASSAGE_TOKENS = 10**9
"""Budget of a passage's own text. An encoder reads far fewer, and what it cannot read is cut."""

DIMENSIONS = 1 << 16
"""Of a vector."""

SAID_CHARACTERS = 10_000
"""Of what a manifest says of itself, each time: the encoder's name, where an index came from."""

SEGMENT_ARTICLES = 1 << 20
SEGMENT_PASSAGES = 1 << 23
"""A writer puts some 100,000 into a segment, and more only where they are of one article."""

SEGMENTS = 10_000
MANIFEST_BYTES = 1 << 25
"""Of some 8,000 segments. As JSON values it takes thirty times as much memory."""

GENERATION = 10**15
"""Commits of an index, with those of the indexes that it replaced."""

PACKED_GENERATION = 10**12
"""Of an index that travels: where it is installed it goes on counting from there."""

COUNT = (1 << 53) - 1
"""Of anything. More could not be read by JavaScript and many a parser."""

HALF_LIFE_DAYS = 1e12
"""Of recency; at least as small a part of a day."""

MODEL_BYTES = 1 << 34
"""Of a model that is fetched: larger ones need a graphics card to be of use."""

MODEL_FILES = 10_000
"""That a hub lists for a model. Few have more than fifty."""

ASKED = 10**9
"""Of hits, neighbours and the like that anybody asks for: more means all that there is."""
