"""What goes wrong when Terraform is run."""


class DeployError(ValueError):
    """A stack that cannot be planned, deployed or destroyed; its text is one sentence for a person."""
