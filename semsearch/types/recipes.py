"""How vectors and indexes are made."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Precision(StrEnum):
    """In which numbers an encoder computes."""

    AUTO = (
        "auto"  # the fastest of this machine: bfloat16 where the processor has it (cosines within 1e-3), else float32
    )
    F32 = "f32"  # float32: within 1e-5 on every machine, for indexes that travel

    @property
    def is_half(self) -> bool:
        """Whether vectors are stored with half the digits: they are no more exact than that."""
        return self is Precision.AUTO


class Tier(StrEnum):
    """How much of its articles an index holds, for what rights allow."""

    FULL = "full"  # everything
    SNIPPETS = "snippets"  # of each passage its beginning, and words of that alone; vectors of whole passages
    VECTORS = "vectors"  # no text and no words: metadata, vectors, and where each passage stood

    @property
    def has_words(self) -> bool:
        """Whether it can be searched by words."""
        return self is not Tier.VECTORS


@dataclass(frozen=True, slots=True)
class EncoderIdentity:
    """What must be equal for two vectors to be comparable."""

    name: str  # as the user may name it again
    digest: str  # SHA-256 over weights, tokenizer and configuration
    dimensions: int
    pooling: str  # "mean", "cls", …
    query_prefix: str = ""
    passage_prefix: str = ""


@dataclass(frozen=True, slots=True)
class CosineScale:
    """What cosines of an encoder mean. The defaults are the default model's, and of indexes that do not say."""

    mean: float = 0.08  # of a query and texts about something else
    growth: float = 0.062  # how far the best of N such texts is above the mean, divided by ln N
    doubt: float = 0.0  # how much nearer such texts in the query's language may be, until an index shows how near
    trust: float = 1.0  # 0 to 1: how well the encoder tells what answers a question; 0: no better than chance


@dataclass(frozen=True, slots=True)
class ReadyModel:
    """A model that was made ready for this machine, or could not be."""

    name: str  # as a user knew it then
    precision: str  # "f32" or "bf16"
    path: str  # the folder where it is kept
    size_bytes: int
    refused: str | None  # why torch runs it instead
    least_cosine: float | None  # between its vector of a text and the original's: the worst of all texts compared
    mean_cosine: float | None

    def to_dict(self) -> dict[str, object]:
        """Return one entry of `model list --json`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class FetchedModel:
    """A model that was fetched from a hub."""

    name: str  # as a user may name it
    revision: str  # the commit
    path: str  # its folder
    licence: str | None  # as its card states it
    files: int
    size_bytes: int
    fetched_bytes: int  # 0 where it was there already

    def to_dict(self) -> dict[str, object]:
        """Return it for `model get --json`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an index was made; a query must use the same encoder, an addition all of it."""

    encoder: EncoderIdentity
    passage_tokens: int  # budget of a passage's own text, in the encoder's tokens
    identity_version: int
    text_version: int  # of the normalisation in text.py
    layout: str = "flat"
    precision: Precision = Precision.F32  # of all vectors; AUTO where some may be less exact
    tier: Tier = Tier.FULL
    cosines: CosineScale = CosineScale()


@dataclass(frozen=True, slots=True)
class Origin:
    """Of which artifact an index was installed."""

    where: str  # a path or an address, as it was given or as a registry names it
    name: str  # what its publisher calls it
    release: str
    contents_sha256: str  # of the artifact's table of contents, which has all other checksums
    signed_by: str | None  # the public key that was known and that signed it
    generation: int  # of the index when it was installed: a later one has changes of its own
