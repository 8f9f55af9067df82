"""Tests on the practice cloud: real Terraform, the real provider, and the cloud's own API as the witness."""
