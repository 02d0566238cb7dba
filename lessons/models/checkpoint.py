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
Complete `save`, and complete `load`: it puts everything back and returns the `epoch` that `save` was
given.

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
import copy
import re
import tempfile
from pathlib import Path
from types import SimpleNamespace

import torch
from torch import nn, optim
from tutor.check import Unmet, again, expect

_FILE, _FILES, _EPOCH = "stopped.pt", "stopped*", 17


def _train(run, first, last):
    """Take the steps from `first` to `last`; the learning rates that they use."""
    rates = []
    for step in range(first, last):
        drawn = torch.Generator().manual_seed(step)
        for parameter in run.net.parameters():
            parameter.grad = torch.randn(parameter.shape, generator=drawn) + parameter.detach()
        rates.append(float(run.opt.param_groups[0]["lr"]))
        run.opt.step()
        plateau = isinstance(run.sched, optim.lr_scheduler.ReduceLROnPlateau)
        run.sched.step(1.0) if plateau else run.sched.step()
    return rates


def _start(run, seed, **changes):
    """A new process: the draft from its beginning, its random weights by `seed`."""
    torch.manual_seed(seed)
    return again(run, **changes)


def _never_stopped(run, steps):
    """The draft trained without a break. Its own `load` must not touch it, nor its `save` if it can do without."""
    none = {"save": lambda *args, **options: None, "load": lambda *args, **options: 0}
    try:
        whole = _start(run, 1, **none)
    except Unmet:  # it reads what it saved
        whole = _start(run, 1, load=none["load"])
    _train(whole, 0, steps)
    return whole


def _call(run, name, function, *args):
    """Call the `save` or `load` of a rerun."""
    return expect(function, name).calling(*args)


@contextlib.contextmanager
def _saved(run, steps, epoch):
    """The draft after some steps, and its file in a folder of its own, for as long as the block lasts."""
    _expect_types(run)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        old = _start(run, 1, load=lambda *args, **options: 0)
        _train(old, 0, steps)
        before = _states(old)
        _call(run, "save", old.save, _FILE, epoch)
        for name, state in _states(old).items():
            if not _same(state, before[name]):
                raise Unmet(f"`save` changes `{name}`, so training goes on differently.", "Only write its state.")
        if not list(Path().glob(_FILES)):
            raise Unmet(f"`save('{_FILE}', {epoch})` leaves no file `{_FILE}`.", "Write to `path`.")
        yield old


def _expect_types(run):
    expect(run.net).is_a(nn.Module)
    expect(run.opt).is_a(optim.Optimizer)
    expect(run.sched).is_a(optim.lr_scheduler.LRScheduler)


def _states(run):
    return copy.deepcopy({name: getattr(run, name).state_dict() for name in ("net", "opt", "sched")})


def _same(one, other):
    """Whether two states hold the same, to the bit."""
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and one.dtype == other.dtype and torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def _resume(run, steps=5, epoch=_EPOCH):
    """The draft without a break, and a new one that loaded the file of one that stopped; what `load` returned."""
    with _saved(run, steps, epoch):
        new = _start(run, 2)
        begun, keys = _states(new), _keys()
        for file in filter(Path.is_file, set(Path().iterdir()) - set(Path().glob(_FILES))):
            file.unlink()  # what the draft itself saves as it starts: only `path` counts
        returned = _call(run, "load", new.load, _FILE)
        _expect_types(new)
    return SimpleNamespace(whole=_never_stopped(run, steps), new=new, begun=begun, keys=keys, returned=returned)


def _keys():
    """All keys of the dicts in the file; none where it can't be read."""
    keys, parts = set(), []
    with contextlib.suppress(Exception):
        parts = [torch.load(file, weights_only=False) for file in Path().glob(_FILES)]
    for part in parts:
        state = part.state_dict() if hasattr(part, "state_dict") else part
        if isinstance(state, dict):
            keys.update(state)
            parts += state.values()
        elif isinstance(state, list | tuple):
            parts += state
    return keys


