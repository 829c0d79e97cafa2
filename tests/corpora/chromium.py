"""A headless Chromium of a test's own, spoken to over two pipes (Chrome DevTools Protocol)."""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")


class Browser:
    """One page of one browser. Close it, and its process has ended."""

    def __init__(self, profile: Path) -> None:
        assert PROGRAM is not None
        reads, self._writer = os.pipe()
        self._reader, writes = os.pipe()
        flags = ["--headless=new", "--disable-gpu", "--no-first-run", "--hide-scrollbars"]
        flags += ["--disable-background-networking", "--disable-component-update"]
        flags += ["--no-sandbox"] if os.geteuid() == 0 else []
        shell = 'exec 3<&"$0" 4>&"$1"; shift; exec "$@"'
        # the browser speaks over descriptors 3 and 4, whatever numbers the pipes have here
        command = ["/bin/bash", "-c", shell, str(reads), str(writes), PROGRAM, *flags]
        command += [f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank"]
        self._process = subprocess.Popen(
            command,
            pass_fds=(reads, writes),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(reads)
        os.close(writes)
        self._number = 0
        self._rest = b""
        self._session: str | None = None
        page = next(t for t in self.ask("Target.getTargets")["targetInfos"] if t["type"] == "page")
        attached = self.ask("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = attached["sessionId"]

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Send one command and give its result; events on the way are left out."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._writer, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            piece = os.read(self._reader, 1 << 16)
            assert piece, "the browser has ended"
            self._rest += piece
        raw, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(raw)
        return message

    def open(self, file: Path, width: int, height: int = 800) -> None:
        """Show a file by its URL in a window of that size, as a phone of that width would."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        self.ask("Page.enable")
        self.ask("Page.navigate", url=file.as_uri())
        while self._next().get("method") != "Page.loadEventFired":
            pass

    def value(self, expression: str) -> Any:
        """What a JavaScript expression gives in the page."""
        found = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return found["result"].get("value")

    def screenshot(self, place: Path) -> None:
        """Write a PNG of the whole page."""
        shot = self.ask("Page.captureScreenshot", captureBeyondViewport=True)
        place.write_bytes(base64.b64decode(shot["data"]))

    def spoken(self) -> list[tuple[str, str]]:
        """What a screen reader meets: role and name of everything that has both."""
        nodes = self.ask("Accessibility.getFullAXTree")["nodes"]
        return [
            (node["role"]["value"], node["name"]["value"])
            for node in nodes
            if not node.get("ignored") and node.get("name", {}).get("value")
        ]

    def close(self) -> None:
        """End the browser."""
        self.ask("Browser.close")
        self._process.wait(20)
        os.close(self._reader)
        os.close(self._writer)
