"""# A checkpoint that resumes

A job of three days is stopped after two, by a time limit or a crash. It should go on as if nothing
had happened:

    1 ─ 2 ─ 3 ─ 4 ─ 5 ─ 6             never stopped
    1 ─ 2 ─ 3 ─▶ run.pt               stopped
                 run.pt ─▶ 4 ─ 5 ─ 6  to the bit

The weights alone can't do that. Four things change while training, and all four belong in the file:

    net    the weights
    opt    Adam's running averages, SGD's momentum
    sched  how far the schedule has come
    epoch  where to go on

Without `opt`, Adam starts its averages from nothing and takes steps of the wrong size. Without
`sched`, the learning rate drops at the wrong epoch. Nothing fails, and the result is often only a
little worse, so nobody notices.

`torch.save` writes a dict of the states, `torch.load` reads it, and `load_state_dict` puts each
into an object that you built as before. Save states, not the objects. An object from a file can run
code while it is loaded; therefore `torch.load`, since 2.6, takes tensors and plain values and
refuses the rest (`weights_only=True`).

## Task
Complete `save`, and complete `load`: it puts everything back and returns the epoch to go on with.

## Hints
- `opt` and `sched` have a `state_dict()`, as `net` has.
- `load` is the mirror of `save`: `opt.load_state_dict(...)` takes what was saved under its name.
- The epoch is a plain number. Put it into the dict as it is, and return it.

## Takeaway
Save everything that changes: model, optimizer, scheduler, epoch, and with mixed precision the
`GradScaler`. If training draws random numbers (dropout, shuffling), keep `torch.get_rng_state()`
too.
"""

# %% snippet -> optimizer_comes_back
import torch
from torch import nn, optim

net = nn.Linear(2, 1)
opt = optim.Adam(net.parameters(), lr=0.1)
sched = optim.lr_scheduler.StepLR(opt, step_size=2)


def save(path, epoch):
    saved = {"net": net.state_dict()}
    torch.save(saved, path)


def load(path):
    saved = torch.load(path)
    net.load_state_dict(saved["net"])
    return 0


save("run.pt", epoch=3)
print("go on with epoch", load("run.pt"))

# %% solution
import torch
from torch import nn, optim

net = nn.Linear(2, 1)
opt = optim.Adam(net.parameters(), lr=0.1)
sched = optim.lr_scheduler.StepLR(opt, step_size=2)


def save(path, epoch):
    saved = {"epoch": epoch, "net": net.state_dict()}
    saved |= {"opt": opt.state_dict(), "sched": sched.state_dict()}
    torch.save(saved, path)


def load(path):
    saved = torch.load(path)
    net.load_state_dict(saved["net"])
    opt.load_state_dict(saved["opt"])
    sched.load_state_dict(saved["sched"])
    return saved["epoch"]


save("run.pt", epoch=3)
print("go on with epoch", load("run.pt"))

# %% check
import contextlib
import pickle
import tempfile
from pathlib import Path

import torch
from tutor.check import Unmet, again, expect


def _train(run, epochs):
    for _ in range(epochs):
        run.opt.zero_grad()
        run.net(torch.tensor([[1.0, 2.0], [3.0, -1.0]])).square().mean().backward()
        run.opt.step()
        run.sched.step()


