"""Sheets in and out: XLSX and CSV, previewed before they touch the ledger."""
