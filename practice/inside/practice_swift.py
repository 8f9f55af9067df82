# mypy: ignore-errors
"""Runs inside Swift, which logs to the machine's syslog too, and where there is none by UDP from every address."""

from logging.handlers import SysLogHandler


def no_syslog(*given):
    """A handler of Swift's log_custom_handlers; the last but one that it is given is the logger."""
    logger = given[-2]
    for handler in logger.handlers[:]:
        if isinstance(handler, SysLogHandler):
            logger.removeHandler(handler)
            handler.close()
