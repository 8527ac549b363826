"""Where runs are made, as the engine tells it."""

from typing import Any

import pytest

from lab.bench.environment import limits_of, nagle
from lab.model.environment import Limits


@pytest.mark.parametrize(
    ("host_config", "cpus"),
    [
        ({}, None),
        ({"NanoCpus": 0, "CpuQuota": 0, "CpuPeriod": 0, "CpusetCpus": ""}, None),
        ({"NanoCpus": 1_500_000_000}, 1.5),
        ({"CpuQuota": 50_000}, 0.5),
        ({"CpuQuota": 50_000, "CpuPeriod": 25_000}, 2.0),
        ({"CpuQuota": -1}, None),
        ({"CpusetCpus": "3"}, 1.0),
        ({"CpusetCpus": "0-2,4"}, 4.0),
        ({"NanoCpus": 1_500_000_000, "CpusetCpus": "0"}, 1.0),
    ],
)
def test_a_container_has_the_processors_that_the_strictest_limit_leaves(
    host_config: dict[str, Any], cpus: float | None
) -> None:
    assert limits_of(host_config) == Limits(cpus=cpus, memory_bytes=None)


def test_a_limit_of_memory_is_told_and_0_is_none() -> None:
    assert limits_of({"Memory": 1 << 30}).memory_bytes == 1 << 30
    assert limits_of({"Memory": 0}).memory_bytes is None


def test_an_orthanc_with_nagles_algorithm_is_another_pacs() -> None:
    assert nagle({"Config": {"Env": ["PATH=/bin", "TCP_NODELAY=0"]}}) == ", with Nagle's algorithm"
    assert nagle({"Config": {"Env": ["PATH=/bin", "TCP_NODELAY=1"]}}) == ""