def _advise(resumed, name, key):
    """What to try where the state of `name` didn't come back; it has this key."""
    if key in resumed.keys:
        return f"The file has the state of `{name}`: `load` has to put it into the `{name}` of the program"
    return f"The file has no state of `{name}`: put `{name}.state_dict()` into it, and load it"


def save_only_writes(run):
    """`save` writes the file `path`, and changes nothing in `net`, `opt` and `sched`"""
    with _saved(run, 5, _EPOCH):
        pass


def weights_come_back(run):
    """in a new process, `load` gives `net` the weights that were saved"""
    resumed = _resume(run)
    actual, begun = resumed.new.net.state_dict(), resumed.begun["net"]
    for name, value in resumed.whole.net.state_dict().items():
        mistaken = {f"those are the numbers it began with. {_advise(resumed, 'net', name)}": begun.get(name)}
        expect(actual.get(name), f"net.{name} after load").close_to(value, rtol=0, atol=0, mistaken=mistaken)


def optimizer_comes_back(run):
    """it gives `opt` its running averages"""
    resumed = _resume(run)
    opt, right = resumed.new.opt, resumed.whole.opt
    trained = {id(parameter) for group in opt.param_groups for parameter in group["params"]}
    pairs = zip(resumed.new.net.parameters(), resumed.whole.net.named_parameters(), strict=False)
    for parameter, (name, twin) in pairs:
        if twin in right.state and id(parameter) not in trained:
            raise Unmet(
                f"After `load`, `net.{name}` is new, and `opt` still trains the old one.",
                "Fill the `net` that is there, with `net.load_state_dict`.",
            )
        state = opt.state.get(parameter, {})
        if lost := [key for key in right.state.get(twin, {}) if key not in state]:
            advice = f"{_advise(resumed, 'opt', lost[-1])}."
            raise Unmet(f"After `load`, `opt` has no {', '.join(lost)} for `net.{name}`.", advice)
        for key, value in right.state.get(twin, {}).items():
            if isinstance(value, torch.Tensor):
                expect(state[key], f"{key} of opt for net.{name} after load").close_to(value, rtol=0, atol=0)


def schedule_comes_back(run):
    """it tells `sched` how many steps it has taken, and the learning rate is the one of then"""
    resumed = _resume(run)
    opt, sched, begun = resumed.new.opt, resumed.new.sched, resumed.begun
    if sched.optimizer is not opt:
        raise Unmet(
            "After `load`, `sched` sets the rate of another optimizer than `opt`.",
            "Fill the `opt` that is there, with `opt.load_state_dict`.",
        )
    right = {key: value for key, value in resumed.whole.sched.state_dict().items() if not key.startswith("_")}
    taken = right.get("last_epoch", 0)
    mistaken = {
        f"that is where it began. {_advise(resumed, 'sched', 'last_epoch')}": begun["sched"].get("last_epoch"),
        "that is the epoch: `sched` may step more often, and has a `state_dict()` of its own": _EPOCH,
        "`load` steps it once more": taken + 1,
    }
    for key, value in right.items():
        if key == "last_epoch":
            expect(sched.last_epoch, "sched.last_epoch after load").close_to(taken, mistaken=mistaken)
        elif not _same(actual := sched.state_dict().get(key), value):
            raise Unmet(f"After `load`, `sched.{key}` is {actual}; expected {value}.")
    groups = zip(opt.param_groups, resumed.whole.opt.param_groups, begun["opt"]["param_groups"], strict=False)
    for group, twin, first in groups:
        mistaken = {"that is the rate at the start: the state of `opt` has the later one": first["lr"]}
        expect(group["lr"], "lr of opt after load").close_to(twin["lr"], rtol=1e-6, atol=0, mistaken=mistaken)


