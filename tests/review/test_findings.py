"""What a review says of findings: which are new, and what is accepted and why."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from ivc import App, Instance, Network, OpenStackStack, SecurityGroup, Tcp, UserData
from ivc.policies.policy_finding import PolicyFinding
from ivc.review import reviewer
from ivc.review.model import Review
from ivc.review.output import markdown, terminal


def folder(tmp_path: Path, name: str, *, password: bool = False, ssh: bool = False) -> Path:
    """A server; with a password in its user data, and with SSH open to the world, each accepted."""
    (tmp_path / "userdata").mkdir(exist_ok=True)
    (tmp_path / "userdata" / "plain.yaml").write_text("#cloud-config\npackages: [nginx]\n")
    (tmp_path / "userdata" / "secret.yaml").write_text("#cloud-config\npassword: correct horse battery\n")
    app = App(folder=tmp_path, outdir=tmp_path / name)
    stack = OpenStackStack(app, "shop")
    group = SecurityGroup(stack, "web")
    if ssh:
        group.allow_from_anywhere(Tcp(22))
        group.waive("IVC101", reason="a honeypot")
    user_data = UserData.template("plain.yaml")
    if password:
        user_data = UserData.template("secret.yaml").waive("secret:password", reason="a guest for trying")
    network = Network(stack, "backend", cidr="10.0.0.0/24")
    Instance(stack, "www-1", image="Debian 12", flavor="b2-7", nics=[network.nic(group)], user_data=user_data)
    app.synth()
    return tmp_path / name


def waived(review: Review) -> dict[str, PolicyFinding]:
    return {one.id: one for one in review.stacks[0].policies if one.waived is not None}


def test_an_accepted_secret_in_user_data_is_named_with_its_reason(tmp_path: Path) -> None:
    review = reviewer.review(base=folder(tmp_path, "base"), head=folder(tmp_path, "head", password=True))
    finding = waived(review)["secret:password"]

    assert (finding.subject, finding.waived, finding.new) == ("user data of www-1", "a guest for trying", True)
    assert finding.severity == "error"
    for text in (markdown.render(review), terminal.render(review, Console(file=io.StringIO(), width=200))):
        assert "a guest for trying" in text
        assert "correct horse" not in text


@pytest.mark.parametrize("what", ["password", "ssh"])
def test_what_was_accepted_before_is_not_new(tmp_path: Path, what: str) -> None:
    folders = [folder(tmp_path, name, **{what: True}) for name in ("base", "head")]
    review = reviewer.review(base=folders[0], head=folders[1])

    assert [one.new for one in waived(review).values()] == [False]


def test_a_waiver_that_comes_with_the_change_stands_with_what_is_new(tmp_path: Path) -> None:
    review = reviewer.review(base=folder(tmp_path, "base"), head=folder(tmp_path, "head", ssh=True))
    text = markdown.render(review)

    assert waived(review)["IVC101"].new is True
    assert text.index("a honeypot") < text.index("found as before")


def test_without_a_record_of_before_nobody_says_what_is_new(tmp_path: Path) -> None:
    base, head = folder(tmp_path, "base"), folder(tmp_path, "head", ssh=True)
    (base / "stacks" / "shop" / "policies.json").unlink()

    assert waived(reviewer.review(base=base, head=head))["IVC101"].new is None
