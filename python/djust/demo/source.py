"""Source text in, HTML with `<span class="hl-…">` out: colours for short Python, markup, scripts.

The classes: `keyword`, `name` (what is being defined), `decorator`, `string`, `comment`, `number`;
`tag`, `attribute`, `hole` (`{{ }}`) and `block` (`{% %}`).
"""

import io
import keyword
import re
import tokenize

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


def highlight(text: str, language: str) -> SafeString:
    """Colours `text`, whose `language` is `"python"`, `"template"` or `"javascript"`.

    >>> highlight("del x", "python")
    '<span class="hl-keyword">del</span> x'
    """
    spans = _python(text) if language == "python" else _matches(PATTERNS[language], text)
    html, done = [], 0
    for start, end, kind in spans:
        html.append(format_html("{}", text[done:start]))
        html.append(format_html('<span class="hl-{}">{}</span>', kind, text[start:end]))
        done = end
    html.append(format_html("{}", text[done:]))
    return mark_safe("".join(html))


def _python(text):
    """Yields (start, end, kind) for each coloured token, from Python's own tokeniser."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    previous = ""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        start = starts[token.start[0] - 1] + token.start[1]
        end = starts[token.end[0] - 1] + token.end[1]
        if kind := _python_kind(token, previous):
            yield start, end, kind
        previous = token.string


def _python_kind(token, previous):
    if token.type == tokenize.NAME:
        if keyword.iskeyword(token.string):
            return "keyword"
        if previous in ("def", "class"):
            return "name"
        return "decorator" if previous == "@" else None
    if token.type == tokenize.OP and token.string == "@":
        return "decorator"
    # Python 3.12 and newer take an f-string apart; its pieces are strings all the same.
    if token.type == tokenize.STRING or "FSTRING" in tokenize.tok_name[token.type]:
        return "string"
    return {tokenize.COMMENT: "comment", tokenize.NUMBER: "number"}.get(token.type)


_TEMPLATE = re.compile(
    r"""
      (?P<comment> \{\#.*?\#\} | <!--.*?--> )
    | (?P<block> \{%.*?%\} )
    | (?P<hole> \{\{.*?\}\} )
    | (?P<tag> </?[a-z][a-z0-9-]* | (?<=[\w"}\s])/?>(?!=) )
    | (?P<attribute> (?<=\s)(?:dj-[a-z.-]+ | [a-z][a-z-]*(?==")) )
    """,
    re.VERBOSE | re.DOTALL,
)


_SCRIPT = re.compile(
    r"""
      (?P<comment> //[^\n]* )
    | (?P<string> "[^"\n]*" )
    | (?P<keyword> \b(?:async|await|const|else|for|if|let|new|of|return)\b )
    """,
    re.VERBOSE,
)


PATTERNS = {"template": _TEMPLATE, "javascript": _SCRIPT}


def _matches(pattern, text):
    """Yields (start, end, kind) for what a pattern finds, by the names of its groups."""
    for match in pattern.finditer(text):
        yield match.start(), match.end(), match.lastgroup
