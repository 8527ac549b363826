"""What the PACS holds of a study, held against the manifest: the set of instances, the content of each."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import local

from lab.model.study import Instance, Study
from lab.system import studies
from lab.system.contents import Content, content
from lab.system.home import Home
from lab.system.orthanc import Orthanc, Stored
from lab.system.settings import Settings

_CONNECTIONS = 4


@dataclass(frozen=True, kw_only=True)
class Holding:
    """Instances by what is the matter with them, each in the manifest's order.

    ``rewritten`` ones are there, with the same elements in another encoding.
    """

    missing: Sequence[Instance]
    altered: Sequence[tuple[Instance, Stored]]
    rewritten: Sequence[Instance]
    extra: Sequence[Stored]

    @property
    def is_the_study(self) -> bool:
        """Nothing is missing, altered, or there that should not be."""
        return not (self.missing or self.altered or self.extra)

    @property
    def wanting(self) -> list[Instance]:
        """What has to be sent."""
        return [*self.missing, *(instance for instance, _ in self.altered)]

    def differences(self) -> list[str]:
        """Each in words."""
        return [
            *(f"{one.file} ({one.sop_instance_uid}) is missing" for one in self.missing),
            *(f"{one.file} ({one.sop_instance_uid}) has another content there" for one, _ in self.altered),
            *(f"{one.sop_instance_uid} should not be there" for one in self.extra),
        ]


def holding(home: Home, settings: Settings, study: Study) -> Holding:
    """Ask Orthanc, and compare."""
    orthanc = one_per_thread(settings)
    stored = {one.sop_instance_uid: one for key in study.keys for one in orthanc().instances(key)}
    there = [(one, stored[one.sop_instance_uid]) for one in study.instances if one.sop_instance_uid in stored]
    folder = studies.folder(home, study.name)

    def compared(pair: tuple[Instance, Stored]) -> Content:
        instance, found = pair
        return content(orthanc(), found, instance, folder / instance.file)

    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        contents = list(zip(there, pool.map(compared, there), strict=True))
    return Holding(
        missing=[one for one in study.instances if one.sop_instance_uid not in stored],
        altered=[pair for pair, found in contents if found is Content.ALTERED],
        rewritten=[instance for (instance, _), found in contents if found is Content.REWRITTEN],
        extra=[one for uid, one in stored.items() if uid not in study.by_uid],
    )


def one_per_thread(settings: Settings) -> Callable[[], Orthanc]:
    """Each thread its own kept-alive connection."""
    mine = local()

    def get() -> Orthanc:
        if not hasattr(mine, "orthanc"):
            mine.orthanc = Orthanc(settings)
        found: Orthanc = mine.orthanc
        return found

    return get
