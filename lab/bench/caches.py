"""What the PACS's files are in before a run: brought to what the case declares, and read back."""

from lab.bench.c_move import Bench
from lab.model.case import COLD, Case
from lab.model.conditions import CacheRecord
from lab.model.link_state import PACS
from lab.stack import pacs_settings

_STORAGE = "/var/lib/orthanc/db"
EVICT = f"sync; find {_STORAGE} -type f -exec dd if={{}} iflag=nocache count=0 status=none ';'"
"""For a shell there. dd(1): iflag=nocache with count=0 drops what the page cache has of a file."""
_READ = f"find {_STORAGE} -type f -exec cat {{}} + >/dev/null"
_LOOK = f"find {_STORAGE} -type f -print0 | xargs -0 -r fincore --bytes --raw --noheadings --output RES,SIZE"


def brought_about(bench: Bench, case: Case) -> CacheRecord:
    """Cold: Orthanc starts anew, and the page cache lets go of its storage. Warm: it has all of it.

    What Orthanc itself keeps of its files when warm is what the runs before have left, the proof's at least.
    """
    if case.cache == COLD:
        pacs_settings.restart(bench.engine, bench.settings)
        bench.engine.exec(PACS, ["sh", "-c", EVICT])
    found = _found(bench, case)
    if case.cache == COLD or found.in_memory_bytes == found.storage_bytes:
        return found
    bench.engine.exec(PACS, ["sh", "-c", _READ])
    return _found(bench, case)


def _found(bench: Bench, case: Case) -> CacheRecord:
    return look(bench.engine.exec(PACS, ["sh", "-c", _LOOK]).stdout, case.cache)


def look(said: str, declared: str) -> CacheRecord:
    """From a line of bytes in memory and bytes for each file, as fincore(1) prints them."""
    rows = [line.split() for line in said.splitlines()]
    pairs = [(int(row[0]), int(row[1])) for row in rows if len(row) == 2 and "".join(row).isdigit()]
    if not pairs:
        return CacheRecord(declared=declared, storage_bytes=None, in_memory_bytes=None)
    return CacheRecord(
        declared=declared,
        storage_bytes=sum(size for _, size in pairs),
        in_memory_bytes=sum(min(resident, size) for resident, size in pairs),
    )
