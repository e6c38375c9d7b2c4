"""How gunicorn serves the pages: ``gunicorn -c deploy/gunicorn.conf.py wsgi:app``."""

import os
import shutil
import tempfile
from pathlib import Path

# figures of all processes meet in one folder; the library looks for it when it is loaded
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="dispatch-figures-")
FIGURES = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])

from prometheus_client import multiprocess  # noqa: E402  the folder must be named before

bind = os.environ.get("DISPATCH_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "4"))
worker_class = "gthread"
# each open stream of changes holds a thread; DISPATCH_LIVE_STREAMS counts for each process
streams = int(os.environ.get("DISPATCH_LIVE_STREAMS", "0"))
threads = int(os.environ.get("DISPATCH_WEB_THREADS", "8")) + streams
# a page that takes longer than this is broken; printing a large map takes some seconds
timeout = 60
graceful_timeout = 30
keepalive = 30
wsgi_app = "wsgi:app"
chdir = str(Path(__file__).resolve().parent.parent)
# an address and headers of a sane request are far smaller
limit_request_line = 4094
limit_request_field_size = 8190

logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(message)s"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "dispatch.requests": {"handlers": ["out"], "level": "INFO", "propagate": False},
        "gunicorn.error": {"handlers": ["out"], "level": "INFO", "propagate": False},
    },
    "root": {"handlers": ["out"], "level": "WARNING"},
}


def on_starting(_server):
    """Figures of an earlier life would count twice."""
    shutil.rmtree(FIGURES, ignore_errors=True)
    FIGURES.mkdir(parents=True)


def child_exit(_server, worker):
    """The gauges of a process that ended are no longer so."""
    multiprocess.mark_process_dead(worker.pid)


def on_exit(_server):
    """Leave nothing behind."""
    shutil.rmtree(FIGURES, ignore_errors=True)
