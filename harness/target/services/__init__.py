"""Postgres, Redis and the model server, each from three providers behind one interface."""
