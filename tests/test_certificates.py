"""https: whose certificate is believed, and what is said of one that is not."""

from pathlib import Path
from typing import Any

import pytest

from semsearch import Fetch
from semsearch.sources import read
from semsearch.types import Unreadable
from tests.certificates import certificate
from tests.sites import Site, item, moved, reasons, rss, titles

HASTY = Fetch(allow_private=True, pause=0, timeout=2)

WRONG = {
    "expired": ({"first_day": -9}, "has expired", "check this machine's clock"),
    "not valid yet": ({"first_day": 5}, "is not valid yet", "check this machine's clock"),
    "another host's": ({"host": "news.example.org"}, "is that of another host", "give the host's name in the address"),
    "its own": ({}, "is self-signed", "SSL_CERT_FILE=FILE semsearch"),
    "foreign": ({"foreign": True}, "is signed by an authority that this machine does not know", "SSL_CERT_FILE=FILE"),
}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


@pytest.mark.parametrize(("how", "wrong", "hint"), WRONG.values(), ids=WRONG)
def test_a_certificate_that_is_not_believed_is_named_with_its_host_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: dict[str, Any], wrong: str, hint: str
) -> None:
    file = certificate(tmp_path / "site.pem", **how)
    if wrong not in ("is self-signed", "is signed by an authority that this machine does not know"):
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with Site(file) as site:
        site.answers["/feed"] = rss(item(site, "quay"))
        [lost] = read(f"{site.url}/feed", fetch=HASTY)
        assert isinstance(lost, Unreadable)
        assert lost.reason.startswith(f"the certificate of {site.url} {wrong} (")
        assert hint in lost.reason
        assert "robots.txt" not in lost.reason
        assert site.log == []  # not even the path was sent


def test_a_certificate_that_is_believed_is_read_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = certificate(tmp_path / "site.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with Site(file) as site:
        site.answers["/feed"] = rss(item(site, "quay"))
        assert titles(read(f"{site.url}/feed", fetch=HASTY)) == ["quay"]


def test_a_redirect_to_a_host_that_is_not_believed_names_that_host(tmp_path: Path) -> None:
    with Site() as site, Site(certificate(tmp_path / "site.pem")) as other:
        site.answers["/feed"] = moved(f"{other.url}/feed")
        [reason] = reasons(read(f"{site.url}/feed", fetch=HASTY))
        assert reason.startswith(f"{site.url}/feed: the certificate of {other.url} is self-signed")


def test_a_port_without_encryption_is_told_from_one_with_it() -> None:
    with Site() as site:
        [reason] = reasons(read(f"{site.url.replace('http:', 'https:')}/feed", fetch=HASTY))
        assert f"https://{site.host} does not speak https" in reason
        assert "http:// asks without encryption" in reason
