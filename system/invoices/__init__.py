"""Invoices with lines and GST, in integer paise."""
