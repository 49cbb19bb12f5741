"""Finds the Chromium of the browser tests, or installs one.

Only here, so that every browser test starts the same Chromium in the same way, and fails where there is none.
"""

import os
import shutil
import subprocess
import sys
from functools import cache
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
APT = ("apt-get", "--quiet", "--yes", "-o", "DPkg::Lock::Timeout=120")
# Recommended packages bring a desktop with them; of those the tests need the sandbox and a font.
PACKAGES = ("chromium", "chromium-sandbox", "fonts-liberation")
ASK_PLAYWRIGHT = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""
INSTALL_SECONDS = 600


class ChromiumMissing(RuntimeError):
    """No Chromium that starts, and none that could be installed."""


def launch_options() -> dict[str, Any]:
    """Give the keyword arguments for Playwright's `chromium.launch`.

    Playwright switches Chromium's sandbox off unless told otherwise; as root it cannot be on.
    """
    sandboxed = not is_root()
    arguments = ARGUMENTS if sandboxed else (*ARGUMENTS, "--no-sandbox")
    return {
        "executable_path": chromium_executable(),
        "args": list(arguments),
        "chromium_sandbox": sandboxed,
    }


@cache
def chromium_executable() -> str:
    """Find a Chromium that starts; raise ChromiumMissing, with what to do, where there is none."""
    found = on_path() or of_playwright()
    if found is None:
        raise ChromiumMissing("No Chromium for the browser tests. Run `make chromium`, which installs one.")
    return found


def install_chromium() -> str:
    """Install Debian's Chromium, or else Playwright's; raise ChromiumMissing where neither comes."""
    reasons = []
    for way, install, find in (
        ("apt-get install chromium", install_from_debian, on_path),
        ("playwright install chromium", install_from_playwright, of_playwright),
    ):
        reason = install()
        found = find()
        if found is not None:
            return found
        reasons.append(f"{way}: {reason or 'done, but no Chromium starts'}")
    raise ChromiumMissing(f"No Chromium for the browser tests, and none to be had ({'; '.join(reasons)}).")


def install_from_debian() -> str:
    """Install the package, as root or with sudo; answer "" or the line that says why not."""
    if shutil.which("apt-get") is None:
        return "it is not on this system"
    if not is_root() and run("sudo", "-n", "true"):
        return "it needs root, or sudo without a password"
    privileges = () if is_root() else ("sudo", "-n")
    apt = (*privileges, "env", "DEBIAN_FRONTEND=noninteractive", *APT)
    # A list that cannot be refreshed may still name a package that can be fetched.
    run(*apt, "update")
    return run(*apt, "install", "--no-install-recommends", *PACKAGES)


def install_from_playwright() -> str:
    """Download Playwright's own build; answer "" or the line that says why not."""
    return run(sys.executable, "-m", "playwright", "install", "chromium")


def on_path() -> str | None:
    """Find a Chromium on PATH that starts: Ubuntu's may be a script that only says where to get one."""
    paths = (shutil.which(name) for name in NAMES)
    return next((path for path in paths if path is not None and starts(path)), None)


def of_playwright() -> str | None:
    """Find the Chromium that Playwright downloaded, in a child process: here Playwright may be running."""
    answer = subprocess.run(
        (sys.executable, "-c", ASK_PLAYWRIGHT), capture_output=True, text=True, timeout=60, check=False
    )
    path = answer.stdout.strip()
    return path if answer.returncode == 0 and starts(path) else None


def starts(path: str) -> bool:
    return run(path, "--version", seconds=60) == ""


def run(*command: str, seconds: float = INSTALL_SECONDS) -> str:
    """Run a command without input; answer "" when it went well, else the line that says why not."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return ""
    return complaint(done.stderr) or complaint(done.stdout) or f"exit status {done.returncode}"


def complaint(said: str) -> str:
    """Pick the first line that names an error (a stack trace may follow it), else the last line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("E:") or "error" in line.lower()]
    return next(iter(errors or lines[-1:]), "")


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def main() -> int:
    """Make sure that there is a Chromium: 0, or 1 with one line that says why not."""
    if on_path() or of_playwright():
        return 0
    print("Installing a Chromium for the browser tests (once, a few minutes)", flush=True)
    try:
        install_chromium()
    except ChromiumMissing as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
