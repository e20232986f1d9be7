"""The description of the API in OpenAPI 3.2, made from the table of parameters."""

from collections.abc import Mapping, Sequence

from semsearch import __version__
from semsearch.serve.parameters import (
    ARTICLES,
    COVERAGE,
    FACETS,
    SEARCH,
    SIMILAR,
    TIMELINE,
    Parameter,
)
from semsearch.types import Copies, Interval, Mode, Verdict

_Object = dict[str, object]

_TEXT: _Object = {"type": "string"}
_TEXT_OR_NULL: _Object = {"type": ["string", "null"]}
_WHOLE: _Object = {"type": "integer", "minimum": 0}
_NUMBER: _Object = {"type": "number"}
_SHARE: _Object = {"type": "number", "minimum": 0, "maximum": 1}
_TEXTS: _Object = {"type": "array", "items": _TEXT}


def _object(required: Mapping[str, _Object], optional: Mapping[str, _Object] | None = None) -> _Object:
    return {"type": "object", "properties": {**required, **(optional or {})}, "required": list(required)}


def _list(items: _Object) -> _Object:
    return {"type": "array", "items": items}


def _enum(names: Sequence[str]) -> _Object:
    return {"type": "string", "enum": [str(name) for name in names]}


def _ref(name: str) -> _Object:
    return {"$ref": f"#/components/schemas/{name}"}


_PASSAGE: dict[str, _Object] = {"passage_id": _TEXT, "start": _WHOLE, "end": _WHOLE, "text": _TEXT}
_COUNT: dict[str, _Object] = {"matching": _WHOLE, "total": _WHOLE, "share": _SHARE}
_SELECTION: dict[str, _Object] = {
    "query": _TEXT_OR_NULL,
    "understood": {"type": "object"},
    "filters": {"type": "object"},
    "verdict": _enum(list(Verdict)),
    "copies": _enum(list(Copies)),
    "notices": _TEXTS,
    **_COUNT,
}

