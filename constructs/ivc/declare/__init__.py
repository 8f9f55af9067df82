"""What people declare: one file for each kind of thing, on the one base in `declaration.py`.

Nothing here reads back what was written; everything that does stands below (`estate`, `policies`).
"""
