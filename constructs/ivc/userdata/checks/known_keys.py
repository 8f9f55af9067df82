"""The keys of a cloud-config, and what each may hold: facts about cloud-init, as of 26.2.

Source: cloudinit/config/schemas/schema-cloud-config-v1.json, and that of 22.4.2 (Debian 12) for what it alone takes.
Where the schema and the code of cloud-init differ, this is what the code takes, and a comment says so. The tests hold
it against the verdicts of both schemas.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from ivc.userdata.checks.shape import (
    ANY,
    BOOL,
    INT,
    NOTHING,
    NUMBER,
    TEXT,
    TRUE_OR_FALSE,
    Shape,
    each,
    either,
    gone,
    items,
    mapping,
    number,
    old,
    text,
    whole,
    words,
)


def _is_date(value: str) -> bool:
    try:
        return re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _hyphenated(fields: Mapping[str, Shape], since: str) -> dict[str, Shape]:
    """The same keys as they were once written, with hyphens."""
    return {name.replace("_", "-"): old(shape, since, name) for name, shape in fields.items()}


_SIZE = text(r"\d*\.?\d+[BKMGT]", like="512M")
_COMMAND = either(items(TEXT), TEXT)
_PACKAGE = either(items(TEXT, least=2, most=2), TEXT)
_TEXT_OR_NOTHING = either(TEXT, NOTHING)
_OPEN = mapping(others=ANY)

_CA_CERTS = mapping(
    {"remove-defaults": old(BOOL, "22.3", "remove_defaults"), "remove_defaults": BOOL, "trusted": items(TEXT, least=1)},
    least=1,
)
_MIRRORS = items(
    mapping(
        each("arches search", items(TEXT, least=1)),
        each("uri keyid key keyserver", TEXT),
        {"search_dns": BOOL},
        required="arches",
    ),
    least=1,
)
_ANSIBLE_PULL = mapping(
    each("accept_host_key clean full diff verify_commit", BOOL),
    each("ssh_common_args scp_extra_args sftp_extra_args private_key checkout module_path module_name", TEXT),
    each("timeout url connection vault_id vault_password_file inventory sleep tags skip_tags", TEXT),
    # The older word is deprecated since 25.2, and the only one that Debian 12 knows: nothing is said of it, here and
    # below.
    {"playbook_name": TEXT, "playbook_names": items(TEXT)},
    required="url",
    one_of="playbook_name playbook_names",
    apart=[("playbook_name", "playbook_names")],
)
_UBUNTU_PRO = mapping(
    each("enable enable_beta", items(TEXT)),
    {
        "token": TEXT,
        "features": mapping({"disable_auto_attach": BOOL}),
        "config": mapping(
            each("http_proxy https_proxy global_apt_http_proxy global_apt_https_proxy", _TEXT_OR_NOTHING),
            each("ua_apt_http_proxy ua_apt_https_proxy", _TEXT_OR_NOTHING),
            others=ANY,
        ),
    },
)
_USER_TEXTS = "hashed_passwd plain_text_passwd primary_group selinux_user"
_USER_SWITCHES = "no_create_home no_log_init no_user_group create_groups ssh_redirect_user"
_LISTED = items(TEXT, least=1)
_USER = mapping(
    each(f"name gecos homedir inactive passwd shell snapuser {_USER_TEXTS}", TEXT),
    each(f"lock_passwd system {_USER_SWITCHES}", BOOL),
    each("doas ssh_import_id", _LISTED),
    {
        "expiredate": text(_is_date, like='"2038-01-19"'),
        # The schema wants one at least of these two; the code takes none for none, and so does `ivc/users.jinja`.
        "ssh_authorized_keys": items(TEXT),
        "groups": either(TEXT, items(TEXT), old(mapping(others=NOTHING), "23.1", "a list of texts")),
        "sudo": either(TEXT, NOTHING, items(_TEXT_OR_NOTHING), old(BOOL, "22.2", "null")),
        "uid": either(INT, old(TEXT, "22.3", "a whole number")),
    },
    _hyphenated({"ssh_authorized_keys": _LISTED}, "18.3"),
    _hyphenated({"lock_passwd": BOOL}, "22.3"),
    _hyphenated(each(_USER_TEXTS, TEXT) | each(_USER_SWITCHES, BOOL) | {"ssh_import_id": _LISTED}, "24.2"),
    one_of="name snapuser",
    apart=[("name", "snapuser")],
)
_GROUP = mapping(others=either(TEXT, items(TEXT, least=1)))
_OUTPUT = either(TEXT, items(TEXT, least=2, most=2), mapping(each("output error", TEXT)))
_MERGE_SETTINGS = "allow_delete no_replace replace append prepend recurse_dict recurse_list recurse_array recurse_str"
_MERGE = either(
    TEXT,
    items(
        mapping(
            {
                "name": words("list", "dict", "str"),
                "settings": items(words(*_MERGE_SETTINGS.split())),
            },
            required="name settings",
        ),
        least=1,
    ),
)
_MODULE_NAMES = """
    ansible apk_configure apt_configure apt_pipelining bootcmd byobu ca_certs chef disable_ec2_metadata
    disk_setup fan final_message growpart grub_dpkg install_hotplug keyboard keys_to_console landscape locale
    lxd mcollective mounts ntp package_update_upgrade_install phone_home power_state_change puppet
    raspberry_pi reset_rmc resizefs resolv_conf rh_subscription rsyslog runcmd salt_minion scripts_per_boot
    scripts_per_instance scripts_per_once scripts_user scripts_vendor seed_random set_hostname set_passwords
    snap spacewalk ssh ssh_authkey_fingerprints ssh_import_id timezone ubuntu_advantage ubuntu_autoinstall
    ubuntu_drivers ubuntu_pro update_etc_hosts update_hostname users_groups wireguard write_files
    write_files_deferred yum_add_repo zypper_add_repo
