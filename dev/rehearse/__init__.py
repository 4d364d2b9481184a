"""`make rehearse`: the real compose.yaml under podman, on a machine that reaches no registry of images."""
