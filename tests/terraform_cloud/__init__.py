"""A stand-in for Terraform Cloud, and the tests of stacks that run there.

HCP Terraform itself was never tried: what is here was written after the client in Terraform's own source
(`internal/cloud`, go-tfe), and answers the calls that `terraform init`, `plan`, `show`, `apply`, `output` and
`state pull` make, those of docs/terraform-cloud.md's script, and those of `ivc`.

Like the real one: it wants TLS, service discovery and a token; it takes an archive of the configuration, unpacks it in
an empty folder, and runs a real Terraform there, with the workspace's variables and nothing of who asked; its state is
the workspace's. A run that saves its plan does not hold up others, one that waits for a person does; a saved plan is
discarded when another run was applied. The JSON of a plan holds sensitive values in clear and is for admins only.
Unlike it: the worker's local state takes the place of the `cloud` block, by an override file; the worker is no
container, but a process with an environment of its own; no policies, cost estimates, run tasks, teams, projects, tags
or version control (a workspace may only say that it is connected), and everything is gone when it stops.
"""
