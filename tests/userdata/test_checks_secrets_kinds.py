"""Kinds of secrets, in the spellings that people use, and what looks like one and is none.

The secrets are put together at run time, and open nothing.
"""

from __future__ import annotations

import base64

import pytest

from ivc.userdata.checks import findings
from tests.userdata.test_checks import config, document, said
from tests.userdata.test_checks_secrets import PRIVATE_KEY, script

WORD = "hunt" + "er2x"
ODD = "hunt" + "er2!x"
HEX = "0123456789abcdef"
WORDS = "a1B2c3D4"
KEY = base64.b64encode(bytes(range(32))).decode()
CEPH = base64.b64encode(b"\x01\x00" + bytes(8) + b"\x10\x00" + bytes(range(16))).decode()
PAIR = base64.b64encode(f"ops:{WORD}".encode()).decode()
PEM = base64.b64encode("\n".join(PRIVATE_KEY).encode()).decode()
CERTIFICATE = base64.b64encode(b"-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0B\n").decode()
TAILSCALE = "tskey-" + "auth-kABCDEF1CNTRL-abcdefgh"
BOOTSTRAP = "abcdef" + ".0123456789abcdef"


def of(text: str) -> list[tuple[str, int | None, str]]:
    """Id, line and name of each secret and placeholder; no message may hold a secret."""
    all_of_them = findings(document(text))
    assert WORD not in str(all_of_them)
    assert ODD not in str(all_of_them)
    return [(one.id, one.line, one.subject) for one in all_of_them if one.id in ("secret", "placeholder")]


