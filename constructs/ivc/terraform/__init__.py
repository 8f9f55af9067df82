"""Terraform's JSON as a document, of a folder that a synthesis wrote or of a plan. It knows no servers."""
