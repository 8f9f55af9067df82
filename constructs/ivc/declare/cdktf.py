"""Every core name of CDKTF that this library uses, imported once.

CDKTF is archived and its successor differs by the names to import: the move is an edit of this file.
"""

import sys
from typing import Any, TypeVar

import jsii
from cdktf import App as CdktfApp
from cdktf import (
    CloudBackend,
    DefaultTokenResolver,
    LocalBackend,
    NamedCloudWorkspace,
    Postcondition,
    Precondition,
    StringConcat,
    TerraformDataSource,
    TerraformElement,
    TerraformOutput,
    TerraformResource,
    TerraformResourceLifecycle,
    TerraformStack,
    TerraformVariable,
    Tokenization,
)
from constructs import Construct

__all__ = [
    "CdktfApp",
    "CloudBackend",
    "Construct",
    "DefaultTokenResolver",
    "LocalBackend",
    "NamedCloudWorkspace",
    "Postcondition",
    "Precondition",
    "StringConcat",
    "TerraformDataSource",
    "TerraformElement",
    "TerraformOutput",
    "TerraformResource",
    "TerraformResourceLifecycle",
    "TerraformStack",
    "TerraformVariable",
    "Tokenization",
    "create",
    "struct",
]

L1 = TypeVar("L1", bound=TerraformElement)
S = TypeVar("S")

# The constructors of the bindings evaluate the annotations of all arguments anew each time to check their types, those
# of an L1 twice, which takes as long as all the rest. What comes here is checked where people give it.


def create(type: type[L1], scope: Construct, id: str, /, **config: Any) -> L1:
    """An L1, as its constructor makes it, but unchecked; a struct in it is made by `struct`."""
    element = type.__new__(type)
    of_config = getattr(sys.modules[type.__module__], f"{type.__name__}Config")
    jsii.create(type, element, [scope, id, struct(of_config, **config)])
    return element


def struct(type: type[S], /, **values: Any) -> S:
    """A struct, as its constructor makes it, but unchecked."""
    if not values.keys() <= type.__jsii_name_mapping__.keys():  # type: ignore[attr-defined]
        raise TypeError(f"{type.__name__} has not all of {', '.join(values)}")
    made = type.__new__(type)
    made._values = values  # type: ignore[attr-defined]
    return made
