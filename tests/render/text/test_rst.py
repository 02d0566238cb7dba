"""Docstrings and their formulas as plain reading: golden texts, and every docstring of the installed torch."""

from __future__ import annotations

import inspect
import re

import pytest

from tutor.protocol.codec import Documented
from tutor.render.text.latex import formula, inline
from tutor.render.text.rst import docstring, documentation
from tutor.render.text.style import look

PAGE = r"""
scale(input, factor=1.0, *, out=None) -> Tensor

Multiplies :attr:`input` by a factor: :math:`y_{ij} = \alpha x_{ij}` with :math:`\alpha \geq 0`, as
:func:`~torch.mul` does. See :ref:`broadcasting <semantics>`, `the paper <https://example.org/a>`__ and
*Some Title*; **never** ``None``.

.. math::
    \text{out}_{i} = \frac{\text{input}_i - \mathrm{E}[x]}{\sqrt{\mathrm{Var}[x] + \epsilon}} * \gamma

.. math::
    \ell(x, y) = \begin{cases}
        \frac{1}{2} (x - y)^2, & \text{if } |x - y| < 1 \\
        |x - y| - \frac{1}{2}, & \text{otherwise}
    \end{cases}

.. note::
    Only a note, whose second line
    goes on.

    And it has a second paragraph.

.. warning:: In one line.

Shape:
    - Input: :math:`(N, *, H_{in})`
    - Output: :math:`(N, *, H_{out})`, the same shape as
      the input.

The ways are:

1. the first, which is as long as it takes to reach into a second line of the page
2. the second

Args:
    input (Tensor): the input tensor.
    factor (float, optional): what it is multiplied by; a long explanation that will not stand beside its name.
        Default: ``1.0``

        - a way
        - another way
    *sizes (int...): any number of them

Keyword args:
    out (Tensor, optional): the output tensor.

Returns:
    Tensor: a new one

Example::

    >>> # xdoctest: +SKIP
    >>> x = torch.ones(2)
    >>> for i in range(2):
    ...     x = scale(x, 2)  # twice
    >>> x
    tensor([4., 4.])

The hook has this signature::

    hook(module, args) -> None or "a string"

A heading
---------

.. image:: ../curve.png

.. _the paper:
    https://example.org/a
"""
SCALE = Documented(
    1,
    "torch.nn.functional.scale",
    "function",
    "(input: torch.Tensor, factor: float = 1.0, *, out: torch.Tensor | None = None) -> torch.Tensor",
    PAGE,
    "torch/nn/functional.py:12",
)


def test_a_page_of_documentation(golden):
    golden("docs", lambda look: documentation(SCALE, look), (40, 60, 120))


def test_a_name_without_a_docstring_shows_what_there_is(printed):
    drawing = documentation(Documented(1, "x", "value", note="A tensor of this run."), look())
    assert printed(drawing, 60) == "x\nvalue\n\nA tensor of this run.\n"


@pytest.mark.parametrize(
    ("latex", "text", "ascii"),
    [
        (r"y = xA^T + b", "y = xAᵀ + b", "y = xA^T + b"),
        (r"H_\text{in} = \text{in\_features}", "H_in = in_features", "H_in = in_features"),
        (r"\theta_{t-1} - \gamma \hat{m}_t", "θₜ₋₁ - γ m̂ₜ", "θ_(t-1) - γ hat(m)_t"),
        (r"\frac{a + b}{\sqrt{k}}", "(a + b)/√k", "(a + b)/√k"),
        (r"\left\lfloor \frac{n}{2} \right\rfloor", "⌊n/2⌋", "⌊n/2⌋"),
        (r"x^{(l)}_t \in \mathbb{R}^{n}", "x^(l)ₜ ∈ ℝⁿ", "x^(l)_t ∈ R^n"),
        (r"\exp (x) \cdot \tanh(y)", "exp(x) · tanh(y)", "exp(x) · tanh(y)"),
        (r"W_{hr}h_t", "W_hr hₜ", "W_hr h_t"),
        (r"\sum_{i=1}^{n} x_i^2", "∑_(i=1)ⁿ xᵢ²", "∑_(i=1)^n x_i^2"),
        (r"y_n \not= \text{ignore\_index}", "yₙ ≠ ignore_index", "y_n ≠ ignore_index"),
        (r"\unheard{of} \{1, 2\}", "unheard of {1, 2}", "unheard of {1, 2}"),
        (r"", "", ""),
        (r"{\frac{a}", "a/()", "a/()"),
        (r"x^_\sqrt", "x^(_(√()))", "x^(_(√()))"),
    ],
)
def test_formulas_read_as_text(latex, text, ascii):
    assert (inline(latex).strip(), inline(latex, ascii=True).strip()) == (text, ascii)


def test_an_algorithm_keeps_its_rows_and_their_indentation():
    latex = r"""\begin{aligned} &\rule{110mm}{0.4pt} \\ &\textbf{for} \: t=1 \: \textbf{to} \: \ldots \\
    &\hspace{5mm}g_t \leftarrow \nabla_{\theta} f_t (\theta_{t-1}) \\[-1.ex]
    &\textbf{return} \: \theta_t \end{aligned}"""
    assert formula(latex) == ["for t = 1 to …", "  gₜ ← ∇_θ fₜ (θₜ₋₁)", "return θₜ"]


def _docstrings() -> dict[str, str]:
    import torch

    found = {}
    for module in (torch, torch.nn, torch.nn.functional, torch.optim, torch.optim.lr_scheduler, torch.Tensor):
        for name in dir(module):
            text = inspect.getdoc(getattr(module, name, None))
            if text:
                found[text] = f"{module.__name__}.{name}"
    return found


def test_every_docstring_of_torch_fits_its_width_and_keeps_little_markup():
    known = _docstrings()
    assert len(known) > 500
    marked = []
    for text, name in known.items():
        lines = docstring(text, look()).lines(60)
        assert all(line.cell_len <= 60 for line in lines), name
        assert all(line.plain.isascii() for line in docstring(text, look(ascii=True)).lines(40)), name
        if any(
            re.search(r":(func|class|attr|math):`|\.\. \w+ ?::|\\(frac|text|times)\b", line.plain) for line in lines
        ):
            marked.append(name)
    assert len(marked) < len(known) / 100, marked
