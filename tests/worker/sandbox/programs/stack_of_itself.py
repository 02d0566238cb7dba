"""What walks the stack from within: tracebacks, logging, inspect, asyncio, torch's search for anomalies."""

import asyncio
import inspect
import logging
import traceback

import torch


def inner():
    traceback.print_stack()
    print(traceback.format_stack()[0], len(traceback.extract_stack()))
    print([(frame.function, frame.lineno) for frame in inspect.stack()])
    print(len(inspect.getouterframes(inspect.currentframe())), inspect.signature(inspect.getouterframes))
    logging.warning("from here", stack_info=True)


async def lose():
    raise ValueError("lost")


async def main():
    asyncio.create_task(lose())
    await asyncio.sleep(0)


inner()
traceback.print_stack()
asyncio.run(main(), debug=True)
x = torch.tensor([-1.0, 4.0], requires_grad=True)
with torch.autograd.detect_anomaly():
    torch.sqrt(x).sum().backward()