@contextlib.contextmanager
def _saved(run):
    """The draft after five epochs, and its file in a folder of its own, for as long as the block lasts."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        old = again(run)
        _train(old, 5)
        expect(old.save, "save").calling("check.pt", 5)
        if not Path("check.pt").exists():
            raise Unmet("`save('check.pt', 5)` leaves no file `check.pt`.", "Does it write to `path`?")
        yield old


def _resume(run):
    """The draft after five epochs, a new start of it that loaded its file, and what `load` returned."""
    with _saved(run) as old:
        new = again(run)
        return old, new, expect(new.load, "load").calling("check.pt")


def weights_come_back(run):
    """in a new process, `load` gives `net` the weights that were saved"""
    old, new, _ = _resume(run)
    expect(new.net.weight, "net.weight after load").close_to(old.net.weight, rtol=0, atol=0)
    expect(new.net.bias, "net.bias after load").close_to(old.net.bias, rtol=0, atol=0)


def optimizer_comes_back(run):
    """it gives `opt` its running averages and its learning rate"""
    old, new, _ = _resume(run)
    before, after = (r.opt.state.get(r.net.weight, {}) for r in (old, new))
    expect(sorted(after), "what opt knows of net.weight after load").equals(sorted(before))
    for name, value in before.items():
        expect(after[name], f"{name} of opt after load").close_to(value, rtol=0, atol=0)
    expect(new.opt.param_groups[0]["lr"], "lr of opt after load").equals(old.opt.param_groups[0]["lr"])


def schedule_comes_back(run):
    """it tells `sched` how many epochs have passed"""
    _, new, _ = _resume(run)
    expect(new.sched.last_epoch, "sched.last_epoch after load").equals(5)


def epoch_comes_back(run):
    """`load` returns the epoch that `save` was given"""
    *_, epoch = _resume(run)
    epoch.equals(5)


def resumed_equals_uninterrupted(run):
    """five epochs, and three after `load`, end at the weights of eight without a break, exactly"""
    old, new, _ = _resume(run)
    _train(old, 3)
    _train(new, 3)
    expect(new.net.weight, "net.weight after three more epochs").close_to(old.net.weight, rtol=0, atol=0)


def file_is_plain(run):
    """the file holds states, not objects: `torch.load` reads it with `weights_only=True`"""
    with _saved(run):
        try:
            torch.load("check.pt", weights_only=True)
        except pickle.UnpicklingError:
            raise Unmet(
                "The file holds an object, and `weights_only=True` refuses it.",
                "Save what `state_dict()` returns, not the object itself.",
            ) from None


# %% right: all in one dictionary, by name
# in place of: saved = {"epoch": epoch, "net": net.state_dict()}
# in place of: saved |= {"opt": opt.state_dict(), "sched": sched.state_dict()}
# in place of: torch.save(saved, path)
states = {name: globals()[name].state_dict() for name in ("net", "opt", "sched")}
torch.save(states | {"epoch": epoch}, path)

# %% right: the epoch beside a list of states
# in place of: saved = {"epoch": epoch, "net": net.state_dict()}
# in place of: saved |= {"opt": opt.state_dict(), "sched": sched.state_dict()}
saved = [epoch, [part.state_dict() for part in (net, opt, sched)]]
# in place of: saved = torch.load(path)
# in place of: net.load_state_dict(saved["net"])
# in place of: opt.load_state_dict(saved["opt"])
# in place of: sched.load_state_dict(saved["sched"])
# in place of: return saved["epoch"]
epoch, states = torch.load(path, weights_only=True)
for part, state in zip((net, opt, sched), states, strict=True):
    part.load_state_dict(state)
return epoch

# %% right: read onto the CPU, in another order
# in place of: saved = torch.load(path)
saved = torch.load(path, map_location="cpu", weights_only=True)
sched.load_state_dict(saved["sched"])
# without: sched.load_state_dict(saved["sched"])

# %% mistake: without the optimizer's state, Adam starts its averages anew -> optimizer_comes_back
# without: saved |= {"opt": opt.state_dict(), "sched": sched.state_dict()}
# without: opt.load_state_dict(saved["opt"])
# without: sched.load_state_dict(saved["sched"])

# %% mistake: without the scheduler's state, the rate drops at the wrong epoch -> schedule_comes_back
# in place of: saved |= {"opt": opt.state_dict(), "sched": sched.state_dict()}
saved["opt"] = opt.state_dict()
# without: sched.load_state_dict(saved["sched"])

# %% mistake: opt was saved but never put back -> optimizer_comes_back
# without: opt.load_state_dict(saved["opt"])

# %% mistake: the epoch was never saved, so training counts from the beginning again -> epoch_comes_back
# in place of: saved = {"epoch": epoch, "net": net.state_dict()}
saved = {"net": net.state_dict()}
# in place of: return saved["epoch"]
return 0

# %% mistake: the file holds the model object, and reading that means trusting the file -> file_is_plain
# in place of: saved = {"epoch": epoch, "net": net.state_dict()}
saved = {"epoch": epoch, "net": net}
# in place of: saved = torch.load(path)
# in place of: net.load_state_dict(saved["net"])
saved = torch.load(path, weights_only=False)
net.load_state_dict(saved["net"].state_dict())

# %% mistake: the weights are saved, and nobody puts them back -> weights_come_back
# without: net.load_state_dict(saved["net"])

# %% mistake: all is put back, and then the rate falls faster than before -> resumed_equals_uninterrupted
# after: sched.load_state_dict(saved["sched"])
sched.gamma /= 2

# %% question best_weights
"""The best weights so far are kept with `state_dict()`, and training goes on. What does this print?

- 0.0: `state_dict()` doesn't copy; `copy.deepcopy(net.state_dict())` would keep the 0
- 5.0

A state dict holds the memory of the parameters, and training writes into it. `torch.save` makes a true copy.
"""
import torch
from torch import nn

net = nn.Linear(1, 1, bias=False)
nn.init.zeros_(net.weight)
best = net.state_dict()
with torch.no_grad():
    net.weight.add_(5)
print(best["weight"].item())

# %% question whole_layer
"""The whole layer is saved, not its state. What does this print?

- refused
- loaded: `nn.Linear` is an object, and `weights_only=True` is the default since torch 2.6

A pickled object may run any code when it is loaded. Tensors, numbers, strings, lists and dicts may pass.
"""
import io
import pickle

import torch
from torch import nn

file = io.BytesIO()
torch.save(nn.Linear(1, 1), file)
file.seek(0)
try:
    torch.load(file)
    print("loaded")
except pickle.UnpicklingError:
    print("refused")

# %% question forgotten_optimizer
"""Training with Adam resumes from a file that holds `net` and `epoch` only. What happens?

- [x] It runs, and ends with weights that differ from those of a run without a break
- `load_state_dict` raises: the weights fit the model, and nobody asks for the optimizer
- It ends with the same weights: that needs an optimizer without memory, such as plain SGD at a constant rate
- It starts again from random weights: the weights are in the file

