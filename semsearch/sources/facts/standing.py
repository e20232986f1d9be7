"""Says why a record is not an article: by its status, its embargo or its kind, or because its text is a placeholder."""

import re
from collections.abc import Iterable, Iterator, Mapping

from semsearch.dates import parse_date
from semsearch.files import now_seconds
from semsearch.sources.facts import values

_WITHDRAWN = frozenset((
    "canceled", "cancelled", "cancel", "withheld", "killed", "kill", "mandatorykill", "recalled", "recall", "withdrawn",
    "retracted", "deleted", "trash", "trashed", "spiked", "removed", "unpublished", "takedown", "takendown", "expunged",
))  # fmt: skip
_UNPUBLISHED = frozenset((
    "draft", "autodraft", "pending", "pendingreview", "inreview", "inprogress", "submitted", "private", "hidden",
    "revision", "inherit", "scheduled", "future", "notpublished", "planned", "prepublished",
    "entwurf", "brouillon", "borrador", "bozza", "rascunho", "concept", "utkast", "kladde", "szkic", "taslak",
    "черновик", "草稿", "下書き",
))  # fmt: skip
_EMBARGOED = frozenset(("embargoed", "embargo", "onembargo", "underembargo"))

_NO_TEXT = {
    "picture": "a picture", "photo": "a picture", "graphic": "a graphic", "video": "a video", "audio": "a sound",
    "animation": "an animation", "event": "an event", "planning": "a plan of coverage",
    "newscoverage": "a plan of coverage",
    "component": "a part of an item", "package": "a package of other items", "concept": "a concept",
    "composite": "a package of other items",
}  # fmt: skip
_NO_POSTS = {
    "attachment": "a file that belongs to another post", "navmenuitem": "an entry of a menu", "revision": "a draft",
    "customcss": "a style sheet", "customizechangeset": "a change of settings", "oembedcache": "a cache",
    "wpblock": "a part of posts", "wptemplate": "a template", "wptemplatepart": "a template",
    "wpglobalstyles": "a style sheet", "wpnavigation": "a menu", "wpfontfamily": "a font", "wpfontface": "a font",
    "acffield": "a setting", "acffieldgroup": "a setting",
}  # fmt: skip
"""Folded types of records that content management systems keep beside their articles."""

_STATUSES = frozenset((
    "status", "pubstatus", "poststatus", "publicationstatus", "publishstatus", "publishingstatus", "articlestatus",
    "storystatus", "contentstatus", "workflowstate", "workflowstatus", "moderationstate", "state", "managementstatus",
    "articlestate", "statuscode", "visibility", "signal", "workflow",
))  # fmt: skip
_TYPES = frozenset(("posttype", "wpposttype", "contenttype", "type"))
_TRUE_FOR_DRAFTS = frozenset((
    "draft", "isdraft", "unpublished", "isunpublished", "deleted", "isdeleted", "removed", "isremoved", "hidden",
    "ishidden", "killed", "iskilled", "retracted", "isretracted", "retraction", "withdrawn", "iswithdrawn", "embargoed",
    "isembargoed", "trashed", "istrashed",
))  # fmt: skip
_FALSE_FOR_DRAFTS = frozenset(("published", "ispublished", "live", "islive", "visible", "isvisible"))
_COUNTS = frozenset(("killed", "removed", "live"))
"""Names of switches under which a number says how many there were."""

_SWITCHES = {
    "true": True, "yes": True, "t": True, "y": True, "1": True,
    "false": False, "no": False, "f": False, "n": False, "0": False,
}  # fmt: skip
_EMBARGO_TIMES = frozenset((
    "embargo", "embargoed", "embargountil", "embargoeduntil", "embargodate", "embargoeddate", "embargotime",
    "embargoends", "embargoenddate", "releaseafter", "publishafter",
))  # fmt: skip
_SCHEDULED_TIMES = frozenset(("publishat", "publishon", "scheduledfor", "scheduledat", "golive", "goliveat"))
_WITHDRAWAL_TIMES = frozenset(
    f"{done}{when}"
    for done in ("deleted", "removed", "trashed", "unpublished", "retracted", "withdrawn", "killed", "recalled")
    for when in ("at", "on", "date", "time")
)
"""Names of the time when a record was withdrawn, in databases that delete nothing."""

