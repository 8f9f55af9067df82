"""Ordinary user data gives no finding at all, and checks cost little."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from ivc.userdata import UserData
from ivc.userdata.checks import findings
from tests.userdata.test_checks import config, document, said

ROOT = Path(__file__).parents[2]

DOCUMENTS = {
    "a web server": config(
        "# Serves the shop.",
        "hostname: www-1",
        "fqdn: www-1.shop.example",
        "manage_etc_hosts: true",
        "timezone: Europe/Paris",
        "locale: en_GB.UTF-8",
        "ssh_pwauth: false",
        "disable_root: true",
        "users:",
        "- default",
        "- name: ops",
        "  groups: [ adm, sudo ]",
        "  shell: /bin/bash",
        "  sudo: ALL=(ALL) NOPASSWD:ALL",
        "  lock_passwd: true",
        "  ssh_authorized_keys:",
        "  - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEEKz4A8daCfmFiS3ggQ8dGlpdXzPF/h64Ih0RHU1uyb ops@example.org",
        "ntp: { enabled: true, servers: [ ntp.example.org ] }",
        "apt:",
        "  sources:",
        "    docker:",
        "      source: deb [signed-by=$KEY_FILE] https://download.example.org/linux/debian bookworm stable",
        "      keyid: 9DC858229FC7DD38854AE2D88D81803C0EBFCD88",
        "package_update: true",
        "package_upgrade: true",
        "packages: [ nginx, python3-certbot-nginx, [ curl, '7.88.1-10' ] ]",
        "write_files:",
        "- path: /etc/nginx/conf.d/shop.conf",
        "  owner: root:root",
        '  permissions: "0644"',
        "  content: |",
        "    server {",
        "      listen 443 ssl;",
        "      ssl_certificate_key /etc/ssl/private/shop.key;",
        "      location / { proxy_pass http://127.0.0.1:8000; proxy_set_header X-Auth-Token $http_x_auth_token; }",
        "    }",
        "- path: /etc/systemd/system/shop.service",
        "  content: |",
        "    [Service]",
        "    EnvironmentFile=/run/secrets/shop.env",
        "    ExecStart=/usr/bin/gunicorn --bind 127.0.0.1:8000 shop:app",
        "- path: /usr/local/bin/renew",
        "  permissions: '0755'",
        "  content: |",
        "    #!/bin/bash",
        "    set -euo pipefail",
        "    password=$(cat /run/secrets/db)",
        '    curl -fsS -u "shop:${password}" https://example.org/ | tail -n 5',
        "mounts:",
        "- [ /dev/disk/by-id/virtio-0123456789abcdef0123, /srv, auto, 'defaults,nofail', '0', '2' ]",
        "swap: { filename: /swapfile, size: 1G }",
        "runcmd:",
        "- [ systemctl, daemon-reload ]",
        "- [ systemctl, enable, --now, shop ]",
        "- ufw allow 443/tcp && ufw --force enable",
        "- |",
        "  until curl -fsS http://localhost/ > /dev/null; do sleep 1; done",
        "  echo \"It's up\"",
        "power_state: { mode: reboot, delay: 1, message: first boot is done }",
        "final_message: up after $UPTIME seconds",
    ),
    "a script": "#!/bin/bash\n# Don't panic.\nset -e\nexec > >(tee /var/log/first-boot.log) 2>&1\n"
    "apt-get update && apt-get install -y --no-install-recommends nginx\n"
    "cat > /etc/motd <<'EOF'\nWelcome \u2013 it's \u201cours\u201d\nEOF\n"
    "if ! id shop; then useradd --system shop; fi\nsystemctl enable --now nginx\n",
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
def test_ordinary_documents(name: str) -> None:
    assert said(DOCUMENTS[name], existing_volumes=True) == []


@pytest.mark.parametrize("template", ["www.yaml.jinja", "db.yaml.jinja"])
def test_this_projects_own_templates(template: str) -> None:
    networks = [SimpleNamespace(name="backend", ip="10.0.0.11", public=False)]
    volume = SimpleNamespace(name="data", id="0" * 36, serial="0" * 20, mount_point="/srv")
    instance = SimpleNamespace(
        name="www-1", networks=networks, volumes=[volume], addresses={"backend": "10.0.0.11", "Ext-Net": "192.0.2.7"}
    )
    data = UserData.template(template, site="shop.example", role="web server", database="10.0.0.21")
    rendered = data.render(folder=ROOT / "userdata", instance=instance)
    assert findings(rendered, existing_volumes=True) == ()


def test_what_is_equal_is_checked_once() -> None:
    lines = [
        f"  - path: /etc/app/{number}.conf\n    content: |\n" + "      setting = value\n" * 20 for number in range(40)
    ]
    texts = [f"#cloud-config\nhostname: www-{number}\nwrite_files:\n{''.join(lines)}" for number in range(20)]
    findings(document(texts[0]))
    start = time.process_time()
    for text in texts:
        assert findings(document(text)) == ()
    # Measured 2 to 4 ms each; a check of each line anew takes over 40.
    assert (time.process_time() - start) / len(texts) < 0.02
    start = time.process_time()
    for text in texts:
        findings(document(text))
    assert (time.process_time() - start) / len(texts) < 0.001