FOUND = (
    # WireGuard.
    (f"PrivateKey = {KEY}", "PrivateKey"),
    (f"PresharedKey={KEY}", "PresharedKey"),
    (f"    private: {KEY}", ""),
    (f"  key: {KEY}", ""),
    (f"echo {KEY} > /etc/wireguard/private.key", ""),
    (f"wg set wg0 peer x preshared-key <(echo {KEY})", ""),
    # Addresses.
    (f"redis://:{WORD}@cache.example.org", ""),
    (f"REDIS_URL=redis://:{WORD}@cache:6379/0", ""),
    (f"amqp://ops:{WORD}@mq.example.org/", "ops"),
    (f"DATABASE_URL=postgres://ops:{WORD}@db/shop", "ops"),
    (f'url: "mongodb+srv://ops:{WORD}@db.example.org/shop"', "ops"),
    (f"https://shop.example/?user=a&password={WORD}&x=1", "password"),
    # A private key in base64, and other keys in a block.
    (f"echo {PEM} | base64 -d > /etc/ssl/private/a.key", ""),
    (f"  tls.key: {PEM}", "tls.key"),
    (f"    client-key-data: {PEM}", "client-key-data"),
    ("-----BEGIN ENCRYPTED " + "PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7aaaa", ""),
    ("-----BEGIN OpenVPN Static " + f"key V1-----\n{HEX * 2}", ""),
    # Registries.
    (f"docker login -u ops -p {ODD} registry.example.org", "login"),
    (f"docker login --username ops --password {ODD}", "password"),
    (f"podman login -p '{ODD}' registry.example.org", "login"),
    (f"[docker, login, -u, ops, -p, {WORD}]", "login"),
    (f'["docker", "login", "-p", "{WORD}"]', "login"),
    (f"helm registry login -u ops -p {WORD} registry.example.org", "login"),
    (f"echo {WORD} | docker login --password-stdin -u ops", "echo"),
    (f'"auth": "{PAIR}"', "auth"),
    # netrc, apt's auth.conf, PostgreSQL's .pgpass.
    (f"machine git.example.org login ops password {ODD}", "machine"),
    (f"machine apt.example.org/debian login ops password {WORD}", "machine"),
    (f"echo 'machine git.example.org login ops password {WORD}' >> ~/.netrc", "machine"),
    (f"db.example.org:5432:shop:ops:{WORD}", "db.example.org"),
    (f"*:*:*:postgres:{WORD}", "*"),
    # Users of the system.
    (f"useradd -m -p {WORD} ops", "useradd"),
    (f"useradd -p '{WORD}' ops", "useradd"),
    (f"usermod -p {WORD} ops", "usermod"),
    (f"useradd --password {WORD} ops", "password"),
    (f"useradd -m -p $(openssl passwd -6 {WORD}) ops", "openssl"),
    (f"usermod --password $(mkpasswd -m sha-512 {WORD}) ops", "mkpasswd"),
    (f"htpasswd -b /etc/nginx/htpasswd ops {WORD}", "htpasswd"),
    (f"htpasswd -bc /etc/nginx/htpasswd ops '{WORD}'", "htpasswd"),
    (f"htpasswd -nb ops {WORD} > /etc/nginx/htpasswd", "htpasswd"),
    (f"chpasswd <<< 'root:{WORD}'", "chpasswd"),
    (f'sudo chpasswd <<<"root:{WORD}"', "chpasswd"),
    (f"printf 'root:{WORD}\\n' | chpasswd", "printf"),
    (f"echo root:{WORD} | sudo chpasswd", "echo"),
    (f"echo 'root:{WORD}' | /usr/sbin/chpasswd", "echo"),
    (f"echo {WORD} | passwd --stdin root", "echo"),
    (f"echo -e '{WORD}\\n{WORD}' | passwd root", "echo"),
    (f"net user ops {WORD} /add", "net"),
    (f"ConvertTo-SecureString '{WORD}' -AsPlainText -Force", "ConvertTo-SecureString"),
    # Clusters and networks of machines.
    (f"kubeadm join 10.0.0.1:6443 --token {BOOTSTRAP} --discovery-token-ca-cert-hash sha256:{HEX * 4}", "token"),
    (f"kubeadm init --token={BOOTSTRAP}", "token"),
    (f"[kubeadm, join, --token, {BOOTSTRAP}]", "token"),
    (f"kubeadm join x --certificate-key {HEX * 4}", "certificate-key"),
    (f"curl -sfL https://get.k3s.io | K3S_TOKEN={WORD} sh -", "K3S_TOKEN"),
    (f"k3s agent --server https://10.0.0.1 --token {WORD}", "token"),
    (f"k3s server --agent-token={WORD}", "agent-token"),
    ("x K10" + f"{HEX * 4}::server:{HEX * 2}", ""),
    (f"tailscale up --authkey {TAILSCALE}", ""),
    (f"tailscale up --auth-key={TAILSCALE}", "auth-key"),
    ("docker swarm join " + "SWMTKN-" + "1-" + "a1b2c3d4e5" * 5 + "-" + "a1b2c3d4e5" * 2 + "abcde", ""),
    (f'"encrypt": "{KEY}"', ""),
    # Options.
    (f"shop --password {ODD} start", "password"),
    (f"shop --db-password '{ODD}'", "db-password"),
    (f'["shop", "--password", "{WORD}"]', "password"),
    (f"shop --secret-key {WORD}9", "secret-key"),
    (f"shop -password {WORD}", "password"),
    (f"gpg --batch --passphrase {WORD} -d a", "passphrase"),
    (f"subscription-manager register --org 1 --activationkey {WORD}9", "activationkey"),
    (f"keytool -storepass {WORD}", "storepass"),
    (f"openssl req -passout pass:{WORD}", "pass"),
    # Requests.
    (f"Authorization: Basic {PAIR}", "Authorization"),
    (f'curl -H "Authorization: Basic {PAIR}" https://example.org', "Authorization"),
    (f'proxy_set_header Authorization "Basic {PAIR}";', "Authorization"),
    (f"git config --global http.extraheader 'AUTHORIZATION: basic {PAIR}'", "Authorization"),
    (f"curl -H 'Authorization: Bearer {WORD}{WORD}' https://example.org", "Authorization"),
    (f"X-Auth-Token: {WORD}", "X-Auth-Token"),
    # Ceph.
    (f"key: {CEPH}", "key"),
    (f"mount -t ceph mon:/ /mnt -o name=admin,secret={CEPH}", "secret"),
    (f"ceph auth add client.a key={CEPH}", "key"),
    # Wireless networks and IPsec.
    (f'psk="{WORD}"', "psk"),
    (f"    psk={HEX * 4}", "psk"),
    (f"wpa_passphrase home {WORD}", "wpa_passphrase"),
    (f"  wpa-psk {WORD}", "wpa-psk"),
    (f"nmcli dev wifi connect home password {WORD}", "nmcli"),
    (f'vpn.example.org : PSK "{WORD}"', ""),
    # Makers' tokens.
    ("X=" + "github_" + "pat_" + "11ABCDEFG0" + WORDS * 8, "X"),
    ("x " + "hvs" + ".CAESI" + WORDS * 4, ""),
    ("x " + "gls" + "a_" + WORDS * 4 + "_0123abcd", ""),
    ("key=" + "AI" + "zaSy" + WORDS * 4 + "a", "key"),
    ("export X=" + "dop_" + "v1_" + HEX * 4, "X"),
    ("x: AGE-SECRET-" + "KEY-1" + "QPZRY9X8" * 7, "x"),
    # cloud-init's own keys.
    (f"activation-key: {WORD}", "activation-key"),
    (f"registration_key: {WORD}", "registration_key"),
    (f"landscape: {{client: {{registration_key: {WORD}}}}}", "registration_key"),
    (f"spacewalk: {{activation_key: {WORD}}}", "activation_key"),
    (f"token_secret: {WORD}", "token_secret"),
    (f"trust_password: {WORD}", "trust_password"),
    (f"ubuntu_pro: {{token: C1{WORD}}}", "token"),
    (f"pro attach C1{WORD}", ""),
    # Databases.
    (f"PGPASSWORD={WORD} psql", "PGPASSWORD"),
    (f"MYSQL_PWD={WORD} mysql", "MYSQL_PWD"),
    (f"mysql -u root -p'{WORD}' shop", "mysql"),
    (f"ALTER USER ops WITH PASSWORD '{WORD}';", "ALTER"),
    (f"CREATE USER ops IDENTIFIED BY '{WORD}';", "IDENTIFIED"),
    (f"requirepass {WORD}", "requirepass"),
    (f"redis-cli -a {WORD} ping", "redis-cli"),
    (f"rabbitmqctl add_user ops {WORD}", "rabbitmqctl"),
    (f"ldapsearch -D cn=a -w {WORD}", "ldapsearch"),
    (f"bindpw = {WORD}", "bindpw"),
    (f"Server=db;User Id=sa;Password={WORD};", "Password"),
    (f"host=db user=ops password={WORD} dbname=shop", "password"),
    (f"mysql-server mysql-server/root_password password {WORD}", "mysql-server"),
    # Programs and their files.
    (f"define('DB_PASSWORD', '{WORD}');", "DB_PASSWORD"),
    (f"$db_pass = '{WORD}';", "db_pass"),
    (f"'password' => '{WORD}',", "password"),
    (f"<password>{WORD}</password>", "password"),
    (f'<property name="password" value="{WORD}"/>', "password"),
    (f"spring.datasource.password={WORD}", "spring.datasource.password"),
    (f'{{"name": "DB_PASSWORD", "value": "{WORD}"}}', "DB_PASSWORD"),
    (f"printf '[client]\\npassword={WORD}\\n' > /root/.my.cnf", "password"),
    (f"//srv/a /mnt cifs username=ops,password={WORD},uid=0 0 0", "password"),
    (f"ssh-keygen -t ed25519 -N '{WORD}' -f a", "ssh-keygen"),
    (f"echo {WORD} | cryptsetup luksFormat /dev/vdb", "echo"),
    # Names and signs of all kinds.
    (f'{{"password":"{WORD}","a":1}}', "password"),
    (f'curl -d "{{\\"password\\": \\"{WORD}\\"}}" https://example.org', "password"),
    (f"adminPassword: {WORD}", "adminPassword"),
    (f"clientSecret={WORD}", "clientSecret"),
    (f"password2: {WORD}", "password2"),
    (f"- POSTGRES_PASSWORD={WORD}", "POSTGRES_PASSWORD"),
    (f"X_PASSWORD={WORD};", "X_PASSWORD"),
    (f"password='!{WORD}'", "password"),
    (f"password: '@{WORD}'", "password"),
    (f"password: pa$5{WORD}", "password"),
    (f"password: {WORD}  # of the shop", "password"),
    (f"password:\t{WORD}", "password"),
    ("MYSQL_PASSWORD=" + "password", "MYSQL_PASSWORD"),
)


