"""Ways to search articles, each in a few lines as its users write them, and the process in which one of them works.

    python scripts/peers.py NAME

It reads commands from standard input, a JSON object a line. `{"in": FOLDER, "index": FILE}` indexes the articles of a
file of JSON lines (`id`, `title`, `text`) in a folder, `{"in": FOLDER, "ask": QUESTION, "k": 10}` answers, and
`{"memory": true}` says how much memory is resident. Every reply has `seconds`. Nothing is imported, and no model is
loaded, before it is needed: the first answer of a new process is a cold start. `bench_peers.py` compares them.
"""

import json
import os
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

CHARACTERS = 1_000
"""Characters of a passage without its headline: some 230 English tokens, of the 256 that the model reads."""

PASSAGES = 5
"""Passages requested for each wanted article: only the best passage of an article counts."""

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


class Text(NamedTuple):
    """An article."""

    id: str
    title: str
    text: str


class System(Protocol):
    """One way to search."""

    def index(self, articles: Sequence[Text]) -> None:
        """Keep articles in the folder, for other processes to search."""

    def ask(self, question: str, k: int) -> list[str]:
        """Return the ids of the best articles, best first; their texts have been fetched, too."""


def passages_of(article: Text) -> Iterator[str]:
    """Cut an article at paragraphs, and long ones at sentences; each piece begins with the headline."""
    pieces = [
        sentence
        for paragraph in article.text.split("\n\n")
        for sentence in ([paragraph] if len(paragraph) <= CHARACTERS else _SENTENCE_END.split(paragraph))
    ]
    passage = ""
    for piece in pieces:
        if passage and len(passage) + len(piece) > CHARACTERS:
            yield f"{article.title}\n{passage}".strip()
            passage = ""
        passage = f"{passage}\n{piece}".strip()
    if passage or article.title:
        yield f"{article.title}\n{passage}".strip()


def of_passages(names: Sequence[str], k: int) -> list[str]:
    """Return the articles of passages named `ARTICLE#NUMBER`, best first."""
    return list(dict.fromkeys(name.rpartition("#")[0] for name in names))[:k]


def named_passages(articles: Sequence[Text]) -> list[tuple[str, str]]:
    """Return the passages of all articles with their names."""
    return [
        (f"{article.id}#{number}", text) for article in articles for number, text in enumerate(passages_of(article))
    ]


def model() -> str:
    """Return the folder of all-MiniLM-L6-v2, which every system here encodes with."""
    from semsearch.encoders.models import DEFAULT_MODEL, open_model

    return str(open_model(DEFAULT_MODEL).path)


class Semsearch:
    """semsearch with its defaults: hybrid, copies folded."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "index"

    def index(self, articles: Sequence[Text]) -> None:
        """Build an index."""
        from semsearch.identity import seal
        from semsearch.index import Index
        from semsearch.text import normalise_line, normalise_text
        from semsearch.types import Metadata

        sealed = [seal(Metadata(text.id, normalise_line(text.title)), normalise_text(text.text)) for text in articles]
        Index.build(sealed, self._folder).close()

    @cached_property
    def _index(self) -> Any:
        from semsearch.index import Index

        return Index.open(self._folder)

    def ask(self, question: str, k: int) -> list[str]:
        """Return the best articles; the copies of each come right after it."""
        hits = self._index.search(question, k).hits
        return [name for hit in hits for name in (hit.article.article_id, *(copy.article_id for copy in hit.copies))][
            :k
        ]


@lru_cache(1)
def encoder() -> Any:
    """Load the model with sentence-transformers."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(model(), device="cpu")


def vectors_of(texts: Sequence[str]) -> Any:
    """Encode with sentence-transformers."""
    return encoder().encode(list(texts), normalize_embeddings=True, show_progress_bar=False)


class ByHand:
    """A flat FAISS index beside a file of texts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def index(self, articles: Sequence[Text]) -> None:
        """Write both."""
        import faiss

        passages = named_passages(articles)
        vectors = vectors_of([text for _, text in passages])
        flat = faiss.IndexFlatIP(vectors.shape[1])
        flat.add(vectors)
        faiss.write_index(flat, str(self._folder / "vectors.faiss"))
        (self._folder / "texts.json").write_text(json.dumps(passages), encoding="utf-8")

    @cached_property
    def _opened(self) -> tuple[Any, Sequence[tuple[str, str]]]:
        import faiss

        flat = faiss.read_index(str(self._folder / "vectors.faiss"))
        return flat, json.loads((self._folder / "texts.json").read_text(encoding="utf-8"))

    def ask(self, question: str, k: int) -> list[str]:
        """Multiply with every vector."""
        flat, passages = self._opened
        _, places = flat.search(vectors_of([question]), PASSAGES * k)
        return of_passages([passages[place][0] for place in places[0].tolist() if place >= 0], k)


class Txtai:
    """Hybrid: vectors and its own BM25, in equal parts; texts are kept in its database."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "txtai"

    def index(self, articles: Sequence[Text]) -> None:
        """Index and save."""
        from txtai import Embeddings

        embeddings = Embeddings(path=model(), hybrid=True, content=True)
        embeddings.index((name, text, None) for name, text in named_passages(articles))
        embeddings.save(str(self._folder))
        embeddings.close()

    @cached_property
    def _embeddings(self) -> Any:
        from txtai import Embeddings

        embeddings = Embeddings()
        embeddings.load(str(self._folder))
        return embeddings

    def ask(self, question: str, k: int) -> list[str]:
        """Search both ways."""
        return of_passages([row["id"] for row in self._embeddings.search(question, PASSAGES * k)], k)


