"""Tests of planning, deploying and destroying: fast ones, and those that run Terraform on stacks without a cloud."""
