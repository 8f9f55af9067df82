"""Where the state of a stack is kept: by declaration, by environment, and by a backend of CDKTF's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import cdktf
import jsii
import pytest
from constructs import Construct, IConstruct
from hypothesis import given
from hypothesis import strategies as st

from ivc import (
    S3,
    Backend,
    DeclarationError,
    GitLab,
    Http,
    Local,
    OpenStackStack,
    Postgres,
    StateEncryption,
    TerraformCloud,
)
from ivc.deploy.encryption import check_program
from ivc.deploy.errors import DeployError
from ivc.pages import page
from tests.conftest import StackFactory
from tests.helpers import Json, backend, synth

OVH = "https://s3.gra.io.cloud.ovh.net"


def settings(stack: OpenStackStack) -> Json:
    found: Json = synth(stack)["terraform"]
    return found


def place(stack: OpenStackStack) -> Json:
    """What the output says of the backend, in the form `{kind: settings}`."""
    return named(settings(stack))


def written(stack: OpenStackStack) -> Json:
    """What is written with all that CDKTF does then, such as aspects."""
    stack.app.synth()
    return named(json.loads((Path(stack.app.outdir) / "stacks" / stack.name / "cdk.tf.json").read_text())["terraform"])


def named(said: Json) -> Json:
    return {**said.get("backend", {}), **({"cloud": said["cloud"]} if "cloud" in said else {})}


# By declaration.


def test_s3_of_amazon_locks_by_a_file(make_stack: StackFactory) -> None:
    stack = make_stack(backend=S3("states", region="eu-west-3"))
    assert place(stack) == {
        "s3": {"bucket": "states", "key": "shop.tfstate", "region": "eu-west-3", "use_lockfile": True}
    }
    assert settings(stack)["required_version"] == ">= 1.10"


def test_s3_elsewhere_is_asked_for_nothing_that_only_amazon_has(make_stack: StackFactory) -> None:
    stack = make_stack(backend=S3("states", key="prod/shop.tfstate", region="gra", endpoint=OVH, locking="none"))
    assert place(stack) == {
        "s3": {
            "bucket": "states",
            "key": "prod/shop.tfstate",
            "region": "gra",
            "endpoints": {"s3": OVH},
            "use_path_style": True,
            "skip_credentials_validation": True,
            "skip_metadata_api_check": True,
            "skip_region_validation": True,
            "skip_requesting_account_id": True,
            "skip_s3_checksum": True,
        }
    }
    assert settings(stack)["required_version"] == ">= 1.6.3"


def test_a_bucket_may_stand_in_the_hosts_name_elsewhere_too(make_stack: StackFactory) -> None:
    assert place(make_stack(backend=S3("states", endpoint=OVH, path_style=False)))["s3"]["use_path_style"] is False


def test_http_unlocks_where_it_locked(make_stack: StackFactory) -> None:
    address = "https://states.example.com/shop"
    assert place(make_stack(backend=Http(address, lock_address=address))) == {
        "http": {
            "address": address,
            "update_method": "POST",
            "lock_address": address,
            "lock_method": "LOCK",
            "unlock_address": address,
            "unlock_method": "UNLOCK",
        }
    }


def test_http_without_a_lock_address_asks_for_no_lock(make_stack: StackFactory) -> None:
    stack = make_stack(backend=Http("https://states.example.com/shop"))
    assert place(stack) == {"http": {"address": "https://states.example.com/shop", "update_method": "POST"}}
    assert settings(stack)["required_version"] == ">= 1.5"


def test_gitlab_keeps_the_state_of_a_project(make_stack: StackFactory) -> None:
    address = "https://gitlab.com/api/v4/projects/acme%2Fshop/terraform/state/shop"
    assert place(make_stack(backend=GitLab("acme/shop"))) == {
        "http": {
            "address": address,
            "update_method": "POST",
            "lock_address": f"{address}/lock",
            "lock_method": "POST",
            "unlock_address": f"{address}/lock",
            "unlock_method": "DELETE",
        }
    }


def test_gitlab_may_be_a_teams_own(make_stack: StackFactory) -> None:
    stack = make_stack(backend=GitLab("42", state="production", host="git.example.com:8443"))
    assert place(stack)["http"]["address"] == (
        "https://git.example.com:8443/api/v4/projects/42/terraform/state/production"
    )


def test_postgres_has_a_schema_for_each_stack_and_no_connection_in_the_output(make_stack: StackFactory) -> None:
    assert place(make_stack(backend=Postgres())) == {"pg": {"schema_name": "terraform_shop"}}


def test_a_schema_may_have_another_name(make_stack: StackFactory) -> None:
    assert place(make_stack(backend=Postgres(schema_name="estate"))) == {"pg": {"schema_name": "estate"}}


def test_a_schema_name_that_postgresql_would_cut_off_is_refused(make_stack: StackFactory) -> None:
    with pytest.raises(DeclarationError, match=r"^OpenStackStack a{60}: backend: the schema name .* 63 bytes; give a"):
        make_stack("a" * 60, backend=Postgres())


def test_a_local_state_may_have_another_name(make_stack: StackFactory) -> None:
    assert place(make_stack(backend=Local("states/shop.tfstate"))) == {
        "local": {"path": "../../../states/shop.tfstate"}
    }


def test_an_absolute_path_stays(make_stack: StackFactory) -> None:
    assert place(make_stack(backend=Local("/srv/shop.tfstate"))) == {"local": {"path": "/srv/shop.tfstate"}}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    {
        (lambda: S3("")): "S3: bucket is empty; give its name",
        (lambda: S3("states", key="/a")): "S3: key: '/a' is none for Terraform: no '/' at its ends, and no '//'",
        (lambda: S3("states", endpoint="s3.gra.io.cloud.ovh.net")): "S3: endpoint: 's3.gra.io.cloud.ovh.net' is no "
        "http or https address; write it as in https://example.com/state",
        (lambda: S3("states", endpoint="https://key:s3cret@s3.example.com")): "S3: endpoint: it holds a user or a "
        "password, which would stand in the output; take out what is before the '@', and have Terraform read it from "
        f"the environment ({page('state.md')})",
        (lambda: S3("states", locking=cast("Any", "dynamodb"))): "S3: locking: 'dynamodb' is not known; it is "
        "'lockfile' or 'none'",
        (lambda: Http("https://user@states.example.com")): "Http: address: it holds a user or a password, which would "
        "stand in the output; take out what is before the '@', and have Terraform read it from the environment "
        f"({page('state.md')})",
        (lambda: Http("https://states.example.com", unlock_address="https://states.example.com")): "Http: "
        "unlock_address: nothing is locked without a lock_address; give that one too",
        (lambda: GitLab("acme/shop", host="https://gitlab.com")): "GitLab: host: 'https://gitlab.com' is no host; "
        "write it as in gitlab.com",
        (lambda: GitLab("acme/shop", host="a:b@gitlab.com")): "GitLab: host: it holds a user or a password, which "
        "would stand in the output; take out what is before the '@', and have Terraform read it from the environment "
        f"({page('state.md')})",
        (lambda: Local("cdktf.out/shop.tfstate")): "Local: path: 'cdktf.out/shop.tfstate' is in the output folder, "
        "which may be deleted at any time; name another",
        (lambda: TerraformCloud("acme", workspace=" ")): "TerraformCloud: workspace is empty; give its name",
        (lambda: S3("states", secret_key="s3cret")): "S3: secret_key: there is no such argument; it takes bucket, key, "  # type: ignore[call-arg]
        "region, endpoint, path_style, locking",
    }.items(),
)
def test_a_wrong_backend_is_one_sentence(wrong: Callable[[], Backend], sentence: str) -> None:
    with pytest.raises(DeclarationError) as raised:
        wrong()
    assert str(raised.value) == sentence
    assert "s3cret" not in str(raised.value).replace("secret_key", "")


PASSWORD = st.text(st.characters(codec="ascii", exclude_characters="@/?#"), min_size=1).map("s3cret".__add__)


@given(PASSWORD)
def test_no_address_with_a_password_is_taken_or_shown(password: str) -> None:
    for make in (
        lambda: Http(f"https://user:{password}@states.example.com/shop"),
        lambda: Http("https://states.example.com", lock_address=f"https://{password}@states.example.com"),
        lambda: S3("states", endpoint=f"https://user:{password}@s3.example.com"),
    ):
        with pytest.raises(DeclarationError) as raised:
            make()
        assert "s3cret" not in str(raised.value)


def test_another_thing_than_a_backend_is_refused(make_stack: StackFactory) -> None:
    with pytest.raises(DeclarationError, match=r"^OpenStackStack shop: backend: 's3' is a text; give where its state"):
        make_stack(backend="s3")


# By environment.


@pytest.mark.parametrize(
    ("said", "expected"),
    {
        "local": Local(),
        "postgres": Postgres(),
        "s3://states": S3("states", key="shop.tfstate"),
        f"s3://states/prod/eu?region=gra&endpoint={OVH}&locking=none": S3(
            "states", key="prod/eu/shop.tfstate", region="gra", endpoint=OVH, locking="none"
        ),
        "gitlab://git.example.com/acme/web/shop": GitLab("acme/web/shop", host="git.example.com"),
        "https://states.example.com/all/": Http(
            "https://states.example.com/all/shop", lock_address="https://states.example.com/all/shop"
        ),
    }.items(),
)
def test_the_environment_may_say_it(
    make_stack: StackFactory, monkeypatch: pytest.MonkeyPatch, said: str, expected: Backend
) -> None:
    declared = place(make_stack(backend=expected))
    monkeypatch.setenv("IVC_BACKEND", said)
    # The more general one gives way.
    monkeypatch.setenv("TF_CLOUD_ORGANIZATION", "acme")
    assert place(make_stack()) == declared


def test_the_declaration_wins_over_it(make_stack: StackFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVC_BACKEND", "nonsense")
    assert [*place(make_stack(backend=Local()))] == ["local"]


@pytest.mark.parametrize(
    ("said", "sentence"),
    {
        "nonsense": "'nonsense' names no backend; write s3://bucket/prefix?region=...&endpoint=..., "
        "gitlab://gitlab.com/group/project, https://example.com/states, postgres or local",
        "gitlab://gitlab.com": "'gitlab://gitlab.com' names no backend; write s3://bucket/prefix?region=...&endpoint="
        "..., gitlab://gitlab.com/group/project, https://example.com/states, postgres or local",
        "s3://states?acl=private": "'acl' is not known of s3://; it takes region, endpoint, locking",
        "s3://states?locking=yes": "S3: locking: 'yes' is not known; it is 'lockfile' or 'none'",
        "s3://key:s3cret@states": "the address: it holds a user or a password, which would stand in the output; take "
        f"out what is before the '@', and have Terraform read it from the environment ({page('state.md')})",
        "postgres://terraform:s3cret@db/states": "the connection would stand in the output; write postgres, and give "
        "it as PG_CONN_STR",
        "https://states.example.com?a=b": "an address with '?' takes no stack's name at its end; declare it, "
        "backend=Http(...)",
    }.items(),
)
def test_a_wrong_word_of_the_environment_is_one_sentence(
    make_stack: StackFactory, monkeypatch: pytest.MonkeyPatch, said: str, sentence: str
) -> None:
    monkeypatch.setenv("IVC_BACKEND", said)
    with pytest.raises(DeclarationError) as raised:
        make_stack()
    assert str(raised.value) == f"OpenStackStack shop: IVC_BACKEND: {sentence}"
    assert "s3cret" not in str(raised.value)


@given(st.text())
def test_whatever_the_environment_says_is_a_backend_or_a_sentence(said: str) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        try:
            monkeypatch.setenv("IVC_BACKEND", said)
        except (ValueError, UnicodeEncodeError):  # no environment holds it
            return
        from ivc.declare.backend_environment import backend_of_environment

        try:
            found = backend_of_environment("shop")
        except DeclarationError:
            return
        assert found is None or isinstance(found, Backend)


# CDKTF's own.

S3_OF_CDKTF: dict[str, Any] = {"bucket": "b", "key": "k", "region": "r"}


def by_constructor(stack: OpenStackStack) -> None:
    cdktf.S3Backend(stack, **S3_OF_CDKTF)


def in_a_scope(stack: OpenStackStack) -> None:
    cdktf.S3Backend(Construct(stack, "scope"), **S3_OF_CDKTF)


def by_override(stack: OpenStackStack) -> None:
    stack.add_override("terraform.backend.s3", S3_OF_CDKTF)


def by_overrides_of_each_key(stack: OpenStackStack) -> None:
    for key, value in S3_OF_CDKTF.items():
        stack.add_override(f"terraform.backend.s3.{key}", value)


def by_override_of_the_block(stack: OpenStackStack) -> None:
    stack.add_override("terraform.backend", {"s3": S3_OF_CDKTF})


@jsii.implements(cdktf.IAspect)
class Adding:
    """An aspect that gives each stack a backend."""

    def __init__(self, add: Callable[[OpenStackStack], None]) -> None:
        self.add = add
        self.has_added = False

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, OpenStackStack) and not self.has_added:
            self.has_added = True
            self.add(node)


def by_an_aspect(stack: OpenStackStack) -> None:
    cdktf.Aspects.of(stack).add(Adding(by_constructor))


def by_an_override_of_an_aspect(stack: OpenStackStack) -> None:
    cdktf.Aspects.of(stack).add(Adding(by_override))


WAYS = [
    by_constructor,
    in_a_scope,
    by_override,
    by_overrides_of_each_key,
    by_override_of_the_block,
    by_an_aspect,
    by_an_override_of_an_aspect,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_ours_gives_way_to_a_backend_of_cdktfs(
    make_stack: StackFactory, monkeypatch: pytest.MonkeyPatch, way: Callable[[OpenStackStack], None]
) -> None:
    monkeypatch.setenv("IVC_BACKEND", "postgres")
    stack = make_stack()
    backend(stack)
    way(stack)
    assert written(stack) == {"s3": S3_OF_CDKTF}
    assert written(stack) == {"s3": S3_OF_CDKTF}, "a second time"


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_two_are_one_sentence(make_stack: StackFactory, way: Callable[[OpenStackStack], None]) -> None:
    stack = make_stack(backend=Postgres())
    way(stack)
    with pytest.raises(Exception, match=r"OpenStackStack shop: .*, and a state is in one place; leave one"):
        stack.app.synth()
    assert not (Path(stack.app.outdir) / "manifest.json").exists()


def test_two_are_told_as_they_were_made(make_stack: StackFactory) -> None:
    stack = make_stack(backend=Postgres())
    cdktf.S3Backend(stack, **S3_OF_CDKTF)
    with pytest.raises(DeclarationError) as raised:
        synth(stack)
    assert str(raised.value) == (
        "OpenStackStack shop: backend: it is given, and a S3Backend of CDKTF's is made, too, and a state is in one "
        "place; leave one of the two out"
    )


def test_two_of_cdktfs_are_refused_too(make_stack: StackFactory) -> None:
    stack = make_stack()
    cdktf.S3Backend(stack, **S3_OF_CDKTF)
    cdktf.LocalBackend(Construct(stack, "scope"), path="x")
    with pytest.raises(DeclarationError, match=r"^OpenStackStack shop: it has more than one backend \(local, s3\), "):
        synth(stack)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda stack: cdktf.LocalBackend(stack, path="/srv/shop.tfstate"), {"local": {"path": "/srv/shop.tfstate"}}),
        (
            lambda stack: cdktf.CloudBackend(stack, organization="acme", workspaces=cdktf.NamedCloudWorkspace("w")),
            {"cloud": {"organization": "acme", "workspaces": {"name": "w"}}},
        ),
        (
            lambda stack: stack.add_override("terraform.cloud", {"organization": "acme", "workspaces": {"name": "w"}}),
            {"cloud": {"organization": "acme", "workspaces": {"name": "w"}}},
        ),
        (lambda stack: cdktf.GcsBackend(stack, bucket="b"), {"gcs": {"bucket": "b"}}),
    ],
)
def test_it_may_be_of_any_kind(make_stack: StackFactory, make: Callable[[OpenStackStack], Any], expected: Json) -> None:
    stack = make_stack()
    make(stack)
    assert place(stack) == expected


def test_an_override_of_what_was_declared_changes_it(make_stack: StackFactory) -> None:
    stack = make_stack(backend=S3("states"))
    stack.add_override("terraform.backend.s3.profile", "ops")
    assert place(stack) == {"s3": {"bucket": "states", "key": "shop.tfstate", "profile": "ops", "use_lockfile": True}}


def test_an_override_of_the_default_changes_it(shop: OpenStackStack) -> None:
    shop.add_override("terraform.backend.local.path", "elsewhere.tfstate")
    assert place(shop) == {"local": {"path": "elsewhere.tfstate"}}


def test_other_overrides_are_as_ever(shop: OpenStackStack) -> None:
    shop.add_override("terraform.required_version", ">= 1.11")
    assert settings(shop)["required_version"] == ">= 1.11"
    assert [*place(shop)] == ["local"]


# What else a stack says of itself.


def test_opentofu_encrypts_the_state_with_a_passphrase_that_is_not_in_the_output(
    make_stack: StackFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_VAR_state_passphrase", "s3cret-s3cret-s3cret")
    synthesized = synth(make_stack(encryption=StateEncryption()))
    assert synthesized["terraform"]["encryption"] == {
        "key_provider": {"pbkdf2": {"state_passphrase": {"passphrase": "${var.state_passphrase}"}}},
        "method": {"aes_gcm": {"state_passphrase": {"keys": "${key_provider.pbkdf2.state_passphrase}"}}},
        "state": {"method": "method.aes_gcm.state_passphrase", "enforced": True},
        "plan": {"method": "method.aes_gcm.state_passphrase", "enforced": True},
    }
    assert synthesized["variable"] == {
        "state_passphrase": {
            "type": "string",
            "sensitive": True,
            "description": "Passphrase of this stack's state and plans",
        }
    }
    assert synthesized["terraform"]["required_version"] == ">= 1.8"
    assert "s3cret" not in str(synthesized)


def test_a_new_passphrase_still_reads_what_the_former_one_wrote(make_stack: StackFactory) -> None:
    encryption = StateEncryption("passphrase_2", former_passphrase="passphrase_1")
    said = settings(make_stack(encryption=encryption))["encryption"]
    assert [*said["key_provider"]["pbkdf2"]] == ["passphrase_1", "passphrase_2"]
    assert said["state"]["method"] == "method.aes_gcm.passphrase_2"
    assert said["state"]["fallback"] == {"method": "method.aes_gcm.passphrase_1"}
    assert "fallback" not in said["plan"]


def test_a_state_in_clear_is_read_where_the_declaration_says_so(make_stack: StackFactory) -> None:
    said = settings(make_stack(encryption=StateEncryption(former_unencrypted=True)))["encryption"]
    assert said["method"]["unencrypted"] == {"former": {}}
    assert said["state"] == {
        "method": "method.aes_gcm.state_passphrase",
        "fallback": {"method": "method.unencrypted.former"},
    }
    assert said["plan"]["enforced"] is True


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    {
        (lambda: StateEncryption("correct horse battery")): "StateEncryption: passphrase: it is no name of a variable; "
        "name the one that holds the passphrase, such as state_passphrase, and set TF_VAR_state_passphrase where "
        "OpenTofu runs",
        (lambda: StateEncryption("a", former_passphrase="a")): "StateEncryption: former_passphrase: 'a' is the new "
        "one's variable, too; give the two their own",
        (lambda: StateEncryption("b", former_passphrase="a", former_unencrypted=True)): "StateEncryption: "
        "former_unencrypted: the state was encrypted with former_passphrase; leave one of the two out",
    }.items(),
)
def test_a_wrong_encryption_is_one_sentence(wrong: Callable[[], StateEncryption], sentence: str) -> None:
    with pytest.raises(DeclarationError) as raised:
        wrong()
    assert str(raised.value) == sentence


def test_no_policy_takes_the_name_of_a_passphrase_for_one(make_stack: StackFactory) -> None:
    stack = make_stack(backend=S3("states", region="gra", endpoint=OVH), encryption=StateEncryption())
    backend(stack)
    stack.app.synth()
    found = json.loads((Path(stack.app.outdir) / "stacks" / "shop" / "policies.json").read_text())
    assert "IVC404" not in json.dumps(found)


def test_ivc_runs_what_is_encrypted_with_opentofu_alone(make_stack: StackFactory) -> None:
    said = settings(make_stack(encryption=StateEncryption()))
    check_program("shop", said, kind="tofu")
    check_program("shop", {}, kind="terraform")
    with pytest.raises(DeployError) as raised:
        check_program("shop", said, kind="terraform")
    assert str(raised.value) == (
        "stack shop: its state is encrypted, which OpenTofu does and Terraform does not; run it with OpenTofu 1.8 or "
        "newer (TERRAFORM_BINARY_NAME=tofu), or take encryption= away and leave the state in clear"
    )
