"""What an import takes: DICOMDIRs, archives, addresses."""

import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lab.errors import LabError, UsageProblem
from lab.system.home import Home
from tests.unit.inbox import STRANGERS, filled, left, packed, take, uids
from tests.unit.strangers import image_file


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "lab", "p")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return filled(tmp_path / "in box")


def test_a_directorys_records_are_followed(home: Home) -> None:
    summary = take(home, STRANGERS / "dicomdirtests/DICOMDIR", keep_identity=True)
    assert (len(summary.study.instances), summary.files_seen) == (31, 32)
    assert summary.reasons == {"a DICOMDIR": ("DICOMDIR",)}


def test_a_directory_whose_files_are_elsewhere_says_so(home: Home, tmp_path: Path) -> None:
    (tmp_path / "DICOMDIR").write_bytes((STRANGERS / "dicomdirtests/DICOMDIR").read_bytes())
    with pytest.raises(UsageProblem, match=r"in the DICOMDIR but not there: 31"):
        take(home, tmp_path / "DICOMDIR")
    assert left(home) == []


KINDS = ["zip", "", "gz", "bz2", "xz"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_is_unpacked_under_names_of_our_own(home: Home, inbox: Path, kind: str) -> None:
    (inbox / "notes").write_text("hello")
    summary = take(home, packed(inbox, kind), keep_identity=True)
    assert uids(summary) == ["1.2.2", "1.2.10", "1.2.3"]
    assert [name.rpartition("/")[2] for name in summary.reasons["not DICOM"]] == ["notes"]
    assert {path.name for path in inbox.parent.iterdir()} == {"in box", "lab", f"archive.of.{kind}"}


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_an_archive_with_the_same_name_twice_gives_both(home: Home, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "twice"
    contents = [image_file("1.2.5"), image_file("1.2.6")]
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("same", contents[0])
            with pytest.warns(UserWarning, match="Duplicate"):
                archive.writestr("same", contents[1])
    else:
        with tarfile.open(path, "w") as tar:
            for content in contents:
                member = tarfile.TarInfo("same")
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    assert uids(take(home, path, keep_identity=True)) == ["1.2.5", "1.2.6"]


def test_links_devices_and_pipes_in_a_tar_are_passed_over(home: Home, inbox: Path) -> None:
    path = packed(inbox, "")
    with tarfile.open(path, "a") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            member = tarfile.TarInfo("/etc/passwd")
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
    summary = take(home, path)
    assert summary.reasons == {"a link, device or pipe": ("/etc/passwd",) * 4}
    assert summary.files_seen == 7


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.3, 0.7])
def test_an_archive_that_was_cut_is_refused(home: Home, inbox: Path, kind: str, share: float) -> None:
    path = packed(inbox, kind)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share) - 9])
    with pytest.raises(UsageProblem):
        take(home, path)
    assert left(home) == []


def test_a_damaged_member_is_found_by_its_check_sum(home: Home, inbox: Path) -> None:
    path = packed(inbox, "zip")
    content = bytearray(path.read_bytes())
    content[60] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(UsageProblem, match=r"archive\.of\.zip is broken"):
        take(home, path)


def test_an_encrypted_archive_is_refused_with_what_to_do(home: Home, inbox: Path) -> None:
    path = packed(inbox, "zip")
    content = bytearray(path.read_bytes())
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(magic)
        while at >= 0:
            content[at + flags] |= 1
            at = content.find(magic, at + 4)
    path.write_bytes(content)
    with pytest.raises(UsageProblem, match="is encrypted") as caught:
        take(home, path)
    assert "unpack it yourself" in caught.value.remedy


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder; /short ends before the length it announced, /later sends to /archive.of.gz."""

    def do_GET(self) -> None:
        if self.path == "/short":
            self.send_response(200)
            self.send_header("Content-Length", "5000")
            self.end_headers()
            self.wfile.write(image_file()[:300])
        elif self.path == "/later":
            self.send_response(302)
            self.send_header("Location", "/archive.of.gz")
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server of the folder beside the inbox."""
    monkeypatch.setenv("no_proxy", "*")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(inbox.parent)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://user:pass@127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_archive_is_fetched_from_the_web_and_the_password_not_shown(
    home: Home, inbox: Path, web: str
) -> None:
    packed(inbox, "gz")
    for path in ("archive.of.gz?version=2", "later", "in%20box/image2"):
        summary = take(home, f"{web}/{path}", keep_identity=True, replace=True)
        assert len(summary.study.instances) == (1 if path.endswith("image2") else 3)
        assert "pass" not in summary.source


@pytest.mark.parametrize(
    ("path", "named"),
    [("nowhere", "the server says 404"), ("short", "the connection ended before the file did")],
)
def test_a_download_that_fails_leaves_nothing(home: Home, web: str, path: str, named: str) -> None:
    with pytest.raises(LabError, match=named) as caught:
        take(home, f"{web}/{path}")
    assert "pass" not in caught.value.message
    assert left(home) == []


def test_a_server_that_is_not_there_is_told_in_one_line(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(LabError, match="cannot be reached") as caught:
        take(home, "http://127.0.0.1:1/x")
    assert "https_proxy" in caught.value.remedy
