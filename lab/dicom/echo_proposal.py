"""What a Verification SCU proposes: the one SOP Class, and transfer syntaxes in DCMTK 3.6.9's order."""

from lab.dicom.negotiation import Context

VERIFICATION = "1.2.840.10008.1.1"  # PS3.4 A.4
_JPEG = (50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 70)
_VIDEO = (100, 101, 102, 103, 104, 105, 106, 107, 108)
_FRAGMENTABLE = (100, 101, 102, 103, 104, 105, 106)
_ROOT = "1.2.840.10008.1.2"

TRANSFER_SYNTAXES = (
    _ROOT,  # Implicit VR Little Endian
    f"{_ROOT}.1",  # Explicit VR Little Endian
    f"{_ROOT}.2",  # Explicit VR Big Endian
    f"{_ROOT}.1.98",  # Encapsulated Uncompressed
    *(f"{_ROOT}.4.{number}" for number in _JPEG),
    f"{_ROOT}.5",  # RLE Lossless
    f"{_ROOT}.1.99",  # Deflated
    *(f"{_ROOT}.4.{number}" for number in (80, 81, 90, 91, 92, 93)),  # JPEG-LS, JPEG 2000
    *(f"{_ROOT}.4.{number}" for number in _VIDEO),
    *(f"{_ROOT}.4.{number}.1" for number in _FRAGMENTABLE),
    *(f"{_ROOT}.4.{number}" for number in (201, 202, 203)),  # High-Throughput JPEG 2000
    *(f"{_ROOT}.4.{number}" for number in (110, 111, 112)),  # JPEG XL
)


def verification_contexts(count: int, syntaxes: int) -> tuple[Context, ...]:
    """``count`` (1 to 128) contexts, each with the first ``syntaxes`` (1 to 52); odd IDs (PS3.8 9.3.2.2)."""
    return tuple(
        Context(
            context_id=2 * number + 1,
            abstract_syntax=VERIFICATION,
            transfer_syntaxes=TRANSFER_SYNTAXES[:syntaxes],
        )
        for number in range(count)
    )
