"""How many queries a second does a server answer, and how soon? An open loop: queries are sent when they are due.

    semsearch serve -i DIR --port 8765 &
    python scripts/bench_serve.py http://127.0.0.1:8765 --rate 50 --seconds 20 --pid $!

Latency counts from when a query was due, so that one that waited for a connection waited for the server. Queries are
the headlines of the index's own articles, each asked once, in a fixed random order. With the server's --pid its
processor time per request is told, which a busy machine changes less than latencies, and its memory before and after.

    python scripts/bench_serve.py http://127.0.0.1:8765 --path /coverage --rate 300 --seconds 300 --pid PID
    python scripts/bench_serve.py http://127.0.0.1:8765 --mix --rate 280 --seconds 357 --pid PID

With --mix four of twenty requests are new (a search, its facets, its timeline, an article), and sixteen ask again for
what was asked before, with its ETag; memory is told after every tenth.
"""

import argparse
import asyncio
import json
import os
import random
import time
import urllib.request
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import numpy as np

LONGEST = 200
"""Characters of a headline that is asked for."""

AGAIN = 16
"""Of twenty mixed requests."""


class Asking(NamedTuple):
    """One request."""

    path: str
    again: bool = False  # with the ETag of its last answer


@dataclass
class Results:
    """The answers, and how long they took."""

    seconds: list[float] = field(default_factory=list)  # from when each was due
    statuses: dict[int, int] = field(default_factory=dict)
    failed: int = 0  # connections that broke
    etags: dict[str, str] = field(default_factory=dict)  # of the last answers, by path
    memory_mb: list[float] = field(default_factory=list)  # after every tenth


def articles_of(address: str, most: int) -> list[dict[str, Any]]:
    """Return the newest articles of the index."""
    with urllib.request.urlopen(f"{address}/articles?format=jsonl&limit={most}") as lines:  # noqa: S310  as it was given
        return [json.loads(line) for line in lines]


def headlines(address: str, most: int) -> list[str]:
    """Return different headlines of the index."""
    titles = [article["title"] for article in articles_of(address, most)]
    chosen = sorted({title for title in titles if 0 < len(title) <= LONGEST})
    random.Random(1).shuffle(chosen)  # noqa: S311  the same order in every run
    return chosen


def mixed(queries: list[str], articles: list[str], settings: dict[str, str]) -> list[Asking]:
    """Return new requests, and after every four of them sixteen that were made before."""
    requests: list[Asking] = []
    pick = random.Random(2)  # noqa: S311  the same order in every run
    for query, article in zip(queries, cycle(articles), strict=False):
        q = urlencode({"q": query})
        new = [f"/search?{q}&{urlencode(settings)}", f"/facets?{q}", f"/timeline?{q}", f"/articles/{article}"]
        requests += map(Asking, new)
        requests += [Asking(pick.choice(requests[-200:]).path, again=True) for _ in range(AGAIN)]
    return requests


