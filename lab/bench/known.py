"""What is known of a case before its first run."""

from dataclasses import dataclass

from lab.model.exchange import Ceiling
from lab.model.link_state import LinkState
from lab.model.path import Path


@dataclass(frozen=True, kw_only=True)
class Felt:
    """The link of a case as read back and as felt, just before its runs.

    ``rtt_ms`` is None where nothing told it.
    """

    state: LinkState
    rtt_ms: float | None
    path: Path


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of a case before its first run."""

    felt: Felt
    expected_s: float | None
    ceiling: Ceiling
    emulator_mbit_s: float | None = None
