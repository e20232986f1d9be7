"""How much an index can hold: one table for writers and readers. Imports nothing of ours.

More than a limit is refused before anything is written (`LimitError`), so that everything written can be read.
"""

TEXT_CHARACTERS = 1 << 26
"""In an article's text. Passages have at least eight tokens on average, so there are at most SEGMENT_PASSAGES."""

LINE_CHARACTERS = 1 << 20
"""In a title, a name, an address, a tag's key or one of its values."""

VALUES = 1 << 16
"""Authors of an article, and values of one of its tags."""

TAGS = 1 << 16
"""Different keys of an article's tags."""

SECONDS = 1 << 62
"""Seconds before or after 1970; no date means so many."""

LEAST_PASSAGE_TOKENS = 16
PASSAGE_TOKENS = 10**9
"""Budget of a passage's own text. An encoder reads far fewer, and what it cannot read is cut."""

DIMENSIONS = 1 << 16
"""Of a vector."""

SAID_CHARACTERS = 10_000
"""In each text of a manifest, such as the encoder's name, or where an index came from."""

SEGMENT_ARTICLES = 1 << 20
SEGMENT_PASSAGES = 1 << 23
"""A writer puts some 100,000 into a segment, and more only where they are of one article."""

SEGMENTS = 10_000
MANIFEST_BYTES = 1 << 25
"""Those of some 8,000 segments. As JSON values they take thirty times as much memory."""

GENERATION = 10**15
"""Commits of an index, including those of the indexes that it replaced."""

PACKED_GENERATION = 10**12
"""The generation of an index in an artifact; where it is installed, it goes on counting from there."""

COUNT = (1 << 53) - 1
"""Any number of things. JavaScript and many parsers could not read more."""

HALF_LIFE_DAYS = 1e12
"""The longest half-life of recency; the shortest is this part of a day."""

MODEL_BYTES = 1 << 34
"""The largest model that is fetched; larger ones are useful only with a graphics card."""

MODEL_FILES = 10_000
"""Files that a hub lists for a model. Few have more than fifty."""

ASKED = 10**9
"""Hits, neighbours and the like that are asked for; more means all of them."""