"""
_MODULE = words(
    *sorted({*_MODULE_NAMES.split(), *_MODULE_NAMES.replace("_", "-").split()} - {"raspberry-pi", "ubuntu-pro"}),
    called="the name of a module",
)
_MODULES = items(
    either(
        _MODULE,
        gone(words("migrator", "rightscale-userdata", "rightscale_userdata"), "24.1"),
        gone(words("refresh-rmc-and-interface", "refresh_rmc_and_interface"), "23.2"),
        # A module's name with how often it is to run: the schema says nothing of its items.
        items(),
    )
)
_RH_SUBSCRIPTION = {
    **each("activation_key service_level rhsm_baseurl server_hostname", TEXT),
    **each("add_pool enable_repo disable_repo", items(TEXT)),
    "auto_attach": BOOL,
}
_RUN_ANSIBLE = mapping(
    each("playbook_name playbook_dir become_password_file connection_password_file vault_id vault_password_file", TEXT),
    each("module_path args extra_vars inventory scp_extra_args sftp_extra_args private_key connection", TEXT),
    each("module_name sleep tags skip_tags", TEXT),
    each("list_hosts syntax_check check diff", BOOL),
    each("timeout background poll forks", number(0)),
    others=ANY,
)
CLOUD_CONFIG = mapping(
    {
        "allow_public_ssh_keys": BOOL,
        "ansible": mapping(
            each("run_user ansible_config package_name", TEXT),
            {
                "install_method": words("distro", "pip"),
                "setup_controller": mapping(
                    {
                        "repositories": items(mapping(each("path source", TEXT), required="path source")),
                        "run_ansible": items(_RUN_ANSIBLE),
                    }
                ),
                "galaxy": mapping({"actions": items(items(TEXT))}, required="actions"),
                "pull": either(items(_ANSIBLE_PULL), _ANSIBLE_PULL),
            },
        ),
        "apk_repos": mapping(
            {
                "preserve_repositories": BOOL,
                "alpine_repo": either(
                    mapping(
                        each("base_url version", TEXT),
                        each("community_enabled testing_enabled", BOOL),
                        required="version",
                    ),
                    NOTHING,
                ),
                "local_repo_base_url": TEXT,
            },
            least=1,
        ),
        "apt": mapping(
            each("primary security", _MIRRORS),
            each("add_apt_repo_match sources_list conf https_proxy http_proxy proxy ftp_proxy", TEXT),
            {
                "preserve_sources_list": BOOL,
                # Debian's own.
                "generate_mirrorlists": BOOL,
                "disable_suites": items(TEXT, least=1, unique=True),
                "debconf_selections": mapping(least=1, others=TEXT),
                "sources": mapping(
                    others=mapping(each("source keyid key keyserver filename", TEXT), {"append": BOOL}, least=1)
                ),
            },
            least=1,
        ),
        "apt_pipelining": either(INT, BOOL, words("os"), old(words("none", "unchanged"), "22.4", "os")),
        "apt_reboot_if_required": old(BOOL, "22.2", "package_reboot_if_required"),
        "apt_update": old(BOOL, "22.2", "package_update"),
        "apt_upgrade": old(BOOL, "22.2", "package_upgrade"),
        "authkey_hash": TEXT,
        "autoinstall": mapping({"version": INT}, required="version", others=ANY),
        "bootcmd": items(_COMMAND, least=1),
        "byobu_by_default": words(
            "enable-system", "enable-user", "disable-system", "disable-user", "enable", "disable", "user", "system"
        ),
        "ca-certs": old(_CA_CERTS, "22.3", "ca_certs"),
        "ca_certs": _CA_CERTS,
        "chef": mapping(
            each("config_path validation_cert validation_key firstboot_path client_key", TEXT),
            each("encrypted_data_bag_secret environment", TEXT),
            each("file_backup_path file_cache_path json_attribs log_level log_location node_name", TEXT),
            each("omnibus_url omnibus_version", TEXT),
            each("pid_file server_url ssl_verify_mode validation_name", TEXT),
            each("exec show_time force_install", BOOL),
            {
                "directories": items(TEXT, least=1, unique=True),
                "omnibus_url_retries": INT,
                "initial_attributes": _OPEN,
                "install_type": words("packages", "gems", "omnibus"),
                "run_list": items(TEXT),
                "chef_license": words("accept", "accept-silent", "accept-no-persist"),
            },
            least=1,
        ),
        "chpasswd": mapping(
            {
                "expire": BOOL,
                "users": items(
                    either(
                        mapping(each("name password", TEXT), {"type": words("hash", "text")}, required="name password"),
                        mapping({"name": TEXT, "type": words("RANDOM")}, required="name type"),
                    )
                ),
                "list": old(
                    either(TEXT, items(text(r".+:.+", like="name:password", hidden=True), least=1)), "22.2", "users"
                ),
            }
        ),
        "cloud_config_modules": _MODULES,
        "cloud_final_modules": _MODULES,
        "cloud_init_modules": _MODULES,
        "create_hostname_file": BOOL,
        "device_aliases": mapping(others=TEXT),
        "disable_ec2_metadata": BOOL,
        "disable_root": BOOL,
        "disable_root_opts": TEXT,
        "disk_setup": mapping(
            others=mapping(
                {
                    "table_type": words("mbr", "gpt"),
                    "layout": either(
                        words("remove"), BOOL, items(either(INT, items(either(INT, TEXT), least=2, most=2)))
                    ),
                    "overwrite": BOOL,
                }
            )
        ),
        "drivers": mapping(
            {"nvidia": mapping({"license-accepted": BOOL, "version": TEXT}, required="license-accepted")}
        ),
        "fan": mapping(each("config config_path", TEXT), required="config"),
        "final_message": TEXT,
        "fqdn": TEXT,
        "fs_setup": items(
            mapping(
                each("label filesystem device replace_fs", TEXT),
                each("extra_opts cmd", _COMMAND),
                {
                    # The code takes a number, too (cloudinit/config/cc_disk_setup.py).
                    "partition": either(words("auto", "any", "none"), INT, text(r"\d+", like='"1"')),
                    "overwrite": BOOL,
                },
            )
        ),
        "groups": either(TEXT, items(either(TEXT, _GROUP), least=1), _GROUP),
        "growpart": mapping(
            {
                "mode": either(words("auto", "growpart", "gpart", "off"), old(words(False), "22.3", '"off"')),
                "devices": items(TEXT),
                "ignore_growroot_disabled": BOOL,
            }
        ),
        "grub-dpkg": old(_OPEN, "22.2", "grub_dpkg"),
        "grub_dpkg": mapping(
            each("grub-pc/install_devices grub-efi/install_devices", TEXT),
            {"enabled": BOOL, "grub-pc/install_devices_empty": either(BOOL, old(TEXT, "22.3", TRUE_OR_FALSE))},
        ),
        "hostname": TEXT,
        "keyboard": mapping(each("layout model variant options", TEXT), required="layout"),
        "landscape": mapping(
            {
                "client": mapping(
                    each(
                        ("url ping_url data_path computer_title account_name registration_key http_proxy https_proxy"),
                        TEXT,
                    ),
                    {
                        "log_level": words("debug", "info", "warning", "error", "critical"),
                        "tags": text(r"[-\w]+(,[-\w]+)*", like="www,shop"),
                    },
                    required="account_name computer_title",
                    others=ANY,
                )
            },
            required="client",
        ),
        "launch-index": INT,
        "locale": either(BOOL, TEXT),
        "locale_configfile": TEXT,
        "lxd": mapping(
            {
                "init": mapping(
                    each("network_address storage_create_device storage_pool trust_password", TEXT),
                    each("network_port storage_create_loop", INT),
                    {"storage_backend": words("zfs", "dir", "lvm", "btrfs")},
                ),
                "bridge": mapping(
                    each("name ipv4_address ipv4_dhcp_first ipv4_dhcp_last ipv6_address domain", TEXT),
                    each("ipv4_netmask ipv4_dhcp_leases ipv6_netmask", INT),
                    each("ipv4_nat ipv6_nat", BOOL),
                    {"mode": words("none", "existing", "new"), "mtu": whole(-1)},
                    required="mode",
                ),
                "preseed": TEXT,
            },
            least=1,
        ),
        "manage_etc_hosts": either(words(True, False, "localhost"), old(words("template"), "22.3", "true")),
        "manage_resolv_conf": BOOL,
        "mcollective": mapping(
            {"conf": mapping(each("public-cert private-cert", TEXT), others=either(BOOL, INT, TEXT))}
        ),
        "merge_how": _MERGE,
        "merge_type": _MERGE,
        "migrate": gone(BOOL, "24.1"),
        "mount_default_fields": items(_TEXT_OR_NOTHING, least=6, most=6),
        # Nothing takes one of cloud-init's own mounts away (cloudinit/config/cc_mounts.py).
        "mounts": items(items(_TEXT_OR_NOTHING, least=1, most=6), least=1),
        "no_ssh_fingerprints": BOOL,
        "ntp": either(
            mapping(
                each("pools servers peers allow", items(TEXT, unique=True)),
                {
                    "ntp_client": TEXT,
                    "enabled": BOOL,
                    "config": mapping(
                        each("confpath check_exe service_name template", TEXT),
                        {"packages": items(TEXT, unique=True)},
                        least=1,
                    ),
                },
            ),
            NOTHING,
        ),
        "output": mapping(each("all init config final", _OUTPUT)),
        "package_reboot_if_required": BOOL,
        "package_update": BOOL,
        "package_upgrade": BOOL,
        "packages": items(either(mapping(each("apt snap", items(_PACKAGE))), _PACKAGE), least=1),
        "password": TEXT,
        "phone_home": mapping(
            {
                "url": TEXT,
                "post": either(
                    words("all"),
                    items(
                        either(
                            words("pub_key_rsa", "pub_key_ecdsa", "pub_key_ed25519", "instance_id", "hostname", "fqdn"),
                            gone(words("pub_key_dsa"), "24.1"),
                        )
                    ),
                ),
                "tries": INT,
            },
            required="url",
        ),
        "power_state": mapping(
            {
                "delay": either(
                    whole(0), old(text(r"\+?\d+", like="+5"), "22.3", "a whole number or now"), words("now")
                ),
                "mode": words("poweroff", "reboot", "halt"),
                "message": TEXT,
                "timeout": INT,
                "condition": either(TEXT, BOOL, items()),
            },
            required="mode",
        ),
        "prefer_fqdn_over_hostname": BOOL,
        "preserve_hostname": BOOL,
        "puppet": mapping(
            each("install cleanup exec start_service", BOOL),
            each("version collection aio_install_url conf_file ssl_dir csr_attributes_path package_name", TEXT),
            {
                "install_type": words("packages", "aio"),
                "exec_args": items(TEXT),
                "conf": mapping(each("main server agent user", _OPEN), {"ca_cert": TEXT}),
                "csr_attributes": mapping(each("custom_attributes extension_requests", _OPEN)),
            },
        ),
        "random_seed": mapping(
            each("file data", TEXT),
            {"encoding": words("raw", "base64", "b64", "gzip", "gz"), "command": items(TEXT), "command_required": BOOL},
        ),
        "reporting": mapping(
            others=either(
                mapping(
                    {"type": words("log"), "level": words("DEBUG", "INFO", "WARN", "ERROR", "FATAL")}, required="type"
                ),
                mapping({"type": words("print")}, required="type"),
                mapping(
                    each("endpoint consumer_key token_key token_secret consumer_secret", TEXT),
                    {"type": words("webhook"), "timeout": number(0), "retries": whole(0)},
                    required="type endpoint",
                ),
                mapping({"type": words("hyperv"), "kvp_file_path": TEXT, "event_types": items(TEXT)}, required="type"),
            )
        ),
        "resize_rootfs": words(True, False, "noblock"),
        "resolv_conf": mapping(each("nameservers searchdomains sortlist", items()), {"domain": TEXT, "options": _OPEN}),
        "rh_subscription": mapping(
            _RH_SUBSCRIPTION,
            {name.replace("_", "-"): shape for name, shape in _RH_SUBSCRIPTION.items()},
            each("username password release_version", TEXT),
            {"org": either(TEXT, INT)},
            apart=[(name, name.replace("_", "-")) for name in _RH_SUBSCRIPTION],
        ),
        "rpi": mapping(
            {
                "interfaces": mapping(
                    each("spi i2c onewire", BOOL),
                    {"serial": either(BOOL, mapping(each("console hardware", BOOL), others=ANY))},
                    others=ANY,
                ),
                "enable_usb_gadget": BOOL,
            },
            others=ANY,
        ),
        "rsyslog": mapping(
            each("config_dir config_filename check_exe", TEXT),
            {
                "configs": items(either(TEXT, mapping(each("filename content", TEXT), required="content"))),
                "remotes": _OPEN,
                "service_reload_command": either(words("auto"), items(TEXT)),
                "install_rsyslog": BOOL,
                "packages": items(TEXT, unique=True),
            },
        ),
        "runcmd": items(either(items(TEXT), TEXT, NOTHING), least=1),
        "salt_minion": mapping(
            each("pkg_name service_name config_dir public_key private_key pki_dir", TEXT), each("conf grains", _OPEN)
        ),
        "snap": mapping(
            {
                "assertions": either(items(TEXT, least=1, unique=True), mapping(least=1, others=TEXT)),
                "commands": either(items(_COMMAND, least=1), mapping(least=1, others=_COMMAND)),
            },
            least=1,
        ),
        "spacewalk": mapping(each("server proxy activation_key", TEXT)),
        "ssh": mapping({"emit_keys_to_console": BOOL}, required="emit_keys_to_console"),
        "ssh_authorized_keys": items(TEXT, least=1),
        "ssh_deletekeys": BOOL,
        "ssh_fp_console_blacklist": items(TEXT, unique=True),
        "ssh_genkeytypes": items(either(words("ecdsa", "ed25519", "rsa"), gone(words("dsa"), "24.1")), least=1),
        "ssh_import_id": items(TEXT),
        "ssh_key_console_blacklist": items(TEXT, unique=True),
        "ssh_keys": mapping(
            each(
                ("ecdsa_private ecdsa_public ecdsa_certificate ed25519_private ed25519_public ed25519_certificate"),
                TEXT,
            ),
            each("rsa_private rsa_public rsa_certificate", TEXT),
            each("dsa_private dsa_public dsa_certificate", gone(TEXT, "24.1")),
        ),
        "ssh_publish_hostkeys": mapping({"enabled": BOOL, "blacklist": items(TEXT)}),
        "ssh_pwauth": either(BOOL, old(TEXT, "22.3", TRUE_OR_FALSE)),
        "ssh_quiet_keygen": BOOL,
        "swap": mapping({"filename": TEXT, "size": either(words("auto"), INT, _SIZE), "maxsize": either(INT, _SIZE)}),
        "system_info": old(_OPEN, "24.2"),
        "timezone": TEXT,
        "ubuntu_advantage": _UBUNTU_PRO,
        "ubuntu_pro": _UBUNTU_PRO,
        "updates": mapping(
            {
                "network": mapping(
                    {"when": items(words("boot-new-instance", "boot-legacy", "boot", "hotplug"))}, required="when"
                )
            }
        ),
        "user": either(TEXT, _USER),
        "users": either(items(either(TEXT, items(TEXT), _USER)), TEXT, _OPEN),
        "vendor_data": mapping(
            {
                "enabled": either(BOOL, old(TEXT, "22.3", TRUE_OR_FALSE)),
                "prefix": either(items(either(TEXT, INT)), TEXT),
            }
        ),
        "version": ANY,
        "wireguard": either(
            mapping(
                {
                    "interfaces": items(mapping(each("name config_path content", TEXT)), least=1),
                    "readinessprobe": items(TEXT, unique=True),
                },
                required="interfaces",
            ),
            NOTHING,
        ),
        # That a file has its path, and what its permissions mean, is checked with the files.
        "write_files": items(
            mapping(
                each("path content owner", TEXT),
                each("append defer", BOOL),
                {
                    "permissions": either(text(r"(?s:.*)", like='"0644"'), NUMBER),
                    "source": mapping({"uri": TEXT, "headers": mapping(others=TEXT)}, required="uri"),
                    "encoding": words(
                        "gz", "gzip", "gz+base64", "gzip+base64", "gz+b64", "gzip+b64", "b64", "base64", "text/plain"
                    ),
                },
                least=1,
            ),
            least=1,
        ),
        "yum_repo_dir": TEXT,
        "yum_repos": mapping(
            least=1,
            names=r"[0-9a-zA-Z -_]+",
            others=mapping(
                each("baseurl metalink mirrorlist name", TEXT),
                {"enabled": BOOL},
                one_of="baseurl metalink mirrorlist",
                others=either(INT, BOOL, TEXT),
                names=r"[0-9a-zA-Z_]+",
            ),
        ),
        "zypper": mapping(
            {
                "repos": items(mapping(each("id baseurl", TEXT), required="id baseurl", others=ANY), least=1),
                "config": _OPEN,
            },
            least=1,
            others=ANY,
        ),
    }
)
