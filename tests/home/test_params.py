"""params.yaml: what is documented is what is validated."""

from __future__ import annotations

from pathlib import Path

from home.document import load_document
from home.params import Params, as_yaml


def test_the_shipped_file_is_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(as_yaml(), "utf-8")
    assert load_document(path, Params) == Params()


def test_a_changed_value_survives_the_way_through_the_file(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    params = load_document(path, Params, {"detect.classes": "[cat, dog]", "version.push": "true"}, may_be_missing=True)
    path.write_text(as_yaml(params), "utf-8")
    read = load_document(path, Params)
    assert read == params and read.detect.classes == ["cat", "dog"] and read.version.push is True


def test_every_parameter_says_what_it_does() -> None:
    text = as_yaml()
    for name, section in Params():
        assert f"\n{name}:\n" in text and (type(section).__doc__ or "").splitlines()[0] in text
        for key, field in type(section).model_fields.items():
            assert field.description, f"{name}.{key}"
            assert f"  # {field.description}\n  {key}:" in text


def test_whole_numbers_may_be_given_for_lengths_of_time() -> None:
    assert Params.model_validate({"extract": {"sample_period_s": 1}}).extract.sample_period_s == 1.0
