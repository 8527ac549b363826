"""A speed test as it is asked for, and the published sample as a result."""

import dataclasses
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from lab.cli.speedtest_parser import parsed
from lab.model.speedtest import REFERENCE_STUDY_UID, Speedtest, SpeedtestResult

PARIS = timezone(timedelta(hours=2))
SAMPLE = SpeedtestResult(
    study_instance_uid=REFERENCE_STUDY_UID,
    start=datetime(2024, 7, 25, 11, 11, 44, 133268, PARIS),
    first_image=datetime(2024, 7, 25, 11, 11, 44, 574870, PARIS),
    end=datetime(2024, 7, 25, 11, 11, 56, 151701, PARIS),
    transfer_syntax_uid="1.2.840.10008.1.2.4.80",
    total_bytes=209_577_218,
)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def wish(**changes: Any) -> Speedtest:
    return dataclasses.replace(parsed(["pacs", "104", "AEC"], {}).wish, **changes)
