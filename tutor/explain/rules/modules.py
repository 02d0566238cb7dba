"""Errors of modules, of saving and loading, and of optimizers and learning-rate schedulers."""

from __future__ import annotations

import re

from tutor.explain.rule import ErrorRule, Explanation, format_shape, parse_sizes
from tutor.protocol.codec import Raised

_LISTED = 4
"""Names of a state dict that are listed at most."""


def _state_dict(match: re.Match[str], event: Raised) -> Explanation:
    parts = []
    for key, words in (("Missing", "it lacks"), ("Unexpected", "the model doesn't know its")):
        if key_list := re.search(rf"{key} key\(s\) in state_dict: (.*?)\.\s", event.message + "\n", re.DOTALL):
            parts.append(f"{words} {_names(key_list[1])}")
    for name, saved, have in re.findall(
        r"size mismatch for (\S+): .*?torch\.Size\((\[.*?\])\).*?torch\.Size\((\[.*?\])\)", event.message
    )[:2]:
        parts.append(
            f"`{name}` is {format_shape(parse_sizes(saved))} in it and {format_shape(parse_sizes(have))} in the model"
        )
    return Explanation(
        f"The saved state doesn't fit this {match[1]}: {'; '.join(parts) or 'their entries differ'}.",
        _prefix(event),
    )


def _names(listed: str) -> str:
    names = re.findall('"(.*?)"', listed)
    quoted = ", ".join(f"`{name}`" for name in names[:_LISTED])
    return f"{quoted} and {len(names) - _LISTED} more" if len(names) > _LISTED else quoted


def _prefix(event: Raised) -> str:
    for prefix, wrapper in (("module.", "DataParallel or DDP"), ("_orig_mod.", "`torch.compile`")):
        if f'"{prefix}' in event.message:
            return f"The names with `{prefix}` come from {wrapper}: save the inner model's `state_dict()`."
    return "Build the model as it was when it was saved; `strict=False` skips names, never sizes."


