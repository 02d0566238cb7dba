"""The registry finds every probe, and takes a run through them in the order in which their reports are shown."""

from __future__ import annotations

from collections.abc import Iterator

from tutor.protocol.observations import Activations, Graph, Hints, Module, Observation, Parameters, Series, Tensors
from tutor.worker.probes import registry
from tutor.worker.probes.probe import ObservedRun, Outcome, Probe

ALL = """
import torch

net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
history = []
for step in range(3):
    loss = net(torch.ones(4, 2)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    history.append(loss.item())
"""


async def test_reports_come_in_the_order_in_which_they_are_shown(run) -> None:
    reports = [event for event in (await run(ALL)).events if isinstance(event, Observation)]
    curves = {place for place, report in enumerate(reports) if isinstance(report, Series) and report.kind != "numbers"}
    assert curves == set(range(len(curves)))
    order = [type(report) for report in reports[len(curves) :]]
    assert order == [Hints, Series, Tensors, Graph, Parameters, Module, Activations]


def test_each_module_with_a_probe_is_found() -> None:
    files = {cls.__module__ for cls in Probe.__subclasses__() if cls.__module__.startswith("tutor.")}
    assert {probe.__module__ for probe in registry.PROBES} == files
    positions = [probe.position for probe in registry.PROBES]
    assert positions == sorted(set(positions))


def test_a_probe_that_fails_keeps_no_other_from_its_report(monkeypatch) -> None:
    class Failing(Probe):
        def report(self, outcome: Outcome) -> Iterator[Observation]:
            yield Tensors(self.run.id, ())
            raise RuntimeError("broken")

    class Working(Probe):
        def report(self, outcome: Outcome) -> Iterator[Observation]:
            yield Tensors(self.run.id, (), hidden=1)

    monkeypatch.setattr(registry, "PROBES", (Failing, Working))
    probes = registry.RunProbes(ObservedRun(7, "draft.py", {}, lambda event: None), observed=True, checked=False)
    assert list(probes.report(Outcome())) == [Tensors(7, ()), Tensors(7, (), hidden=1)]
