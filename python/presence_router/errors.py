"""What can go wrong with rules."""

from __future__ import annotations

from ._engine import Finding

__all__ = ["RulesError"]


class RulesError(ValueError):
    """Rules that cannot be used.

    As text it says what is wrong, each fault on a line of its own with file, line and column. Rules without a fault
    still cannot answer a question for which they need known users where there are none.
    """

    findings: list[Finding]
    """The faults. Empty if a file or folder could not be read at all, and where known users are needed."""

    def __init__(self, message: str, findings: list[Finding]) -> None:
        super().__init__(message)
        self.findings = findings
