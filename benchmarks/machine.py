"""The machine in general terms: enough to compare two runs, nothing that names it."""

import os
import platform
from pathlib import Path

import numpy as np


def described() -> str:
    """Cores, memory, processor family, Python and numpy, and how busy the machine is."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = f"Python {platform.python_version()}, numpy {np.__version__}"
    return f"{cores} cores, {memory:.0f} GB, {_processor()}; {platform.system()}, {versions}\n{load()}"


def load() -> str:
    """Load averages: above the number of cores, other work was competing and only ratios mean something."""
    return f"Load averages over 1, 5 and 15 minutes: {', '.join(f'{value:.1f}' for value in os.getloadavg())}"


def _processor() -> str:
    listing = Path("/proc/cpuinfo")
    if listing.exists():
        for line in listing.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
