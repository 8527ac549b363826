"""The way of the DRIMBox SpeedTest, for comparison: how a common script takes the time. A program.

    python3 -m lab.inside.speedtest_way HOST PORT AEC STUDY_INSTANCE_UID PATIENT_ID
        [--level patient|study] [--ae-title STORESCP] [--port 9999]

A storage SCP on pynetdicom decodes every Data Set and writes it again to count its bytes, while pynetdicom's
movescu runs as a child process and asks at PATIENT level. The clock runs from before the child is started
until it has ended. Written anew from that description; one line of JSON, with what the time went into.

Left out: transfer syntaxes are accepted in this lab's order, not with Implicit VR Little Endian first, so
that both ways receive the same; movescu waits longer than 30 s.
"""

import argparse
import io
import json
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import pydicom
from pynetdicom import AE, AllStoragePresentationContexts, evt

from lab.dicom.syntaxes import acceptor_order

_MAX_PDU_BYTES = 16382
_NO_TIMEOUT = "300"


@dataclass
class Noted:
    """While it receives, on the monotonic clock.

    Attributes:
        connected_s: when the PACS opened each storage association.
        stored_s, sizes: of each image: when it had been decoded and written, and its bytes.
        handling_s: how long that took in all.
    """

    connected_s: list[float] = field(default_factory=list)
    stored_s: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    handling_s: float = 0.0


def main() -> None:
    asked = _asked()
    noted = Noted()
    server = _receiver(noted, asked.ae_title, asked.port)
    begun_s = time.monotonic()
    subprocess.run(_movescu(asked), check=True, capture_output=True)
    duration_s = time.monotonic() - begun_s
    server.shutdown()
    print(json.dumps(_said(noted, begun_s, duration_s)))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    for name in ("pacs_host", "pacs_port", "aec", "study", "patient"):
        parser.add_argument(name)
    parser.add_argument("--level", choices=["patient", "study"], default="patient")
    parser.add_argument("--ae-title", default="STORESCP")
    parser.add_argument("--port", type=int, default=9999)
    return parser.parse_args()


def _movescu(asked: argparse.Namespace) -> list[str]:
    """At STUDY level for a PACS that does not take both keys."""
    keys = [f"StudyInstanceUID={asked.study}", f"QueryRetrieveLevel={asked.level.upper()}"]
    if asked.level == "patient":
        keys.append(f"PatientID={asked.patient}")
    argv = [sys.executable, "-m", "pynetdicom", "movescu", asked.pacs_host, asked.pacs_port]
    argv += ["-aec", asked.aec, "-aem", asked.ae_title, "-v", "-P" if asked.level == "patient" else "-S"]
    timeouts = ["-ta", _NO_TIMEOUT, "-td", _NO_TIMEOUT, "-tn", _NO_TIMEOUT]
    return [*argv, *(word for key in keys for word in ("-k", key)), *timeouts]


def _receiver(noted: Noted, ae_title: str, port: int) -> Any:
    def store(event: Any) -> int:
        begun_s = time.monotonic()
        data_set = event.dataset
        data_set.file_meta = event.file_meta
        written = io.BytesIO()
        pydicom.dcmwrite(written, data_set, enforce_file_format=False)
        noted.stored_s.append(time.monotonic())
        noted.sizes.append(len(written.getvalue()))
        noted.handling_s += noted.stored_s[-1] - begun_s
        return 0x0000

    ae = AE(ae_title)
    ae.maximum_pdu_size = _MAX_PDU_BYTES
    order = acceptor_order([])
    for context in AllStoragePresentationContexts:
        ae.add_supported_context(str(context.abstract_syntax), order)
    handlers: list[Any] = [
        (evt.EVT_C_STORE, store),
        (evt.EVT_CONN_OPEN, lambda _: noted.connected_s.append(time.monotonic())),
    ]
    return ae.start_server(("", port), block=False, evt_handlers=handlers)


def _said(noted: Noted, begun_s: float, duration_s: float) -> dict[str, float | None]:
    came = bool(noted.stored_s)
    return {
        "instances": len(noted.sizes),
        "bytes": sum(noted.sizes),
        "connected_s": noted.connected_s[0] - begun_s if came else None,
        "first_image_s": noted.stored_s[0] - begun_s if came else None,
        "last_image_s": noted.stored_s[-1] - begun_s if came else None,
        "handling_s": noted.handling_s,
        "duration_s": duration_s,
    }


if __name__ == "__main__":
    main()
