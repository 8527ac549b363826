from typing import Any

import pytest

from lab.data.kinds import KINDS
from lab.data.recipe_file import recipe_from_toml
from lab.errors import UsageProblem
from lab.system import recipes


def test_a_recipe_needs_no_key_at_all() -> None:
    recipe = recipe_from_toml("mine", {}, "mine.toml")
    assert (recipe.kind, recipe.instances, recipe.rows, recipe.patient_id) == ("ct", 1, 512, "LAB-MINE")


def test_two_recipes_without_identifiers_have_different_ones() -> None:
    one, other = (recipe_from_toml(name, {}, "x.toml") for name in ("one", "other"))
    assert one.study_instance_uid != other.study_instance_uid


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_alone_is_a_recipe_that_makes_sense(kind: str) -> None:
    assert recipe_from_toml("x", {"kind": kind}, "x.toml").modality == KINDS[kind].modality


HTJ2K, DEFLATED = "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.1.99"


@pytest.mark.parametrize(
    ("document", "said", "allowed"),
    [
        ({"slices": 3}, "unknown key 'slices'", "instances"),
        ({"kind": "pet"}, "kind is 'pet'", "mammo-tomo"),
        ({"kind": 3}, "kind is not a text", "kind ="),
        ({"transfer_syntax_uid": "1.2.840.10008.1.2.4.81"}, "1.2.4.81", "JPEG-LS Lossless"),
        ({"instances": 0}, "instances is 0", "from 1"),
        ({"instances": True}, "instances is True", "whole number"),
        ({"instances": 10, "series": 3}, "instances is 10", "of 3"),
        ({"noise_bits": 9}, "noise_bits is 9", "0 to 8"),
        ({"bits_stored": 10}, "bits_stored is 10", "from 12 to 16 for kind 'ct'"),
        ({"frames": 2}, "frames is 2", "1 for kind 'ct'"),
        ({"rows": 33}, "rows is 33", "even"),
        ({"transfer_syntax_uid": HTJ2K}, "bits_stored is 12", "8 or 16 with HTJ2K"),
        ({"kind": "us", "transfer_syntax_uid": DEFLATED}, "frames is 40", "1 with the deflated"),
        ({"speedtest_bytes": 1_000_002, "transfer_syntax_uid": DEFLATED}, "speedtest_bytes", "deflated"),
        ({"speedtest_bytes": 1_000_001}, "speedtest_bytes is 1000001", "even"),
        ({"kind": "enhanced-ct", "frames": 9000}, "frames is 9000", "4 GiB"),
        ({"study_instance_uid": "1.02"}, "study_instance_uid is '1.02'", "digits"),
        ({"patient_id": "A\\B"}, "patient_id", "backslash"),
    ],
)
def test_what_makes_no_sense_is_refused_by_file_key_and_what_is_allowed(
    document: dict[str, Any], said: str, allowed: str
) -> None:
    with pytest.raises(UsageProblem) as refused:
        recipe_from_toml("x", document, "datasets/x.toml")
    assert str(refused.value).startswith("datasets/x.toml: ")
    assert said in str(refused.value)
    assert allowed in f"{refused.value.remedy}"


def test_recipes_shipped_have_studies_of_their_own() -> None:
    uids = [recipe.study_instance_uid for recipe in recipes.recipes()]
    assert len(set(uids)) == len(uids)
    assert {"ct-thin-slice-2000", "mammo-tomo", "us-cine", "many-tiny", "one-huge"} <= {
        recipe.name for recipe in recipes.recipes()
    }
