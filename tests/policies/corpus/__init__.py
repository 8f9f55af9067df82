"""Declarations with one thing wrong in each, or none: what IvC's policies, checkov and trivy are compared over.

What the library itself refuses to declare is declared beneath it, with CDKTF's own classes or plain Terraform JSON, as
somebody may who uses its escape hatches.
"""

from tests.policies.corpus.case import Case
from tests.policies.corpus.clean import CLEAN, MEANT
from tests.policies.corpus.egress import EGRESS
from tests.policies.corpus.ingress import INGRESS
from tests.policies.corpus.settings import SETTINGS

CASES: tuple[Case, ...] = (*INGRESS, *EGRESS, *SETTINGS, *MEANT, *CLEAN)

__all__ = ["CASES", "Case"]
