"""Examples that the help of each command ends with, one a line."""

from collections.abc import Mapping

EXAMPLES: Mapping[str, str] = {
    "build": """
semsearch build articles/ -i news.idx
semsearch build export.csv --map title=Headline --map text=Story -i news.idx
zcat day.jsonl.gz | semsearch build - -i news.idx
""",
    "add": """
semsearch add today.jsonl -i news.idx
semsearch add incoming/ -i news.idx --wait 60 -q
semsearch add https://news.example.org/feed.xml --follow -i news.idx
""",
    "update": """
semsearch update -i news.idx
semsearch update --sources semsearch.toml -i news.idx
""",
    "delete": """
semsearch delete https://news.example.org/quay -i news.idx
semsearch delete --until 2020-01-01 --publisher "Town Times" --dry-run -i news.idx
""",
    "compact": "semsearch compact -i news.idx",
    "read": """
semsearch read page.html
semsearch read articles/ --json > articles.jsonl
semsearch read https://news.example.org/feed.xml
""",
    "query": """
semsearch query "open source strategy" -i news.idx
semsearch query '"harbour board" -strike' --since 2024 --publisher apnews.com
semsearch query "harbour strike" -k 50 --format csv > hits.csv
semsearch query - --json < queries.txt
""",
    "similar": """
semsearch similar 3f9a61c2d0 -i news.idx
semsearch similar https://news.example.org/quay --since 7d --group-by publisher
""",
    "get": """
semsearch get 3f9a61c2d0 -i news.idx
semsearch get https://news.example.org/quay --json
""",
    "facets": """
semsearch facets -i news.idx
semsearch facets "harbour strike" --by publisher --since 2024 --format csv > outlets.csv
""",
    "timeline": """
semsearch timeline "harbour strike" --interval week -i news.idx
semsearch timeline --publisher "Town Times" --json
""",
    "serve": """
semsearch serve -i news.idx
semsearch serve --port 9000 -i news.idx
""",
    "list": """
semsearch list -k 20 -i news.idx
semsearch list --section sport --since "last week" --format excel > sport.csv
""",
    "stats": """
semsearch stats -i news.idx
semsearch stats --json -i news.idx
""",
    "verify": "semsearch verify -i news.idx",
    "doctor": """
semsearch doctor -i news.idx
semsearch doctor --repair -i news.idx
""",
    "pack": """
semsearch pack news.semsearch -i news.idx --name news --release 1
semsearch pack news.semsearch -i news.idx --tier snippets
""",
    "pull": """
semsearch pull news.semsearch -i copy.idx
semsearch pull https://news.example.org/news.semsearch -i copy.idx
""",
    "key": """
semsearch key make me.key
semsearch key trust me.key.pub
""",
    "key make": "semsearch key make me.key",
    "key trust": "semsearch key trust colleague.key.pub --name colleague",
    "key list": "semsearch key list",
    "key forget": "semsearch key forget colleague",
    "eval": """
semsearch eval --topics topics.tsv --qrels qrels.txt -i news.idx
semsearch eval --topics topics.tsv --qrels qrels.txt --mode hybrid --mode dense -i news.idx
""",
    "model": "semsearch model list",
    "model get": """
semsearch model get BAAI/bge-small-en-v1.5
semsearch model get intfloat/multilingual-e5-small --revision main
""",
    "model prepare": """
semsearch model prepare
semsearch model prepare ./my-model
""",
    "model list": "semsearch model list --json",
}
"""By the command's name."""
