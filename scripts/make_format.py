"""Writes a tiny index as this version stores and packs it, and what it answers, for every version to come.

    python scripts/make_format.py tests/formats/FORMAT

Run once for each format, by the version that has it; what is there already is never written again.
"""

import json
import os
import sys
from pathlib import Path

from semsearch import Index, read
from semsearch.locks import LOCK

ROOT = Path(__file__).resolve().parent.parent
QUESTIONS = ("ferry out of service", "honey of the hills", "school lunch")


def main(folder: Path) -> None:
    """Build, add, replace and delete, so that there are several segments and a deletion."""
    os.environ["SOURCE_DATE_EPOCH"] = "1767225600"
    place = folder / "index"
    with Index.build(
        read(folder / "first.jsonl"), place, encoder="hashing:32", passage_tokens=64, commit_seconds=None
    ) as index:
        index.add(read(folder / "second.jsonl"), commit_seconds=None)
        index.delete(["https://news.example.org/deleted"])
        answers = [index.search(question, k=3).to_dict() | {"took_ms": 0} for question in QUESTIONS]
        listed = [article.to_dict() for article in index.articles()]
        index.pack(folder / "packed.semsearch")
    (place / LOCK).unlink(missing_ok=True)
    expected = {"articles": listed, "answers": answers}
    (folder / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
