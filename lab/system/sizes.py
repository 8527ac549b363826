"""How much a study is, whether it was made or not."""

from lab.link.expect import StudySize
from lab.system import recipes, studies
from lab.system.home import Home


def study_size(home: Home, name: str) -> StudySize:
    """As it was made, else as far as its recipe tells. Raises UsageProblem."""
    if any(made.name == name for made in studies.made(home)):
        study = studies.load(home, name)
        return StudySize(name=name, instances=len(study.instances), dataset_bytes=study.dataset_bytes)
    recipe = recipes.recipe(name)
    pinned = recipe.speedtest_bytes  # counts Group 2 too: a tenth of a percent
    return StudySize(name=name, instances=recipe.instances, dataset_bytes=pinned or None)
