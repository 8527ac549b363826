"""What an option is."""

from dataclasses import dataclass

TLS_NEEDED = "--enable-tls or --anonymous-tls"


@dataclass(frozen=True, kw_only=True)
class Value:
    """One argument of an option.

    Attributes:
        name: in the help text.
        kind: "text", "whole" (an integer) or "number" (decimals too).
        low, high: both allowed; None is no limit.
        choices: what a text may be, compared without case; empty is anything.
    """

    name: str
    kind: str = "text"
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option of echoscu's, or one of ours.

    Attributes:
        section: the heading it stands under.
        choice: options that share a choice exclude each other silently: the rightmost holds.
        several: may be given more than once; otherwise the rightmost holds.
        needs: options of which one must hold.
        excludes: options it may not stand with.
        ends: prints something and ends; a peer need not be named.
        default: in words.
        refused: why it cannot be honoured, "" when it can; ``instead`` is what to do.
        note: where what is done differs from echoscu.
        ours: not one of echoscu's.
    """

    long: str
    short: str = ""
    section: str
    help: str
    values: tuple[Value, ...] = ()
    default: str = ""
    choice: str = ""
    several: bool = False
    needs: str = ""
    excludes: tuple[str, ...] = ()
    ends: bool = False
    refused: str = ""
    instead: str = ""
    note: str = ""
    ours: bool = False

    @property
    def title(self) -> str:
        """Both names, and its values' names."""
        names = " ".join(name for name in (self.short, self.long) if name)
        return " ".join([names, *(value.name for value in self.values)])
