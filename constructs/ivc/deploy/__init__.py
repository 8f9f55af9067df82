"""Planning, deploying and destroying what was synthesized, by Terraform or OpenTofu, which keeps the state.

What is reviewed is a plan file, and that very file is applied. Nothing here writes to a cloud by itself.
"""
