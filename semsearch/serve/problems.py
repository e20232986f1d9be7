"""Errors as RFC 9457 problem details (`application/problem+json`)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Self

from starlette.responses import Response

from semsearch.errors import NotFoundError, QueryTimeoutError, SemsearchError, StoredIndexError, UsageError
from semsearch.rendering import json_text
from semsearch.serve.parameters import ParameterError

MEDIA_TYPE = "application/problem+json"

_COMMAND = "semsearch "
"""In hints that are for a terminal, and of no use over HTTP."""


class Problem(Exception):  # noqa: N818  the name in RFC 9457
    """A reason not to answer a request, with its HTTP status."""

    def __init__(
        self,
        status: HTTPStatus,
        kind: str,
        detail: str,
        hint: str = "",
        *,
        parameter: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Describe the problem.

        Args:
            kind: the last part of its `type`, by which programs recognise it.
            parameter: the name of the wrong parameter.
        """
        super().__init__(detail)
        self.status, self.kind, self.hint, self.parameter = status, kind, hint, parameter
        self.headers = dict(headers or {})

    def to_dict(self) -> dict[str, Any]:
        """Return the problem as values of JSON."""
        fields = {"kind": self.kind, "hint": self.hint, "parameter": self.parameter, "headers": self.headers}
        return {"status": self.status.value, "detail": str(self), **fields}

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Self:
        """Return the problem that `to_dict` wrote."""
        return cls(**{**fields, "status": HTTPStatus(fields["status"])})

    def response(self) -> Response:
        """Return the response that says so."""
        body: dict[str, object] = {
            "type": f"urn:semsearch:problem:{self.kind}",
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": str(self),
        }
        if self.hint:
            body["hint"] = self.hint
        if self.parameter:
            body["parameter"] = self.parameter
        headers = {"Cache-Control": "no-store", **self.headers}
        return Response(json_text(body, pretty=False), self.status.value, headers, MEDIA_TYPE)


def problem_of(error: SemsearchError) -> Problem:
    """Return the problem that describes an error."""
    if isinstance(error, ParameterError):
        name = error.parameter or None
        return Problem(HTTPStatus.BAD_REQUEST, "parameter", str(error), error.hint, parameter=name)
    if isinstance(error, QueryTimeoutError):
        headers = {"Retry-After": "5"}
        hint = "narrow it with a filter or a date, or use rarer words and fewer phrases"
        return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "query-timeout", str(error), hint, headers=headers)
    hint = "" if _COMMAND in error.hint else error.hint
    if isinstance(error, UsageError):
        return Problem(HTTPStatus.BAD_REQUEST, "query", str(error), hint)
    if isinstance(error, NotFoundError):
        return Problem(HTTPStatus.NOT_FOUND, "article", str(error), hint)
    kind = "index" if isinstance(error, StoredIndexError) else "internal"
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, kind, str(error), error.hint)
