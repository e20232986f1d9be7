"""Recipes of vectors and indexes, and the models that make them."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Precision(StrEnum):
    """The kind of numbers that an encoder computes with."""

    AUTO = "auto"  # the fastest on this machine: bfloat16 (cosines within 1e-3) if the processor has it, else float32
    F32 = "f32"  # float32: within 1e-5 on every machine, for indexes that travel

    @property
    def is_half(self) -> bool:
        """Whether vectors are stored in half precision: they are no more exact than that."""
        return self is Precision.AUTO


class Tier(StrEnum):
    """How much of its articles an index holds, to respect their rights."""

    FULL = "full"  # everything
    SNIPPETS = "snippets"  # the beginning of each passage and only its words; vectors of whole passages
    VECTORS = "vectors"  # metadata, vectors and where each passage was; neither text nor words

    @property
    def has_words(self) -> bool:
        """Whether such an index can be searched by words."""
        return self is not Tier.VECTORS


@dataclass(frozen=True, slots=True)
class EncoderIdentity:
    """What must be equal for two vectors to be comparable."""

    name: str  # by which a user can load it
    digest: str  # SHA-256 over weights, tokenizer and configuration
    dimensions: int
    pooling: str  # "mean", "cls", …
    query_prefix: str = ""
    passage_prefix: str = ""


@dataclass(frozen=True, slots=True)
class CosineScale:
    """What cosines of an encoder mean. The defaults are for the default model, and for indexes without a scale."""

    mean: float = 0.08  # cosine of a query and a text about something else
    growth: float = 0.062  # how far the best of N such texts is above the mean, divided by ln N
    doubt: float = 0.0  # how much nearer such texts in the query's language may be, until an index shows how near
    trust: float = 1.0  # 0 to 1: how well the encoder recognises what answers a question; 0: no better than chance


@dataclass(frozen=True, slots=True)
class ReadyModel:
    """A model that was prepared for this machine, or could not be."""

    name: str  # by which the user named it
    precision: str  # "f32" or "bf16"
    path: str  # the folder where it is kept
    size_bytes: int
    refused: str | None  # why it could not be, and torch runs it instead
    least_cosine: float | None  # lowest cosine between its vector of a text and the original model's
    mean_cosine: float | None

    def to_dict(self) -> dict[str, object]:
        """Return one entry of `model list --json`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class FetchedModel:
    """A model that was fetched from a hub."""

    name: str  # by which a user can load it
    revision: str  # the commit
    path: str  # its folder
    licence: str | None  # as its card states it
    files: int
    size_bytes: int
    fetched_bytes: int  # 0 if it was there already

    def to_dict(self) -> dict[str, object]:
        """Return the object of `model get --json`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an index was made; queries must use the same encoder, additions the same recipe."""

    encoder: EncoderIdentity
    passage_tokens: int  # budget of a passage's own text, in the encoder's tokens
    identity_version: int
    text_version: int  # of the normalisation in text.py
    layout: str = "flat"
    precision: Precision = Precision.F32  # of all vectors; AUTO if some may be less exact
    tier: Tier = Tier.FULL
    cosines: CosineScale = CosineScale()


@dataclass(frozen=True, slots=True)
class Origin:
    """The artifact that an index was installed from."""

    where: str  # a path or an address, as it was given or as a registry has it
    name: str  # that its publisher gave it
    release: str
    contents_sha256: str  # of the artifact's table of contents, which has all other checksums
    signed_by: str | None  # the trusted public key that signed it
    generation: int  # of the index when it was installed; a later one has changes of its own
