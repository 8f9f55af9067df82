"""How people reach what was deployed: servers as a stack's outputs tell of them, in the words of Ansible and of ssh."""
