"""What a change of the declarations will do, told to a person before it happens.

Reads synthesized folders and Terraform's plans as files; needs no cloud, no Terraform, no Node. All texts from outside
are kept apart from our own words (`sentence`), so that whatever prints a review can make them harmless.
"""
