"""Readers of PDFs, office files, books and mail."""
