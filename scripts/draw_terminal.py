"""Draw what a command prints in a terminal, with its colours, as docs/images/query.svg.

python scripts/draw_terminal.py
"""

import os
import pty
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

from refresh_docs import ROOT, clone, environment, prepare_model, steady

PICTURE = ROOT / "docs" / "images" / "query.svg"
COMMAND = 'semsearch query "open source strategy" -k 2'
_CHARACTER = 8.4  # pixels that one character is wide
_LINE = 20
_MARGIN = 18
_CODE = re.compile(r"\x1b\[([\d;]*)m")
_OTHER_CODES = re.compile(r"\x1b\][^\x1b]*\x1b\\|\x1b\[[^m]*?[A-Za-ln-z]")
_CLASSES = {"1": "bold", "2": "dim", "1;36": "heading"}
_STYLE = """
    text { font: 14px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; fill: #d8dee9; white-space: pre }
    .bold { font-weight: 700; fill: #ffffff } .dim { fill: #8a94a6 } .heading { font-weight: 700; fill: #7fd1d8 }
    .prompt { fill: #a3be8c }
"""


def in_terminal(command: str, folder: Path) -> str:
    """Return what a command writes to a terminal of 80 columns, escape codes included."""
    ours, theirs = pty.openpty()
    settings = {name: value for name, value in environment().items() if name != "NO_COLOR"}
    settings |= {"PAGER": "cat", "TERM": "xterm-256color"}
    with subprocess.Popen(["bash", "-c", command], cwd=folder, env=settings, stdout=theirs, stderr=theirs):
        os.close(theirs)
        output = b""
        while True:
            try:
                piece = os.read(ours, 65_536)
            except OSError:  # Linux says so when the other end is closed
                break
            if not piece:
                break
            output += piece
    os.close(ours)
    return steady(_OTHER_CODES.sub("", output.decode()).replace("\r\n", "\n"))


def picture(command: str, printed: str) -> str:
    """Return an SVG of a command and of what it printed."""
    lines = [[("prompt", "$ "), ("bold", command)], *_lines(printed.rstrip("\n"))]
    columns = max(sum(len(text) for _, text in line) for line in lines)
    width, height = round(columns * _CHARACTER) + 2 * _MARGIN, len(lines) * _LINE + 2 * _MARGIN
    drawn = []
    for number, line in enumerate(lines):
        column, y = 0, _MARGIN + (number + 1) * _LINE - 6
        for style, text in line:
            if text.strip():
                start = column + len(text) - len(text.lstrip(" "))
                x, length = _MARGIN + start * _CHARACTER, len(text.strip(" ")) * _CHARACTER
                css_class = f' class="{style}"' if style else ""
                place = f'x="{x:.1f}" y="{y}" textLength="{length:.1f}"'
                drawn.append(f"  <text {place}{css_class}>{escape(text.strip(' '))}</text>")
            column += len(text)
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">\n  <style>{_STYLE}  </style>\n'
    return f'{head}  <rect width="100%" height="100%" rx="8" fill="#20242c"/>\n' + "\n".join([*drawn, "</svg>", ""])


def _lines(printed: str) -> Iterator[list[tuple[str, str]]]:
    """Yield each line as pieces of text, each with its style."""
    style = ""
    for line in printed.split("\n"):
        pieces, start = [], 0
        for code in _CODE.finditer(line):
            pieces.append((style, line[start : code.start()]))
            style, start = _CLASSES.get(code[1], ""), code.end()
        yield [*pieces, (style, line[start:])]


def drawn() -> str:
    """Return the picture as it would be drawn now."""
    prepare_model()
    with clone() as folder:
        return picture(COMMAND, in_terminal(COMMAND, folder))


if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(drawn(), encoding="utf-8")
