"""Finds the LibreOffice that recalculates our workbooks, or installs one; by it only, so that every test has the same.

It is another program than the one that wrote them, and calculates what the file alone says.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.browser.chromium import APT, is_root, run

NAMES = ("soffice", "libreoffice")
PACKAGES = ("libreoffice-calc", "fonts-liberation")
SECONDS = 180  # for a workbook, on a machine with much else to do


class OfficeMissing(RuntimeError):
    """No LibreOffice, and none that could be installed."""


def office() -> str:
    """Find LibreOffice; raise OfficeMissing, with what to do, where there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise OfficeMissing("No LibreOffice for the tests of workbooks. Run `make office`, which installs one.")
    return found


def recalculated(workbook: Path, folder: Path, ending: str = "xlsx") -> Path:
    """Open a workbook, calculate every formula anew, and save it into a folder, as the ending says."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [office(), "--headless", profile, "--convert-to", ending, "--outdir", str(folder), str(workbook)]
    subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)
    return folder / workbook.with_suffix(f".{ending}").name


def main() -> int:
    """Make sure that there is a LibreOffice: 0, or 1 with one line that says why not."""
    if any(map(shutil.which, NAMES)):
        return 0
    print("Installing LibreOffice for the tests of workbooks (once, a few minutes)", flush=True)
    privileges = () if is_root() else ("sudo", "-n")
    apt = (*privileges, "env", "DEBIAN_FRONTEND=noninteractive", *APT)
    run(*apt, "update")  # a list that cannot be refreshed may still name a package that can be fetched
    reason = run(*apt, "install", "--no-install-recommends", *PACKAGES)
    if any(map(shutil.which, NAMES)):
        return 0
    print(f"No LibreOffice for the tests of workbooks, and none to be had ({reason}).", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