class Chroma:
    """Vectors alone, in its HNSW graph: a local collection has no search by words."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _collection(self, verb: str) -> Any:
        import chromadb
        from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction

        client = chromadb.PersistentClient(str(self._folder / "chroma"))
        function = SentenceTransformerEmbeddingFunction(model_name=model(), normalize_embeddings=True)
        return getattr(client, verb)("articles", embedding_function=function)

    def index(self, articles: Sequence[Text]) -> None:
        """Add in batches, which it encodes."""
        collection = self._collection("create_collection")
        passages = named_passages(articles)
        for begin in range(0, len(passages), 1_000):
            names, texts = zip(*passages[begin : begin + 1_000], strict=True)
            collection.add(ids=list(names), documents=list(texts))

    @cached_property
    def _opened(self) -> Any:
        return self._collection("get_collection")

    def ask(self, question: str, k: int) -> list[str]:
        """Ask for the nearest passages."""
        result = self._opened.query(query_texts=[question], n_results=PASSAGES * k, include=["documents", "distances"])
        return of_passages(result["ids"][0], k)


class Lance:
    """Hybrid: vectors and its full-text index, fused by reciprocal ranks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def index(self, articles: Sequence[Text]) -> None:
        """Write a table and index its words; of so few rows vectors need no index."""
        import lancedb
        from lancedb.index import FTS

        passages = named_passages(articles)
        vectors = vectors_of([text for _, text in passages])
        rows = [
            {"name": name, "text": text, "vector": vector}
            for (name, text), vector in zip(passages, vectors, strict=True)
        ]
        table = lancedb.connect(str(self._folder / "lance")).create_table("articles", rows)
        table.create_index("text", config=FTS())

    @cached_property
    def _table(self) -> Any:
        import lancedb

        return lancedb.connect(str(self._folder / "lance")).open_table("articles")

    def ask(self, question: str, k: int) -> list[str]:
        """Search both ways and fuse."""
        from lancedb.rerankers import RRFReranker

        search = self._table.search(query_type="hybrid").vector(vectors_of([question])[0]).text(question)
        rows = search.distance_type("cosine").rerank(RRFReranker()).limit(PASSAGES * k).to_list()
        return of_passages([row["name"] for row in rows], k)


class Kind(NamedTuple):
    """A system, and what it needs."""

    make: type[Any]
    modules: Mapping[str, str]  # module -> the distribution that has it


SYSTEMS: Mapping[str, Kind] = {
    "semsearch": Kind(Semsearch, {"semsearch": "semsearch"}),
    "FAISS by hand": Kind(ByHand, {"faiss": "faiss-cpu", "sentence_transformers": "sentence-transformers"}),
    "txtai": Kind(Txtai, {"txtai": "txtai"}),
    "Chroma": Kind(Chroma, {"chromadb": "chromadb", "sentence_transformers": "sentence-transformers"}),
    "LanceDB": Kind(Lance, {"lancedb": "lancedb", "sentence_transformers": "sentence-transformers"}),
}


def read_texts(path: Path) -> list[Text]:
    """Read articles that are JSON lines."""
    return [Text(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def resident_bytes() -> int:
    """Return the resident memory of this process, including mapped pages; on Linux only."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(status.partition("VmRSS:")[2].split()[0])


def main() -> int:
    """Execute commands until the input ends."""
    kind = SYSTEMS[sys.argv[1]]
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print goes to standard error, not among the replies
    systems: dict[str, System] = {}  # by folder
    for line in sys.stdin:
        command = json.loads(line)
        articles = read_texts(Path(command["index"])) if "index" in command else []
        started = time.perf_counter()
        reply: dict[str, object] = {}
        if "memory" in command:
            reply["bytes"] = resident_bytes()
        else:
            folder = command["in"]
            system = systems.setdefault(folder, kind.make(Path(folder)))
            if "index" in command:
                system.index(articles)
            else:
                reply["articles"] = system.ask(command["ask"], command["k"])
        reply["seconds"] = time.perf_counter() - started
        replies.write(json.dumps(reply) + "\n")
        replies.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