_DRAFT_IDS = "drafts."
"""Begins the `_id` of a draft in Sanity, where a draft and what was published are two records."""

_SEPARATORS = re.compile(r"[\W_]+")

_PLACEHOLDER = re.compile(
    r"only available (?:in|with|on|for|to) [\w ,/&-]{0,80}(?:plans?|subscribers|subscriptions?|members|customers)\.?"
    r"|(?:not available|unavailable|hidden) (?:in|on|with|for|to) (?:your|the|this|a) [\w -]{0,40}plan\b.{0,60}"
    r"|(?:please )?upgrade (?:your (?:plan|subscription)|to (?:a )?(?:paid|pro|premium)\b).{0,80}"
    r"|\[(?:redacted|no content|content removed|null|none)\]"
    r"|(?:currently )?(?:not available|unavailable)\.?"
    r"|(?:no|empty|missing) (?:content|text|body|description)(?: available| found| provided)?\.?"
    r"|(?:null|none|nan|nat|n/a|<na>|undefined|tbd|tba|to be announced|\[object object\])",
    re.IGNORECASE,
)
_LONGEST_PLACEHOLDER = 160


_FAILURE = re.compile(
    r"(?:error )?(?:40[0134]|410|429|50[0234])(?: error)?[ :–—-]{1,3}(?:error[ :–—-]{1,3})?(?:page )?"
    r"(?:not found|forbidden|unauthorized|bad request|gone|too many requests|access denied|service unavailable|"
    r"bad gateway|internal server error|(?:gateway )?time-?out)[.!]?"
    r"|(?:page not found|access denied|just a moment|checking your browser\b.{0,80})(?:\.{1,3}|…|!)?"
    r"|(?:please |you need to |please make sure to )?(?:enable|turn on|activate) (?:javascript|js|cookies)\b.{0,120}"
    r"|(?:javascript|cookies) (?:is|are|must be) (?:disabled|required|enabled|not (?:enabled|available))\b.{0,120}"
    r"|(?:please )?(?:verify|confirm|verifying)(?: that)? you are (?:a )?(?:human|not a robot)\b.{0,80}"
    r"|(?:please )?(?:subscribe|sign in|log in|login|register|sign up)(?: now)? to "
    r"(?:continue|keep|read|view|access|unlock|see)\b.{0,80}",
    re.IGNORECASE,
)
"""What a site shows instead of a text to a program, or to a reader who did not pay."""

_REMOVED = re.compile(r"\s*\[(?:removed|deleted)\]\s*", re.IGNORECASE)
"""What stands in the place of an article, or of its text, that its source has withdrawn."""


def is_removed(text: str) -> bool:
    """Tell whether a text only says that it was removed."""
    return _REMOVED.fullmatch(text) is not None


def is_placeholder(value: object) -> bool:
    """Tell whether a value only says that there is none: "ONLY AVAILABLE IN PAID PLANS", "[Removed]", "n/a"."""
    if not isinstance(value, str) or len(value) > _LONGEST_PLACEHOLDER:
        return False
    return _PLACEHOLDER.fullmatch(" ".join(value.split())) is not None


def is_failure(text: str) -> bool:
    """Tell whether a site showed this instead of the text: "404 Not Found", "Enable JavaScript to continue"."""
    return len(text) <= _LONGEST_PLACEHOLDER and _FAILURE.fullmatch(" ".join(text.split())) is not None


def withdrawal_reason(status: str, until: str = "") -> str | None:
    """Return why an item with this status is not an article; None if it may be one.

    Args:
        until: when an embargo ends, if that is given.
    """
    name = bare(status)
    key = _SEPARATORS.sub("", name)
    if key in _WITHDRAWN:
        return f"withdrawn by its source ({name})"
    if key in _UNPUBLISHED:
        return f"not published by its source ({name})"
    if key in _EMBARGOED:
        return embargo_reason(until) if until else "under embargo"
    return None


def embargo_reason(until: object) -> str | None:
    """Return why an item whose embargo ends then is not an article yet; None if the embargo has ended."""
    time = _time_to_come(until)
    return f"under embargo until {time}" if time else None


