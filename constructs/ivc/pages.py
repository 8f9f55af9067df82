"""Where the pages for people stand, so that what is installed can point at them."""

REPOSITORY = "https://ivc-openstack.example"
"""Where the library comes from.

The name is one that nobody can have (RFC 2606): a made-up one might be registered by a stranger, who would then answer
for every finding. What the repository gets takes its place before a release, here and in pyproject.toml.
"""


def page(name: str) -> str:
    """The address of a page of docs/: `policies.md`, or `policies.md#ivc101`."""
    return f"{REPOSITORY}/docs/{name}"
