"""The Markdown of lessons: CommonMark and tables, no HTML, and {name} for a number that a claim block measures."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from .blocks import Claim
from .mistake import Mistake

_NAME = re.compile(r"\{([A-Za-z][A-Za-z0-9_-]{0,59})\}")
_DIGITS = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
GIVEN = ("answer", "guess")
"""Names that `after` of a question may use besides those of claims."""


@dataclass
class Context:
    """What rendering needs, and what it finds.

    Attributes:
        claims: by name.
        given: names that the page itself fills in.
        used: claims that were named.
        unknown: names that no claim has, in their order.
    """

    claims: Mapping[str, Claim]
    given: tuple[str, ...] = ()
    used: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)


def _name_rule(state: StateInline, silent: bool) -> bool:
    found = _NAME.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        token = state.push("claim", "", 0)
        token.content = found[1]
    state.pos = found.end()
    return True


def _render_name(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: object, env: object) -> str:
    assert isinstance(env, dict)
    context: Context = env["context"]
    name = tokens[at].content
    if name in context.given:
        return f'<b data-say="{name}"></b>'
    claim = context.claims.get(name)
    if claim is None:
        context.unknown.append(name)
        return f'<span class="mistaken">{{{html.escape(name)}}}</span>'
    context.used.add(name)
    return (
        f'<hs-claim name="{html.escape(name)}" unit="{html.escape(claim.unit)}">{html.escape(claim.words)}</hs-claim>'
    )


def _wide_table(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: object, env: object) -> str:
    return '<div class="table"><table>' if tokens[at].nesting > 0 else "</table></div>"


def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable("table")
    made.inline.ruler.before("link", "claim", _name_rule)
    made.add_render_rule("claim", _render_name)
    made.add_render_rule("table_open", _wide_table)
    made.add_render_rule("table_close", _wide_table)
    return made


MARKDOWN = _markdown()


def parse(source: str) -> list[Token]:
    """The tokens of a text; their `map` counts lines from 0."""
    return MARKDOWN.parse(source)


def render(tokens: Sequence[Token], context: Context) -> str:
    """HTML that may be put into the page as it is."""
    rendered: str = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {"context": context})
    return rendered


def faults(tokens: Iterable[Token], context: Context, file: str, line: int) -> list[Mistake]:
    """Loose digits in prose, and names that no claim has.

    Args:
        line: of the file, on which the text of the tokens begins.
    """
    found: list[Mistake] = []
    heading = False
    for token in tokens:
        heading = (heading or token.type == "heading_open") and token.type != "heading_close"
        if token.type != "inline" or token.map is None:
            continue
        at, quoted = line + token.map[0], 0
        for child in token.children or []:
            if child.type in ("softbreak", "hardbreak"):
                at += 1
            elif child.type == "claim" and child.content not in (*context.claims, *context.given):
                found.append(_unknown(child.content, context, file, at))
            elif child.type == "text":
                loose, quoted = _loose(child.content, quoted)
                found += [_digits(digits, file, at) for digits in loose if not heading]
    return found


def _unknown(name: str, context: Context, file: str, line: int) -> Mistake:
    known = ", ".join(context.claims) or "none yet"
    return Mistake(
        file, line, f"No claim has the name {{{name}}}.",
        f"Add a `claim` block of that name to the lesson, or put the braces into a code span; there are: {known}.",
    )  # fmt: skip


def _digits(digits: str, file: str, line: int) -> Mistake:
    return Mistake(
        file, line, f"The prose states {digits} as a loose number.",
        "State a measured number as {name}, with a `claim` block of that name; write small counts as words, and other "
        "numbers as a quotation “…” or a `code span`.",
    )  # fmt: skip


def _loose(words: str, quoted: int) -> tuple[list[str], int]:
    """Numbers outside of quotation marks, and how many are still open at the end."""
    found = []
    for part in re.split(r"([“”])", words):
        if part == "“":
            quoted += 1
        elif part == "”":
            quoted = max(quoted - 1, 0)
        elif not quoted:
            found += _DIGITS.findall(part)
    return found, quoted
