"""What a network is built of: its layers, from the input up, each with a cell and units of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from typing import Any

from ..cells import CELLS, Cell, Each
from ..cells.layout import width_of
from ..equations.equation import Words


@dataclass(frozen=True)
class Layer:
    """One layer.

    Attributes:
        units: H.

    Raises:
        ValueError: if a signal has a width that it cannot have.
    """

    cell: Cell
    units: int

    def __post_init__(self) -> None:
        handed_on = {self.cell.names()[0], *self.cell.states}
        for signal, width in zip(self.cell.signals, self.widths, strict=True):
            name = f"{signal.title} of {self.cell.title}"
            if signal.width is not Each.UNIT and (signal.name in handed_on or not isinstance(signal.formula, Words)):
                raise ValueError(
                    f"{name} has a width of its own. What is handed on or has an equation has one number per unit."
                )
            if not 1 <= width <= self.units:
                raise ValueError(
                    f"{name} has {width:,} numbers; in a layer of {self.units:,} it has 1 to {self.units:,}."
                )

    @cached_property
    def widths(self) -> tuple[int, ...]:
        """How many numbers each signal of the cell has at a step."""
        return tuple(width_of(signal.width, self.units, self.cell.heads) for signal in self.cell.signals)

    def width(self, name: str) -> int:
        """How many numbers a signal has at a step, at most H."""
        return self.widths[self.cell.names().index(name)]

    @property
    def state_size(self) -> int:
        """How many numbers it hands to its next step."""
        return len(self.cell.states) * self.units


@dataclass(frozen=True)
class Stack:
    """The layers of a network, from the input up."""

    layers: tuple[Layer, ...]

    @staticmethod
    def of(cell: str | Sequence[str], units: int | Sequence[int], layers: int | None = None) -> Stack:
        """A stack of `layers` layers that are all alike (one, unless it is given); or, given a cell's name or a number
        of units for each layer, a mixed one.

        Raises:
            ValueError: if there is no such cell, a layer has no unit, the units do not come in the cell's heads, or the
                numbers of layers differ.
        """
        alike = isinstance(cell, str), isinstance(units, Integral)
        named = [len(one) for one, same in zip((cell, units), alike, strict=True) if not same]  # type: ignore[arg-type]
        counts = {*named, *([] if layers is None else [layers])} or {1}
        if len(counts) > 1:
            given = "" if layers is None else f", and {layers:,} were asked for"
            raise ValueError(f"The cells and units named are those of {' and '.join(map(str, named))} layers{given}.")
        (count,) = counts
        cells = [cell] * count if isinstance(cell, str) else list(cell)
        sizes = [int(units)] * count if isinstance(units, Integral) else [int(one) for one in units]  # type: ignore[union-attr]
        for name in cells:
            if name not in CELLS:
                raise ValueError(f"There is no cell called {name!r}; the cells are {', '.join(CELLS)}.")
        if not cells or min(sizes, default=0) < 1:
            raise ValueError(f"A model needs at least one layer of at least one unit, not {cells} and {sizes}.")
        for name, size in zip(cells, sizes, strict=True):
            if size % CELLS[name].heads:
                raise ValueError(f"The units of {CELLS[name].title} come in {CELLS[name].heads} heads, not {size:,}.")
        return Stack(tuple(Layer(CELLS[name], size) for name, size in zip(cells, sizes, strict=True)))

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def __getitem__(self, layer: int) -> Layer:
        return self.layers[layer]

    @property
    def uniform(self) -> bool:
        """Whether all layers are alike."""
        return len(set(self.layers)) == 1

    @property
    def state_size(self) -> int:
        """How many numbers the states of all layers have together."""
        return sum(layer.state_size for layer in self.layers)

    @property
    def names(self) -> list[str]:
        """`"{layer}.{signal}"` for every signal of every layer."""
        return [f"{k}.{name}" for k, layer in enumerate(self.layers) for name in layer.cell.names()]

    @property
    def places(self) -> list[tuple[int, int]]:
        """For each of `names` its layer, and where it stands among that layer's signals."""
        return [(k, s) for k, layer in enumerate(self.layers) for s in range(len(layer.cell.signals))]

    def row(self, layer: int, name: str) -> int:
        """Where a signal of a layer stands in `names`."""
        before = sum(len(one.cell.signals) for one in self.layers[:layer])
        return before + self.layers[layer].cell.names().index(name)

    @property
    def spelled(self) -> dict[str, Any]:
        """What `of` makes it from: `cell`, `units` and `layers`, as few as say it."""
        cells, sizes = tuple(one.cell.name for one in self.layers), tuple(one.units for one in self.layers)
        alike = [ones[0] if len(set(ones)) == 1 else ones for ones in (cells, sizes)]
        return {"cell": alike[0], "units": alike[1], "layers": len(self.layers)}

    @property
    def words(self) -> str:
        """Its size as tables say it: `2 × 128`, or `24 + 16` where the layers differ."""
        sizes = [layer.units for layer in self.layers]
        alike = len(set(sizes)) == 1
        return f"{len(sizes)} × {sizes[0]:,}" if alike else " + ".join(f"{size:,}" for size in sizes)

    @property
    def kind(self) -> str:
        """Its cell by its name, `lstm`; where the layers' cells differ all of them, from the input up: `gru+lstm`."""
        return "+".join(self._each([layer.cell.name for layer in self.layers]))

    @property
    def title(self) -> str:
        """The same by the cells' titles."""
        return " + ".join(self._each([layer.cell.title for layer in self.layers]))

    @staticmethod
    def _each(names: list[str]) -> list[str]:
        return names[:1] if len(set(names)) == 1 else names
