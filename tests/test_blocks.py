"""Bodies that are trees of blocks, as editors write them: the same paragraphs whatever the editor."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.sources.facts.blocks import text_of
from semsearch.sources.markup.plain_text import plain
from semsearch.sources.markup.shortcodes import without_shortcodes

FIRST = ("The board met on ", "Tuesday", " and agreed.")
SECOND = "The council voted for a library."
EXPECTED = "The board met on Tuesday and agreed.\n\nThe council voted for a library."


def paragraphs(kind: str, inner: str, leaf: Any) -> list[dict[str, Any]]:
    return [
        {"type": kind, inner: [leaf(piece) for piece in FIRST]},
        {"type": "image", "caption": "The wall", "url": "https://a.example/wall.jpg"},
        {"type": kind, inner: [leaf(SECOND)]},
    ]


TREES: dict[str, Any] = {
    "ANS": [
        {"type": "text", "content": "<p>The board met on <b>Tuesday</b> and agreed.</p>"},
        {"type": "image", "caption": "The wall"},
        {"type": "quote", "content_elements": [{"type": "text", "content": SECOND}]},
    ],
    "Portable Text": [
        {"_type": "block", "style": "normal", "children": [{"_type": "span", "text": piece} for piece in FIRST]},
        {"_type": "image", "asset": {"_ref": "x"}},
        {"_type": "block", "children": [{"_type": "span", "text": SECOND}]},
    ],
    "ProseMirror": {
        "type": "doc", "content": paragraphs("paragraph", "content", lambda t: {"type": "text", "text": t})
    },
    "Slate": paragraphs("paragraph", "children", lambda t: {"text": t}),
    "Lexical": {
        "root": {"type": "root", "children": paragraphs("paragraph", "children", lambda t: {"type": "text", "text": t})}
    },
    "Draft.js": {
        "blocks": [{"type": "unstyled", "text": "".join(FIRST)}, {"type": "atomic", "text": " "}, {"text": SECOND}],
        "entityMap": {},
    },
    "Editor.js": {
        "time": 1, "version": "2.8",
        "blocks": [
            {"type": "paragraph", "data": {"text": "The board met on <b>Tuesday</b> and agreed."}},
            {"type": "image", "data": {"caption": "The wall"}},
            {"type": "paragraph", "data": {"text": SECOND}},
        ],
    },
    "Contentful": {
        "nodeType": "document",
        "content": [
            {"nodeType": "paragraph", "content": [{"nodeType": "text", "value": piece} for piece in FIRST]},
            {"nodeType": "embedded-asset-block", "data": {}},
            {"nodeType": "paragraph", "content": [{"nodeType": "text", "value": SECOND}]},
        ],
    },
    "DatoCMS": {
        "schema": "dast",
        "document": {
            "type": "root", "children": paragraphs("paragraph", "children", lambda t: {"type": "span", "value": t})
        },
    },
    "Quill": {"ops": [*({"insert": piece} for piece in FIRST), {"insert": f"\n{SECOND}\n"}]},
    "Mobiledoc": {
        "version": "0.3.1", "markups": [["b"]], "atoms": [], "cards": [],
        "sections": [
            [1, "p", [[0, [], 0, FIRST[0]], [0, [0], 1, FIRST[1]], [0, [], 0, FIRST[2]]]],
            [1, "p", [[0, [], 0, SECOND]]],
        ],
    },
    "Notion": [
        {"object": "block", "type": "paragraph", "paragraph": {"rich_text": [{"plain_text": piece} for piece in texts]}}
        for texts in (FIRST, (SECOND,))
    ],
    "WordPress": [
        {"blockName": "core/paragraph", "innerHTML": "<p>The board met on <b>Tuesday</b> and agreed.</p>"},
        {"blockName": "core/image", "innerHTML": "<figcaption>The wall</figcaption>"},
        {"blockName": "core/paragraph", "innerHTML": f"<p>{SECOND}</p>"},
    ],
    "Drupal": [{"value": f"<p>The board met on <b>Tuesday</b> and agreed.</p><p>{SECOND}</p>", "format": "basic_html"}],
    "rendered": {"rendered": f"<p>The board met on <b>Tuesday</b> and agreed.</p><p>{SECOND}</p>"},
    "strings": ["".join(FIRST), SECOND],
}  # fmt: skip


@pytest.mark.parametrize("written", [False, True], ids=["as a value", "as a string"])
@pytest.mark.parametrize("name", TREES)
def test_a_tree_of_blocks_has_its_paragraphs(name: str, written: bool) -> None:
    if written and name == "strings":
        pytest.skip("a list of strings that was written as one string is none that is known")
    tree = json.dumps(TREES[name]) if written else TREES[name]
    assert text_of(tree, plain) == EXPECTED


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "text", "children", "content", "ops", "insert", "sections", "value", "p", "data"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=30,
)


@given(values)
def test_any_tree_has_a_text(value: object) -> None:
    assert isinstance(text_of(value, plain), str)


def test_a_tree_of_any_depth_ends() -> None:
    tree: Any = "deep"
    for _ in range(5_000):
        tree = {"children": [tree]}
    assert text_of(tree, plain) == ""


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("[dropcap]T[/dropcap]he wall", "The wall"),
        ('[caption id="a" align="b"]<img/> The wall[/caption]It stands.', "It stands."),
        ("It [gallery] stands.", "It  stands."),
        ('[vc_row][vc_column width="1/2"]It stands.[/vc_column][/vc_row]', "It stands."),
        ("[b]It[/b] [url=https://a.example]stands[/url].", "It stands."),
        ("It [sic] stands [1], said [the mayor].", "It [sic] stands [1], said [the mayor]."),
        ("[Reuters] It stands.", "[Reuters] It stands."),
        ("[caption]never closed", "[caption]never closed"),
    ],
)
def test_shortcodes_go_and_other_brackets_stay(raw: str, text: str) -> None:
    assert without_shortcodes(raw) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("&lt;p&gt;It stands.&lt;/p&gt;&lt;p&gt;It fell.&lt;/p&gt;", "It stands.\n\nIt fell."),
        ("<p>&lt;p&gt;It stands.&lt;/p&gt;</p>", "It stands."),
        ("&amp;lt;p&amp;gt;It stands.&amp;lt;/p&amp;gt;", "&lt;p&gt;It stands.&lt;/p&gt;"),
        ("Write &lt;br&gt; to break a line.", "Write <br> to break a line."),
        ("<p>一<br>二</p><p>重新\n回到</p>", "一\n二\n\n重新回到"),
    ],
)
def test_markup_that_was_escaped_once_too_often_is_markup(raw: str, text: str) -> None:
    assert plain(raw) == text
