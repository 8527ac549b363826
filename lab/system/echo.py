"""C-ECHO from this machine, as echoscu asks for it: on one association, or a new one after each lost."""

import time
from collections.abc import Iterator

from lab.dicom import dimse
from lab.errors import LabError, VerificationError
from lab.inside.tls import Ask, suites_13_left_out, suites_here, tls_context
from lab.model.echo import Echo, EchoOrder, Level, Say
from lab.system.connecting import connected
from lab.system.verification import Verification


def echoes(order: EchoOrder, ask: Ask, say: Say) -> Iterator[Echo]:
    """Each C-ECHO when it is answered, or lost.

    Args:
        ask: asks for the password of a key file.

    Raises:
        VerificationError: with echoscu's exit code; with ``keep_on`` only when the first association fails.
        LabError: a file of the TLS parameters will not do.
    """
    opened = _Opened(order, ask, say)
    opened.open()
    begun_s = time.monotonic()
    try:
        for number in range(1, order.repeat + 1):
            _wait_until(begun_s + (number - 1) * order.interval_s)
            yield opened.echo(number)
    except BaseException:
        opened.drop()
        raise
    opened.end()


class _Opened:
    """The association of the moment."""

    def __init__(self, order: EchoOrder, ask: Ask, say: Say) -> None:
        self._order = order
        self._say = say
        self._context = tls_context(order.tls, ask) if order.tls else None
        left_out = suites_13_left_out(order.tls.profile) if order.tls else ()
        if left_out:
            say(Level.WARN, f"this Python's ssl cannot offer {' and '.join(left_out)}: left out")
        self._verification: Verification | None = None

    def open(self) -> Verification:
        """Connect, secure and associate, unless that is done."""
        if self._verification is None:
            connection = connected(self._order, self._context, self._say)
            self._verification = Verification(self._order, connection, self._say)
        return self._verification

    def echo(self, number: int) -> Echo:
        """One; lost is an Echo too, when that is what was asked for."""
        try:
            rtt_ms, status = self.open().echo()
        except VerificationError as error:
            self._verification = None
            if not self._order.keep_on:
                raise
            self._say(Level.WARN, f"C-ECHO {number} is lost: {error.message}")
            return Echo(number=number, rtt_ms=None, status=None, trouble=error.message)
        if status != dimse.SUCCESS:
            self._say(Level.WARN, f"C-ECHO {number} is answered with status 0x{status:04X}, not success")
        return Echo(number=number, rtt_ms=rtt_ms, status=status, trouble="")

    def drop(self) -> None:
        """Abort what is open: Ctrl-C, say."""
        if self._verification is not None:
            self._verification.abort()

    def end(self) -> None:
        """Release or abort what is open."""
        if self._verification is None:
            return
        try:
            self._verification.end()
        except LabError as error:
            if not self._order.keep_on:
                raise
            self._say(Level.WARN, error.message)


def _wait_until(moment_s: float) -> None:
    left_s = moment_s - time.monotonic()
    if left_s > 0:
        time.sleep(left_s)


def suites() -> list[str]:
    """IANA names of the cipher suites of TLS 1.2 and older that can be offered from here."""
    return suites_here()
