"""What a client accepts, and what it has already: the headers Accept, Accept-Encoding and If-None-Match (RFC 9110)."""

from collections.abc import Iterable, Mapping


def accepted(header: str, types: Mapping[str, str]) -> str | None:
    """Return the value of the media type that an Accept header prefers; None if it names none of them.

    Args:
        types: by media type, in lower case.
    """
    weights = {types[name]: weight for name, weight in _weights(header) if name in types and weight > 0}
    return max(weights, key=weights.__getitem__, default=None)  # the first of several with one weight


def accepts_gzip(header: str) -> bool:
    """Tell whether an Accept-Encoding header allows gzip."""
    weights = dict(_weights(header))
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def has_tag(header: str, etag: str) -> bool:
    """Tell whether an If-None-Match header names an ETag; "*" names none, as it asks whether there is anything."""
    return etag in [tag.strip().removeprefix("W/") for tag in header.split(",")]


def _weights(header: str) -> Iterable[tuple[str, float]]:
    for item in header.split(","):
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        weight = next((value.removeprefix("q=") for value in parameters if value.startswith("q=")), "1")
        yield name, _number(weight)


def _number(weight: str) -> float:
    try:
        return float(weight)
    except ValueError:
        return 0.0