Nothing fails. Adam's averages start from zero, and the learning rate from its first value.
"""

# %% question what_came_back: match the curve
"""The learning rate halves every ten epochs. The job stopped in between, and a new one went on from the file, but not
with all that was in it. What was put back?

- [x] `["optimizer"]`
- `["scheduler"]`: then the rate jumps back to 1, and the next drop comes on time
- `["optimizer", "scheduler"]`: then the break can't be seen at all
- `[]`: then the whole schedule begins again at 1

The rate lies in the optimizer's state, the count of epochs in the scheduler's. Without the count the next drop comes
too late.
"""
import copy

import torch

w = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=1.0)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.5)
parts = {"optimizer": optimizer, "scheduler": scheduler}
new = {name: copy.deepcopy(part.state_dict()) for name, part in parts.items()}

stop = 15  # fresh: 13..17
for epoch in range(40):
    if epoch == stop:
        file = {name: copy.deepcopy(part.state_dict()) for name, part in parts.items()}
        for name, part in parts.items():
            part.load_state_dict(file[name] if name in ___ else new[name])
    optimizer.step()
    scheduler.step()

# %% question one_epoch_twice: find the line
"""After a break one epoch is trained twice. The file is right: it names the epoch that has just ended. Which line is at
fault?

Resume with the epoch after the one that is done. Say in the file's key what it holds: `done`, or `next_epoch`.
"""
stop = 3  # fresh: 2..5
trained = []
for epoch in range(stop):
    trained.append(epoch)
    file = {"epoch": epoch}  # fine: the file holds the last epoch that is done

for epoch in range(file["epoch"], 8):  # at fault: for epoch in range(file["epoch"] + 1, 8):
    trained.append(epoch)
print(trained)

# %% question another_device: fill the blank
"""A file was saved on one machine, and another one has to read its tensors straight onto `device`. Complete the call.

- [x] `map_location=device`
- `map_location="cpu"`: then they go to where they were saved, and not to `device`

Without `map_location` a file from a GPU can't be read where there is none. `map_location="cpu"`, then
`load_state_dict`, works everywhere.
"""
import io

import torch
from torch import nn

device = torch.device("meta")  # stands for a GPU, and has no data
file = io.BytesIO()
torch.save(nn.Linear(2, 1).state_dict(), file)
file.seek(0)
state = torch.load(file, ___)
print(state["weight"].device)

# %% question keys_left_out: predict report.missing_keys
"""A trained body gets a new last layer, and is loaded with `strict=False`. What does the report miss?

- `["0.weight", "0.bias"]`: those were in the file, and are loaded
- `["1.weight", "1.bias"]`: number 1 is the ReLU, which has nothing to load
- `[]`: `strict=False` doesn't raise, but it tells what the file hadn't got

What is missing keeps its random numbers. Read the report: a prefix that is wrong makes every key missing, and nothing
raises.
"""
import torch
from torch import nn

body = nn.Sequential(nn.Linear(4, 8))
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
report = model.load_state_dict(body.state_dict(), strict=False)

# %% question what_adam_keeps: predict kept
"""One step is done. How many numbers does Adam keep for the weights, its count of steps aside?

- `0`: plain SGD keeps nothing; Adam remembers past gradients
- `n`: that is one average; Adam has two, of the gradients and of their squares
- `3 * n`: that is the whole checkpoint, with the weights themselves

Two running averages for each weight, so a checkpoint with Adam is three times as large as the weights.
"""
import torch
from torch import nn

n = 1000  # fresh: 500, 1000, 2000, 3000
model = nn.Linear(n, 1, bias=False)
optimizer = torch.optim.Adam(model.parameters())
model(torch.ones(1, n)).sum().backward()
optimizer.step()
kept = sum(value.numel() for state in optimizer.state.values() for value in state.values() if value.dim())

# %% question belongs_in_the_file: choose all
"""A loop has Adam, a cosine schedule, dropout, and a `GradScaler`. What does its file need, beside the weights and the
epoch, to resume exactly?

- [x] `optimizer.state_dict()`: it has Adam's averages
- [x] `scheduler.state_dict()`: it knows how far the schedule has come
- [x] `scaler.state_dict()`: it has the scale that was found so far
- [x] `torch.get_rng_state()`: dropout draws from it
- `w.grad` of each weight: the next step clears it and computes it anew
- `loss.item()`: nothing is computed from it

What is changed by one step and read by the next belongs in it.
"""

# %% question buffers_too: predict list(norm.state_dict())
"""What is in the state of a batch norm?

- `["weight", "bias"]`: those are what is trained; the running statistics are saved too
- `["running_mean", "running_var", "num_batches_tracked"]`: those are the buffers; the parameters are saved too
- `[*norm.state_dict(), "training"]`: the mode isn't saved, so call `eval()` after loading

A state dict has parameters and buffers. Without its buffers a batch norm in `eval()` would begin again at mean 0 and
variance 1.
"""
import torch
from torch import nn

norm = nn.BatchNorm1d(8)