async def ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, asking: Asking, results: Results
) -> int:
    """Ask once on an open connection, and return the status."""
    etag = results.etags.get(asking.path) if asking.again else None
    condition = f"If-None-Match: {etag}\r\n" if etag else ""
    writer.write(f"GET {asking.path} HTTP/1.1\r\nHost: {host}\r\n{condition}\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in head.split("\r\n")[1:])}
    await reader.readexactly(int(fields.get("content-length", "0")))
    if "etag" in fields:
        results.etags[asking.path] = fields["etag"]
    return int(head.split(" ", 2)[1])


Due = asyncio.Queue[tuple[float, Asking] | None]
"""When each request is due; None ends a connection."""


async def connection(parts: tuple[str, int, str], due: Due, results: Results) -> None:
    """Send the requests that are due, one after the other."""
    host, port, name = parts
    reader, writer = await asyncio.open_connection(host, port)
    while (task := await due.get()) is not None:
        scheduled, asking = task
        try:
            status = await ask(reader, writer, name, asking, results)
        except (OSError, asyncio.IncompleteReadError):
            results.failed += 1
            reader, writer = await asyncio.open_connection(host, port)
            continue
        results.seconds.append(time.perf_counter() - scheduled)
        results.statuses[status] = results.statuses.get(status, 0) + 1
    writer.close()


async def run(address: str, requests: list[Asking], arguments: argparse.Namespace) -> Results:
    """Send requests at the given rate."""
    parts = urlsplit(address)
    due: Due = asyncio.Queue()
    results = Results()
    place = (parts.hostname or "127.0.0.1", parts.port or 80, parts.netloc)
    open_ones = [asyncio.create_task(connection(place, due, results)) for _ in range(arguments.connections)]
    started, total = time.perf_counter(), int(arguments.rate * arguments.seconds)
    for number in range(total):
        scheduled = started + number / arguments.rate
        await asyncio.sleep(max(0.0, scheduled - time.perf_counter()))
        due.put_nowait((scheduled, requests[number % len(requests)]))
        if arguments.pid and number % max(1, total // 10) == 0:
            results.memory_mb.append(resident_mb(arguments.pid))
    for _ in open_ones:
        due.put_nowait(None)
    await asyncio.gather(*open_ones)
    return results


def family(pid: int | None) -> list[int]:
    """Return a process with those that it has started; none without a pid."""
    if pid is None:
        return []
    children = [line.read_text().split() for line in Path(f"/proc/{pid}/task").glob("*/children")]
    return [pid, *(child for line in children for number in line for child in family(int(number)))]


def resident_mb(pid: int | None) -> float:
    """Return the memory of a process and those that it has started, in MB; what they share counts once for each."""
    return sum(_status_mb(each) for each in family(pid))


def _status_mb(pid: int) -> float:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1_000


def processor_seconds(pid: int | None) -> float:
    """Return the processor time that a process and those that it has started have used."""
    ticks = 0
    for each in family(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Run, and print one line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", type=lambda address: address.rstrip("/"))
    parser.add_argument("--rate", type=float, default=50, help="queries a second")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--mode", default="hybrid")
    parser.add_argument("-k", type=int, default=10)
    parser.add_argument("--path", help="ask for this, instead of queries")
    parser.add_argument("--mix", action="store_true", help="new requests, and more that were made before")
    parser.add_argument("--pid", type=int, help="of the server, to watch its processor time and memory")
    arguments = parser.parse_args()
    settings = {"mode": arguments.mode, "k": str(arguments.k)}
    queries = [] if arguments.path else headlines(arguments.address, 100_000)
    if arguments.path:
        requests = [Asking(arguments.path)]
    elif arguments.mix:
        ids = [article["article_id"] for article in articles_of(arguments.address, 2_000)]
        requests = mixed(queries, ids, settings)
    else:
        requests = [Asking(f"/search?{urlencode({'q': query, **settings})}") for query in queries]
    start_mb, start_s = resident_mb(arguments.pid), processor_seconds(arguments.pid)
    started = time.perf_counter()
    results = asyncio.run(run(arguments.address, requests, arguments))
    elapsed = time.perf_counter() - started
    p50, p95, p99 = 1000 * np.percentile(results.seconds or [0.0], [50, 95, 99])
    statuses = " ".join(f"{status}: {count}" for status, count in sorted(results.statuses.items()))
    rate, paths = len(results.seconds) / elapsed, {request.path for request in requests}
    print(
        f"offered {arguments.rate:g}/s, answered {rate:.1f}/s ({statuses}; {results.failed} failed); "
        f"p50 {p50:.1f}, p95 {p95:.1f}, p99 {p99:.1f} ms; {len(paths)} different requests"
    )
    if arguments.pid:
        each_s = (processor_seconds(arguments.pid) - start_s) / max(1, len(results.seconds))
        memory = " ".join(f"{megabytes:.0f}" for megabytes in (*results.memory_mb, resident_mb(arguments.pid)))
        print(f"{1000 * each_s:.2f} ms of processor time a request; memory before {start_mb:.0f}, then {memory} MB")


if __name__ == "__main__":
    main()
