"""Files read ahead by a thread, so that no disk is measured as a network."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_AHEAD_BYTES = 32 << 20
_PIECES_AT_ONCE = 256  # two buffers each stay below IOV_MAX (limits.h)


@dataclass(frozen=True, kw_only=True)
class Extent:
    """What is to be read of a file: ``length`` bytes from ``offset``."""

    file: Path
    offset: int
    length: int


class ReadAhead:
    """Reads extents one after the other, each in pieces, as far ahead as 32 MiB.

    An extent is handed over when all of it is in memory, or, when it is larger than that, as soon as there
    is no more room: then the disk must be faster than the network.
    """

    def __init__(self, extents: Sequence[Extent], piece_bytes: int, ahead_bytes: int = _AHEAD_BYTES) -> None:
        self._pieces: deque[tuple[bytes, bool]] = deque()
        self._held_bytes = 0
        self._whole = 0
        self._within = False
        self._stopped = False
        self._is_over = False
        self._failure: OSError | None = None
        self._ahead_bytes = ahead_bytes
        self._changed = threading.Condition()
        threading.Thread(target=self._read, args=(extents, piece_bytes), daemon=True).start()

    def take(self) -> tuple[list[bytes], bool]:
        """The next pieces of the extent under way, and whether it ends with them. Raises OSError."""
        with self._changed:
            self._changed.wait_for(self._is_ready)
            if self._failure and not (self._whole or (self._within and self._pieces)):
                raise self._failure
            taken: list[bytes] = []
            ends = False
            while self._pieces and not ends and len(taken) < _PIECES_AT_ONCE:
                piece, ends = self._pieces.popleft()
                self._held_bytes -= len(piece)
                taken.append(piece)
            self._whole -= ends
            self._within = not ends
            self._changed.notify()
        return taken, ends

    def settle(self) -> None:
        """Wait until there is something to send, or nothing ever will be."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_ready() or self._is_over)

    def stop(self) -> None:
        """Nobody takes any more."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def _is_ready(self) -> bool:
        """Within an extent any piece will do; its beginning waits for its end, or for room."""
        waiting = self._pieces and (self._within or self._held_bytes >= self._ahead_bytes)
        return bool(self._whole or waiting or self._failure)

    def _read(self, extents: Sequence[Extent], piece_bytes: int) -> None:
        try:
            for extent in extents:
                if self._stopped:
                    break
                self._read_one(extent, piece_bytes)
        except OSError as error:
            self._failure = error
        with self._changed:
            self._is_over = True
            self._changed.notify()

    def _read_one(self, extent: Extent, piece_bytes: int) -> None:
        with extent.file.open("rb", buffering=0) as file:
            file.seek(extent.offset)
            left = extent.length
            while True:
                piece = file.read(min(piece_bytes, left))
                left -= len(piece)
                if left and not piece:
                    msg = f"{extent.file} ends {left} bytes before the manifest says"
                    raise OSError(msg)
                self._put(piece, ends=not left)
                if not left or self._stopped:
                    return

    def _put(self, piece: bytes, *, ends: bool) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._held_bytes < self._ahead_bytes or self._stopped)
            self._pieces.append((piece, ends))
            self._held_bytes += len(piece)
            self._whole += ends
            if self._is_ready():
                self._changed.notify()
