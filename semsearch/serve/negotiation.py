"""What a client accepts, and what it has already: the headers Accept, Accept-Encoding and If-None-Match (RFC 9110)."""

from collections.abc import Iterable, Mapping


def accepted(header: str, types: Mapping[str, str]) -> str | None:
    """Return the value of the media type that an Accept header prefers; None if it allows none of them.

    Of several with one weight, that which is named first is returned, and before those that only a range such as
    `text/*` allows.

    Args:
        types: by media type, in lower case; of those that one range allows the first is preferred.
    """
    weights = dict(_weights(header))
    names = list(weights)
    found: list[tuple[float, int, str]] = []
    for media_type, value in types.items():
        ranges = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
        if (named := next((name for name in ranges if name in weights), None)) and weights[named] > 0:
            place = names.index(named) if named == media_type else len(names)
            found.append((weights[named], -place, value))
    return max(found, key=lambda candidate: candidate[:2])[2] if found else None


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
