"""The result of a speed test: the block that scripts read, and below it what that block lacks. Pure."""

from datetime import datetime

from lab.model.record import Run
from lab.model.speedtest import REFERENCE_STUDY_UID, REFERENCE_TRANSFER_SYNTAX_UID, SpeedtestResult
from lab.model.spread import Gaps

_HEADING = "-----RESULTS".ljust(85, "-")
_CLOSING = "-" * 84
_WARNING = (
    r"/!\ WARNING: If this is not what you expected,"
    " there must have have been some TS conversion from the PACS",
    "Please consider these results carefully.",
    f"(Study {REFERENCE_STUDY_UID} is initially encoded in {REFERENCE_TRANSFER_SYNTAX_UID})",
)


NO_IMAGE = (
    "Something went wrong, no images received. Aborting Speedtest.",
    "Please make sure connection with the PACS is properly configured",
    "and that the Speedtest C-STORE AET is declared on the PACS.",
)
"""What the ANS SpeedTest advises then."""


def block(result: SpeedtestResult, *, quiet_warning: bool = False) -> list[str]:
    """Line by line as the ANS SpeedTest prints its results: labels, order, number formats and all.

    ``quiet_warning`` leaves the warning out where the reference study came as it is published.
    """
    warning = () if quiet_warning and result.is_reference_as_stored else _WARNING
    return [
        _HEADING,
        f"Start time: {_moment(result.start)}",
        f"End time: {_moment(result.end)}",
        f"First image received at: {_moment(result.first_image)}",
        "",
        f"Transfer Syntax received: {result.transfer_syntax_uid}",
        f"Total bytes transfered: {result.total_bytes / 1_000_000} MB",
        *warning,
        "",
        f"Latency (first image): {result.first_image - result.start}",
        f"Throughput: {result.throughput_mbit_s} Mbps",
        _CLOSING,
    ]


def figure_lines(run: Run) -> list[str]:
    """What the block lacks. Nothing here begins as a line of the block does."""
    counts = run.suboperations
    rtt = "unknown here" if run.rtt_ms is None else f"{run.rtt_ms:.3g} ms, smallest that the kernel saw"
    lines = [
        ("instances", f"{run.instances} of {run.instances_expected}, {counts.failed} failed sub-operations"),
        ("wire", f"{run.throughput_mbit_s:.4g} Mbit/s, Data Sets from the C-MOVE request to the last byte"),
        ("steady", _steady(run.steady_mbit_s)),
        ("gaps", _gaps(run.gap_ms)),
        ("round trip", rtt),
        *(("doubt", f"{one.text}. Remedy: {one.remedy}") for one in run.doubts),
    ]
    return [f"{name:<12}{text}" for name, text in lines]


def figures_document(result: SpeedtestResult) -> dict[str, object]:
    """The block's figures for programs."""
    return {
        "start_time": result.start.isoformat(timespec="microseconds"),
        "end_time": result.end.isoformat(timespec="microseconds"),
        "first_image_received_at": result.first_image.isoformat(timespec="microseconds"),
        "transfer_syntax": result.transfer_syntax_uid,
        "total_bytes": result.total_bytes,
        "latency_s": result.latency_s,
        "throughput_mbit_s": result.throughput_mbit_s,
    }


def _moment(when: datetime) -> str:
    """Local time without its offset. As Python prints it: a whole second has no decimals."""
    return str(when.replace(tzinfo=None))


def _steady(steady_mbit_s: float | None) -> str:
    if steady_mbit_s is None:
        return "none: there was one image, or all came at once"
    return f"{steady_mbit_s:.4g} Mbit/s, Data Sets after the first image"


def _gaps(gap_ms: Gaps | None) -> str:
    if gap_ms is None:
        return "none: there was one image"
    return f"p50 {gap_ms.p50:.3g} ms, p95 {gap_ms.p95:.3g} ms, max {gap_ms.max:.3g} ms between images"
