"""The log of DCMTK's storescu, as really written, and as nobody would."""

from collections.abc import Sized
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.bench.store_log import outcome_of
from lab.model.store import StoreOutcome
from lab.model.study import Instance

GOLDEN = Path(__file__).parent / "golden"


def line_of(number: int) -> Instance:
    return Instance(
        patient_id="P",
        study_instance_uid="2.25.1",
        sop_instance_uid=f"2.25.{number}",
        sop_class_uid="1.2.840.10008.5.1.4.1.1.2",
        transfer_syntax_uid="1.2.840.10008.1.2.4.80",
        file=f"{number:05d}.dcm",
        file_bytes=1000 + number,
        file_md5="",
        dataset_bytes=500 + number,
        dataset_sha256="",
    )


BY_FILE = {f"/studies/quick/{number:05d}.dcm": line_of(number) for number in range(1, 6)}


def read(name: str, exit_code: int = 0) -> StoreOutcome:
    return outcome_of((GOLDEN / name).read_text().splitlines(), exit_code, BY_FILE)


def test_times_are_of_the_request_and_the_response_to_the_microsecond() -> None:
    lines = (GOLDEN / "storescu_refuse.log").read_text().splitlines()
    stamps_ms = [
        int(line.split()[1]) * 1000 + float(line.split()[2])
        for line in lines
        if "Store Request" in line or "Store Response" in line
    ]
    stores = read("storescu_refuse.log").stores
    assert stores.begin_s == pytest.approx([(at - stamps_ms[0]) / 1e3 for at in stamps_ms[::2]], abs=2e-6)
    assert stores.end_s == pytest.approx([(at - stamps_ms[0]) / 1e3 for at in stamps_ms[1::2]], abs=2e-6)
    assert 0 < stores.end_s[0] < stores.begin_s[1]


def test_a_refused_instance_has_its_status_and_the_others_theirs() -> None:
    outcome = read("storescu_refuse.log")
    assert outcome.stores.status == [0, 0, 0xA700, 0, 0]
    assert outcome.stores.dataset_bytes == [501, 502, 503, 504, 505]
    assert outcome.failures == {"2.25.3": "status 0xA700: refused: out of resources"}
    assert outcome.lost == ""
    assert outcome.associate_s is not None
    assert 0 < outcome.associate_s < 0.1


def test_after_an_abort_each_file_has_its_complaint_and_the_first_says_why() -> None:
    outcome = read("storescu_abort.log", exit_code=1)
    assert outcome.stores.sop_instance_uids == ["2.25.1", "2.25.2"]
    assert outcome.failures.keys() == {"2.25.3", "2.25.4", "2.25.5"}
    assert outcome.failures["2.25.3"] == "0006:0317 Peer aborted Association (or never connected)"
    assert outcome.lost == "storescu ended with 1: 0006:0317 Peer aborted Association (or never connected)"
    assert "Release" not in outcome.failures["2.25.5"]


def test_a_file_that_cannot_be_read_is_named_among_what_was_sent() -> None:
    by_file = {**BY_FILE, "/studies/quick/manifest.json": line_of(9)}
    lines = (GOLDEN / "storescu_bad_file.log").read_text().splitlines()
    outcome = outcome_of(lines, 0, by_file)
    assert "Bad DICOM file" in outcome.failures["2.25.9"]
    assert "2.25.9" not in outcome.stores.sop_instance_uids
    assert len(outcome.stores.end_s) == 4


def test_without_an_association_the_reason_is_told_and_nothing_else() -> None:
    outcome = read("storescu_nobody.log", exit_code=1)
    assert outcome.stores.end_s == []
    assert outcome.failures == {}
    assert outcome.lost.startswith("storescu did not get an association: Association Request Failed")
    assert "Connection refused" in outcome.lost


def test_shares_that_ran_at_once_are_put_in_the_order_of_their_answers() -> None:
    lines = (GOLDEN / "storescu_refuse.log").read_text().splitlines()
    second = [f"1{line[1:]}".replace("/0000", "/other/0000") for line in lines]
    other = {file.replace("/0000", "/other/0000"): line_of(10 + row) for row, file in enumerate(BY_FILE)}
    stores = outcome_of([*lines, *second], 0, {**BY_FILE, **other}).stores
    assert stores.end_s == sorted(stores.end_s)
    assert sorted(stores.association) == [0] * 5 + [1] * 5


TEXTS = st.sampled_from(
    [
        "Sending file: /studies/quick/00001.dcm",
        "Sending file: elsewhere",
        "Sending Store Request (MsgID 1, CT)",
        "Received Store Response",
        "DIMSE Status                  : 0x0000: Success",
        "DIMSE Status                  : 0xfffff",
        "Requesting Association",
        "Association Accepted (Max Send PDV: 1)",
        "Releasing Association",
        "Store Failed, file:",
        "",
    ]
)
GARBAGE = st.one_of(
    st.text(max_size=60),
    st.builds(
        "{} {} {} {} {}".format,
        st.integers(min_value=-1, max_value=3),
        st.integers(min_value=-1, max_value=2**70),
        st.floats(min_value=0, max_value=1e6),
        st.sampled_from(["INFO", "DEBUG", "ERROR", "info"]),
        TEXTS,
    ),
)


@given(st.lists(GARBAGE, max_size=40), st.integers(min_value=0, max_value=255))
def test_whatever_a_log_holds_its_columns_are_of_one_length(lines: list[str], exit_code: int) -> None:
    stores = outcome_of(lines, exit_code, BY_FILE).stores
    columns: list[Sized] = [
        stores.sop_instance_uids,
        stores.dataset_bytes,
        stores.begin_s,
        stores.end_s,
        stores.status,
    ]
    assert {len(column) for column in columns} == {len(stores.association)}


@given(st.data())
def test_lines_of_garbage_between_those_of_storescu_change_nothing(data: st.DataObject) -> None:
    lines = (GOLDEN / "storescu_refuse.log").read_text().splitlines()
    for _ in range(data.draw(st.integers(min_value=1, max_value=10))):
        place = data.draw(st.integers(min_value=0, max_value=len(lines)))
        lines.insert(place, data.draw(st.text(max_size=40).filter(lambda text: not text[:1].isdigit())))
    assert outcome_of(lines, 0, BY_FILE) == read("storescu_refuse.log")
