"""Searches as plain data, which another process can answer as well, and the bodies of their answers."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from http import HTTPStatus
from typing import Any, Self

from semsearch import conditions
from semsearch.rendering import FORMATS, Style, json_text
from semsearch.rendering.ris import answer_ris
from semsearch.serve import parameters
from semsearch.serve.cursors import Cursor, digest_of
from semsearch.serve.generations import Generation
from semsearch.serve.parameters import Values
from semsearch.serve.problems import Problem
from semsearch.types import Answer, Article, Mode

_RENDERERS: Mapping[str, Callable[[Answer, Style], Iterator[str]]] = {
    **{name: form.answer for name, form in FORMATS.items()},
    "ris": answer_ris,
}


@dataclass(frozen=True)
class HttpReply:
    """The body of a response, the name of its format, and headers of its own."""

    body: bytes
    form: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Question:
    """What a request wants to find in one generation."""

    values: Values  # the parameters of the request, checked
    form: str  # of the answer
    as_of: int  # UTC second that relative dates count back from
    seconds: float  # the most that the answer may take
    offset: int = 0  # hits to leave out
    article: str | None = None  # what is similar to this article is wanted, by its id or address; None: a search

    def to_dict(self) -> dict[str, Any]:
        """Return the question as values of JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Self:
        """Return the question that `to_dict` wrote, after it was sent as JSON."""
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in fields["values"].items()}
        return cls(**{**fields, "values": values})

    def reply(self, generation: Generation) -> HttpReply:
        """Answer from one generation.

        Raises:
            Problem: there is no such article.
            SemsearchError: as `Index.search` and `Index.similar` do.
        """
        return self._found(generation) if self.article is None else self._similar(generation, self.article)

    def _found(self, generation: Generation) -> HttpReply:
        query = replace(parameters.query_of(self.values, self.seconds), offset=self.offset, as_of=self.as_of)
        answer = generation.index.search(query)
        headers = _timing(answer)
        if len(answer.hits) == query.k:
            cursor = Cursor(generation.version, digest_of(self.values), self.offset + query.k, self.as_of)
            headers["Next-Cursor"] = cursor.written()
        return HttpReply(_rendered(answer, self.form), self.form, headers)

    def _similar(self, generation: Generation, article: str) -> HttpReply:
        answer = generation.index.similar(
            article_of(generation, article).metadata.article_id,
            self.values.get("k", 10),
            filters=conditions.resolved(parameters.filters_of(self.values), self.as_of),
            mode=Mode(self.values.get("mode", Mode.HYBRID)),
            timeout=min(self.values.get("timeout", self.seconds), self.seconds),
        )
        return HttpReply(_rendered(answer, self.form), self.form, _timing(answer))


def article_of(generation: Generation, name: str) -> Article:
    """Return the article that has an id or an address; raises Problem where there is none."""
    article_id = generation.index.resolve(name)
    if article_id is None:
        hint = "ids and addresses are in the answers of /search and /articles"
        raise Problem(HTTPStatus.NOT_FOUND, "article", f"no article {name!r:.200}", hint)
    return generation.index.get(article_id)


def joined(pieces: Iterable[str], form: str) -> bytes:
    """Return pieces of output in a format as a body, or as a part of one."""
    return "".join(pieces).encode("utf-16-le" if form == "excel" else "utf-8", "backslashreplace")


def _timing(answer: Answer) -> dict[str, str]:
    return {"Server-Timing": f"search;dur={answer.took_ms:.1f}"}


def _rendered(answer: Answer, form: str) -> bytes:
    if form == "json":
        answer_dict = answer.to_dict()
        del answer_dict["took_ms"]  # it is in a header, so that the same answer has the same bytes
        return json_text(answer_dict, pretty=False).encode()
    return joined(_RENDERERS[form](answer, Style()), form)
