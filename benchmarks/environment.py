"""The reference's own virtual environment: nothing of it is installed beside the product."""

from __future__ import annotations

import hashlib
import subprocess
import sys

from benchmarks.processes import ROOT

VENV = ROOT / "benchmarks" / ".venv"
LOCK = ROOT / "requirements-bench.txt"


def set_up() -> None:
    """Install what the lock file names, unless that was done."""
    stamp, digest = VENV / "installed", hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    print("Setting up the reference …", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)
    install = ["-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "-r", str(LOCK)]
    result = subprocess.run(
        [str(VENV / "bin" / "python"), *install], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if result.returncode != 0:
        raise SystemExit(f"The reference can't be set up:\n{result.stdout[-2000:]}")
    stamp.write_text(digest)
