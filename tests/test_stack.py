"""The stack: its backend, versions, and the guard of its project and region."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivc import App, OpenStackStack, TerraformCloud
from tests.conftest import StackFactory
from tests.helpers import backend, server, synth


def test_the_state_is_a_file_beside_the_output_and_never_in_it(shop: OpenStackStack) -> None:
    settings = synth(shop)["terraform"]
    assert settings["backend"] == {"local": {"path": "../../../terraform.shop.tfstate"}}
    state = Path(shop.app.outdir) / "stacks" / "shop" / settings["backend"]["local"]["path"]
    assert state.resolve() == shop.app.folder / "terraform.shop.tfstate"


def test_the_state_is_in_terraform_cloud_by_declaration(make_stack: StackFactory) -> None:
    stack = make_stack(backend=TerraformCloud("acme", workspace="production", hostname="tf.example.com"))
    settings = synth(stack)["terraform"]
    assert settings["cloud"] == {
        "organization": "acme",
        "hostname": "tf.example.com",
        "workspaces": {"name": "production"},
    }
    assert "backend" not in settings


def test_the_state_is_in_terraform_cloud_where_the_environment_says_so(
    make_stack: StackFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_CLOUD_ORGANIZATION", "acme")
    assert synth(make_stack())["terraform"]["cloud"] == {
        "organization": "acme",
        "hostname": "app.terraform.io",
        "workspaces": {"name": "shop"},
    }
    monkeypatch.setenv("TF_CLOUD_HOSTNAME", "tf.example.com")
    assert synth(make_stack())["terraform"]["cloud"]["hostname"] == "tf.example.com"


def test_the_declaration_wins_over_the_environment(make_stack: StackFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CLOUD_ORGANIZATION", "acme")
    stack = make_stack(backend=TerraformCloud("others"))
    assert synth(stack)["terraform"]["cloud"]["organization"] == "others"


def test_no_credential_of_the_environment_reaches_the_output(
    make_stack: StackFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OS_PASSWORD", "OS_TOKEN", "TF_TOKEN_app_terraform_io", "OS_APPLICATION_CREDENTIAL_SECRET"):
        monkeypatch.setenv(name, "s3cret")
    monkeypatch.setenv("TF_CLOUD_ORGANIZATION", "acme")
    synthesized = synth(make_stack())
    assert synthesized["provider"] == {"openstack": [{}]}
    assert "token" not in synthesized["terraform"]["cloud"]
    assert "s3cret" not in str(synthesized)


def test_versions_are_pinned(shop: OpenStackStack) -> None:
    settings = synth(shop)["terraform"]
    assert settings["required_providers"] == {
        "openstack": {"source": "terraform-provider-openstack/openstack", "version": "3.4.0"}
    }
    assert settings["required_version"] == ">= 1.5"


def test_the_provider_can_be_another(make_stack: StackFactory) -> None:
    settings = synth(make_stack(provider_version="3.0.0"))["terraform"]
    assert settings["required_providers"]["openstack"]["version"] == "3.0.0"


def test_a_stack_may_have_a_cloud_of_its_own(make_stack: StackFactory) -> None:
    assert synth(make_stack(cloud="gra-${x}"))["provider"] == {"openstack": [{"cloud": "gra-$${x}"}]}
    assert synth(make_stack("other"))["provider"] == {"openstack": [{}]}
    with pytest.raises(ValueError, match=r"^OpenStackStack prod: cloud: it is empty; give its name in clouds\.yaml$"):
        make_stack("prod", cloud=" ")


def test_without_a_project_or_region_nothing_is_asked(shop: OpenStackStack) -> None:
    assert "data" not in synth(shop)


def test_credentials_for_another_project_or_region_fail_at_plan(make_stack: StackFactory) -> None:
    stack = make_stack(project='a "b" \\ ${c}', region="GRA11")
    assert synth(stack)["data"] == {
        "openstack_identity_auth_scope_v3": {
            "credentials": {
                "name": "credentials",
                "lifecycle": {
                    "postcondition": [
                        {
                            "condition": '${contains([self.project_name, self.project_id], "a \\"b\\" \\\\ $${c}")}',
                            "error_message": 'Stack shop belongs to the project a "b" \\ $${c}, and these credentials '
                            "are for ${self.project_name}: use the credentials of the right project.",
                        },
                        {
                            "condition": '${self.region == "GRA11"}',
                            "error_message": "Stack shop belongs to the region GRA11, and these credentials are for "
                            '"${self.region}": set OS_REGION_NAME, or region_name in clouds.yaml.',
                        },
                    ]
                },
            }
        }
    }


@pytest.mark.parametrize("named", [{"project": "acme"}, {"region": "GRA11"}])
def test_the_project_and_the_region_are_guarded_each_for_itself(
    make_stack: StackFactory, named: dict[str, str]
) -> None:
    guard = synth(make_stack(**named))["data"]["openstack_identity_auth_scope_v3"]["credentials"]
    assert len(guard["lifecycle"]["postcondition"]) == 1


def test_an_app_finds_its_folder_by_the_program_or_is_told(tmp_path: Path) -> None:
    app = App(folder=tmp_path)
    assert app.folder == tmp_path.resolve()
    assert app.templates == tmp_path.resolve() / "userdata"
    assert Path(app.outdir) == tmp_path.resolve() / "cdktf.out"


def test_the_output_goes_where_cdktf_or_the_app_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDKTF_OUTDIR", str(tmp_path / "cdktf-says"))
    assert Path(App(folder=tmp_path).outdir) == tmp_path / "cdktf-says"
    assert Path(App(folder=tmp_path, outdir=tmp_path / "app-says").outdir) == tmp_path / "app-says"


def test_a_declaration_that_turns_out_wrong_at_the_end_leaves_the_old_output(tmp_path: Path) -> None:
    def declare(wrong: bool) -> App:
        app = App(folder=tmp_path)
        stack = OpenStackStack(app, "shop")
        network = backend(stack)
        server(stack, "a", network, renamed_from="b" if wrong else None)
        server(stack, "b", network)
        return app

    declare(wrong=False).synth()
    old = (tmp_path / "cdktf.out" / "stacks" / "shop" / "cdk.tf.json").read_bytes()
    with pytest.raises(ValueError, match=r"^Instance a: renamed_from: "):
        declare(wrong=True).synth()
    assert (tmp_path / "cdktf.out" / "stacks" / "shop" / "cdk.tf.json").read_bytes() == old


def test_the_written_json_is_complete(shop: OpenStackStack) -> None:
    """The app's own way of writing, which CDKTF's Testing.synth leaves out."""
    server(shop, "www", backend(shop), renamed_from="old")
    shop.app.synth()
    text = (Path(shop.app.outdir) / "stacks" / "shop" / "cdk.tf.json").read_text()
    for block in ('"moved"', '"check"', '"locals"', '"output"'):
        assert block in text