def epoch_comes_back(run):
    """`load` returns the epoch that `save` was given"""
    first, second = _resume(run).returned, _resume(run, 2, 0).returned
    if first.value is not None and _same(first.value, second.value):
        raise Unmet(
            f"`load` returns {first.value}, whatever epoch `save` was given.",
            "Put `epoch` into the file, and return it.",
        )
    for returned, steps, epoch in ((first, 5, _EPOCH), (second, 2, 0)):
        mistaken = {
            "that is the epoch after it: return what `save` was given": epoch + 1,
            "that is how many steps `sched` has taken: save `epoch` too": steps,
        }
        returned.close_to(epoch, mistaken=mistaken)


def resumed_equals_uninterrupted(run):
    """after `load`, training goes on as if it had never stopped, to the bit"""
    for steps, more in ((1, 4), (4, 7)):
        resumed = _resume(run, steps)
        new, whole = resumed.new, resumed.whole
        for group, twin in zip(new.opt.param_groups, whole.opt.param_groups, strict=False):
            for key in group.keys() & twin.keys() - {"params"}:
                if not _same(group[key], twin[key]):
                    raise Unmet(f"After `load`, `opt` has {key}={group[key]}; expected {twin[key]}.")
        right, rates = (_train(one, steps, steps + more) for one in (whole, new))
        expect(rates, "the list of learning rates after load").close_to(right, rtol=1e-6, atol=0)
        for name, value in whole.net.state_dict().items():
            weights = new.net.state_dict()[name]
            expect(weights, f"net.{name} after load and more steps").close_to(value, rtol=0, atol=0)


