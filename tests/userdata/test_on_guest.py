"""What cloud-init fills in on the guest reaches it untouched."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivc.userdata.on_guest import HEADER, NAMES, SHORT_NAMES
from ivc.userdata.template import render
from tests.userdata.ask_cloud_init import INSTANCE_DATA, V1


def text_of(folder: Path, text: str) -> str:
    (folder / "t").write_text(text)
    return render("t", {"x": "a b"}, folder=folder).readable


def test_names_of_cloud_init_stay_in_its_own_templates(tmp_path: Path) -> None:
    text = "## template: jinja\n#cloud-config\nfqdn: {{ v1.local_hostname }}.{{ x }}\na: {{ ds.meta_data['uuid'] }}\n"
    assert text_of(tmp_path, text) == text.replace("{{ x }}", "a b")


def test_short_names_stay_there_too_unless_a_variable_has_them(tmp_path: Path) -> None:
    text = f"{HEADER}\n#cloud-config\na: {{{{ local_hostname }}}}\nb: {{{{ merged_system_cfg.users[0] }}}}\n"
    assert text_of(tmp_path, text) == text
    (tmp_path / "t").write_text(f"{HEADER}\nregion: {{{{ region }}}}\n")
    assert render("t", {"region": "north"}, folder=tmp_path).readable == f"{HEADER}\nregion: north\n"


def test_elsewhere_short_names_are_the_declarations_own(tmp_path: Path) -> None:
    assert text_of(tmp_path, "#cloud-config\na: {{ region | default('north') }}\n") == "#cloud-config\na: north\n"
    with pytest.raises(ValueError, match=r"t, line 2: 'region' is undefined: give it in the declaration"):
        text_of(tmp_path, "#cloud-config\na: {{ region }}\n")


def test_every_name_that_a_guest_has_is_known() -> None:
    """By what cloud-init itself is asked with, as its own datasource writes it."""
    names = {name for name in (*INSTANCE_DATA, *V1) if name != "base64_encoded_keys"}
    assert names <= {*NAMES, *SHORT_NAMES}


def test_they_are_refused_where_cloud_init_would_not_fill_them_in(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"t: {{ v1\.region }} is filled in on the guest, .* begin with that line"):
        text_of(tmp_path, "#cloud-config\na: {{ v1.region }}\n")


@pytest.mark.parametrize("tag", ["{{ v1.region | upper }}", "{% if v1.region %}{% endif %}", "{{ v1.a ~ 'b' }}",
                                 "{% for a in v1.b %}{% endfor %}", "{{ v1.a == 'b' }}"])  # fmt: skip
def test_what_is_to_be_worked_out_on_the_guest_belongs_in_a_raw_block(tmp_path: Path, tag: str) -> None:
    with pytest.raises(ValueError, match=r"t, line 3: {{ v1\.\w+ }} is known on the guest alone: .*raw"):
        text_of(tmp_path, f"## template: jinja\n#cloud-config\n{tag}\n")
    text = f"## template: jinja\n#cloud-config\n{{% raw %}}{tag}{{% endraw %}}\n"
    assert text_of(tmp_path, text) == f"## template: jinja\n#cloud-config\n{tag}\n"