def _time_to_come(value: object) -> str:
    """Return the text of a time if it is still to come; "" for any other value."""
    date = parse_date(value) if isinstance(value, str | int | float) else None
    return date.text if date and date.earliest > now_seconds() else ""


def _taken_back(name: str, value: object) -> str | None:
    """Return why a record with this time of withdrawal is not an article; None for no time, or one still to come."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    date = parse_date(value)
    return f"withdrawn by its source ({name}: {date.text})" if date and date.earliest <= now_seconds() else None


def other_kind(kind: str) -> str | None:
    """Return what an item of a kind without a text is, such as "a picture"; None for any other kind."""
    return _NO_TEXT.get(bare(kind))


def other_post(kind: str) -> str | None:
    """Return what a record of a content management system is, if it is not an article; None if it may be one."""
    return _NO_POSTS.get(_SEPARATORS.sub("", bare(kind)))


def refusal(entries: Iterable[tuple[str, object]]) -> str | None:
    """Return why a record of any format is not an article according to itself; None if it may be one.

    Args:
        entries: the record's names and values.
    """
    for name, value in _with_workflow(entries):
        key = _SEPARATORS.sub("", name).casefold()
        reason = None
        if key in _STATUSES:
            reason = _status_reason(name, key, value)
        elif key in _TYPES and isinstance(value, str):
            kind = other_post(value)
            reason = f"{kind}, no article" if kind else None
        elif name == "_id" and isinstance(value, str) and value.startswith(_DRAFT_IDS):
            reason = "not published by its source (draft)"
        elif key in _SCHEDULED_TIMES and (time := _time_to_come(value)):
            reason = f"not published by its source until {time}"
        elif key in _WITHDRAWAL_TIMES:
            reason = _taken_back(name, value)
        elif key in _TRUE_FOR_DRAFTS or key in _FALSE_FOR_DRAFTS:
            reason = _switch_reason(name, key, value)
        if not reason and key in _EMBARGO_TIMES:
            reason = embargo_reason(value)
        if reason:
            return reason
    return None


def _with_workflow(entries: Iterable[tuple[str, object]]) -> Iterator[tuple[str, object]]:
    """Yield the entries, and those of an object `workflow`, which has the state that the record is in."""
    for name, value in entries:
        yield name, value
        if name.casefold() == "workflow" and isinstance(value, Mapping):
            yield from ((str(inner_name), inner) for inner_name, inner in value.items())


def _status_reason(name: str, key: str, value: object) -> str | None:
    """Return why a record with this status is not an article; None if it may be one.

    A status may be a text, an object with a name, a list of one, or false, as Drupal writes it. As a number it means
    something else in every program, and many are the steps of a workflow; only signals are given together.
    """
    if _bare_value(value) is False:
        return f"not published by its source ({name}: false)"
    statuses = values.tag_values(value)
    told = statuses if key == "signal" or len(statuses) == 1 else []
    return next(filter(None, map(withdrawal_reason, told)), None)


def _switch_reason(name: str, key: str, value: object) -> str | None:
    """Return why a record with this switch is not an article; None if it may be one."""
    value = _bare_value(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    switch = None if is_number and key in _COUNTS else _switch(value)
    is_unpublished = switch is (key in _TRUE_FOR_DRAFTS)
    return f"not published by its source ({name}: {str(value).strip().lower()})" if is_unpublished else None


def _bare_value(value: object) -> object:
    """Return the value in `[{"value": …}]`, as Drupal's REST writes each entry; else the value itself."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], Mapping) and "value" in value[0]:
        return value[0]["value"]
    return value


def _switch(value: object) -> bool | None:
    """Return whether a switch is on, as JSON, YAML, tables and databases write it; None if it is no switch."""
    if isinstance(value, int | float):
        return bool(value) if value in (0, 1) else None
    return _SWITCHES.get(value.strip().casefold()) if isinstance(value, str) else None


def bare(code: str) -> str:
    """Return "usable" for "stat:usable" and "http://cv.iptc.org/newscodes/pubstatusg2/usable"."""
    return code.strip().rpartition("/")[2].rpartition(":")[2].casefold()