@pytest.mark.parametrize(("line", "name"), FOUND)
def test_a_secret_of_each_kind_is_found_once_in_its_line(line: str, name: str) -> None:
    assert of(script(line)) == [("secret", 2, name)]


@pytest.mark.parametrize(
    ("lines", "number", "name"),
    [
        (["chpasswd <<EOF", f"root:{WORD}", "EOF"], 3, "chpasswd"),
        (["chpasswd <<-'END'", f"\tops:{WORD}", "\tEND"], 3, "chpasswd"),
        (["cat <<EOF | sudo chpasswd", "ops:$PASSWORD", f"root:{WORD}", "EOF", f"not:{WORD}"], 4, "chpasswd"),
        (["machine git.example.org", "  login ops", f"  password {WORD}"], 4, "password"),
        (["machine git.example.org login ops", f"password {WORD}"], 3, "password"),
        (["- name: DB_PASSWORD", f"  value: {WORD}"], 3, "DB_PASSWORD"),
        (["- --api-token", f"- {WORD}"], 3, "api-token"),
        (["[client.admin]", f"\tkey = {CEPH}"], 3, "key"),
    ],
)
def test_a_secret_that_other_lines_make_one_is_found_in_its_own(lines: list[str], number: int, name: str) -> None:
    assert of(script(*lines)) == [("secret", number, name)]


