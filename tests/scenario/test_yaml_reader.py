"""YAML read as people mean it, with the line of every fault."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.yaml_reader import DEEPEST, LARGEST_BYTES, plain_scalar, read_yaml


def read(text: str | bytes) -> object:
    return read_yaml(text if isinstance(text, bytes) else text.encode(), "scenario.yaml").data


def messages(text: str | bytes) -> str:
    with pytest.raises(ScenarioFaults) as caught:
        read(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e6", 1e6),
        ("60e6", 60e6),
        ("-1.5E-3", -0.0015),
        (".5", 0.5),
        ("5.", 5.0),
        ("+7", 7),
        ("0x1F", 31),
        ("0o17", 15),
        ("017", 17),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("NO", "NO"),
        ("yes", "yes"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("2027-01", "2027-01"),
        ("2028-04-20", "2028-04-20"),
        ("1_000", "1_000"),
        ("1.2.3", "1.2.3"),
        ("0b1", "0b1"),
        ("1e", "1e"),
        (".inf", math.inf),
        ("-.INF", -math.inf),
    ],
)
def test_scalars_follow_the_core_schema_of_yaml_1_2(text: str, value: object) -> None:
    assert plain_scalar(text) == value
    assert type(plain_scalar(text)) is type(value)
    assert read(f"a: {text}") == {"a": value}


def test_nan_is_read_as_nan_for_the_model_to_refuse() -> None:
    assert str(plain_scalar(".nan")) == "nan"


def test_quoted_scalars_are_text() -> None:
    assert read("a: '1e6'\nb: \"12\"\nc: |\n  7\n") == {"a": "1e6", "b": "12", "c": "7\n"}


def test_keys_are_text_whatever_they_look_like() -> None:
    assert read("1: a\ntrue: b\n2027-01: c") == {"1": "a", "true": "b", "2027-01": "c"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\nb: 2\na: 3", ["line 3", "'a' a second time", "first stands on line 1"]),
        ("{a: {b: 1, b: 2}}", ["line 1", "'b' a second time"]),
        ("a: &x 1", ["line 1", "anchor &x"]),
        ("a: 1\nb: *x", ["line 2", "alias *x"]),
        ("a: 1\n<<: {b: 1}", ["line 2", "merge key"]),
        ("a: !!str 1", ["line 1", "the tag"]),
        ("a: !!python/object/apply:os.system [ls]", ["line 1", "the tag"]),
        ("a: 1\n---\nb: 2", ["line 2", "second document"]),
        ("", ["empty file"]),
        ("# only a comment\n", ["empty file"]),
        ("a:\n\tb: 1", ["line 2", "tab in the indentation"]),
        ("a: [1, 2\nb: 3", ["line 2"]),
        ("a: b: c", ["line 1", "'a: b: c'"]),
        ("a: 'open", ["line 1"]),
        ("? [a, b]\n: 1", ["line 1", "as a key"]),
        (b"a: 1\nb: \xe9", ["line 2", "byte 0xe9", "UTF-8"]),
        (b"a: 1\nb: \x07", ["line 2", "control character 0x07"]),
        ('a: "\\ud800"', ["line 1", "surrogate"]),
        ('a: "\\UFFFFFFFF"', ["no character"]),
        ("[" * 50, ["line 1", f"more than {DEEPEST} levels"]),
    ],
)
def test_what_has_no_place_in_a_scenario_is_a_fault_with_its_line(text: str | bytes, words: list[str]) -> None:
    message = messages(text)
    assert all(word in message for word in words), message


def test_all_faults_of_a_file_come_at_once() -> None:
    assert len(messages("a: &x 1\na: *x\nb: !t 1\n").splitlines()) == 4


def test_a_file_over_five_megabytes_is_refused_unread() -> None:
    assert "5.0 MB" in messages(b"a" * (LARGEST_BYTES + 1))


def test_a_file_of_endless_values_is_refused_before_it_costs_time() -> None:
    assert "more than 100000 values" in messages("a: [" + "1," * 150_000 + "1]")


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert read(b"\xef\xbb\xbfa: 1") == {"a": 1}


def test_every_value_has_its_line() -> None:
    yaml = read_yaml(b"a:\n- x: 1\n  y: 2\n- z\n", "scenario.yaml")
    assert yaml.line(("a", 0, "y")) == 3
    assert yaml.line(("a", 1)) == 4
    assert yaml.line(("a", 0, "missing")) == 2


def refused(content: bytes) -> list[Fault]:
    """Faults of a file; none if it can be read."""
    try:
        read(content)
    except ScenarioFaults as error:
        return error.faults or pytest.fail("no fault")
    return []


@given(st.text(alphabet="ab:-[]{}&*!|>'\"%@`#,?\\ \n\t\r0123456789.eE~<", max_size=60))
def test_any_text_is_read_or_refused_with_faults(text: str) -> None:
    assert all(str(fault).isprintable() for fault in refused(text.encode()))


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_with_faults(content: bytes) -> None:
    assert all(str(fault).isprintable() for fault in refused(content))
