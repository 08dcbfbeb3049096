"""What can go wrong with rules."""

from __future__ import annotations

from ._engine import Finding

__all__ = ["RulesError"]


class RulesError(ValueError):
    """Rules that cannot be used.

    As text it says what is wrong, each fault on a line of its own with file, line and column.
    """

    findings: list[Finding]
    """The faults. Empty if a file or folder could not be read at all."""

    def __init__(self, message: str, findings: list[Finding]) -> None:
        super().__init__(message)
        self.findings = findings
