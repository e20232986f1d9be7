"""HTML and Markdown become plain text: every word of the author's, nothing of the machinery."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.sources.markup.markdown import markdown_text, split_heading
from semsearch.sources.markup.plain_text import cut_out, decode_entities, plain, strip_html
from semsearch.text import normalise_text
from tests.examples import PARTS

LONG = "an item that is surely wider than forty columns"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>two</p>", "One\n\ntwo"),
        ("<p>One\n  line <b>bo</b>ld</p>", "One line bold"),
        ("One<br>two<br/>three", "One\ntwo\nthree"),
        ("<h2>Head</h2>text", "Head\n\ntext"),
        ("<ul><li>one<li>two<ul><li>inner</ul><li>three</ul>after", "one\ntwo\ninner\nthree\n\nafter"),
        (f"<ul><li>{LONG}</li><li>{LONG}</li></ul>", f"{LONG}\n\n{LONG}"),
        ("<table><tr><th>a</th><th>b</th></tr><tr><td>c</td><td></td></tr></table>", "a | b\nc"),
        ("<pre>x = 1\n  y = 2</pre>", "x = 1\ny = 2"),
        ("a<script>x < y && '</p>'</script>b<style>p {}</style>c", "abc"),
        ("<nav>never closed, and still read", "never closed, and still read"),
        ("a <!-- gone <p> --> b <!-- stays open", "a b <!-- stays open"),
        ("<!DOCTYPE html><?xml x?><p><![CDATA[in]]></p>", "in"),
        ("<IBM> and <FNB.N> </x> 1 < 2 <someone@example.org>", "<IBM> and <FNB.N> </x> 1 < 2 <someone@example.org>"),
        ('<a title="a > b" href=x>word</a>', "word"),
        ("it&#39;s &lt;b&gt; &amp;amp; &nbsp;&hellip;", "it's <b> &amp; …"),
        ("<img alt='picture'>", ""),
        ("<div style='display:none'>gone <div>too</div></div><p>shown</p>", "shown"),
        ("<p hidden>gone<p>shown</p>", "shown"),
        ('<span style="color: red; VISIBILITY: hidden">gone</span>shown', "shown"),
        ("<p title='a hidden gem'>shown</p><div hidden=until-found>and found</div>", "shown\n\nand found"),
        ("<div style='display:none'>never closed", "never closed"),
        ("<p>It has <del>4</del> <ins>40</ins> <s>ships</s> <STRIKE>boats</STRIKE> ferries.</p>", "It has 40 ferries."),
        ("<p><del>One <b>two</b></del></p><del><p>Three</p></del><p>Four</p>", "Four"),
        ("<p>One</s> two <s>three</p>", "One two three"),
        ("<p>One <s>two</p><p>three <s>four</s> five</p>", "One two\n\nthree four five"),
        ("<del><p>All of it was struck out.</p></del>", "All of it was struck out."),
        ("<div style='display:none'><p>revealed by a script</p></div><p>as</p>", "revealed by a script\n\nas"),
    ],
)
def test_html_keeps_its_words_and_loses_its_tags(html: str, text: str) -> None:
    assert normalise_text(strip_html(html)) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("One.\n\n<em>Two.</em>\n\nThree.", "One.\n\nTwo.\n\nThree."),
        ("One.\r\n\r\n<em>Two.</em>\r\n \r\nThree.", "One.\n\nTwo.\n\nThree."),
        ("One.\n&nbsp;\n<b>Two.</b>", "One.\n\nTwo."),
        ("One\nline <b>bo</b>ld\nand more.\n\nTwo.", "One line bold and more.\n\nTwo."),
        ("<b>One.</b>\n\nTwo.<blockquote>Three\n\nthree.</blockquote>\nFour.\n\nFive.",
         "One.\n\nTwo.\n\nThree three.\n\nFour.\n\nFive."),
        ("One <b>bold.</b>\n\n<hr>\n\nTwo.\n\n<br/>Three.\n\nFour.", "One bold.\n\nTwo.\n\nThree.\n\nFour."),
        ("<p>By\n\n<a href=x>Ada\n\nFox</a>\n\nin Bergen</p>", "By Ada Fox in Bergen"),
        ("<div>\n\n<span>One</span>\n\n<b>line</b>\n\n</div>", "One line"),
        ("<ul><li>one\n\n<b>item</b></li></ul>\n\nAfter.\n\nEnd.", "one item\n\nAfter.\n\nEnd."),
        ("<td>a\n\ncell</td><td>b</td>", "a cell | b"),
        ("<pre>x\n\ny</pre>", "x\ny"),
        ("<p>never closed\n\n<b>here</b>", "never closed here"),
    ],
)  # fmt: skip
def test_a_blank_line_parts_paragraphs_only_where_no_block_is_around_it(html: str, text: str) -> None:
    assert normalise_text(plain(html + "<b></b>")) == text


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ('[words](https://a.example/b "title") and [more][1]\n\n[1]: https://a.example', "words and more"),
        ("![picture](a.png) text <b>bold</b> **bold** _it_ `a < b`", "text bold bold it a < b"),
        ("# Head\ntext\nwrapped", "Head\n\ntext wrapped"),
        ("* one\n* two\n  * three", "one\ntwo\nthree"),
        ("| a | b |\n|---|---|\n| c | d |", "a | b\nc | d"),
        ("```python\nx = '<p>'\ny = 2\n```", "x = '<p>'\ny = 2"),
        ("> quoted\n> text", "quoted text"),
        ("a\n\n<div>\n\n**b**\n\n</div>\n\nc", "a\n\nb\n\nc"),
        ("    <p>indented html</p>", "indented html"),
        ('see [this]({{< ref "/a b.md" >}} "A b") page', "see this page"),
        ('{{< img src="a"\n alt="b > c" >}}text{{% note %}} **in** {{% /note %}}', "text in"),
        ("{% include a.html %}text {{ page.title }} [a]({% link b.md %})", "text a"),
        ("${{ secrets.KEY }}", "${{ secrets.KEY }}"),
        ("## Head {#anchor}\n\ntext {: .wide}", "Head\n\ntext"),
        ("text[^1]\n\n[^1]: a note below", "text\n\na note below"),
        ("[[The quay|A quay]] and [[Ports]] ![[quay.png]] ==so== it is", "A quay and Ports so it is"),
        ("Rain [[1]](https://a.example/1) and `[[ -f x ]]` and [[0.5, 1]]", "Rain [1] and [[ -f x ]] and [[0.5, 1]]"),
        ("> [!note] On ports\n> They are open.", "On ports They are open."),
        ("if a == b == c and x==y==z", "if a == b == c and x==y==z"),
        ("It has ~~4~~ 40 ferries, ~5 of them new", "It has 40 ferries, ~5 of them new"),
        ("[mail](mailto: a@b.example) [x]( https://a.example/b )", "mail x"),
        ("<p>[link](https://a.example) in html</p>", "link in html"),
        ("a <!-- gone\n\ngone --> b", "a b"),
        ("Brandt <B> & IBM <IBM> &amp; &#46;", "Brandt & IBM <IBM> & ."),
        ("{{< never closed", "{{< never closed"),
    ],
)
def test_markdown_keeps_its_words_and_loses_its_signs(markdown: str, text: str) -> None:
    assert normalise_text(markdown_text(markdown)) == text


@pytest.mark.parametrize(
    ("markdown", "heading", "rest"),
    [
        ("# A *head*\n\ntext", "A head", "text"),
        ("Above\n=====\n\n# Second", "Above", "Second"),
        ("before\n\n# Head #\nafter", "Head", "before\n\nafter"),
        ("## Lower\n\ntext", "", "Lower\n\ntext"),
        ("```\n# no heading\n```", "", "# no heading"),
        ("> # quoted", "", "quoted"),
        ("#hashtag", "", "#hashtag"),
    ],
)
def test_the_first_heading_of_the_highest_level_is_taken_out(markdown: str, heading: str, rest: str) -> None:
    found, without = split_heading(markdown)
    assert (found, normalise_text(markdown_text(without))) == (heading, rest)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p class=MsoNormal>One<o:p></o:p></p><p><O:P>&nbsp;</O:P></p>", "One"),
        ('<p>In <st1:place w:st="on"><st1:City>Bergen</st1:City></st1:place>.</p>', "In Bergen."),
        ("<p>One</p><![if !supportLists]>two<![endif]><!--[if gte mso 9]><xml>3</xml><![endif]-->", "One\n\ntwo"),
        ('<p>One</p><fb:like href="x > y"></fb:like><amp-img src=x></amp-img><v:shape id="a"/>', "One"),
        ("<p>One <o:p>two</p>", "One <o:p>two"),
        ("<p><HSBA.L>, <BRK-B>, <0005.HK> and <EUR=X> rose</p>", "<HSBA.L>, <BRK-B>, <0005.HK> and <EUR=X> rose"),
        ("<p>At <http://coast.example/a/> or <mailto:ada@coast.example></p>",
         "At <http://coast.example/a/> or <mailto:ada@coast.example>"),
        ("<p><news:coast.local/> <a-b@coast.example></p>", "<news:coast.local/> <a-b@coast.example>"),
        ("<font face=x><p>One</font><P ALIGN=LEFT>Two", "One\n\nTwo"),
        ("<p ALIGN=LEFT>One", "One"),
        ("<img src='quay.jpg'>One", "One"),
    ],
)  # fmt: skip
def test_tags_that_html_does_not_have_are_no_text_where_they_are_closed(html: str, text: str) -> None:
    assert normalise_text(plain(html)) == text


@pytest.mark.parametrize("text", ["<P rose> and <A fell>", "if <p and q=1> then", "x<a b and c=d", "<I = 3> or <B >"])
def test_what_only_looks_like_an_opening_tag_is_text(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("See [the report](https://a.example/b_(c)) and [more](www.a.example \"title\").", "See the report and more."),
        ("![quay](quay.jpg) One *two* _three_ **four**", "One two three four"),
        ("[![quay](https://a.example/q.jpg)](https://a.example) One", "One"),
        ("## Costs\n\nIt is **not** cheap: 5 * 3 * 2 and snake_case_name.",
         "Costs\n\nIt is not cheap: 5 * 3 * 2 and snake_case_name."),
    ],
)  # fmt: skip
def test_marks_of_markdown_are_no_text_where_they_are_clearly_that(field: str, text: str) -> None:
    assert normalise_text(plain(field)) == text


@pytest.mark.parametrize(
    "text",
    [
        "He **really** said so.", "# 1 in the charts", "It was f*** and s**t, **he** said.", "[sic](2004)",
        "See [the report] (https://a.example/b).", "Wow![1](2)", "f[x](y) = 2 * x * y", "*A note* on _it_", "[[Ports]]",
        "#harbour #quay **late**", "2**3 is 8 and 3**2 is 9",
    ],
)  # fmt: skip
def test_one_kind_of_mark_may_be_something_else(text: str) -> None:
    assert plain(text) == text


def test_plain_text_is_left_alone() -> None:
    assert plain("Brandt <B>, <I> and <P> rose; 3 < 4 > 2") == "Brandt <B>, <I> and <P> rose; 3 < 4 > 2"
    assert decode_entities("a&amp;b ?x=1&lt=2&copy") == "a&b ?x=1&lt=2&copy"


@given(st.text(alphabet="ab<>", max_size=40))
def test_cutting_out_leaves_what_is_never_closed(text: str) -> None:
    left = cut_out(text, "<<", ">>")
    begin = left.find("<<")
    assert begin < 0 or ">>" not in left[begin + 2 :] or "<<" in text
    assert cut_out(text, "<<", ">>", "") == text if "<<" not in text else len(left) <= len(text)


SIGNS = "ab <>/&;#*_[]()!`\"'=-|{}%:^~\n\t\\pé漢&lt;"


@given(
    st.text(alphabet=SIGNS, max_size=60)
    | st.lists(st.sampled_from(("<p>", "</p>", "<b>", "<ul>", "<li>", "</ul>", "<pre>", "<td>", "x"))).map("".join)
)
def test_any_text_can_be_stripped(raw: str) -> None:
    for convert in (strip_html, plain, markdown_text):
        normal = normalise_text(convert(raw))
        assert normalise_text(normal) == normal


@given(st.lists(st.text(alphabet="abcdefgh", min_size=1), min_size=1))
def test_words_survive_every_tag_around_them(words: list[str]) -> None:
    html = "".join(f"<p><b>{word}</b></p>" for word in words)
    assert strip_html(html).split() == markdown_text("\n\n".join(f"**{word}**" for word in words)).split() == words


ENDLESS = [
    "<",
    "<o:p",
    "<o:p>",
    "</o:p",
    "<a-",
    "<![if ",
    "<a ",
    "<!--",
    "<![x",
    "</",
    "<p>",
    "&",
    "<a b='",
    "{{<",
    "{{",
    "[",
    "](",
    "`",
    "*a",
    "> ",
]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("piece", ENDLESS)
def test_endless_signs_come_to_an_end(piece: str, part: int) -> None:
    # Where time grows with the square of the length, this takes hours.
    plain(piece * (400_000 // part // len(piece)))
    strip_html(piece * (400_000 // part // len(piece)))
    markdown_text(piece * (20_000 // part // len(piece)))


def test_an_endless_name_of_a_tag_comes_to_an_end() -> None:
    assert strip_html("<" + "a" * 400_000) == "<" + "a" * 400_000
