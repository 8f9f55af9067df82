"""What cloud-init makes of user data, asked of its own code: `python ask_cloud_init.py FOLDER... < documents.json`.

FOLDER: where an unpacked cloud-init and what it imports are; the first that has a module counts. It is imported from
there alone: nothing is installed, run or fetched, and what it would write goes to a folder that is taken away.

Standard input is a JSON object of documents by name; standard output is one of what the guest does with each:

- `cloud-config: KEYS`, `script: FIRST LINE`, `boothook: FIRST LINE`, `handler`, `fetch: ADDRESS` for what it takes;
- `lost: TYPE` for a part of which nothing comes;
- `forgotten: KEYS` for what a later part takes from an earlier one, or does not add to it;
- `nothing` where it gives the whole up.
"""

# This program runs with cloud-init's own dependencies alone: it must not import anything of this project.
from __future__ import annotations

import importlib
import json
import logging
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

V1 = {
    "availability_zone": "nova",
    "cloud_id": "openstack",
    "cloud_name": "openstack",
    "distro": "debian",
    "distro_release": "bookworm",
    "distro_version": "12",
    "instance_id": "i-1",
    "kernel_release": "6.1",
    "local_hostname": "www",
    "machine": "x86_64",
    "platform": "openstack",
    "public_ssh_keys": [],
    "python_version": "3.11",
    "region": "north",
    "subplatform": "metadata",
    "system_platform": "Linux",
    "variant": "debian",
}
DASHED = {name: V1[name.replace("-", "_")] for name in ("availability-zone", "cloud-name", "instance-id")}
INSTANCE_DATA = {
    "base64_encoded_keys": [],
    "ds": {"meta_data": {"uuid": "b0f1", "meta": {"role": "www"}}},
    "merged_cfg": {"users": ["default"]},
    "merged_system_cfg": {"users": ["default"]},
    "sensitive_keys": [],
    "sys_info": {"system": "Linux"},
    "v1": V1 | DASHED | {"local-hostname": V1["local_hostname"]},
}


def _of(module: str) -> Any:
    return importlib.import_module(f"cloudinit.{module}")


def _kept(before: Any, after: Any) -> bool:
    """Whether all that was said is still said."""
    if isinstance(before, dict) and isinstance(after, dict):
        return all(key in after and _kept(value, after[key]) for key, value in before.items())
    if isinstance(before, list) and isinstance(after, list):
        return all(any(_kept(value, other) for other in after) for value in before)
    if isinstance(before, str) and isinstance(after, str):
        return before in after
    return bool(before == after)


class _Guest:
    """One boot."""

    def __init__(self, folder: Path) -> None:
        self._said: list[str] = []
        self._forgotten: set[str] = set()
        paths = _of("helpers").Paths({"cloud_dir": str(folder), "run_dir": str(folder)})
        paths.get_ipath = paths.get_ipath_cur = lambda name=None: str(folder / f"{name}")
        Path(paths.get_runpath("instance_data_sensitive")).write_text(json.dumps(INSTANCE_DATA))
        self._handlers: dict[str, Any] = {}
        init = SimpleNamespace(paths=paths, ds=None, datasource=None)
        for handler in _of("stages").Init._default_handlers(init):
            self._handlers |= dict.fromkeys(handler.list_types(), handler)
        self._config = self._handlers["text/cloud-config"]
        self._processor = _of("user_data").UserDataProcessor(paths)
        _of("user_data").read_file_or_url = self._fetch
        _of("handlers.boot_hook").subp.subp = lambda *_args, **_more: None
        _of("util").write_file = self._write
        _of("handlers").walker_handle_handler = lambda *_args: self._said.append("handler")

    def _write(self, path: str, content: Any, *_args: Any, **_more: Any) -> None:
        text = content if isinstance(content, str) else content.decode(errors="replace")
        for folder, kind in (("boothooks", "boothook"), ("scripts", "script")):
            if folder in path:
                self._said.append(f"{kind}: {text.partition(chr(10))[0]}")

    def _fetch(self, address: str, **_more: Any) -> Any:
        self._said.append(f"fetch: {address}")
        return SimpleNamespace(contents=b"", code=200, ok=lambda: True)

    def boot(self, text: str) -> list[str]:
        try:
            message = self._processor.process(text.encode())
        except Exception:  # noqa: BLE001 - whatever it is, the guest goes without user data
            return ["nothing"]
        data: dict[str, Any] = {
            "handlers": self._handlers,
            "excluded": [],
            "data": None,
            "frequency": "once-per-instance",
        }
        _of("handlers").walk(message, self._part, data)
        keys = ", ".join(sorted(map(str, self._config.cloud_buf or {})))
        taken = [f"cloud-config: {keys}"] if keys else []
        forgotten = [f"forgotten: {', '.join(sorted(self._forgotten))}"] if self._forgotten else []
        return [*taken, *self._said, *forgotten]

    def _part(self, data: Any, filename: str, payload: Any, headers: Any) -> None:
        before, said = dict(self._config.cloud_buf or {}), len(self._said)
        _of("handlers").walker_callback(data, filename, payload, headers)
        after = dict(self._config.cloud_buf or {})
        if before == after and said == len(self._said) and payload:
            self._said.append(f"lost: {headers['Content-Type']}")
        elif before and "cloud-config" in headers["Content-Type"]:
            given = _of("util").load_yaml(payload) or {}
            self._forgotten |= {key for key in before if key not in after or not _kept(before[key], after[key])}
            self._forgotten |= {key for key in given if key in after and not _kept(given[key], after[key])}


def ask(documents: dict[str, str]) -> dict[str, list[str]]:
    """What the guest does with each document."""
    verdicts = {}
    for name, text in documents.items():
        with tempfile.TemporaryDirectory() as folder:
            verdicts[name] = _Guest(Path(folder)).boot(text)
    return verdicts


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    sys.path[:0] = sys.argv[1:]
    json.dump(ask(json.load(sys.stdin)), sys.stdout)