RULES = (
    ErrorRule(r"Error\(s\) in loading state_dict for (\w+)", _state_dict),
    ErrorRule(
        r"Expected state_dict to be dict-like, got <class '(?:\w+\.)*(\w+)'>",
        "`load_state_dict` takes a dict of tensors, and got `{0}`.",
        "Read the file first, `model.load_state_dict(torch.load(path))`; of a model, its `.state_dict()`.",
    ),
    ErrorRule(
        r"'(?:collections\.)?OrderedDict' object (?:has no attribute '(\w+)'|is not callable)",
        "This is a state dict: tensors by name, not a model.",
        "Build the model, then `model.load_state_dict(...)` with it.",
    ),
    ErrorRule(
        r"Weights only load failed.*?(?:global|GLOBAL) (\S+)",
        "`torch.load` reads tensors and plain containers only, unless told otherwise; "
        "this file also holds a `{0}`, and unpickling objects can run any code.",
        "Save `model.state_dict()`, not the model. For a file that you trust: `weights_only=False`.",
    ),
    ErrorRule(
        r"Weights only load failed",
        "`torch.load` reads tensors and plain containers only, unless told otherwise; this file holds something else.",
        "Save `model.state_dict()`, not the model. For a file that you trust: `weights_only=False`.",
    ),
    ErrorRule(
        r"EOFError",
        "The file ends before anything could be read.",
        "Was it written to its end, and closed? A buffer is read from its beginning: `buffer.seek(0)`.",
        via="torch",
    ),
    ErrorRule(
        r"PicklingError: Can't pickle .*?(<lambda>|\w+)(?: at 0x\w+)?>",
        "A function without a name at the top of a file can't be saved, and something here holds one.",
        "`def` it at the top of the file; or save only what is data, `model.state_dict()`.",
    ),
    ErrorRule(
        r"cannot assign \w+ before Module\.__init__\(\) call",
        "A module must be set up before it is given layers or parameters.",
        "Let `super().__init__()` be the first line of `__init__`.",
    ),
    ErrorRule(
        r'Module \[(ModuleList|ModuleDict|ParameterList|ParameterDict)\] is missing the required "forward" function',
        "A `{0}` only keeps modules; it doesn't say in which order they are called.",
        "Go through it, `for layer in layers: x = layer(x)`; or `nn.Sequential(*layers)`.",
    ),
    ErrorRule(
        r'Module \[(\w+)\] is missing the required "forward" function',
        "`{0}` was called, and it has no `forward`: that is what a call of a module runs.",
        "Is `forward` spelled right, and indented to stand inside the class?",
    ),
    ErrorRule(
        r"TypeError: (\w+)\.forward\(\) missing (\d+) required positional arguments?: (.+)",
        "Calling a module runs its `forward`, and that also wants {2}.",
    ),
    ErrorRule(
        r"TypeError: (\w+)\.forward\(\) takes (\d+) positional arguments? but (\d+) w(?:as|ere) given",
        "Calling a module runs its `forward`, which takes {1} (`self` counted), and got {2}.",
    ),
    ErrorRule(
        r"TypeError: (list|tuple|generator|\S+) is not a Module subclass",
        "`nn.Sequential`, `nn.ModuleList` and attributes of modules hold modules, and this is `{0}`.",
        "A list is unpacked by a star, `nn.Sequential(*layers)`; of a function there is a module, `nn.ReLU()`.",
    ),
    ErrorRule(
        r"cannot assign '(\S+)' as parameter '(\w+)'",
        "`{1}` is a parameter, and only an `nn.Parameter` can take its place.",
        "`nn.Parameter(tensor)`; or `with torch.no_grad(): layer.{1}.copy_(tensor)` for new values.",
    ),
    ErrorRule(
        r"attribute '(\w+)' already exists",
        "The module has an attribute `{0}` already.",
        "Take another name.",
        via="register_",
    ),
    ErrorRule(
        r"""can\\?'t contain "\.\"""", "Names of parameters, buffers and modules can't hold a dot: it separates levels."
    ),
    ErrorRule(
        r"AttributeError: '(\w+)' object has no attribute '(\w+)'",
        lambda match, event: Explanation(
            f"`{match[1]}` has no parameter, buffer, layer or method of the name `{match[2]}`.",
            f"Is `{event.fits[0]}` meant?" if event.fits else "What `forward` uses is set in `__init__`, with `self.`.",
        ),
        via="Module.__getattr__",
    ),
    ErrorRule(
        r"AttributeError: 'function' object has no attribute '(\w+)'|AttributeError: 'method' object has no "
        r"attribute '(\w+)'",
        "This is a method, not what it gives back.",
        "Call it: put `()` behind its name.",
    ),
    ErrorRule(
        r"optimizer got an empty parameter list",
        "The optimizer was given no parameters: the module has none, or a generator was used up before.",
        "Are the layers attributes of the module, or in an `nn.ModuleList`? A plain list hides them.",
    ),
    ErrorRule(
        r"can't optimize a non-leaf Tensor",
        "An optimizer steps leaves: tensors that you made. This one was computed from others.",
        "Give it the tensors that it was computed from; or `x.detach().requires_grad_()` as a new leaf.",
    ),
    ErrorRule(
        r"params argument given to the optimizer should be an iterable of Tensors or dicts, but got",
        "An optimizer takes a list of parameters, and got a single tensor.",
        "Put it in brackets: `[w]`.",
    ),
    ErrorRule(
        r"TypeError: '(\w+)' object is not iterable",
        "An optimizer takes the parameters of a model, not the model.",
        "`model.parameters()`",
        via="Optimizer.__init__",
    ),
    ErrorRule(
        r"optimizer can only optimize Tensors, but one of the params is (\S+)",
        "An optimizer takes tensors, and one of these is `{0}`.",
        "Several models: `[*a.parameters(), *b.parameters()]`.",
    ),
    ErrorRule(
        r"some parameters appear in more than one parameter group",
        "A parameter stands in two groups, and would be stepped twice.",
    ),
    ErrorRule(
        r"Invalid (learning rate|momentum value|weight_decay value|epsilon value|beta parameter at index \d): (\S+)",
        "The {0} can't be {1}.",
    ),
    ErrorRule(
        r"loaded state dict contains a parameter group that doesn't match the size of optimizer's group|"
        r"loaded state dict has a different number of parameter groups",
        "The saved optimizer had other parameters, or had them in other groups.",
        "Build model and optimizer as they were when they were saved.",
    ),
    ErrorRule(
        r"KeyError: 'param_groups'",
        "This is no state of an optimizer: it may be that of the model.",
        "Save both, `{{'model': model.state_dict(), 'optimizer': optimizer.state_dict()}}`.",
        via="Optimizer.load_state_dict",
    ),
    ErrorRule(
        r"step\(\) missing 1 required positional argument: 'closure'",
        "This optimizer evaluates the loss several times a step, so it wants a function that does.",
        "`def closure():` that zeroes gradients, calls `backward()` and returns the loss; then "
        "`optimizer.step(closure)`.",
    ),
    ErrorRule(
        r"step\(\) missing 1 required positional argument: 'metrics'",
        "`ReduceLROnPlateau` watches a number, and wants it at each step.",
        "`scheduler.step(validation_loss)`",
    ),
    ErrorRule(
        r"(\w+) is not an Optimizer",
        "A scheduler changes the learning rate of an optimizer, and got `{0}`.",
        "`StepLR(optimizer, ...)`",
    ),
    ErrorRule(
        r"You must define either total_steps OR \(epochs AND steps_per_epoch\)",
        "`OneCycleLR` must know how long training lasts.",
        "`total_steps=epochs * len(loader)`",
    ),
    ErrorRule(
        r"Tried to step (\d+) times\. The specified number of total steps is (\d+)",
        "The schedule was made for {1} steps, and this is number {0}.",
        "Step it once for each batch, and make it with `total_steps=epochs * len(loader)`.",
    ),
    ErrorRule(
        r"param 'initial_lr' is not specified in param_groups",
        "`last_epoch` takes up a schedule that was broken off, and this optimizer was in none.",
        "Leave `last_epoch` out; to go on, load the state of optimizer and scheduler.",
    ),
    ErrorRule(
        r"Detected call of `lr_scheduler\.step\(\)` before `optimizer\.step\(\)`",
        "The scheduler was stepped before the optimizer: the first learning rate is never used.",
        "In each round: `optimizer.step()`, then `scheduler.step()`.",
    ),
)
