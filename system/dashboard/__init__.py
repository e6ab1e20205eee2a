"""The figures an organization looks at first."""
