"""What is wrong in a lesson's file, and where; the rest of the lesson stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Mistake:
    """See the module.

    Attributes:
        file: its name, without its folder.
        line: counted from 1.
        fault, remedy: a sentence each.
    """

    file: str
    line: int
    fault: str
    remedy: str

    def words(self) -> str:
        return f"{self.file}, line {self.line}: {self.fault} {self.remedy}"
