"""Small documents, each for a kind, on how cloud-init reads user data; tests/userdata/reading_verdicts.json has what
cloud-init's own code makes of them (`test_reading_verdicts.py`).
"""

from __future__ import annotations

import base64
import gzip
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

HEAD = "#cloud-config\n"
JINJA = "## template: jinja\n"
ARCHIVE = "#cloud-config-archive\n"
SCRIPT = "#!/bin/sh\necho a\n"


def mime(*parts: str, head: str = "MIME-Version: 1.0\n") -> str:
    """A message as a person writes one; each part with its own head."""
    return (
        f'Content-Type: multipart/mixed; boundary="===="\n{head}\n' + "".join(f"--====\n{part}\n" for part in parts)
    ) + "--====--\n"


def typed(kind: str, text: str, *more: str) -> str:
    return "".join(f"{line}\n" for line in (f"Content-Type: {kind}", *more, "", text.removesuffix("\n")))


def config(text: str, *more: str) -> str:
    return typed("text/cloud-config", text, *more)


def coded(text: str | bytes) -> str:
    return base64.encodebytes(text if isinstance(text, bytes) else text.encode()).decode()


def pythons() -> str:
    """As Python's `email` writes one, with a fixed boundary: what many tools send."""
    message = MIMEMultipart(boundary="===")
    for text, kind in ((HEAD + "packages: [nginx]\n", "cloud-config"), ("#!/bin/sh\necho Grüße\n", "x-shellscript")):
        message.attach(MIMEText(text, kind, "utf-8"))
    return message.as_string()


BASE64 = "Content-Transfer-Encoding: base64"
APPENDS = "list(append)+dict(recurse_array)+str()"
PACKAGES = HEAD + "packages: [nginx]\n"
CURL = HEAD + "packages: [curl]\n"


def merged(how: str) -> str:
    return mime(config(PACKAGES), config(f"{CURL}{how}\n"))


