import os
import tempfile

import torch
import torch.distributed as dist
import torch.multiprocessing as mp


def work(rank, store):
    dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=2)
    total = torch.tensor([float(rank + 1)])
    dist.all_reduce(total)
    if rank == 0:
        print("sum over ranks", total.item(), flush=True)
    dist.destroy_process_group()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        store = os.path.join(folder, "store")
        others = mp.spawn(work, args=(store,), nprocs=1, join=False)
        work(1, store)
        while not others.join():
            pass
    print("done")
