"""The HTTP API: the same answers as Python gives, errors that say what is wrong, and guards that hold."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

pytest.importorskip("starlette", reason="the extra `serve` is not installed")

from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from semsearch import Filters, Index, Query, Verdict, __version__
from semsearch.encoders import load_encoder
from semsearch.rendering import json_text, stats_dict
from semsearch.serve.api import application
from semsearch.serve.generations import KEPT, Generations
from semsearch.serve.settings import Settings
from semsearch.types import Copies, Interval, Mode
from tests.commands import wire_index
from tests.making import article, day

HERE = "http://127.0.0.1"
JSON = {"Content-Type": "application/json"}
AS_OF = "2021-01-01"
TOPIC = ("topics", "harbour")
TOKEN = "of these tests"  # noqa: S105  not a secret
SETTINGS = Settings(renewal_seconds=0.05)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wire_index(tmp_path_factory.mktemp("serving") / "index")


@pytest.fixture(scope="module")
def news(place: Path) -> Index:
    return Index.open(place, encoder=load_encoder("hashing"))


@pytest.fixture(scope="module")
def client(place: Path) -> Iterator[TestClient]:
    with serving(place) as client:
        yield client


def serving(place: Path, settings: Settings = SETTINGS, base_url: str = HERE) -> TestClient:
    generations = Generations(Index.open(place, encoder=load_encoder("hashing")))
    return TestClient(application(generations, settings), base_url, raise_server_exceptions=False)


def over_http(answer: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(json_text(answer.to_dict()))
    told.pop("took_ms", None)
    return told


# The same as Python


@pytest.mark.parametrize(
    ("parameters", "query"),
    [
        ({"q": "harbour board"}, Query("harbour board")),
        ({"q": '"second quay" -ice', "k": 3}, Query('"second quay" -ice', 3)),
        ({"q": '"second quay" -ice', "syntax": "query"}, Query.parse('"second quay" -ice')),
        (
            {"q": "quay since:2020-02", "syntax": "query", "publisher": ["Coast Courier", "Talbote"]},
            Query.parse("quay since:2020-02", filters=Filters(publishers={"Coast Courier", "Talbote"})),
        ),
        (
            {"q": "quay", "mode": "lexical", "sort": "date", "tag": ["topics=harbour"], "group_by": "copies"},
            Query("quay", mode="lexical", sort="date", filters=Filters(tags={TOPIC}), group_by="copies"),
        ),
        (
            {"q": "dockers", "explain": True, "emphasise": True, "context": 1, "min_confidence": 0.1}
            | {"recency": 30.0, "as_of": AS_OF},
            Query("dockers", explain=True, emphasise=True, context=1, min_confidence=0.1, recency=30.0, as_of=AS_OF),
        ),
        (
            {"q": "quay", "timezone": "Europe/Berlin", "since": "2y", "as_of": AS_OF, "undated": "include"},
            Query("quay", filters=Filters(timezone="Europe/Berlin", since="2y", undated=True), as_of=AS_OF),
        ),
    ],
)
def test_a_search_is_the_same_by_every_method(
    client: TestClient, news: Index, parameters: dict[str, Any], query: Query
) -> None:
    written = {name: str(value).lower() if isinstance(value, bool) else value for name, value in parameters.items()}
    got = client.get("/search", params=written)
    assert got.status_code == 200, got.text
    assert got.json() == over_http(news.search(query))
    assert got.json()["hits"]
    for method in ("POST", "QUERY"):
        sent = client.request(method, "/search", json=parameters)
        assert (sent.status_code, sent.content) == (200, got.content)
    assert re.fullmatch(r"search;dur=[\d.]+", got.headers["Server-Timing"])


def test_articles_and_what_is_similar_are_the_same(client: TestClient, news: Index) -> None:
    for known in news.articles():
        article = news.get(known.article_id)
        expected = {"article": json.loads(json_text(known.to_dict())), "text": article.text}
        assert client.get(f"/articles/{known.article_id}").json() == expected
    assert client.get(f"/articles/{known.url}").json() == expected
    similar = client.get(f"/similar/{known.article_id}", params={"k": 3, "language": "en"})
    assert similar.json() == over_http(news.similar(known.article_id, 3, filters={"languages": ["en"]}))
    assert client.get("/articles").json() == json.loads(json_text([one.to_dict() for one in news.articles()]))


def test_counts_are_the_same(client: TestClient, news: Index) -> None:
    asked = {"q": "dockers quay", "verdict": "fair", "copies": "once", "publisher": ["Talbote", "Coast Courier"]}
    query = Query("dockers quay", filters=Filters(publishers={"Talbote", "Coast Courier"}))
    manner: dict[str, Any] = {"verdict": Verdict.FAIR, "copies": Copies.ONCE}
    facets = client.get("/facets", params={**asked, "by": ["publisher", "tag:topics"], "limit": 5})
    assert facets.json() == over_http(news.facets(query, by=["publisher", "tag:topics"], limit=5, **manner))
    timeline = client.request("QUERY", "/timeline", json={**asked, "interval": "month"})
    assert timeline.json() == over_http(news.timeline(query, interval=Interval.MONTH, **manner))
    assert client.get("/facets").json() == over_http(news.facets(limit=20))
    assert client.get("/coverage?since=2020-06").json() == over_http(news.coverage(filters={"since": "2020-06"}))
    csv = client.get("/timeline", params={"interval": "month", "format": "csv"})
    assert csv.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert csv.text.startswith("start,matching,total,share,complete\r\n")


def test_what_there_is_about_the_server(client: TestClient, news: Index) -> None:
    stats = json.loads(json_text(stats_dict(news.stats())))
    assert client.get("/stats").json() == stats
    health = client.get("/health").json()
    assert health == {"status": "ok", "version": __version__, "generation": stats["generation"], "articles": 15}
    families = {family.name: family for family in text_string_to_metric_families(client.get("/metrics").text)}
    assert families["semsearch_articles"].samples[0].value == 15
    counted = {(sample.labels["route"], sample.labels["status"]) for sample in families["semsearch_requests"].samples}
    assert {("/search", "200"), ("/health", "200")} & counted
    assert all(route == "other" or route.startswith("/") for route, _ in counted)


@pytest.mark.parametrize(
    ("form", "media_type", "begins"),
    [
        ("jsonl", "application/jsonl", '{"rank": 1, '),
        ("csv", "text/csv", "rank,score,title"),
        ("md", "text/markdown", "1. "),
        ("excel", "text/tab-separated-values", "rank\tscore\ttitle"),
        ("ris", "application/x-research-info-systems", "TY  - NEWS\r\nTI  - Dockers at the quay\r\n"),
    ],
)
def test_other_formats_by_name_or_by_accept(client: TestClient, form: str, media_type: str, begins: str) -> None:
    named = client.get("/search", params={"q": "dockers quay", "format": form})
    assert named.text.startswith(begins)
    assert named.headers["Content-Type"].startswith(media_type)
    accepted = client.get("/search", params={"q": "dockers quay"}, headers={"Accept": f"{media_type}, */*"})
    assert accepted.text == named.text


@pytest.mark.parametrize("path", ["/search?q=dockers+quay&format=excel", "/articles?format=excel"])
def test_a_table_for_excel_is_what_the_command_writes(client: TestClient, path: str) -> None:
    response = client.get(path)
    head, *rows = response.content.decode("utf-16").splitlines()
    assert response.content.startswith(b"\xff\xfe")
    assert "title" in head.split("\t")
    assert {row.count("\t") for row in rows} == {head.count("\t")}
    assert response.headers.get("Content-Disposition", "semsearch.csv").count("semsearch.csv") == 1


def test_articles_are_streamed_a_line_each(client: TestClient, news: Index) -> None:
    lines = client.get("/articles?format=jsonl&since=2020-03").text.splitlines()
    expected = list(news.articles(Filters(since="2020-03")))
    assert [json.loads(line)["article_id"] for line in lines] == [known.article_id for known in expected]
    some = client.get("/articles?limit=2&offset=1").json()
    assert [one["article_id"] for one in some] == [known.article_id for known in news.articles()][1:3]


def test_the_description_is_valid(client: TestClient) -> None:
    from openapi_spec_validator import validate  # takes half a second

    found = client.get("/openapi.json").json()
    validate(found)
    assert set(found["paths"]["/search"]) == {"get", "query", "post"}


# What is refused


@pytest.mark.parametrize(
    ("path", "parameter", "said"),
    [
        ("/search", "q", "missing"),
        ("/search?q=", "q", "not empty"),
        ("/search?q=x&q=y", "q", "2 times"),
        ("/search?q=x&k=0", "k", "at least 1"),
        ("/search?q=x&k=1.0", "k", "whole number"),
        ("/search?q=x&k=٣", "k", "whole number"),
        ("/search?q=x&k=99999999999999999999999", "k", "whole number"),
        ("/search?q=x&recency=nan", "recency", "number"),
        ("/search?q=x&recency=1e999", "recency", "finite"),
        ("/search?q=x&explain=yes", "explain", "true or false"),
        ("/search?q=x&mode=hybird", "mode", "hybrid"),
        ("/search?q=x&publishers=y", "publishers", "unknown"),
        ("/search?q=x&tag=y", "tag", "no value"),
        ("/search?q=x&cursor=y", "cursor", "no cursor"),
        ("/search?q=x&since=soon", "since", "not a date"),
        ("/facets?q=x&until=soon", "until", "not a date"),
        ("/timeline?as_of=soon", "as_of", "not a date"),
        ("/search?q=x&timezone=Mars&since=2020", "timezone", "time zone"),
        ("/articles?language=Klingonese", "language", "no language"),
        ("/search?q=%FF%FE", None, "not UTF-8"),
        ("/search?q=-x&syntax=query", None, "only excludes"),
        ("/facets?by=colour", None, "colour"),
        ("/timeline?interval=minute", "interval", "one of"),
        ("/stats?x=1", "x", "unknown"),
        ("/articles?limit=-1", "limit", "at least 1"),
    ],
)
def test_a_wrong_parameter_is_named(client: TestClient, path: str, parameter: str | None, said: str) -> None:
    refused = client.get(path)
    problem = refused.json()
    assert refused.status_code == problem["status"] == 400
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert problem.get("parameter") == parameter
    assert said in problem["detail"] + problem.get("hint", "")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"[]", "not a JSON object"),
        (b'{"q": 1}', "must be a text"),
        (b'{"q": "x", "k": true}', "whole number"),
        (b'{"q": "x", "k": 2.5}', "whole number"),
        (b'{"q": "x", "k": NaN}', "NaN"),
        (b'{"q": "x", "q": "y"}', "twice"),
        (b'{"q": "x", "publisher": "y"}', "list"),
        (b'{"q": "x", "publisher": [1]}', "text"),
        (b'{"q": "x", "z": 1}', "unknown"),
        (b'{"q": "\xff"}', "not JSON"),
        (b"[" * 100_000, "nested"),
        (b'{"q": "x", "k": ' + b"9" * 5_000 + b"}", "not JSON"),
        (b'{"q": "' + b"x" * 20_001 + b'"}', "20,001"),
        (json.dumps({"q": "x", "tag": ["a=b"] * 101}).encode(), "101"),
    ],
)
def test_a_wrong_body_is_refused(client: TestClient, body: bytes, said: str) -> None:
    refused = client.post("/search", content=body, headers=JSON)
    assert refused.status_code == 400
    assert said in refused.json()["detail"]


def test_what_is_said_over_http_names_neither_folders_nor_commands(client: TestClient, place: Path) -> None:
    for path in ("/articles/nothing", "/similar/nothing", "/search?q=%20", "/search?q=-x&syntax=query"):
        refused = client.get(path)
        assert refused.status_code in (400, 404)
        assert str(place) not in refused.text
        assert "semsearch " not in refused.text


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "application/json"),
        ("text/csv", "text/csv"),
        ("text/csv;q=0, application/json", "application/json"),
        ("application/json;q=0.1, text/csv", "text/csv"),
        ("TEXT/CSV ; Q=0.5, */*;q=0.1", "text/csv"),
        ("text/csv;q=none", "application/json"),
        ("application/xml, */*", "application/json"),
        ("text/csv, application/json", "text/csv"),
        ("text/csv;q=0.1, */*", "application/json"),
        ("application/*, text/csv;q=0.5", "application/json"),
        ("text/*", "text/csv"),
        ("text/*;q=0.5, text/csv;q=0", "text/markdown"),
        ("application/json;q=0, */*;q=0.1", "application/jsonl"),
    ],
)
def test_the_media_type_is_the_one_that_is_preferred(client: TestClient, accept: str, media_type: str) -> None:
    response = client.get("/search?q=quay", headers={"Accept": accept})
    assert response.headers["Content-Type"].partition(";")[0] == media_type


def test_a_star_asks_whether_there_is_anything(client: TestClient) -> None:
    star = {"If-None-Match": "*"}
    assert client.get("/articles/nothing", headers=star).status_code == 404
    assert client.get("/search?q=quay", headers=star).status_code == 304
    assert client.get("/app.js", headers=star).status_code == 304


def test_files_of_the_page_are_known_again_by_any_tag_of_a_list(client: TestClient) -> None:
    plain, compressed = (client.get("/app.js", headers={"Accept-Encoding": coding}) for coding in ("gzip;q=0", "gzip"))
    assert "Content-Encoding" not in plain.headers
    assert plain.content == compressed.content
    assert plain.headers["ETag"] != compressed.headers["ETag"]
    sent = {"If-None-Match": f'"other", W/{compressed.headers["ETag"]}', "Accept-Encoding": "gzip"}
    assert client.get("/app.js", headers=sent).status_code == 304


def test_other_refusals_are_problems_too(client: TestClient) -> None:
    for response, status in [
        (client.get("/nothing"), 404),
        (client.get("/articles/nothing"), 404),
        (client.get("/search/?q=quay", follow_redirects=False), 404),
        (client.get("/similar/nothing"), 404),
        (client.put("/search"), 405),
        (client.post("/search", content="q=x", headers={"Content-Type": "text/plain"}), 415),
        (
            client.post("/search", content=b" " * (SETTINGS.body_bytes + 1), headers=JSON),
            413,
        ),
        (client.post("/search?q=x", json={"q": "x"}), 400),
        (client.get("/health", headers={"Host": "evil.example"}), 421),
        (client.get("/health", headers={"Origin": "https://evil.example"}), 403),
        (client.get("/health", headers={"Origin": "null"}), 403),
        (client.get("/health", headers={"Origin": HERE}), 200),
        (client.get("/health", headers={"Host": "localhost:8765"}), 200),
    ]:
        assert response.status_code == status, response.text
        if status != 200:
            assert response.headers["Content-Type"] == "application/problem+json"
            assert response.json()["status"] == status
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_a_token_is_needed_for_data(place: Path) -> None:
    with serving(place, Settings(token=TOKEN, origins=frozenset(["https://desk.example"]))) as client:
        for path in ("/", "/app.js", "/health", "/openapi.json"):
            assert client.get(path).status_code == 200
        for given in ({}, {"Authorization": "Bearer other"}, {"Authorization": f"Basic {TOKEN}"}):
            refused = client.get("/search?q=quay", headers=given)
            assert (refused.status_code, refused.headers["WWW-Authenticate"][:6]) == (401, "Bearer")
        for path in ("/metrics", "/stats", "/articles"):
            assert client.get(path).status_code == 401
            assert client.get(path, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
        allowed = client.get("/health", headers={"Origin": "https://desk.example"})
        assert allowed.headers["Access-Control-Allow-Origin"] == "https://desk.example"


def test_pages_of_an_allowed_site_may_send_a_token_and_json(place: Path) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    with serving(place, Settings(token=TOKEN, origins=frozenset(["https://desk.example"]))) as client:
        allowed = client.options("/search", headers={"Origin": "https://desk.example", **asked})
        assert (allowed.status_code, allowed.content) == (204, b"")
        assert allowed.headers["Access-Control-Allow-Origin"] == "https://desk.example"
        assert "POST" in allowed.headers["Access-Control-Allow-Methods"].split(", ")
        assert {"Authorization", "Content-Type"} <= set(allowed.headers["Access-Control-Allow-Headers"].split(", "))
        refused = client.options("/search", headers={"Origin": "https://evil.example", **asked})
        assert (refused.status_code, "Access-Control-Allow-Origin" in refused.headers) == (403, False)


def test_what_follows_is_named_relative_to_the_request(client: TestClient) -> None:
    following = client.get("/search?q=quay&k=1").links["next"]["url"]
    behind_a_proxy = urljoin("https://news.example/archive/search?q=quay&k=1", following)
    assert behind_a_proxy.startswith("https://news.example/archive/search?q=quay&k=1&cursor=")


def test_a_head_of_the_list_reads_no_article(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Index, "articles", None)  # nobody asks the index
    response = client.head("/articles?format=csv")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert client.head("/articles?since=never").status_code == 400


# While the index changes


def test_an_etag_spares_the_query(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    first = client.get("/search?q=quay&k=3")
    tag = first.headers["ETag"]
    monkeypatch.setattr(Index, "search", None)  # nobody asks the index
    for method in ("GET", "QUERY"):
        given = {"params": {"q": "quay", "k": 3}} if method == "GET" else {"json": {"q": "quay", "k": 3}}
        again = client.request(method, "/search", headers={"If-None-Match": f'"other", {tag}'}, **given)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    monkeypatch.undo()
    for other in ("/search?q=quay&k=4", "/search?q=quay&k=3&since=2020", "/search?q=quay&k=3&format=csv"):
        response = client.get(other, headers={"If-None-Match": tag})
        assert (response.status_code, response.headers["ETag"] != tag) == (200, True)


def test_pages_neither_repeat_nor_skip_while_a_writer_works(tmp_path: Path) -> None:
    place = wire_index(tmp_path / "index")
    with serving(place) as client, Index.open(place, encoder=load_encoder("hashing")) as writer:
        whole = client.get("/search?q=the harbour board&k=100&group_by=copies").json()["hits"]
        first = client.get("/search?q=the harbour board&k=6&group_by=copies")
        response, paged = first, first.json()["hits"]
        while "next" in response.links:
            add_report(writer, client, len(paged))
            response = client.get(response.links["next"]["url"])
            paged += response.json()["hits"]
        assert paged == whole
        assert client.get("/health").json()["generation"] > 2

        cursor = first.headers["Next-Cursor"]
        other = client.get("/search", params={"q": "wheat", "cursor": cursor})
        assert (other.status_code, other.json()["parameter"]) == (400, "cursor")
        sent = {"q": "the harbour board", "k": 6, "group_by": "copies", "cursor": cursor}
        assert client.request("QUERY", "/search", json=sent).status_code == 200
        for number in range(KEPT):
            add_report(writer, client, 100 + number)
        assert client.get(first.links["next"]["url"]).status_code == 410
        tag = {"If-None-Match": first.headers["ETag"]}
        assert client.get("/search?q=the harbour board&k=6&group_by=copies", headers=tag).status_code == 200


def add_report(writer: Index, client: TestClient, number: int) -> None:
    text = f"The harbour board met for the time {number}. It spoke of the harbour and of the board."
    writer.add([article(f"new{number}", text, published=day(900 + number))])
    settle(client, writer.stats().generation)


def settle(client: TestClient, generation: int) -> None:
    for _ in range(200):
        if client.get("/health").json()["generation"] >= generation:
            return
        asyncio.run(asyncio.sleep(0.01))
    pytest.fail("the new generation was not picked up")


def test_an_index_that_vanishes_is_served_on(tmp_path: Path) -> None:
    place = wire_index(tmp_path / "index")
    with serving(place) as client:
        (place / "manifest.json").rename(place / "away.json")
        asyncio.run(asyncio.sleep(0.2))
        assert client.get("/search?q=quay").status_code == 200


def test_the_page_is_small_and_is_not_sent_twice(client: TestClient) -> None:
    sizes = 0
    for path in ("/", "/app.css", "/app.js"):
        response = client.get(path)
        sizes += int(response.headers["Content-Length"])
        assert response.headers["Content-Encoding"] == "gzip"
        assert client.get(path, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304
        assert client.get(path, headers={"Accept-Encoding": "identity"}).text == response.text
        assert not re.findall(r"https?://(?!www\.w3\.org)[a-z]", response.text)  # nothing is loaded from elsewhere
    assert sizes <= 40_000


@pytest.mark.parametrize("mode", Mode)
def test_head_is_get_without_a_body(client: TestClient, mode: Mode) -> None:
    got, head = (client.request(method, "/search", params={"q": "quay", "mode": mode}) for method in ("GET", "HEAD"))
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", got.headers["ETag"])
