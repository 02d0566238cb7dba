import asyncio


async def main():
    async with asyncio.TaskGroup() as group:
        task = group.create_task(asyncio.sleep(0.01, "slept"))
    print(task.result())
    raise RuntimeError("in a coroutine")


asyncio.run(main())
