"""The way of the DRIMBox SpeedTest, for comparison: how a common script takes the time. A program.

    python3 -m lab.inside.speedtest_way HOST PORT AEC STUDY_INSTANCE_UID PATIENT_ID [OWN_PORT]

A storage SCP on pynetdicom decodes every Data Set and writes it again to count its bytes, while pynetdicom's
movescu runs as a child process and asks at PATIENT level. The clock runs from before the child is started
until it has ended. Written anew from that description; one line of JSON.
"""

import io
import json
import subprocess
import sys
import time
from typing import Any

import pydicom
from pynetdicom import AE, AllStoragePresentationContexts, evt

from lab.dicom.syntaxes import acceptor_order

_PORT = 9999
_AE_TITLE = "STORESCP"
_MAX_PDU_BYTES = 16382
_NO_TIMEOUT = "300"


def main() -> None:
    host, port, called_ae_title, study_instance_uid, patient_id, *own_port = sys.argv[1:]
    sizes: list[tuple[float, int]] = []
    server = _receiver(sizes, int(own_port[0]) if own_port else _PORT)
    begun_s = time.monotonic()
    keys = ["QueryRetrieveLevel=PATIENT", f"PatientID={patient_id}", f"StudyInstanceUID={study_instance_uid}"]
    argv = [sys.executable, "-m", "pynetdicom", "movescu", host, port, "-aec", called_ae_title]
    asked = [word for key in keys for word in ("-k", key)]
    timeouts = ["-ta", _NO_TIMEOUT, "-td", _NO_TIMEOUT, "-tn", _NO_TIMEOUT]
    subprocess.run([*argv, "-v", *asked, "-aem", _AE_TITLE, *timeouts], check=True, capture_output=True)
    duration_s = time.monotonic() - begun_s
    server.shutdown()
    print(
        json.dumps(
            {
                "instances": len(sizes),
                "bytes": sum(size for _, size in sizes),
                "first_image_s": sizes[0][0] - begun_s if sizes else None,
                "duration_s": duration_s,
            }
        )
    )


def _receiver(sizes: list[tuple[float, int]], port: int) -> Any:
    def store(event: Any) -> int:
        data_set = event.dataset
        data_set.file_meta = event.file_meta
        written = io.BytesIO()
        pydicom.dcmwrite(written, data_set, enforce_file_format=False)
        sizes.append((time.monotonic(), len(written.getvalue())))
        return 0x0000

    ae = AE(_AE_TITLE)
    ae.maximum_pdu_size = _MAX_PDU_BYTES
    order = acceptor_order([])
    for context in AllStoragePresentationContexts:
        ae.add_supported_context(str(context.abstract_syntax), order)
    handlers: list[Any] = [(evt.EVT_C_STORE, store)]
    return ae.start_server(("", port), block=False, evt_handlers=handlers)


if __name__ == "__main__":
    main()
