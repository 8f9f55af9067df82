"""The provider's bindings, of which only what is used is loaded."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType

PACKAGE = "cdktf_cdktf_provider_openstack"


def load_on_demand() -> None:
    """Have each module of the bindings loaded when it is asked for.

    Their package loads all 150 when the first is imported, which takes 0.4 s of processor time, a fifth of a small
    synthesis; a stack needs some twenty. Who loaded the package before has it as it is.
    """
    spec = find_spec(PACKAGE)
    if PACKAGE in sys.modules or spec is None:
        return
    package = module_from_spec(spec)

    def module(name: str) -> ModuleType:
        try:
            return import_module(f"{PACKAGE}.{name}")
        except ModuleNotFoundError:
            raise AttributeError(f"module {PACKAGE!r} has no attribute {name!r}") from None

    package.__getattr__ = module  # type: ignore[method-assign]
    sys.modules[PACKAGE] = package
