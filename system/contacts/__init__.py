"""Contacts: the people and firms an organization deals with."""
