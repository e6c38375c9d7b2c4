"""Entry point for a WSGI server: `waitress-serve wsgi:app`."""

from dispatch.app import create_app, settle

app = create_app()
settle()
