"""Faults that stay inside of the module, and what the log has of them."""

from __future__ import annotations

import asyncio
import logging
import time
from types import TracebackType

from twisted.internet.defer import CancelledError

__all__ = ["Contained", "LimitedLog"]

_PASSED_ON = (
    asyncio.CancelledError,
    CancelledError,
    GeneratorExit,
    KeyboardInterrupt,
    SystemExit,
)
"""These end a request or the process, and are no faults."""
_LOG_PERIOD_SECONDS = 60.0


class LimitedLog:
    """Writes at most one line in a while, since strangers may choose how often there is one to write."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._next = 0.0
        self._unsaid = 0

    def error(self, message: str, *arguments: object, exc_info: bool = False) -> None:
        """Writes a line, or counts it as one that was not written."""
        now = time.monotonic()
        if now < self._next:
            self._unsaid += 1
            return
        if self._unsaid:
            message = f"{message} (and {self._unsaid} more lines like this one)"
        self._unsaid = 0
        self._next = now + _LOG_PERIOD_SECONDS
        self._logger.error(message, *arguments, exc_info=exc_info)


class Contained:
    """As a context: no exception leaves it, a panic of the native part included, which is no ``Exception``."""

    def __init__(self, logger: logging.Logger, what: str) -> None:
        self._log = LimitedLog(logger)
        self._what = what

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if kind is None or issubclass(kind, _PASSED_ON):
            return False
        self._log.error("presence rules: %s", self._what, exc_info=True)
        return True