QUIET = (
    # The name of an object of Kubernetes' that holds one.
    "existing_secret: app-db-credentials",
    "existingSecret: app-secret",
    "tlsSecret: web-tls",
    "credentialsSecret: cloud-credentials",
    "adminPasswordSecret: grafana-admin",
    # Words of configuration.
    "users: [{name: a, lock_passwd: true}]",
    "users: [{name: a, lock_passwd: false}, {name: b, lock_passwd: true}]",
    '{"token": false}',
    '{"token":false,"a":1}',
    "{token:false,a:1}",
    '{"password": null, "a": 1}',
    '"password": {"type": "string"}',
    "passwd: files",
    "passwd:         files systemd",
    "passwd: compat",
    "X_PASSWD=none;",
    "X_PASSWORD='';",
    'X_PASSWORD="";',
    "X_PASSWORD=",
    "shop --password= --next",
    "MYSQL_ALLOW_EMPTY_PASSWORD=yes",
    "update_password: on_create",
    "generate_password: true",
    "id-token: write",
    "max_tokens: 4096",
    "token_type: bearer",
    "password_min_length: 12",
    "X-aws-ec2-metadata-token-ttl-seconds: 21600",
    "sudo: ALL=(ALL) NOPASSWD:ALL",
    "ops ALL=(ALL:ALL) NOPASSWD: /usr/bin/systemctl",
    "password requisite pam_pwquality.so retry=3",
    "password [success=1 default=ignore] pam_unix.so",
    "sed -i 's/^#*PasswordAuthentication .*/PasswordAuthentication no/' /etc/ssh/sshd_config",
    "chpasswd: {expire: false}",
    "encrypt = yes",
    "private: true",
    # Names that only end like one.
    "bypass: thisone",
    "no_proxy_bypass = internal.example",
    "compass: northwest",
    "tokenizer: standardanalyzer",
    "secretary: alicebob",
    "db_key: users_by_email",
    "api_key: users_by_email",
    "sort_key: created_at",
    "proxy_pass: backendserver",
    "fastcgi_pass=unixsocket",
    "key: ctrl+alt+delete",
    "keyid: 9DC858229FC7DD38854AE2D88D81803C0EBFCD88",
    "secretName: shop-tls",
    "secretKeyRef: {name: db, key: password}",
    # Programs.
    "def f(password=None):",
    "def f(password: str = None):",
    "f(user=user, password=password)",
    "self.password = password",
    "password = args.password",
    "password = os.environ['DB']",
    "password = os.environ.get('DB')",
    "password = getpass.getpass()",
    "token = Token.Name",
    "if token == Comment.Special:",
    "password: string;",
    "if (password == null) {",
    "password varchar(255) not null,",
    "ALTER USER ops PASSWORD NULL;",
    # Text for people.
    "# password: TODO",
    "# password: CHANGE_ME",
    "# TOKEN=<your token>",
    "# use --password to set it",
    "# the token: see the wiki page",
    "usage: shop --password PASSWORD --token TOKEN",
    "usage: shop [--password PASSWORD]",
    'read -p "Password: " pw; echo "x"',
    "read -rsp 'Token: ' t",
    'echo "the password is in /root/pw"',
    "echo PASS: ok",
    'echo "PASS: all tests"',
    # Sums, numbers and public halves.
    f"sha256:{HEX * 4}",
    f"image: registry.example.org/a@sha256:{HEX * 4}",
    f"{HEX * 4}  a.tar.gz",
    "git checkout 0123456789abcdef0123456789abcdef01234567",
    "uuid=01234567-89ab-cdef-0123-456789abcdef",
    f"PublicKey = {KEY}",
    f"public_key: {KEY}",
    "-----BEGIN PUBLIC KEY-----\nMIIEpAIBAAKCAQEA7",
    "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQINBFit2ioBEADhWpZ8",
    "github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
    f"tls.crt: {CERTIFICATE}",
    f"certificate-authority-data: {CERTIFICATE}",
    f"kubeadm join --token $TOKEN --discovery-token-ca-cert-hash sha256:{HEX * 4}",
    "00:16:3e:aa:bb:cc",
    "ops:x:1000:1000::/home/ops:/bin/bash",
    # References to files, variables, vaults.
    "password_file: /run/secrets/db",
    "POSTGRES_PASSWORD_FILE=/run/secrets/db",
    "client_key: client-key.pem",
    "LoadCredential=password:/etc/shop/password",
    "EnvironmentFile=/run/secrets/a",
    "token: ${TOKEN}",
    "password: ${{ secrets.DB }}",
    "password: '${DB_PASSWORD}'",
    "password: !vault |",
    "password: *db",
    'password: "{{ vault_db_password }}"',
    "password: <%= @pw %>",
    "password = %(DB)s",
    "password: vault:secret/data/db#password",
    "password: op://shop/db/password",
    "password: ENC[AES256_GCM,data:abc]",
    "password: |",
    "TOKEN=`cat /run/token`",
    "DB_PASSWORD=$(vault kv get -field=password shop/db)",
    'PASSWORD="${1:?usage}"',
    "shop --password-file /run/x",
    'shop --password "$DB"',
    "docker login --password-stdin -u ops",
    'docker login -u ops -p "$PW"',
    'echo "$PW" | docker login --password-stdin -u ops',
    'useradd -p "$HASH" ops',
    "useradd -p '!' ops",
    "useradd -m -s /bin/bash -p '$6$salt$abcdefgh' ops",
    "passwd --delete root",
    "chpasswd < /run/list",
    "chpasswd <<EOF\nroot:$PW\nEOF",
    "chpasswd -e <<EOF\nroot:notahash\nEOF",
    'htpasswd -b /etc/a ops "$PW"',
    "htpasswd -c /etc/a ops",
    'openssl passwd -6 "$PW"',
    "openssl passwd -6 -stdin",
    "mkpasswd -m yescrypt",
    "apt install -y mkpasswd whois",
    'curl -H "Authorization: Bearer $TOKEN" https://example.org',
    "proxy_set_header Authorization $http_authorization;",
    'auth_basic "Restricted area";',
    "machine git.example.org login ops password $PW",
    'wpa_passphrase "$SSID" "$PSK"',
    "redis://cache.example.org:6379/0",
    "redis://:$PW@cache",
    "http://a.example:8080/x@y",
    "proxy: http://[[user][:pass]@]host[:port]/",
    "ssh://git@example.org:22/a",
    "gpg --batch --passphrase '' --quick-gen-key a",
    "ssh-keygen -t ed25519 -N '' -f a",
    "sshpass -f /run/pw ssh a",
    "sed -i \"s/@DB_PASSWORD@/$PW/\" /etc/a",
    "grep -oP 'token=\\K.*' a",
    "awk -F: '/token:/ {print $2}' a",
    "jq -r .auth.client_token",
)  # fmt: skip