def file_is_plain(run):
    """the file holds states, not objects: `torch.load` reads it with `weights_only=True`"""
    with _saved(run, 5, _EPOCH):
        for file in Path().glob(_FILES):
            try:
                torch.load(file, weights_only=True)
            except Exception as error:
                held = re.search(r"GLOBAL (\S+)", str(error))
                why = f"holds an object, {held[1]}, and" if held else "isn't written by `torch.save`:"
                raise Unmet(
                    f"The file {why} `weights_only=True` refuses it.",
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

# %% right: another model, momentum, another schedule
# in place of: net = nn.Linear(2, 1)
net = nn.Sequential(nn.Linear(10, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 1))
# in place of: opt = optim.Adam(net.parameters(), lr=0.1)
opt = optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
# in place of: sched = optim.lr_scheduler.StepLR(opt, step_size=2)
sched = optim.lr_scheduler.CosineAnnealingLR(opt, T_max=10)
# in place of: save("run.pt", epoch=3)
save("run.pt", epoch=7)

# %% right: load builds all three anew, as the program did
# in place of: saved = torch.load(path)
# in place of: net.load_state_dict(saved["net"])
# in place of: opt.load_state_dict(saved["opt"])
# in place of: sched.load_state_dict(saved["sched"])
global net, opt, sched
saved = torch.load(path)
net = nn.Linear(2, 1)
net.load_state_dict(saved["net"])
opt = optim.Adam(net.parameters(), lr=0.1)
opt.load_state_dict(saved["opt"])
sched = optim.lr_scheduler.StepLR(opt, step_size=2)
sched.load_state_dict(saved["sched"])

# %% right: two files, and the random state; it prints, and looks into the file
# in place of: torch.save(saved, path)
torch.save(saved["net"], path + ".net")
saved["random"] = torch.get_rng_state()
torch.save(saved, path)
print("saved", path)
# in place of: net.load_state_dict(saved["net"])
net.load_state_dict(torch.load(path + ".net"))
torch.set_rng_state(saved["random"])
# after: save("run.pt", epoch=3)
file = torch.load("run.pt")
print(file["sched"]["last_epoch"], list(file))


# %% right: it trains, and tries save and load itself
# in place of: save("run.pt", epoch=3)
def step():
    opt.zero_grad()
    net(torch.rand(4, 2)).square().mean().backward()
    opt.step()
    sched.step()


for _ in range(3):
    step()
save("run.pt", epoch=3)
step()
assert load("run.pt") == 3 and sched.last_epoch == 3
step()

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

# %% mistake: the epoch is one that is typed in -> epoch_comes_back
# in place of: return saved["epoch"]
return 3

# %% mistake: load counts on by one -> epoch_comes_back
# in place of: return saved["epoch"]
return saved["epoch"] + 1

# %% mistake: the schedule is taken for the epoch, though it may step for each batch -> schedule_comes_back
# in place of: saved |= {"opt": opt.state_dict(), "sched": sched.state_dict()}
saved["opt"] = opt.state_dict()
# in place of: sched.load_state_dict(saved["sched"])
sched.last_epoch = saved["epoch"]

# %% mistake: only the learning rate of opt is saved, not its averages -> optimizer_comes_back
# in place of: saved |= {"opt": opt.state_dict(), "sched": sched.state_dict()}
saved |= {"lr": opt.param_groups[0]["lr"], "sched": sched.state_dict()}
# in place of: opt.load_state_dict(saved["opt"])
opt.param_groups[0]["lr"] = saved["lr"]

# %% mistake: the state is taken when the program starts, so what save writes is old -> optimizer_comes_back
# before: def save(path, epoch):
state = opt.state_dict()


# in place of: saved |= {"opt": opt.state_dict(), "sched": sched.state_dict()}
saved |= {"opt": state, "sched": sched.state_dict()}

# %% mistake: the rate is set to the first one again -> schedule_comes_back
# after: sched.load_state_dict(saved["sched"])
opt.param_groups[0]["lr"] = 0.1

# %% mistake: load steps the schedule -> schedule_comes_back
# after: sched.load_state_dict(saved["sched"])
sched.step()

# %% mistake: load fills a new net, which opt doesn't train -> optimizer_comes_back
# in place of: saved = torch.load(path)
# in place of: net.load_state_dict(saved["net"])
global net
saved = torch.load(path)
net = nn.Linear(2, 1)
net.load_state_dict(saved["net"])

# %% mistake: load fills a net of its own, and the program's keeps its random weights -> weights_come_back
# in place of: net.load_state_dict(saved["net"])
net = nn.Linear(2, 1)
net.load_state_dict(saved["net"])

# %% mistake: the file has one name, whatever path says -> save_only_writes
# in place of: torch.save(saved, path)
torch.save(saved, "run.pt")

# %% mistake: load reads one file, whatever path says -> weights_come_back
# in place of: saved = torch.load(path)
saved = torch.load("run.pt")

# %% mistake: save halves the learning rate -> save_only_writes
# before: torch.save(saved, path)
opt.param_groups[0]["lr"] /= 2

# %% mistake: load gives opt a weight decay that it didn't have -> resumed_equals_uninterrupted
# after: opt.load_state_dict(saved["opt"])
opt.param_groups[0]["weight_decay"] = 0.01

# %% mistake: all three are saved as objects -> file_is_plain
# in place of: saved = {"epoch": epoch, "net": net.state_dict()}
# in place of: saved |= {"opt": opt.state_dict(), "sched": sched.state_dict()}
saved = {"epoch": epoch, "net": net, "opt": opt, "sched": sched}
# in place of: saved = torch.load(path)
# in place of: net.load_state_dict(saved["net"])
# in place of: opt.load_state_dict(saved["opt"])
# in place of: sched.load_state_dict(saved["sched"])
global net, opt, sched
saved = torch.load(path, weights_only=False)
net, opt, sched = saved["net"], saved["opt"], saved["sched"]

# %% mistake: the file holds the model object, and reading that means trusting the file -> file_is_plain
# in place of: saved = {"epoch": epoch, "net": net.state_dict()}
saved = {"epoch": epoch, "net": net}
# in place of: saved = torch.load(path)
# in place of: net.load_state_dict(saved["net"])
saved = torch.load(path, weights_only=False)
net.load_state_dict(saved["net"].state_dict())

# %% mistake: the weights are saved, and nobody puts them back -> weights_come_back
# without: net.load_state_dict(saved["net"])

# %% mistake: all is put back, and then the rate falls faster than before -> schedule_comes_back
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
