"""Errors of optimizers and learning-rate schedulers."""

from __future__ import annotations

from tutor.explain.rule import ErrorRule

RULES = (
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