@pytest.mark.parametrize("line", QUIET)
def test_what_only_looks_like_a_secret_is_passed_over(line: str) -> None:
    assert of(f"#!/usr/bin/env a\n{line}\n") == []


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("password: CHANGE_ME", "password"),
        ("DB_PASSWORD=changeme", "DB_PASSWORD"),
        ("token: <your token>", "token"),
        ("API_KEY=your-api-key-here", "API_KEY"),
        ("password: TODO", "password"),
        ('password = "REPLACE_ME"', "password"),
        ("postgres://ops:CHANGE_ME@db/shop", "ops"),
        ("shop --password <password>", "password"),
        ("curl -u ops:CHANGE_ME https://example.org", "curl"),
    ],
)
def test_a_placeholder_where_a_secret_should_be_is_told_as_one(line: str, name: str) -> None:
    assert of(f"#!/usr/bin/env a\n{line}\n") == [("placeholder", 2, name)]


def test_a_placeholder_is_one_sentence() -> None:
    assert said(script("DB_PASSWORD=CHANGE_ME shop")) == [
        "warning placeholder: line 2 of the result: 'CHANGE_ME' under DB_PASSWORD looks as if something was to be put "
        "there, and the guest takes it as it stands; let the guest fetch the secret, or take the line away"
    ]


def test_a_placeholder_under_cloud_inits_own_keys_is_told_as_one() -> None:
    assert of(config("users:", "- name: ops", "  passwd: CHANGE_ME")) == [("placeholder", 4, "passwd")]