_SCHEMAS: dict[str, _Object] = {
    "Article": _object(
        {
            "article_id": {"type": "string", "pattern": "^[0-9a-f]{20}$"},
            "title": _TEXT,
            "url": _TEXT_OR_NULL,
            "publisher": _TEXT_OR_NULL,
            "authors": _TEXTS,
            "published": _TEXT_OR_NULL,
            "updated": _TEXT_OR_NULL,
            "indexed": _TEXT_OR_NULL,
            "sha256": _TEXT,
            "language": _TEXT_OR_NULL,
            "section": _TEXT_OR_NULL,
            "tags": {"type": "object", "additionalProperties": _TEXTS},
        }
    ),
    "Copy": _object(
        {
            "article_id": _TEXT,
            "title": _TEXT,
            "publisher": _TEXT_OR_NULL,
            "published": _TEXT_OR_NULL,
            "url": _TEXT_OR_NULL,
        }
    ),
    "Hit": _object(
        {
            "rank": {"type": "integer", "minimum": 1},
            "score": _NUMBER,
            "confidence": _SHARE,
            "scores": {"type": "object", "additionalProperties": _NUMBER},
            "verdict": _enum(list(Verdict)),
            "ordinal": _WHOLE,
            **_PASSAGE,
            "sentence": {"oneOf": [{"type": "null"}, _object({"start": _WHOLE, "end": _WHOLE})]},
            "article": _ref("Article"),
            "more": _list(_object({**_PASSAGE, "score": _NUMBER})),
            "copies": _list(_ref("Copy")),
            "marks": _TEXTS,
        },
        {"context": _list(_object(_PASSAGE)), "explanation": {"type": "object"}, "republishes": _ref("Copy")},
    ),
    "Answer": _object(
        {
            "query": _TEXT,
            "mode": _enum(list(Mode)),
            "understood": {"type": "object"},
            "filters": {"type": "object"},
            "verdict": _enum(list(Verdict)),
            "notices": _TEXTS,
            "total": _WHOLE,
            "hits": _list(_ref("Hit")),
        }
    ),
    "Count": _object(_COUNT),
    "Facets": _object(
        {
            **_SELECTION,
            "facets": {
                "type": "object",
                "additionalProperties": _object(
                    {"values": _list(_object({"value": _TEXT, **_COUNT})), "omitted": _WHOLE, "without": _ref("Count")}
                ),
            },
        }
    ),
    "Timeline": _object(
        {
            **_SELECTION,
            "interval": _enum(list(Interval)),
            "timezone": _TEXT,
            "bars": _list(_object({"start": _TEXT, **_COUNT, "complete": {"type": "boolean"}})),
            "undated": _ref("Count"),
            "imprecise": _ref("Count"),
        }
    ),
    "Coverage": _object(
        {
            "articles": _WHOLE,
            "undated": _WHOLE,
            "words_only": _WHOLE,
            "first": _TEXT_OR_NULL,
            "last": _TEXT_OR_NULL,
            "days": _WHOLE,
            "days_without": _WHOLE,
            "longest_gap": {"type": ["array", "null"], "items": _TEXT},
            "publishers": _WHOLE,
            "publishers_without": _TEXTS,
        }
    ),
    "WholeArticle": _object({"article": _ref("Article"), "text": _TEXT}),
    "Stats": _object({"articles": _WHOLE, "passages": _WHOLE, "generation": _WHOLE}),
    "Health": _object({"status": _enum(["ok"]), "version": _TEXT, "generation": _WHOLE, "articles": _WHOLE}),
    "Problem": _object(
        {"type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT},
        {"hint": _TEXT, "parameter": _TEXT},
    ),
}

_ANSWER_FORMS = {
    "application/jsonl": _TEXT,
    "text/csv": _TEXT,
    "text/tab-separated-values": _TEXT,
    "text/markdown": _TEXT,
    "application/x-research-info-systems": _TEXT,
}
_PROBLEMS = {
    "400": "The request is not right.",
    "401": "A token is needed.",
    "403": "The page that asks may not.",
    "404": "There is no such article.",
    "410": "The cursor's generation is no longer open.",
    "408": "The body did not arrive in time.",
    "413": "The body is too large.",
    "415": "The body is not JSON.",
    "421": "The host is not served here.",
    "429": "Too many requests wait.",
    "503": "The answer took too long, or there are too many connections or large requests.",
}
_GETTING = ("400", "401", "403", "421")
_ASKING = (*_GETTING, "429", "503")
_SENDING = (*_ASKING, "408", "413", "415")


def description(*, has_token: bool) -> _Object:
    """Return the OpenAPI document."""
    answer = {"application/json": _ref("Answer"), **_ANSWER_FORMS}
    csv = {"text/csv": _TEXT}
    document: _Object = {
        "openapi": "3.2.0",
        "info": {
            "title": "semsearch",
            "version": __version__,
            "summary": "Semantic search over news.",
        },
        "paths": {
            "/search": _path("search", "Find the closest passages.", SEARCH, answer, "410"),
            "/facets": _path("facets", "Count articles by field.", FACETS, {**_json("Facets"), **csv}),
            "/timeline": _path("timeline", "Count articles over time.", TIMELINE, {**_json("Timeline"), **csv}),
            "/coverage": {"get": _get("coverage", "What is not here.", COVERAGE, _json("Coverage"), _ASKING)},
            "/similar/{id}": {
                "get": _get(
                    "similar", "Find what is close to an article.", SIMILAR, answer, (*_ASKING, "404"), has_id=True
                )
            },
            "/articles": {
                "get": _get(
                    "articles",
                    "List articles, newest first.",
                    ARTICLES,
                    {
                        "application/json": _list(_ref("Article")),
                        "application/jsonl": _TEXT,
                        **csv,
                        "text/tab-separated-values": _TEXT,
                    },
                    _GETTING,
                )
            },
            "/articles/{id}": {
                "get": _get("article", "Get one article.", (), _json("WholeArticle"), (*_ASKING, "404"), has_id=True)
            },
            "/stats": {"get": _get("stats", "What the index holds.", (), _json("Stats"), _ASKING)},
            "/health": {"get": _get("health", "Whether the server answers.", (), _json("Health"), _GETTING)},
            "/metrics": {"get": _get("metrics", "Metrics for Prometheus.", (), {"text/plain": _TEXT}, _GETTING)},
        },
        "components": {"schemas": _SCHEMAS},
    }
    if has_token:
        document["components"] = {
            "schemas": _SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        }
        document["security"] = [{"token": []}]
    return document


def _json(name: str) -> dict[str, _Object]:
    return {"application/json": _ref(name)}


def _path(name: str, summary: str, table: Sequence[Parameter], content: Mapping[str, _Object], *more: str) -> _Object:
    body = {
        "type": "object",
        "properties": {
            parameter.name: {**parameter.schema(), "description": parameter.description} for parameter in table
        },
        "required": [parameter.name for parameter in table if parameter.required],
        "additionalProperties": False,
    }
    by_body = {
        method: {
            "operationId": f"{name}_{method}",
            "summary": summary,
            "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
            "responses": _responses(content, (*_SENDING, *more)),
        }
        for method in ("query", "post")
    }
    return {"get": _get(name, summary, table, content, (*_ASKING, *more)), **by_body}


def _get(
    name: str,
    summary: str,
    table: Sequence[Parameter],
    content: Mapping[str, _Object],
    problems: Sequence[str],
    *,
    has_id: bool = False,
) -> _Object:
    items: list[_Object] = []
    if has_id:
        about = "The id of an article, the beginning of its id, its address, or its source's own id."
        schema = {"type": "string", "minLength": 1}
        items.append({"name": "id", "in": "path", "required": True, "description": about, "schema": schema})
    for parameter in table:
        entry: _Object = {
            "name": parameter.name,
            "in": "query",
            "description": parameter.description,
            "schema": parameter.schema(),
        }
        if parameter.required:
            entry["required"] = True
        if parameter.example is not None:
            entry["example"] = parameter.example
        items.append(entry)
    return {"operationId": name, "summary": summary, "parameters": items, "responses": _responses(content, problems)}


def _responses(content: Mapping[str, _Object], problems: Sequence[str]) -> _Object:
    return {
        "200": {
            "description": "The answer.",
            "content": {name: {"schema": schema} for name, schema in content.items()},
        },
        "304": {"description": "Nothing has changed since the ETag that was sent."},
        **{
            status: {
                "description": _PROBLEMS[status],
                "content": {"application/problem+json": {"schema": _ref("Problem")}},
            }
            for status in sorted(problems)
        },
    }
