"""The reference system: a multi-tenant CRM and invoicing API with agents on a local model."""
