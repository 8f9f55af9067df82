"""A template of Terraform's says what it is."""

from __future__ import annotations

import pytest

from tests.userdata.test_checks import config, said

IF = (
    "error terraform-template: line 3 of the result: '%{ if x }' belongs to a template of Terraform's, and the guest "
    "would read it as it stands; templates are Jinja's here: write {% if x %}, and {{ x }} for ${x}"
)


@pytest.mark.parametrize("indent", ["", "  "])
def test_in_yaml_it_is_an_error(indent: str) -> None:
    assert said(config("packages:", f"{indent}%{{ if x }}", "  - nginx", "%{ endif }")) == [IF]


@pytest.mark.parametrize(
    ("directive", "instead"),
    [("%{~ for x in y ~}", "{% for x in y %}"), ("%{endfor}", "{% endfor %}"), ("%{ else }", "{% else %}")],
)
def test_each_is_told_in_jinjas_words(directive: str, instead: str) -> None:
    (only,) = said(config("a:", directive))
    assert only.endswith(f": write {instead}, and {{{{ x }}}} for ${{x}}")


def test_in_a_script_it_is_odd() -> None:
    assert [one.partition(" belongs")[0] for one in said("#!/bin/sh\nls\n  %{ for a in b ~}\n")] == [
        "warning terraform-template: line 3 of the result: '%{ for a in b ~}'"
    ]


@pytest.mark.parametrize(
    "text",
    [
        config("runcmd:", "  - curl -w '%{http_code}' https://a.example", "  - [echo, '%{ if x }']"),
        config(
            "write_files:", "  - path: /etc/t.tpl", "    content: |", "      %{ if x }", "      a", "      %{ endif }"
        ),
        "#!/bin/sh\ncurl -w '%{http_code}' https://a.example\necho %{ if\n",
    ],
)
def test_what_is_none_or_meant_for_a_file_is_left_alone(text: str) -> None:
    assert said(text) == []


def test_other_broken_yaml_is_told_as_ever() -> None:
    (only,) = said(config("a: [", "b: %x"))
    assert only.startswith("error yaml-syntax: ")
