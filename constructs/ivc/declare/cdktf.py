"""Every core name of CDKTF that this library uses, imported once.

CDKTF is archived and its successor differs by the names to import: the move is an edit of this file.
"""

from cdktf import App as CdktfApp
from cdktf import (
    CloudBackend,
    DefaultTokenResolver,
    LocalBackend,
    NamedCloudWorkspace,
    Postcondition,
    StringConcat,
    TerraformDataSource,
    TerraformElement,
    TerraformOutput,
    TerraformResource,
    TerraformResourceLifecycle,
    TerraformStack,
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
    "StringConcat",
    "TerraformDataSource",
    "TerraformElement",
    "TerraformOutput",
    "TerraformResource",
    "TerraformResourceLifecycle",
    "TerraformStack",
    "Tokenization",
]
