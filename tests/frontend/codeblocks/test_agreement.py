"""The compiler and the sandbox say the same about Python blocks: what is found here with its place is what is refused
there, and nothing else is."""

from __future__ import annotations

import pytest

from jcc.frontend.codeblocks import python_names
from jobcenter.sandbox import SandboxRejected, compile_module
from jobcenter.sandbox.builtins import BUILTINS
from jobcenter.sandbox.functions import ALIASES, FUNCTIONS
from jobcenter.sandbox.methods import METHOD_NAMES
from jobcenter.sandbox.module import NAMES
from jobcenter.sandbox.operations import OPERATIONS
from jobcenter.sandbox.perl import PERL
from tests.frontend.codeblocks.blocks import module_of, translated


def test_the_names_are_the_same() -> None:
    assert set(BUILTINS) == python_names.BUILTINS
    assert {*BUILTINS, *FUNCTIONS, *ALIASES} == python_names.FUNCTIONS
    assert {*OPERATIONS, *PERL} == python_names.OPERATIONS
    assert set(NAMES) == python_names.FUNCTIONS | python_names.RUNTIME
    assert METHOD_NAMES == python_names.METHODS


STATEMENTS = """
import os
from os import path
try:\\n  v.x = 1\\nexcept Exception:\\n  pass
class X: pass
with v.x as y: pass
def f():\\n  global q
def f():\\n  nonlocal q
def f():\\n  yield 1
async def f(): pass
def f(*x): return x
def f(**x): return x
def f(x, /): return x
def f(*, x): return x
def f(x: 1): return x
def f() -> 1: return 1
def f(x=1): return x
@upper\\ndef f(): return 1
raise 1
assert v.x
v.x: 1 = 2
match v.x:\\n  case 1: pass
v.x = {1, 2}
v.x = {y for y in v.l}
v.x = 1 in {1, 2}
v.x = b'x'
v.x = 1j
v.x = ...
v.x = 1e999
v.x = -5
v.x = v.y @ v.z
v.x @= 1
v.x **= 2
v.x = [*v.l]
v.x = max(*v.l)
v.x = dict(**v.l)
v.x = {**v.l}
v.x = {'a': 1}
v.x, *v.y = v.l
v.l[0:1] = []
del v.l[0]
del v.l[0:1]
del t.x
for v.x in v.l: pass
for q, (r, s) in v.l: pass
v.x = [q for q, r in v.l]
v.x = [q for v.y in v.l]
v.x = (lambda q: q)(1)
v.x = v.f(1)
v.x = v.y.upper()
v.x = v.y.format(1)
v.x = v.y.__class__
v.x = v.y.gi_frame
v.x = e._error.msg
v.x = e._i + e._v
v.x = e._error._msg
v.x = e._error()
v.x = e._i.upper()
v.x = e._job
v.x = e.x._error
v.x = v._error
e._error = 1
del e._error.x
for e._i in v.l: pass
v.x = _y
_ = 1
_y = 1
op_get = 1
fn_x = 1
pl_x = 1
def pl_f(): return 1
def f(op_x): return 1
v.x = upper('a')
v.x = fn_upper('a')
v.x = op_add(1, 2)
v.x = pl_int(2)
v.x = op_nothing(1)
v.x = print(1)
v.x = open('x')
v.x = [q async for q in v.l]
v.x = await v.y
v.x = (q := 3)
v.x = f'{v.y!r:>{v.z}}'
v.x = v.l[1:2]
v.x = v.l[1, 2]
v.x = v.l[1:2, 3]
v.x = 1 if v.y else 2
v.x = lambda q: q
while v.x: v.x -= 1
while v.x:\\n  break\\nelse:\\n  v.y = 1
pass
return
del zzz
v.x = zzz
break
continue
def f(q, q): return q
""".strip().splitlines()


@pytest.mark.parametrize("line", STATEMENTS)
def test_both_refuse_the_same(line: str) -> None:
    code = line.replace("\\n", "\n")
    block = translated(code, "eval", "python")
    found = {each.code for each in block.diagnostics} - {"JCC616"}
    python = module_of(block, "eval")
    if found & {"JCC602"}:
        python = "def f():\n" + "\n".join(f"  {each}" for each in code.splitlines())
    try:
        compile_module(python, "<block>")
    except SandboxRejected:
        assert found
    else:
        assert not found