DOCUMENTS: dict[str, str] = {
    # The first line.
    "plain": HEAD + "hostname: www\n",
    "a note behind the header": "#cloud-config # ours\nhostname: www\n",
    "capital letters": "#Cloud-Config\nhostname: www\n",
    "no line end at all": "#cloud-config",
    "only notes": HEAD + "# later\n",
    "a word that begins so": "#cloud-configuration\nhostname: www\n",
    "a blank before the header's word": "# cloud-config\nhostname: www\n",
    "nothing before the keys": "hostname: www\n",
    "an empty line above": "\n" + HEAD + "hostname: www\n",
    "blanks above": "  \n  #cloud-config\nhostname: www\n",
    "a tab above": "\t#cloud-config\nhostname: www\n",
    "a note above": "# ours\n#cloud-config\nhostname: www\n",
    "a byte-order mark": "\ufeff#cloud-config\nhostname: www\n",
    "a document's marker above": "---\n#cloud-config\nhostname: www\n",
    "windows": "#cloud-config\r\nhostname: www\r\n",
    "windows in a script": "#!/bin/sh\r\necho a\r\n",
    "a script": SCRIPT,
    "an empty line above a script": "\n" + SCRIPT,
    "a blank before a script": " " + SCRIPT,
    "a byte-order mark before a script": "\ufeff" + SCRIPT,
    "a script without its line": "echo a\n",
    "a hook": "#cloud-boothook\n" + SCRIPT,
    "a hook with an empty line": "#cloud-boothook\n\n" + SCRIPT,
    "a hook without a shell": "#cloud-boothook\necho a\n",
    "a hook in capital letters": "#Cloud-Boothook\n" + SCRIPT,
    "an empty line above a hook": "\n#cloud-boothook\n" + SCRIPT,
    "a handler": "#part-handler\ndef list_types():\n    return []\n",
    "addresses": "#include\nhttps://example.org/a\n",
    "an address in the first line": "#include https://example.org/a\n",
    "addresses, once": "#include-once\nhttps://example.org/a\n",
    "an empty line above addresses": "\n#include\nhttps://example.org/a\n",
    "powershell": "#ps1_sysnative\nWrite-Host a\n",
    # YAML.
    "a tab behind a value": HEAD + "packages:\n  - nginx\t\n",
    "a tab behind a colon": HEAD + "hostname:\twww\n",
    "a tab in a list": HEAD + "packages: [a,\tb]\n",
    "a tab for indentation": HEAD + "users:\n\t- default\n",
    "a tab in an empty line": HEAD + "hostname: www\n\t\nlocale: C\n",
    "a tab before a note": HEAD + "hostname: www\t# ours\n",
    "a tab in a note": HEAD + "hostname: www # our\ts\n",
    "a tab in quotes": HEAD + 'final_message: "a\tb"\n',
    "a tab in a block": HEAD + "final_message: |\n  a\n  \tb\n",
    "a tab as a block's first": HEAD + "final_message: |\n  \ta\n",
    "a tab in plain text": HEAD + "final_message: a\tb\n",
    "a tab behind a block's sign": HEAD + "final_message: |\t\n  a\n",
    "a tag of one's own": HEAD + "write_files:\n- path: /a\n  permissions: !str 0755\n",
    "a tag of CloudFormation": HEAD + "runcmd:\n- !Join [a, b]\n",
    "a tag of Python": HEAD + "hostname: !!python/name:os.system\n",
    "a tag of Python's unicode": HEAD + "hostname: !!python/unicode 'a'\n",
    "a tag of YAML": HEAD + "hostname: !!str 5\n",
    "a tag that does not fit": HEAD + "hostname: !!int www\n",
    "bytes": HEAD + "write_files:\n- path: /a\n  content: !!binary aGFsbG8=\n",
    "bytes that are none": HEAD + "write_files:\n- path: /a\n  content: !!binary ä\n",
    "a tag of nothing": HEAD + "hostname: ! www\n",
    "U+2028 in a note": HEAD + "hostname: www\n# note\u2028locale: C\n",
    "U+2029 in a value": HEAD + "final_message: a\u2029b\n",
    "U+0085 in a block": HEAD + "final_message: |\n  a\x85  b\n",
    "a carriage return alone": HEAD + "hostname: www\n# note\rlocale: C\n",
    "a no-break space": HEAD + "hostname:\xa0www\n",
    "a control character": HEAD + "final_message: a\x07b\n",
    "letters": HEAD + "final_message: Grüße \u2013 漢字 😀\n",
    "a day that is none": HEAD + "users:\n- name: ops\n  expiredate: 2038-02-30\n",
    "a day": HEAD + "users:\n- name: ops\n  lock_passwd: true\n  expiredate: '2038-02-28'\n",
    "a number of nothing": HEAD + "hostname: 0x_\n",
    "braces for a variable": HEAD + "hostname: {{ name }}\n",
    "braces in quotes": HEAD + "hostname: '{{ name }}'\n",
    "an address with a query in brackets": HEAD + "runcmd: [[curl, https://example.org/?a]]\n",
    "an address with a query": HEAD + "runcmd:\n- curl https://example.org/?a\n",
    "an equals sign alone": HEAD + "packages: [=]\n",
    "two documents": HEAD + "hostname: www\n---\nlocale: C\n",
    "markers of one document": HEAD + "---\nhostname: www\n...\n",
    "a key twice": HEAD + "hostname: www\nhostname: web\n",
    "a list": HEAD + "- hostname: www\n",
    "a text": HEAD + "hostname=www\n",
    "a colon too many": HEAD + "final_message: done: really\n",
    "a quote that is not closed": HEAD + 'hostname: "www\n',
    "an alias of nothing": HEAD + "hostname: *www\n",
    "an at sign": HEAD + "hostname: @www\n",
    "an anchor": HEAD + "packages: &p [nginx]\nruncmd: [*p]\n",
    "a merge": HEAD + "<<: {hostname: www}\nlocale: C\n",
    "a merge of a text": HEAD + "<<: www\nlocale: C\n",
    "a list as a key": HEAD + "hostname: www\n[a, b]: c\n",
    "half of a pair": HEAD + 'final_message: "\\ud83d"\n',
    "a note right behind a block's sign": HEAD + "final_message: |# ours\n  a\n",
    # MIME.
    "a message": mime(config(PACKAGES), typed("text/x-shellscript", SCRIPT)),
    "a message of Python": pythons(),
    "a message of one": typed("text/cloud-config", "packages: [nginx]\n", "MIME-Version: 1.0"),
    "no MIME-Version": mime(config(PACKAGES), head=""),
    "MIME-Version in a part alone": mime(config(PACKAGES, "MIME-Version: 1.0"), head=""),
    "a message with a mail's first line": "From nobody Fri Jan  1 00:00:00 2021\n" + mime(config(PACKAGES)),
    "an empty line above a message": "\n" + mime(config(PACKAGES)),
    "no boundary": mime(config(PACKAGES)).replace('; boundary="===="', ""),
    "another boundary": mime(config(PACKAGES)).replace('boundary="===="', 'boundary="==="'),
    "no closing boundary": mime(config(PACKAGES)).replace("--====--\n", ""),
    "parts in parts": mime(mime(config(PACKAGES)).replace("====", "++++"), typed("text/x-shellscript", SCRIPT)),
    "a type of one's own": mime(typed("text/x-cloud-config", PACKAGES)),
    "no type": mime("\n" + PACKAGES),
    "plain text that says what it is": mime(typed("text/plain", PACKAGES)),
    "plain text that does not": mime(typed("text/plain", "packages: [nginx]\n")),
    "a script's type for a cloud-config": mime(typed("text/x-shellscript", PACKAGES)),
    "a script's type for no script": mime(typed("text/x-shellscript", "echo a\n")),
    "a script each boot": mime(typed("text/x-shellscript-per-boot", SCRIPT)),
    "a script each boot that is a cloud-config": mime(typed("text/x-shellscript-per-boot", PACKAGES)),
    "a cloud-config without its header": mime(config("packages: [nginx]\n")),
    "a cloud-config's type for a script": mime(config(SCRIPT)),
    "a part in base64": mime(config(coded(PACKAGES), BASE64)),
    "a part in base64 that is no YAML": mime(config(coded(HEAD + "a: b: c\n"), BASE64)),
    "letters in a part": mime(config(HEAD + "final_message: Grüße\n")),
    "letters in a part, 8bit": mime(config(HEAD + "final_message: a \u2013 b\n", "Content-Transfer-Encoding: 8bit")),
    "letters in quoted-printable": mime(
        config(HEAD + "final_message: Gr=C3=BC=C3=9Fe\n", "Content-Transfer-Encoding: quoted-printable")
    ),
    "a packed part": mime(typed("application/gzip", coded(gzip.compress(PACKAGES.encode(), mtime=0)), BASE64)),
    "a packed part that is none": mime(typed("application/gzip", coded("hallo"), BASE64)),
    "a hook in a message": mime(typed("text/cloud-boothook", SCRIPT)),
    "addresses in a message": mime(typed("text/x-include-url", "https://example.org/a\n")),
    "an archive in a message": mime(typed("text/cloud-config-archive", "- 'hostname: www'\n")),
    "jinja in a message": mime(typed("text/jinja2", f"{JINJA}{HEAD}hostname: {{{{ v1.local_hostname }}}}\n")),
    "jinja typed as a cloud-config": mime(config(f"{JINJA}{HEAD}hostname: a-{{{{ v1.local_hostname }}}}\n")),
    "jinja typed as a script": mime(typed("text/x-shellscript", f"{JINJA}{SCRIPT}")),
    "an empty part": mime(config("")),
    "a cloud-config that speaks of MIME": HEAD + "write_files:\n- path: /a\n  content: 'MIME-Version: 1.0'\n",
    "a picture": mime(typed("image/png", coded("a"), BASE64)),
    # How parts are merged.
    "other keys": mime(config(PACKAGES), config(HEAD + "hostname: www\n")),
    "one key twice": mime(config(PACKAGES), config(CURL)),
    "one key twice, the same": mime(config(PACKAGES), config(PACKAGES)),
    "one key twice, longer": mime(config(PACKAGES), config(HEAD + "packages: [nginx, curl]\n")),
    "all appended": merged(f"merge_how: {APPENDS!r}"),
    "merge_type": merged(f"merge_type: {APPENDS!r}"),
    "lists alone": merged("merge_how: list(append)"),
    "mappings alone": merged("merge_how: dict()"),
    "mappings with lists in them": merged("merge_how: dict(recurse_array)"),
    "lists not reached": merged("merge_how: list(append)+dict()"),
    "lists by their place": merged("merge_how: list()+dict(recurse_array)"),
    "before": merged("merge_how: list(prepend)+dict(recurse_list)"),
    "a word without brackets": merged("merge_how: append"),
    "an unknown merger": merged("merge_how: set(append)+dict(recurse_array)"),
    "capitals and blanks": merged("merge_how: ' List(Append) + DICT( recurse_array ) '"),
    "a list of mappings": merged(
        "merge_how:\n- {name: list, settings: [append]}\n- {name: dict, settings: [no_replace, recurse_list]}"
    ),
    "a list of mappings without settings": merged("merge_how:\n- name: dict"),
    "a list of mappings without lists": merged("merge_how:\n- {name: list, settings: [append]}"),
    "a list of lists": merged("merge_how: [[list, append], [dict, recurse_array]]"),
    "a list of texts": merged("merge_how: ['list(append)', 'dict(recurse_array)']"),
    "a number": merged("merge_how: 5"),
    "an empty way": merged("merge_how: ''"),
    "no way": merged("merge_how: null"),
    "a way in the first part": mime(config(f"{PACKAGES}merge_how: list(append)\n"), config(HEAD + "hostname: www\n")),
    "a way in a document alone": f"{PACKAGES}merge_how: list(append)\n",
    "a way that works in a document alone": f"{PACKAGES}merge_how: {APPENDS!r}\n",
    "a way in the head": mime(config(PACKAGES), config(CURL, f"Merge-Type: {APPENDS}")),
    "a way in the head that does not work": mime(config(PACKAGES), config(CURL, "X-Merge-Type: list(append)")),
    "another text": mime(config(HEAD + "hostname: a\n"), config(f"{HEAD}hostname: b\nmerge_how: {APPENDS!r}\n")),
    "mappings in mappings": mime(
        config(HEAD + "ntp: {enabled: true}\n"), config(f"{HEAD}ntp: {{servers: [a]}}\nmerge_how: {APPENDS!r}\n")
    ),
    "three parts": mime(config(PACKAGES), config(HEAD + "hostname: www\n"), config(CURL)),
    "a text appended to a list": merged(f"merge_how: {APPENDS!r}").replace("[curl]", "5"),
    # Archives.
    "an archive": ARCHIVE + "- type: text/cloud-config\n  content: |\n    hostname: www\n- type: text/x-shellscript\n"
    "  content: |\n    #!/bin/sh\n    echo a\n",
    "an archive of texts": ARCHIVE + "- 'hostname: www'\n- |\n  #!/bin/sh\n  echo a\n",
    "an archive without types": ARCHIVE + "- content: |\n    #cloud-config\n    hostname: www\n  filename: a\n",
    "an archive with a wrong type": ARCHIVE + "- type: cloud-config\n  content: 'hostname: www'\n",
    "an archive with a type of one's own": ARCHIVE + "- type: text/x-cloud-config\n  content: 'hostname: www'\n",
    "an archive with a script's type": ARCHIVE
    + "- type: text/x-shellscript\n  content: |\n    #cloud-config\n    a: b\n",
    "an archive with plain text": ARCHIVE + "- type: text/plain\n  content: |\n    #cloud-config\n    hostname: www\n",
    "an archive that includes": ARCHIVE + "- content: |\n    #include\n    https://example.org/a\n",
    "an archive in an archive": ARCHIVE + "- content: |\n    #cloud-config-archive\n    - 'hostname: www'\n",
    "an archive with a number": ARCHIVE + "- content: 5\n",
    "an archive with a list": ARCHIVE + "- [a]\n- 'hostname: www'\n",
    "an archive with nothing": ARCHIVE + "- filename: a\n- 'hostname: www'\n",
    "an archive that is a mapping": ARCHIVE + "content: 'hostname: www'\n",
    "an archive that is no YAML": ARCHIVE + "- content: a: b\n",
    "an archive with a tab": ARCHIVE + "- 'hostname: www'\t\n",
    "an archive with a part that is no YAML": ARCHIVE + "- content: |\n    #cloud-config\n    a: b: c\n",
    "an archive with a key twice": ARCHIVE + "- 'packages: [a]'\n- 'packages: [b]'\n",
    "an archive with letters": ARCHIVE + "- 'final_message: Grüße'\n",
    "an archive with bytes": ARCHIVE + "- type: text/x-shellscript\n  content: !!binary IyEvYmluL3NoCmVjaG8gYQo=\n",
    "an archive with jinja": f"{ARCHIVE}- |\n  ## template: jinja\n  #cloud-config\n  hostname: {{{{ v1.region }}}}\n",
    # JSON patches.
    "a patch": '#cloud-config-jsonp\n[{"op": "add", "path": "/hostname", "value": "www"}]\n',
    "a patch that is no JSON": "#cloud-config-jsonp\n[{op: add}]\n",
    "a patch that is no list": '#cloud-config-jsonp\n{"hostname": "www"}\n',
    "a patch of no operation": '#cloud-config-jsonp\n[{"op": "put", "path": "/hostname", "value": "www"}]\n',
    "a patch in a message": mime(
        config(PACKAGES), typed("text/cloud-config-jsonp", '[{"op": "add", "path": "/packages/-", "value": "curl"}]')
    ),
    # cloud-init's own Jinja.
    "jinja": f"{JINJA}{HEAD}hostname: {{{{ v1.local_hostname }}}}\n",
    "jinja by short names": f"{JINJA}{HEAD}hostname: {{{{ local_hostname }}}}\nlocale: {{{{ region }}}}\n",
    "jinja with the system's configuration": f"{JINJA}{HEAD}final_message: '{{{{ merged_system_cfg.users[0] }}}}'\n",
    "jinja of an unknown name": f"{JINJA}{HEAD}final_message: '{{{{ nope }}}}'\n",
    "jinja in capitals": f"## Template: Jinja\n{HEAD}hostname: {{{{ v1.region }}}}\n",
    "jinja of version 2": f"## template: jinja2\n{HEAD}hostname: {{{{ v1.region }}}}\n",
    "jinja without a blank": f"## template:jinja\n{HEAD}hostname: {{{{ v1.region }}}}\n",
    "an empty line above jinja": f"\n{JINJA}{HEAD}hostname: {{{{ v1.region }}}}\n",
    "an empty line below jinja": f"{JINJA}\n{HEAD}hostname: {{{{ v1.region }}}}\n",
    "jinja for a script": f"{JINJA}{SCRIPT}echo {{{{ v1.region }}}}\n",
    "jinja for a script, with an empty line": f"{JINJA}\n{SCRIPT}echo {{{{ v1.region }}}}\n",
    "jinja for a script, with a statement": f"{JINJA}{{% set a = 1 %}}\n{SCRIPT}echo {{{{ a }}}}\n",
    "jinja for a hook": f"{JINJA}#cloud-boothook\n{SCRIPT}",
    "jinja for a patch": f'{JINJA}#cloud-config-jsonp\n[{{"op": "add", "path": "/hostname", "value": "a"}}]\n',
    "jinja for addresses": f"{JINJA}#include\nhttps://example.org/{{{{ v1.region }}}}\n",
    "jinja for nothing known": f"{JINJA}hostname: {{{{ v1.region }}}}\n",
    "jinja that does not end": f"{JINJA}{HEAD}# {{% if v1.region %}}\nhostname: a\n",
    "jinja with an unknown filter": f"{JINJA}{HEAD}hostname: {{{{ v1.region | shout }}}}\n",
    "jinja that includes": f"{JINJA}{HEAD}{{% include 'a' %}}\nhostname: a\n",
    "jinja that does": f"{JINJA}{HEAD}{{% do [].append(1) %}}\nhostname: a\n",
    "jinja's condition": f"{JINJA}{HEAD}{{% if v1.distro == 'debian' %}}\nhostname: a\n{{% endif %}}\n",
    "jinja after windows": "## template: jinja\r\n#cloud-config\r\nhostname: {{ v1.region }}\r\n",
}

TAKEN_AND_YET_AN_ERROR: dict[str, str] = {
    "a key twice": "the first of the two values is gone",
    "a carriage return alone": "a key that no editor shows as one",
    "U+2028 in a note": "a key that no editor shows as one",
    "U+0085 in a block": "the block ends, or has other lines than an editor shows",
    "letters in a part, 8bit": "they come as \\u2013 and its like",
    "jinja typed as a cloud-config": "the braces come as they stand",
    "a list of lists": "cloud-init's own schema has no such form",
    "an archive with a list": "one of its two parts is left out",
}
"""Documents that the guest takes and that are an error, and why."""
LOST_AND_YET_NO_ERROR: dict[str, str] = {
    "only notes": "there is nothing to take",
    "no line end at all": "there is nothing to take",
    "an empty part": "there is nothing to take",
    "one key twice, the same": "the second part says what the first does",
}
"""Documents of which nothing comes, and which are none."""
