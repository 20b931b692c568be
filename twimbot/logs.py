"""The log: lines for people or for machines, on stderr."""

import logging
import sys
from collections import Counter

import structlog

from twimbot.config import Log

failures: Counter[str] = Counter()
"""How often each warning or worse was logged since the start, by what it says: constant words, no names or texts."""


def configure(settings: Log) -> None:
    """Log with this level and format from now on; every line of one event bears its event ID (contextvars)."""
    logging.getLogger("nio").setLevel(logging.CRITICAL)  # it would quote what it can't read, keys and texts among it
    levels = logging.getLevelNamesMapping()
    last: tuple[structlog.types.Processor, ...]
    if settings.format == "json":
        tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)  # locals hold people's texts
        last = (
            structlog.processors.ExceptionRenderer(tracebacks),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        )
    else:
        last = (
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        )
    first: tuple[structlog.types.Processor, ...] = (
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    )
    _take_over_libraries(first, last)
    structlog.configure(
        processors=[_count, *first, *last],
        wrapper_class=structlog.make_filtering_bound_logger(levels[settings.level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _count(_logger: object, method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    if method not in {"debug", "info"}:
        failures[str(event["event"])] += 1
    return event


def _take_over_libraries(
    first: tuple[structlog.types.Processor, ...], last: tuple[structlog.types.Processor, ...]
) -> None:
    """Write what libraries warn of in the same lines; below a warning they may tell of headers and bodies."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=first, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
