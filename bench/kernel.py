"""A warm Jupyter kernel, which a run is measured against."""

from __future__ import annotations

import os
import time

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager


class Kernel:
    """A warm Jupyter kernel.

    Args:
        folder: where it writes what it would else write to the user's home.
        device: the GPU that it is to find, by UUID; empty: all that there are.
    """

    def __init__(self, folder: str, device: str = "") -> None:
        os.environ["JUPYTER_RUNTIME_DIR"] = os.environ["IPYTHONDIR"] = folder
        self._environment = os.environ | ({"CUDA_VISIBLE_DEVICES": device} if device else {})
        self._manager = AsyncKernelManager(kernel_name="python3")
        self._client: AsyncKernelClient

    async def start(self) -> None:
        await self._manager.start_kernel(env=self._environment)
        self._client = self._manager.client()
        self._client.start_channels()
        await self._client.wait_for_ready(timeout=60)

    async def execute(self, source: str) -> float:
        """Milliseconds from the request to the kernel's being idle again."""
        began = time.perf_counter()
        request = self._client.execute(source)
        while True:
            message = await self._client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "error":
                raise RuntimeError(message["content"]["evalue"])
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return (time.perf_counter() - began) * 1e3

    async def close(self) -> None:
        self._client.stop_channels()
        await self._manager.shutdown_kernel(now=True)
