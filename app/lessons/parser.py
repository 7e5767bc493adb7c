"""From a lesson's file to its steps. Never raises: what is wrong becomes a mistake, and the rest stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated

from markdown_it.token import Token
from pydantic import Field, field_validator

from models.text.lines import unix_lines

from . import prose
from .blocks import BLOCKS, NOTES, Ask, Block, Claim
from .data import Data, Words
from .mistake import Mistake
from .toml_body import read_body
from .view import View

MOST_BYTES = 1 << 20
_FENCE = "+++"


class Front(Data):
    """The front matter."""

    title: Words
    summary: Words
    minutes: Annotated[int, Field(ge=1, le=600)]
    order: Annotated[int, Field(ge=0, le=9999)] = 1000
    start: View
    """The lab where a step says nothing else; its text is what a pupil finds at first."""

    @field_validator("start")
    @classmethod
    def _with_text(cls, start: View) -> View:
        if start.brought_text() is None:
            raise ValueError("it has no text: give it a `text` or an `example`, so that there is something to see")
        return start


@dataclass(frozen=True)
class Prose:
    """HTML."""

    html: str


Piece = Prose | Block | Mistake


@dataclass
class Step:
    """One screen.

    Attributes:
        id: its word in an address.
        line: of its heading.
        pieces: in their order; claims and notes are not among them.
        view: None if the lab stands as at the lesson's start.
        notes: HTML for whoever teaches.
    """

    id: str
    title: str
    line: int
    pieces: list[Piece] = field(default_factory=list)
    view: View | None = None
    notes: str = ""


@dataclass(frozen=True)
class Placed:
    """A block that measures, and where it stands.

    Attributes:
        line: of its first line of TOML.
        step: the place of its step, from 0.
        after: HTML shown with the answer of a question.
    """

    block: Ask | Claim
    line: int
    step: int
    after: str = ""


@dataclass(frozen=True)
class Lesson:
    """A lesson as far as it can be read."""

    id: str
    file: str
    front: Front | None
    steps: list[Step]
    claims: Mapping[str, Placed]
    asks: Mapping[str, Placed]
    mistakes: list[Mistake]

    @property
    def title(self) -> str:
        return self.id if self.front is None else self.front.title

    @property
    def order(self) -> tuple[int, str]:
        return (10_000 if self.front is None else self.front.order, self.id)


def parse(file: str, source: str) -> Lesson:
    """The lesson in a file.

    Args:
        file: its name without its folder, "01-hidden-state.md".
    """
    return _Reader(file, unix_lines(source).removeprefix("\ufeff")).lesson()


class _Reader:
    """Reads one file: first its claims, which any step may name, then its steps in their order."""

    def __init__(self, file: str, source: str) -> None:
        self.file = file
        self.mistakes: list[Mistake] = []
        self.steps: list[Step] = []
        self.claims: dict[str, Placed] = {}
        self.asks: dict[str, Placed] = {}
        self.front, self.first, body = self._front(source)
        self.tokens = prose.parse(body)
        self.blocks = self._read_blocks()
        self.context = prose.Context(
            {name: one.block for name, one in self.claims.items() if isinstance(one.block, Claim)}
        )
        self.waiting: list[Token] = []

    def lesson(self) -> Lesson:
        at, orphan = 0, False
        while at < len(self.tokens):
            token = self.tokens[at]
            if _opens_step(token):
                self._begin(token, self.tokens[at + 1])
                at += 3
                continue
            if self.steps:
                self._take(at, token)
            elif not orphan:
                orphan = True
                self._wrong(
                    self._line(token), "Something stands before the first step.", "Begin with ## and the step's title."
                )
            at += 1
        self._flush()
        if not self.steps:
            self._wrong(self.first, "The lesson has no step.", "Begin each step with ## and its title.")
        self._check_claims()
        name, mistakes = self.file.removesuffix(".md"), sorted(set(self.mistakes))
        return Lesson(name, self.file, self.front, self.steps, self.claims, self.asks, mistakes)

    # ── the file ─────────────────────────────────────────────────────────────────────────────────────

    def _front(self, source: str) -> tuple[Front | None, int, str]:
        """The front matter, the line on which the steps begin, and the steps."""
        lines = source.split("\n")
        if lines[0].strip() != _FENCE:
            self._wrong(1, "The front matter is missing.", f"Begin the file with it, between two lines {_FENCE}.")
            return None, 1, source
        end = next((k for k, line in enumerate(lines[1:], 1) if line.strip() == _FENCE), None)
        if end is None:
            self._wrong(1, "The front matter has no end.", f"Put a line {_FENCE} after it.")
            return None, 1, ""
        front = read_body(Front, "The front matter", "\n".join(lines[1:end]), self.file, 2)
        if isinstance(front, list):
            self.mistakes += front
            return None, end + 2, "\n".join(lines[end + 1 :])
        return front, end + 2, "\n".join(lines[end + 1 :])

    def _line(self, token: Token) -> int:
        return self.first + (token.map[0] if token.map else 0)

    def _wrong(self, line: int, fault: str, remedy: str) -> Mistake:
        mistake = Mistake(self.file, line, fault, remedy)
        self.mistakes.append(mistake)
        return mistake

    # ── blocks ───────────────────────────────────────────────────────────────────────────────────────

    def _read_blocks(self) -> dict[int, list[Block | Mistake]]:
        """All blocks, by the places of their tokens."""
        found: dict[int, list[Block | Mistake]] = {}
        step = -1
        for at, token in enumerate(self.tokens):
            step += _opens_step(token)
            word = _word(token)
            if word not in BLOCKS and word != NOTES:
                continue
            if token.level > 0:
                self._wrong(
                    self._line(token),
                    f"A block, `{word}`, stands inside a list or a quotation.",
                    "Move it to the left margin, with an empty line before it.",
                )
            elif word != NOTES:
                found[at] = list(self._read_block(word, token, step))
        return found

    def _read_block(self, word: str, token: Token, step: int) -> Iterator[Block | Mistake]:
        line = self._line(token) + 1
        read = read_body(BLOCKS[word], f"The `{word}` block", token.content, self.file, line)
        if isinstance(read, list):
            self.mistakes += read
            yield from read
            return
        kept, name = (self.claims, read.name) if isinstance(read, Claim) else (self.asks, getattr(read, "id", None))
        if name is not None and isinstance(read, Ask | Claim):
            if name in kept:
                yield self._wrong(
                    line,
                    f"The lesson has a `{word}` block named {name} already.",
                    f"It is on line {kept[name].line}; choose another name.",
                )
                return
            kept[name] = Placed(read, line, step)
        yield read

    # ── steps ────────────────────────────────────────────────────────────────────────────────────────

    def _begin(self, token: Token, inline: Token) -> None:
        self._flush()
        line = self._line(token)
        if token.tag == "h1":
            self._wrong(
                line, "There is a heading of the first level.", "Write ##; the lesson's title is in the front matter."
            )
        title = "".join(child.content for child in inline.children or [] if child.type in ("text", "code_inline"))
        if not title.strip():
            self._wrong(line, "A step has no title.", "Write it after ##.")
            title = f"Step {len(self.steps) + 1}"
        word = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or f"step-{len(self.steps) + 1}"
        taken = {step.id for step in self.steps}
        unique = next(
            name for k in range(1, len(taken) + 2) if (name := word if k == 1 else f"{word}-{k}") not in taken
        )
        self.steps.append(Step(unique, title.strip(), line))

    def _take(self, at: int, token: Token) -> None:
        step = self.steps[-1]
        if at in self.blocks:
            self._flush()
            for piece in self.blocks[at]:
                self._put(step, piece, self._line(token))
        elif token.level == 0 and _word(token) == NOTES:
            self._flush()
            step.notes += self._markdown(token.content, self._line(token) + 1, check=False)
        else:
            self.waiting.append(token)

    def _put(self, step: Step, piece: Block | Mistake, line: int) -> None:
        if isinstance(piece, Ask):
            after = self._markdown(piece.after, self.asks[piece.id].line, given=prose.GIVEN)
            self.asks[piece.id] = replace(self.asks[piece.id], after=after)
        elif isinstance(piece, View):
            if step.view is not None:
                step.pieces.append(
                    self._wrong(line, "The step has two `view` blocks.", "Keep one: a step shows the lab in one state.")
                )
                return
            step.view = piece
            return
        if not isinstance(piece, Claim):
            step.pieces.append(piece)

    def _flush(self) -> None:
        if self.waiting:
            self.steps[-1].pieces.append(Prose(prose.render(self.waiting, self.context)))
            self.mistakes += prose.faults(self.waiting, self.context, self.file, self.first)
            self.waiting = []

    def _markdown(self, source: str, line: int, *, check: bool = True, given: tuple[str, ...] = ()) -> str:
        """Markdown inside a block, as HTML."""
        context = replace(self.context, given=given)
        tokens = prose.parse(source)
        found = prose.faults(tokens, context, self.file, line)
        self.mistakes += found if check else [one for one in found if "loose" not in one.fault]
        return prose.render(tokens, context)

    def _check_claims(self) -> None:
        for name in self.claims.keys() - self.context.used:
            self._wrong(
                self.claims[name].line,
                f"No prose names the claim {{{name}}}.",
                "Use it in the lesson, or take the block out.",
            )


def _opens_step(token: Token) -> bool:
    return token.type == "heading_open" and token.level == 0 and token.tag in ("h1", "h2")


def _word(token: Token) -> str:
    """The first word after the fence; empty for all other tokens."""
    return token.info.strip().split(" ")[0] if token.type == "fence" else ""
