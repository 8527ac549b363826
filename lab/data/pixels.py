"""Pixel Data: native, or encapsulated frame by frame in a compressed syntax (PS3.5 8.2, A.4).

Every compressed syntax here is lossless, and every encoder writes the depth the Data Set says: Bits Stored is
the sample precision of the codestream (PS3.5 8.2.1, 8.2.3, 8.2.4).
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import imagecodecs
import jpeg_ls
import numpy as np
from numpy.typing import NDArray
from pydicom.encaps import itemize_frame
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from lab.data.phantom import Pixels

NATIVE = (ImplicitVRLittleEndian, ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian)
_PIXEL_DATA = struct.pack("<HH", 0x7FE0, 0x0010)
_NO_OFFSETS = struct.pack("<HHI", 0xFFFE, 0xE000, 0)
_DELIMITER = struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
_UNDEFINED = 0xFFFFFFFF
_APP0 = b"\xff\xe0"
_RLE_HEADER_BYTES = 64


def native(transfer_syntax_uid: str, size: int, frames: Iterator[Pixels]) -> Iterator[bytes]:
    """The element of ``size`` bytes, frame after frame. OW in every case (PS3.5 A.1, A.2)."""
    vr = b"" if transfer_syntax_uid == ImplicitVRLittleEndian else b"OW\0\0"
    yield _PIXEL_DATA + vr + struct.pack("<I", size)
    for frame in frames:
        yield frame.tobytes()


def encapsulated(transfer_syntax_uid: str, bits: int, frames: Iterator[Pixels]) -> Iterator[bytes]:
    """The element as a sequence of fragments, one a frame, with an empty Basic Offset Table (PS3.5 A.4)."""
    encode = ENCODERS[transfer_syntax_uid]
    yield _PIXEL_DATA + b"OB\0\0" + struct.pack("<I", _UNDEFINED) + _NO_OFFSETS
    for frame in frames:
        yield b"".join(itemize_frame(encode(frame, bits)))
    yield _DELIMITER


def _jpeg_ls(frame: Pixels, bits: int) -> bytes:
    """CharLS; colour is interleaved by sample."""
    rows, columns, *samples = frame.shape
    colour = {"planar_configuration": 0} if samples else {}
    layout = {"rows": rows, "columns": columns, "samples_per_pixel": 3 if samples else 1, "bits_stored": bits}
    return bytes(jpeg_ls.encode_pixel_data(frame.tobytes(), lossy_error=0, **layout, **colour))


def _jpeg_lossless(frame: Pixels, bits: int) -> bytes:
    """Process 14 with selection value 1 (PS3.5 10.2); the RGB of colour stays as it is."""
    colour: dict[str, Any] = {"colorspace": "RGB", "outcolorspace": "RGB"} if frame.ndim == 3 else {}
    stream = bytes(
        imagecodecs.jpeg8_encode(
            frame, lossless=True, predictor=1, bitspersample=bits, validate=False, **colour
        )
    )
    return _without_app0(stream)


def _without_app0(stream: bytes) -> bytes:
    """JFIF knows 8 bits only: its marker has no place before others."""
    if stream[2:4] != _APP0:
        return stream
    return stream[:2] + stream[4 + int.from_bytes(stream[4:6], "big") :]


def _jpeg_2000(frame: Pixels, bits: int) -> bytes:
    """A codestream without the JP2 box, 5/3 wavelet; colour goes through the reversible transform."""
    options: dict[str, Any] = {"codecformat": "j2k", "reversible": True, "numthreads": 1}
    return bytes(
        imagecodecs.jpeg2k_encode(frame, level=0, bitspersample=bits, mct=frame.ndim == 3, **options)
    )


def _htj2k(frame: Pixels, _bits: int) -> bytes:
    """A codestream of all bits allocated: OpenJPH's door here takes no other depth."""
    return bytes(imagecodecs.htj2k_encode(frame, reversible=True, rgb=frame.ndim == 3))


def _rle(frame: Pixels, _bits: int) -> bytes:
    """PackBits row by row and byte plane by byte plane, the most significant first (PS3.5 G)."""
    segments = [_rle_segment(plane) for plane in _byte_planes(frame)]
    offsets = [_RLE_HEADER_BYTES + sum(map(len, segments[:at])) for at in range(len(segments))]
    header = struct.pack(f"<{1 + len(offsets)}I", len(offsets), *offsets)
    return header.ljust(_RLE_HEADER_BYTES, b"\0") + b"".join(segments)


def _byte_planes(frame: Pixels) -> list[NDArray[np.uint8]]:
    if frame.ndim == 3:
        return [np.ascontiguousarray(frame[:, :, sample]).astype(np.uint8) for sample in range(3)]
    return [(frame >> 8).astype(np.uint8), frame.astype(np.uint8)]


def _rle_segment(plane: NDArray[np.uint8]) -> bytes:
    packed = bytes(imagecodecs.packbits_encode(plane, axis=1))
    return packed + bytes(len(packed) % 2)


ENCODERS: Mapping[str, Callable[[Pixels, int], bytes]] = {
    JPEGLosslessSV1: _jpeg_lossless,
    JPEGLSLossless: _jpeg_ls,
    JPEG2000Lossless: _jpeg_2000,
    HTJ2KLossless: _htj2k,
    RLELossless: _rle,
}
SYNTAXES = (*NATIVE, *map(UID, ENCODERS))


def photometric_interpretation(transfer_syntax_uid: str, colour: bool) -> str:
    """What the samples are once decoded as the codestream says (PS3.5 8.2.4, 8.2.15)."""
    if not colour:
        return "MONOCHROME2"
    return "YBR_RCT" if transfer_syntax_uid in (JPEG2000Lossless, HTJ2KLossless) else "RGB"
