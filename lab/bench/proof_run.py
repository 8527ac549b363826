"""The proof run: what the PACS sends of a study, held against the manifest Data Set by Data Set.

A PACS may write a Data Set anew: no group lengths, another padding, sequences of undefined length. Of an
imported study an instance that came with the same elements is the same instance; from then on it is known by
the bytes that it came with. A synthetic study comes as it was made, or it is another one.
"""

import dataclasses

from lab.bench.c_move import KEEP_FOLDER, Bench, c_move
from lab.bench.proof import as_delivered, other_contents, prove
from lab.model.case import Case
from lab.model.exchange import ElementsOrder
from lab.system import agent, container_files


def prove_content(bench: Bench, case: Case) -> tuple[Bench, int]:
    """Hash what arrives and prove it; bring it here when it is to be kept.

    Returns the benchmark of the study as it is delivered, and how many instances come rewritten.
    """
    if bench.keep is not None:
        return _prove_and_keep(bench, case)
    outcome = c_move(bench, case, "proof run", sink="digest")
    if not other_contents(outcome.arrivals, bench.study):
        prove(outcome, bench.study)
        return bench, 0
    return _prove_and_keep(bench, case)


def _prove_and_keep(bench: Bench, case: Case) -> tuple[Bench, int]:
    """The same with files: those of another content are compared by their elements."""
    with bench.engine.emptied("tester", KEEP_FOLDER):
        outcome = c_move(bench, case, "proof run, keeping what arrives", sink="keep")
        others = other_contents(outcome.arrivals, bench.study)
        with bench.progress.task("comparing elements"):
            found = _digests(bench, others) if others else {}
        study = as_delivered(outcome.arrivals, bench.study, found)
        prove(outcome, study)
        if bench.keep is not None:
            container_files.copy_out(bench.engine.service("tester"), KEEP_FOLDER, bench.keep)
    if others:
        bench.progress.say(f"{len(others)} instances come rewritten: the same elements in another encoding")
    return dataclasses.replace(bench, study=study), len(others)


def _digests(bench: Bench, sop_instance_uids: list[str]) -> dict[str, str]:
    order = ElementsOrder(folder=KEEP_FOLDER, sop_instance_uids=sop_instance_uids)
    return agent.canonical_digests(bench.engine, order)
