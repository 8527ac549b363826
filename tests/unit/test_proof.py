import dataclasses
from typing import Any

import pytest

from lab.bench.proof import as_delivered, other_contents, prove
from lab.errors import DeliveryError, LabError, UnhealthyError
from lab.model.exchange import Accepted, Arrivals, Ending, MoveOutcome, Suboperations
from lab.model.study import Study
from tests.unit.studies import arrivals_of, outcome_of, small_study

STUDY = small_study()


def arrived(**changes: Any) -> MoveOutcome:
    return outcome_of(dataclasses.replace(arrivals_of(STUDY), **changes))


def without_last() -> Arrivals:
    whole = arrivals_of(STUDY)
    return Arrivals(**{field.name: getattr(whole, field.name)[:-1] for field in dataclasses.fields(whole)})


def test_a_whole_unaltered_delivery_is_proved() -> None:
    prove(outcome_of(arrivals_of(STUDY)), STUDY)


def test_a_run_that_lost_an_instance_is_no_number() -> None:
    with pytest.raises(DeliveryError) as caught:
        prove(outcome_of(without_last()), STUDY)
    assert STUDY.instances[-1].sop_instance_uid in caught.value.message
    assert caught.value.exit_code == 6


def test_a_run_that_transcoded_an_instance_is_no_number() -> None:
    syntaxes = ["1.2.840.10008.1.2.1", *arrivals_of(STUDY).transfer_syntax_uids[1:]]
    with pytest.raises(DeliveryError, match=r"came as 1\.2\.840\.10008\.1\.2\.1, it is stored as"):
        prove(arrived(transfer_syntax_uids=syntaxes), STUDY)


def test_a_run_that_changed_the_size_of_an_instance_is_no_number() -> None:
    sizes = [1, *arrivals_of(STUDY).dataset_bytes[1:]]
    with pytest.raises(DeliveryError, match="came with 1 bytes"):
        prove(arrived(dataset_bytes=sizes), STUDY)


def test_a_proof_run_that_altered_an_instance_is_no_number() -> None:
    digests = ["0" * 64, *arrivals_of(STUDY).dataset_sha256[1:]]
    with pytest.raises(DeliveryError, match="another content"):
        prove(arrived(dataset_sha256=digests), STUDY)


def test_a_timed_run_without_digests_is_proved_by_set_bytes_and_syntax() -> None:
    prove(arrived(dataset_sha256=["", "", ""]), STUDY)


def test_an_instance_of_another_study_is_no_number() -> None:
    uids = [*arrivals_of(STUDY).sop_instance_uids[:2], "2.25.99"]
    with pytest.raises(DeliveryError, match=r"did not arrive.*2\.25\.99 is not of this study"):
        prove(arrived(sop_instance_uids=uids), STUDY)


def test_an_instance_that_came_twice_is_no_number() -> None:
    first = arrivals_of(STUDY).sop_instance_uids[0]
    with pytest.raises(DeliveryError, match="arrived 3 times"):
        prove(arrived(sop_instance_uids=[first, first, first]), STUDY)


@pytest.mark.parametrize("ending", [Ending.CONNECTION_LOST, Ending.IDLE])
def test_a_pacs_that_stopped_in_the_middle_is_unhealthy_and_how_far_it_came_is_said(ending: Ending) -> None:
    outcome = dataclasses.replace(
        outcome_of(without_last()), ending=ending, explanation="it stopped", status=None
    )
    with pytest.raises(UnhealthyError, match="it stopped, after 2 of 3 instances"):
        prove(outcome, STUDY)


def test_an_unknown_move_destination_says_where_to_look() -> None:
    outcome = dataclasses.replace(outcome_of(without_last()), ending=Ending.REFUSED, status=0xA801)
    with pytest.raises(LabError) as caught:
        prove(outcome, STUDY)
    assert "DicomModalities" in caught.value.remedy


def test_a_failed_suboperation_is_no_number_even_when_all_arrived() -> None:
    counts = Suboperations(completed=2, failed=1, warning=0)
    with pytest.raises(DeliveryError, match="1 failed"):
        prove(dataclasses.replace(outcome_of(arrivals_of(STUDY)), suboperations=counts), STUDY)


def test_an_error_tells_why_the_receiver_ended_the_pacs_association() -> None:
    outcome = outcome_of(arrivals_of(STUDY))
    broken = Accepted(
        peer="172.18.0.2",
        calling_ae_title="ORTHANC",
        instances=1,
        received_bytes=1000,
        accept_s=0.001,
        trouble="a P-DATA-TF of 5000 bytes where at most 4096 were announced",
        connection=None,
    )
    lost = dataclasses.replace(outcome, ending=Ending.CONNECTION_LOST, associations=[broken])
    with pytest.raises(UnhealthyError, match="storage association: a P-DATA-TF of 5000 bytes"):
        prove(lost, STUDY)


def imported() -> Study:
    """The small study as if imported: its instances are known by their elements too."""
    lines = [
        dataclasses.replace(line, canonical_sha256=f"elements {n}") for n, line in enumerate(STUDY.instances)
    ]
    return dataclasses.replace(STUDY, instances=tuple(lines))


def rewritten_first() -> MoveOutcome:
    whole = arrivals_of(STUDY)
    return arrived(
        dataset_bytes=[whole.dataset_bytes[0] - 8, *whole.dataset_bytes[1:]],
        dataset_sha256=["f" * 64, *whole.dataset_sha256[1:]],
    )


def test_an_imported_instance_that_came_with_the_same_elements_is_the_same() -> None:
    study, outcome = imported(), rewritten_first()
    uid = study.instances[0].sop_instance_uid
    assert other_contents(outcome.arrivals, study) == [uid]
    delivered = as_delivered(outcome.arrivals, study, {uid: "elements 0"})
    prove(outcome, delivered)
    assert delivered.instances[1:] == study.instances[1:]


def test_an_imported_instance_that_came_with_other_elements_is_no_number() -> None:
    study, outcome = imported(), rewritten_first()
    uid = study.instances[0].sop_instance_uid
    with pytest.raises(DeliveryError, match="came with"):
        prove(outcome, as_delivered(outcome.arrivals, study, {uid: "elements of another"}))


def test_a_synthetic_instance_comes_as_it_was_made_or_not_at_all() -> None:
    assert other_contents(rewritten_first().arrivals, STUDY) == []


def test_a_pacs_that_fails_some_names_them() -> None:
    lost = dataclasses.replace(
        outcome_of(without_last()), ending=Ending.REFUSED, status=0xB000, explanation="some failed"
    )
    last = STUDY.instances[-1]
    with pytest.raises(DeliveryError) as caught:
        prove(lost, STUDY)
    assert (
        f"after 2 of 3 instances: some failed: {last.sop_instance_uid} ({last.file}) did not arrive"
        in caught.value.message
    )
