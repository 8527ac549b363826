"""What a side of a DICOM TLS connection offers and demands (PS3.15 Annex B), as values. No ssl here.

lab/inside/tls.py makes an ssl context of it.
"""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class FileFormat(Enum):
    """How keys, certificates and revocation lists are encoded."""

    PEM = "PEM"
    DER = "DER"


class Revocation(Enum):
    """What is looked up in revocation lists."""

    NONE = "nothing"
    LEAF = "the peer's certificate"
    CHAIN = "every certificate of the chain"


@dataclass(frozen=True, kw_only=True)
class TlsProfile:
    """A security profile as DCMTK 3.6.9 offers it in its ClientHello (measured).

    Attributes:
        name: DCMTK's long option without "--profile-".
        title: for people.
        oldest, newest: TLS versions, as "1.2".
        suites: of TLS 1.2 and older, by IANA name, in order of preference.
        suites_13: of TLS 1.3, by IANA name; empty for what the library offers by itself.
        addable: which suites may be named besides: "modern" (not of SHA-1), "encrypting" (not NULL),
            "any" or "none".
    """

    name: str
    title: str
    oldest: str
    newest: str
    suites: tuple[str, ...]
    suites_13: tuple[str, ...] = ()
    addable: str


@dataclass(frozen=True, kw_only=True)
class Certified:
    """This side's own certificate.

    Attributes:
        password: of the key; None asks for one when the key needs it.
    """

    key_file: Path
    certificate_file: Path
    password: str | None


@dataclass(frozen=True, kw_only=True)
class TlsFiles:
    """What the lab's own DICOM TLS needs of a host, in PEM: paths on that host.

    ``any_peer`` takes whatever the peer shows, or nothing: for a host that talks to itself.
    """

    key_file: str
    certificate_file: str
    ca_file: str
    any_peer: bool = False

    @property
    def dcmtk_words(self) -> list[str]:
        """The options that DCMTK's tools take them by."""
        return ["+tls", self.key_file, self.certificate_file, "+cf", self.ca_file]


@dataclass(frozen=True, kw_only=True)
class TlsParameters:
    """One side of a TLS connection.

    Attributes:
        own: None is anonymous.
        file_format: of every key, certificate and revocation list.
        ca_files: certificates that are trusted, or that help to build the chain to one that is.
        ca_directories: the same, each file named by the hash of its subject (openssl rehash).
        suites: added to the profile's, by IANA name.
        server_name: asked for by SNI (RFC 6066 3); "" asks for none.
        verify_peer: fail when the peer's certificate is absent or not trusted.
        check_name: the peer's certificate must be for the name that it was called by.
    """

    profile: TlsProfile
    own: Certified | None = None
    file_format: FileFormat = FileFormat.PEM
    ca_files: tuple[Path, ...] = ()
    ca_directories: tuple[Path, ...] = ()
    crl_files: tuple[Path, ...] = ()
    revocation: Revocation = Revocation.NONE
    suites: tuple[str, ...] = ()
    server_name: str = ""
    verify_peer: bool = True
    check_name: bool = False
