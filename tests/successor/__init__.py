"""IvC on CDK Terrain (`cdktn`), which goes on where CDKTF ends."""
