"""A small study, and what arrives when it is delivered."""

from lab.data.synth import instance
from lab.model.exchange import Arrivals, Ending, MoveOutcome, ReceiverCost, Stop, Suboperations
from lab.model.study import Recipe, Study

SMALL = Recipe(
    name="small",
    description="three small images",
    kind="ct",
    modality="CT",
    sop_class_uid="1.2.840.10008.5.1.4.1.1.2",
    transfer_syntax_uid="1.2.840.10008.1.2.4.80",
    study_instance_uid="2.25.17",
    patient_id="SMALL",
    instances=3,
    rows=64,
    columns=64,
    bits_stored=12,
    noise_bits=4,
    seed=1,
)


def small_study() -> Study:
    return Study(
        name="small",
        recipe_sha256="",
        instances=tuple(instance(SMALL, index)[1] for index in range(SMALL.instances)),
    )


def arrivals_of(study: Study) -> Arrivals:
    return Arrivals(
        sop_instance_uids=[line.sop_instance_uid for line in study.instances],
        sop_class_uids=[line.sop_class_uid for line in study.instances],
        transfer_syntax_uids=[line.transfer_syntax_uid for line in study.instances],
        dataset_bytes=[line.dataset_bytes for line in study.instances],
        dataset_sha256=[line.dataset_sha256 for line in study.instances],
        begin_s=[0.1 * (row + 1) - 0.001 for row in range(len(study.instances))],
        end_s=[0.1 * (row + 1) for row in range(len(study.instances))],
        late_s=[0.00002 for _ in study.instances],
        association=[0 for _ in study.instances],
    )


def outcome_of(arrivals: Arrivals) -> MoveOutcome:
    return MoveOutcome(
        ending=Ending.COMPLETED,
        explanation="",
        stop=Stop.FINAL_RESPONSE,
        status=0,
        level="STUDY",
        requests=1,
        associate_s=0.001,
        completion_s=0.31,
        requested_s=1000.0,
        suboperations=Suboperations(completed=len(arrivals.end_s), failed=0, warning=0),
        arrivals=arrivals,
        associations=[],
        cost=ReceiverCost(cpu_s=0.01, busiest_cpu_s=0.01, peak_rss_bytes=40_000_000),
    )
