"""Does a file hold an instance the lab can use? Answered from headers; big values are never read.

A file that was cut is recognised by a value, a sequence, an item or a fragment that reaches beyond the end,
or lacks its delimiter; a deflated one, by its stream having no end. So every cut within an element is found,
at any depth. After a cut exactly between two elements of the top level what is left is a Data Set too; of
those the lab finds the ones that lose a required UID, and the ones that keep an element of the Image Pixel
Module (PS3.3 C.7.6.3) and lose Pixel Data. The others cannot be known: before the first of those elements,
behind Pixel Data, or in an object without pixels.
"""

import re
import warnings
from collections.abc import Mapping
from typing import BinaryIO

from pydicom.charset import convert_encodings, decode_bytes

from lab.data.canonical import chunks
from lab.data.elements import (
    DOUBLE_PIXEL_DATA,
    FLOAT_PIXEL_DATA,
    PIXEL_DATA,
    CutShortError,
    Element,
    MalformedError,
    Source,
    check,
    elements,
)
from lab.data.part10 import (
    DEFLATED,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    Layout,
    NotDicomError,
    layout,
    text,
)
from lab.model.importing import Seen

DICOMDIR_CLASS = "1.2.840.10008.1.3.10"
_CHARSET, _CLASS, _INSTANCE, _STUDY, _SERIES = 0x00080005, 0x00080016, 0x00080018, 0x0020000D, 0x0020000E
_PATIENT, _SERIES_NUMBER, _INSTANCE_NUMBER = 0x00100020, 0x00200011, 0x00200013
_DIRECTORY = 0x00041220
_PIXELS_URL = 0x00287FE0
_PIXELS = {PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_PIXEL_DATA, _PIXELS_URL}
_DESCRIBING_PIXELS = {0x00280002, 0x00280010, 0x00280011, 0x00280100}  # samples, rows, columns, bits
_NATIVE = (IMPLICIT_LITTLE, EXPLICIT_LITTLE, EXPLICIT_BIG)
_OF_INTEREST = {_CHARSET, _CLASS, _INSTANCE, _STUDY, _SERIES, _PATIENT, _SERIES_NUMBER, _INSTANCE_NUMBER}
_REQUIRED = {
    _CLASS: "SOP Class UID",
    _INSTANCE: "SOP Instance UID",
    _STUDY: "Study Instance UID",
    _SERIES: "Series Instance UID",
}
# PS3.5 9.1; a leading zero in a component is against it, common and harmless
_UID = re.compile(r"(?=.{1,64}$)\d+(\.\d+)*")
_CUT_SHORT = "cut short"
_LONGEST_BYTES = 1024
_POSITIONS = re.compile(r",? at \d+")
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"7z\xbc\xaf", b"Rar!")


class UnfitError(ValueError):
    """The file is not imported; the message is the reason, short and the same for every such file."""


def examine(file: BinaryIO) -> Seen:
    """The instance in a file. Raises UnfitError with the reason when there is none to be used."""
    try:
        return _instance(file, layout(file))
    except NotDicomError:
        raise UnfitError(_stranger(file)) from None
    except CutShortError:
        raise UnfitError(_CUT_SHORT) from None
    except MalformedError as error:
        msg = "unreadable: " + _POSITIONS.sub("", str(error))
        raise UnfitError(msg) from None


def _instance(file: BinaryIO, outside: Layout) -> Seen:
    _refuse_directory(outside.media_sop_class_uid)
    source, start = outside.source(file)
    found: dict[int, Element] = {}
    stop = _scan(source, start, outside, found)
    values = {tag: _raw(source, found[tag]) for tag in _OF_INTEREST & found.keys()}
    uids = {tag: text(values.get(tag, b"")) for tag in _REQUIRED}
    _refuse_directory(DICOMDIR_CLASS if _DIRECTORY in found else uids[_CLASS])
    _require(uids)
    _require_pixels(found, outside)
    return _seen(
        outside, values, uids, outside.file_bytes if outside.transfer_syntax_uid == DEFLATED else stop
    )


