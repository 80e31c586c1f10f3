"""Drives a Neovim without a screen: starts it on the plugin alone, runs a piece of Lua in it, and gives what that returns."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
PLUGIN = ROOT / "editors" / "nvim"
SCRIPTS = Path(sys.executable).parent
LIMIT = 90  # seconds; a Neovim that still runs then waits for a key

# vim.json is not in 0.7 in all builds; json_encode is. A float that is whole stays a number either way.
_DRIVER = """
local ok, result = xpcall(function() return dofile(vim.env.JCC_SCRIPT) end, debug.traceback)
local text = ok and { result = result } or { problem = result }
vim.fn.writefile({ vim.fn.json_encode(text) }, vim.env.JCC_RESULT)
vim.cmd("qall!")
"""


@dataclass(frozen=True, slots=True)
class Neovim:
    """One program and its version, such as (0, 11)."""

    program: str
    version: tuple[int, int]

    def __str__(self) -> str:
        return ".".join(map(str, self.version))

    def run(self, lua: str, cwd: Path, *, setup: str = "") -> Any:  # JSON
        """What the Lua returns. `setup` is Lua that runs before the plugin is loaded. Raises AssertionError with the traceback."""
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            (place / "setup.lua").write_text(setup, encoding="utf-8")
            (place / "script.lua").write_text(lua, encoding="utf-8")
            (place / "driver.lua").write_text(_DRIVER, encoding="utf-8")
            done = subprocess.run(
                [
                    *(self.program, "--headless", "-i", "NONE", "-n"),
                    *("-u", str(place / "setup.lua")),
                    *("--cmd", f"set runtimepath^={PLUGIN}"),
                    *("-c", "filetype plugin indent on", "-c", "syntax on"),
                    *("-c", f"luafile {place / 'driver.lua'}"),
                ],
                cwd=cwd,
                env=self._environment(place),
                capture_output=True,
                text=True,
                timeout=LIMIT,
                stdin=subprocess.DEVNULL,
            )
            result = place / "result.json"
            assert result.exists(), done.stdout + done.stderr
            answer = json.loads(result.read_text(encoding="utf-8"))
        assert not (answer and "problem" in answer), answer["problem"] + done.stderr
        return answer["result"] if answer else None

    @staticmethod
    def _environment(place: Path) -> dict[str, str]:
        return {
            **os.environ,
            "PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}",
            "JCC_SCRIPT": str(place / "script.lua"),
            "JCC_RESULT": str(place / "result.json"),
            "XDG_CONFIG_HOME": str(place),
            "XDG_DATA_HOME": str(place),
            "XDG_STATE_HOME": str(place),
            "NVIM_LOG_FILE": str(place / "log"),
        }


def installed() -> list[Neovim]:
    """Every Neovim of this machine, one for each version: that beside the tests' Python, on the PATH, and Debian's."""
    places = [SCRIPTS / "nvim", shutil.which("nvim"), Path("/usr/bin/nvim")]
    found: dict[tuple[int, int], Neovim] = {}
    for place in places:
        if place is not None and Path(place).exists():
            version = _version(str(place))
            found.setdefault(version, Neovim(str(place), version))
    return [found[version] for version in sorted(found)]


def _version(program: str) -> tuple[int, int]:
    text = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    match = re.search(r"NVIM v(\d+)\.(\d+)", text)
    assert match, text
    return int(match[1]), int(match[2])
