"""The code of the deployed functions, one folder a capability."""
