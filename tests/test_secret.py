"""A secret has its name in the output, and its value nowhere."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from ivc import OpenStackStack, Secret
from ivc.errors import DeclarationError
from tests.conftest import StackFactory
from tests.helpers import INSTANCE, backend, clean_environment, rendered, resources, server, synth, template
from tests.program import terraform

PASSWORD_IN_A_FILE = "#cloud-config\nwrite_files:\n- {path: /p, content: '{{ password }}'}\n"


def test_a_secret_is_a_sensitive_variable_without_a_default(shop: OpenStackStack) -> None:
    Secret(shop, "database_password", description="What the back end shows", pattern="[a-z]{16,64}")
    assert synth(shop)["variable"] == {
        "database_password": {"description": "What the back end shows", "sensitive": True, "type": "string"}
    }


def test_it_goes_into_user_data_as_it_is_and_people_read_its_name(shop: OpenStackStack) -> None:
    password = Secret(shop, "password", description="Of MySQL")
    server(shop, "db", backend(shop), user_data=template(shop, PASSWORD_IN_A_FILE, password=password))
    assert b"content: '<var.password>'" in rendered(shop, "db")
    assert '"<var.password>", var.password)' in resources(synth(shop), INSTANCE)["db"]["user_data"]


def test_a_server_that_has_it_holds_it_to_its_form(shop: OpenStackStack) -> None:
    password = Secret(shop, "password", description="Of MySQL", pattern="[a-z]{16,64}", longest=64)
    server(shop, "db", backend(shop), user_data=template(shop, PASSWORD_IN_A_FILE, password=password))
    server(shop, "www", backend(shop, "other"))
    instances = resources(synth(shop), INSTANCE)
    assert instances["db"]["lifecycle"]["precondition"] == [
        {
            "condition": "${length(var.password) <= 64}",
            "error_message": "Variable password is longer than 64 characters.",
        },
        {
            "condition": '${can(regex("^(?:[a-z]{16,64})$", var.password))}',
            "error_message": "Variable password: all of it must match [a-z]{16,64}",
        },
    ]
    assert "precondition" not in instances["www"]["lifecycle"]


def test_its_text_cannot_be_taken_by_mistake(shop: OpenStackStack) -> None:
    password = Secret(shop, "password", description="Of MySQL")
    with pytest.raises(DeclarationError, match=r"^<var\.password> is known only at apply: insert it as it is"):
        f"mysql://shop:{password}@db/"
    assert password.as_terraform == "${var.password}"


def test_a_secret_of_another_stack_is_refused(make_stack: StackFactory) -> None:
    shop, staging = make_stack("shop"), make_stack("staging")
    password = Secret(shop, "password", description="Of MySQL")
    text = template(staging, PASSWORD_IN_A_FILE, password=password)
    with pytest.raises(DeclarationError, match=r"Secret password is of stack shop, and this is stack staging; declare"):
        server(staging, "db", backend(staging), user_data=text)


@pytest.mark.parametrize(
    ("name", "more", "sentence"),
    [
        ("database-password", {}, "Secret database-password: Terraform calls no variable 'database-password'; use"),
        ("count", {}, "Secret count: Terraform calls no variable 'count'; use letters, digits and '_'"),
        ("p", {"pattern": "["}, r"Secret p: pattern: '[' is no regular expression: unterminated character set"),
        ("p", {"longest": 0}, "Secret p: longest: 0 is no number of characters; give 1 or more"),
    ],
)
def test_a_secret_that_cannot_be_is_one_sentence(
    shop: OpenStackStack, name: str, more: dict[str, object], sentence: str
) -> None:
    with pytest.raises(DeclarationError) as raised:
        Secret(shop, name, description="x", **more)  # type: ignore[arg-type]
    assert str(raised.value).startswith(sentence)


def test_a_name_is_taken_once(shop: OpenStackStack) -> None:
    Secret(shop, "password", description="Of MySQL")
    with pytest.raises(DeclarationError, match=r"^Secret password: stack shop has one of that name; use that one$"):
        Secret(shop, "password", description="Of MySQL")


@pytest.mark.terraform
def test_terraform_holds_a_value_to_its_form_and_does_not_show_it(tmp_path: Path, shop: OpenStackStack) -> None:
    """Where a rule of the variable itself fails, Terraform shows the value, sensitive or not."""
    password = Secret(shop, "password", description="Of ${x}", pattern=r'[A-Z"\\]{2}\d\${x}|%{y')
    server(shop, "db", backend(shop), user_data=template(shop, PASSWORD_IN_A_FILE, password=password))
    synthesized = synth(shop)
    (instance,) = resources(synthesized, INSTANCE).values()
    held = {"input": "x", "lifecycle": {"precondition": instance["lifecycle"]["precondition"]}}
    document = {"variable": synthesized["variable"], "resource": {"terraform_data": {"it": held}}}
    (tmp_path / "main.tf.json").write_text(json.dumps(document))

    def refusal(value: str) -> str:
        done = subprocess.run(
            [terraform().path, "plan", "-input=false", "-json"],
            cwd=tmp_path,
            env=clean_environment(TF_VAR_password=value),
            capture_output=True,
            text=True,
            check=False,
        )
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        assert "AB1x" not in done.stdout
        return "".join(line["diagnostic"]["detail"] for line in lines if line["type"] == "diagnostic")

    good = ['A"1${x}', r"\\2${x}", "%{y"]
    bad = ["AB1${x}\n", "AB1x", 'xA"1${x}', "%{yy"]
    assert [refusal(value) for value in good] == [""] * len(good)
    sentence = r'Variable password: all of it must match [A-Z"\\]{2}\d\${x}|%{y'
    assert [refusal(value) for value in bad] == [sentence] * len(bad)
    assert refusal("x" * 300).startswith("Variable password is longer than 255 characters.")