def _seen(outside: Layout, values: Mapping[int, bytes], uids: Mapping[int, str], stop: int) -> Seen:
    media = (outside.media_sop_class_uid, outside.media_sop_instance_uid)
    return Seen(
        patient_id=_decoded(values.get(_PATIENT, b""), values.get(_CHARSET, b"")),
        study_instance_uid=uids[_STUDY],
        series_instance_uid=uids[_SERIES],
        sop_instance_uid=uids[_INSTANCE],
        sop_class_uid=uids[_CLASS],
        transfer_syntax_uid=outside.transfer_syntax_uid,
        series_number=_number(values.get(_SERIES_NUMBER, b"")),
        instance_number=_number(values.get(_INSTANCE_NUMBER, b"")),
        dataset_at=outside.dataset_at,
        dataset_stop=stop,
        regular=outside.regular and media == (uids[_CLASS], uids[_INSTANCE]),
    )


def _scan(source: Source, start: int, outside: Layout, found: dict[int, Element]) -> int:
    """Note the elements of the top level in ``found``, walk what is nested; where the last one ends."""
    try:
        return _walk(source, start, outside, found)
    except ValueError:
        if outside.magic or {_CLASS, _INSTANCE} <= found.keys():
            raise
        msg = "it began like a Data Set"
        raise NotDicomError(msg) from None


def _walk(source: Source, at: int, outside: Layout, found: dict[int, Element]) -> int:
    while at < source.end and not _nothing_but_nuls(source, at):
        element = next(elements(source, at, source.end, outside.encoding))
        found.setdefault(element.tag, element)
        check(source, at, element.end, outside.encoding)
        at = element.end
    return at


def _nothing_but_nuls(source: Source, at: int) -> bool:
    """Whether only padding follows: there is no group 0000 in a file. One NUL may begin a group, cut."""
    if source.end - at < 2 or source.read(at, 2, source.end) != b"\0\0":
        return False
    return not any(any(chunk) for chunk in chunks(source.file, at, source.end))


def _raw(source: Source, element: Element) -> bytes:
    """A value, at most as much of it as any UID, ID or number may have."""
    return source.read(element.value, min(element.stop - element.value, _LONGEST_BYTES), element.stop)


def _refuse_directory(sop_class_uid: str) -> None:
    if sop_class_uid == DICOMDIR_CLASS:
        msg = "a DICOMDIR"
        raise UnfitError(msg)


def _require(uids: Mapping[int, str]) -> None:
    for tag, name in _REQUIRED.items():
        if not uids[tag]:
            msg = f"no {name}"
            raise UnfitError(msg)
        if not _UID.fullmatch(uids[tag]):
            msg = f"an invalid UID ({name})"
            raise UnfitError(msg)


def _require_pixels(found: Mapping[int, Element], outside: Layout) -> None:
    if found.keys() & _DESCRIBING_PIXELS and not found.keys() & _PIXELS:
        raise UnfitError(_CUT_SHORT)
    pixels = found.get(PIXEL_DATA)
    if pixels and pixels.fragmented and outside.transfer_syntax_uid in _NATIVE:
        msg = "unreadable: compressed pixels, and no transfer syntax that says how"
        raise UnfitError(msg)


def _stranger(file: BinaryIO) -> str:
    file.seek(0)
    return "not DICOM (an archive)" if file.read(6).startswith(_ARCHIVES) else "not DICOM"


def _number(raw: bytes) -> int:
    """An integer string (PS3.5 6.2); what is none sorts first."""
    return int(text(raw)) if re.fullmatch(r"[+-]?[0-9]{1,12}", text(raw)) else 0


def _decoded(raw: bytes, charset: bytes) -> str:
    """A text in the Data Set's character set (PS3.5 6.1)."""
    raw = raw.rstrip(b"\0 ").lstrip(b" ")
    if raw.isascii():
        return raw.decode("ascii")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom's about character sets it does not know
        return decode_bytes(raw, convert_encodings(text(charset).split("\\")), {0x5C})
