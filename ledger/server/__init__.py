"""QLDB's two HTTP APIs on one port: SendCommand and the control plane."""
