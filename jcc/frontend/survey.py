"""The survey: one walk over a definition that sorts what stands in it into tables, each entry with its place.

The checks, inference and the editor's features read these tables; nobody walks the tree again. Nothing is judged here. The
walk keeps its own stack, so that no nesting is too deep for it; where tables are known it calls itself once a block, of
which the parser allows no more than a hundred within each other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from jcc.frontend import ast
from jcc.frontend.places import (
    CHILD_INPUT_MAP,
    CONSTANT,
    EVAL,
    EXPRESSION,
    INPUT_MAP,
    LOCK_AT_START,
    OUTPUT_MAP,
    OUTPUTS_OF_JOB,
    STATEMENT_MAP,
    Place,
)
from jcc.frontend.stretches import Surveyed, cut
from jcc.frontend.tables import (
    Block,
    Calling,
    Copied,
    Loop,
    MapUse,
    Read,
    Stretch,
    Survey,
    Tables,
    Write,
)


def survey_definition(definition: ast.Definition, known: Surveyed | None = None) -> Survey:
    """The tables of one definition; broken nodes only set `…_hidden`. What is `known` is taken from there, what is not is put
    there."""
    survey = Survey(definition=definition)
    if known is None:
        walk = _Walk(survey, definition)
        for section in definition.sections:
            walk.section(section)
        return survey
    for section in definition.sections:
        for stretch in _stretches(section, definition, known):
            survey.stretches.append(stretch)
            survey.add(stretch.tables)
    return survey


def _stretches(
    section: ast.Section, definition: ast.Definition, known: Surveyed
) -> Iterator[Stretch]:
    """The parts that a section's tables are put together from."""
    if isinstance(section, ast.BodySection):
        yield from _Stretching(definition, known).block(section.body, _Inside())
    else:
        head = Tables()
        _Walk(head, definition).section(section)
        yield Stretch((), head)


class _Inside(NamedTuple):
    """What statements are in: the outermost loop, and whether their errors are caught."""

    loop: Loop | None = None
    guarded: bool = False


@dataclass(frozen=True, slots=True)
class _Stretching:
    """Takes blocks apart into stretches, in the order of the source."""

    definition: ast.Definition
    known: Surveyed

    def block(self, block: ast.Block, inside: _Inside) -> Iterator[Stretch]:
        head = Tables()
        head.sequences.append(block)
        yield Stretch((), head, *inside)
        for statements in cut(block.statements, self.known.is_long):
            if self.known.is_long(statements[0]):
                yield from self._part(statements[0], inside)
            else:
                yield self._short(statements, inside)

    def _part(self, node: ast.Node, inside: _Inside) -> Iterator[Stretch]:
        """A statement that is long, or an arm of one."""
        if inside.loop is None and isinstance(node, Loop):
            inside = inside._replace(loop=node)
        head = Tables()
        below = _Walk(head, self.definition).part(node)
        yield Stretch((), head, *inside)
        for inner in below:
            if isinstance(inner, ast.Block):
                caught = isinstance(node, ast.Try) and inner is node.body
                yield from self.block(inner, inside._replace(guarded=inside.guarded or caught))
            else:
                yield from self._part(inner, inside)

    def _short(self, statements: tuple[ast.Statement, ...], inside: _Inside) -> Stretch:
        known = self.known
        stretch = known.stretches.get(statements)
        if stretch is None:
            stretch = known.stretches[statements] = Stretch(statements, Tables())
            walk = _Walk(stretch.tables, self.definition, known.tables)
            for statement in statements:
                stretch.tables.add(walk.tables_of(statement, known.tables))
        stretch.loop, stretch.guarded = inside
        return stretch


def survey_step(origin: ast.Node) -> Tables:
    """The tables of one step of the flow: what its statement does itself, with its branches if it has any."""
    tables = Tables()
    if isinstance(origin, ast.Definition):
        walk = _Walk(tables, origin)
        for section in origin.sections:
            if isinstance(section, ast.OutputMapSection):
                walk.section(section)
        return tables
    walk = _Walk(tables, origin)
    for below in walk.part(origin):
        if isinstance(origin, ast.Split):
            walk.part(below)
    return tables


def survey_parts(definition: ast.Definition, parts: Iterable[ast.Node]) -> Tables:
    """The tables of a definition's sections, but for `do:`, and of some parts of that, each without what is below it."""
    tables = Tables()
    walk = _Walk(tables, definition)
    for section in definition.sections:
        if not isinstance(section, ast.BodySection):
            walk.section(section)
    for part in parts:
        walk.part(part)
    return tables


def survey_around(definition: ast.Definition, offset: int) -> Survey:
    """The tables of a definition's sections, and of the parts of `do:` that an offset lies in, the outer ones first."""
    survey = Survey(definition=definition)
    walk = _Walk(survey, definition)
    todo: list[ast.Node] = []
    for section in definition.sections:
        if isinstance(section, ast.BodySection):
            todo.append(section.body)
        else:
            walk.section(section)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Block):
            at = bisect_right(node.statements, offset, key=_start_of)
            todo.extend(node.statements[max(at - 1, 0) : at])
        elif node.span.start <= offset <= node.span.end:
            todo.extend(walk.part(node))
    return survey


def _start_of(node: ast.Node) -> int:
    return node.span.start


class _Walk:
    def __init__(
        self,
        survey: Tables,
        definition: ast.Node,
        known: dict[ast.Node, Tables] | None = None,
    ) -> None:
        self._survey = survey
        self._definition = definition
        self._known = known

    def section(self, section: ast.Section) -> None:
        match section:
            case ast.BodySection(body=body):
                self._walk(body)
            case ast.OutputMapSection(map=map):
                self._map(map, OUTPUTS_OF_JOB, self._definition)
            case ast.InputSection(entries=declarations):
                for declaration in declarations:
                    if declaration.default is not None:
                        self._expression(declaration.default, CONSTANT, None)
            case ast.ConstantSection(entries=constants):
                for constant in constants:
                    self._expression(constant.value, CONSTANT, None)
            case ast.LocksSection(entries=locks):
                for lock in locks:
                    if lock.value is not None:
                        self._expression(lock.value, LOCK_AT_START, None)
            case ast.BrokenSection():
                self._hidden()
            case _:
                pass

    # -- statements ------------------------------------------------------------------------------------------------

    def _walk(self, root: ast.Node) -> None:
        todo: list[ast.Node] = [root]
        while todo:
            node = todo.pop()
            if not isinstance(node, ast.Block):
                todo.extend(reversed(self.part(node)))
                continue
            self._survey.sequences.append(node)
            if self._known is None:
                todo.extend(reversed(node.statements))
            else:
                for statement in node.statements:
                    self._survey.add(self.tables_of(statement, self._known))

    def tables_of(self, statement: ast.Node, known: dict[ast.Node, Tables]) -> Tables:
        """The tables of a statement with all below it."""
        found = known.get(statement)
        if found is None:
            found = known[statement] = Tables()
            _Walk(found, self._definition, known)._walk(statement)
        return found

    def part(self, node: ast.Node) -> tuple[ast.Node, ...]:
        """File a part, and what stands in it itself; its blocks and branches come back, to be walked next."""
        statements, kind = self._survey.statements, type(node)
        self._survey.parts.append(node)
        if kind in statements:
            statements[kind].append(node)
        else:
            statements[kind] = [node]
        return self._statement(node)

    def _statement(self, node: ast.Node) -> tuple[ast.Node, ...]:
        match node:
            case ast.Eval(map=map):
                self._map(map, EVAL, node)
            case ast.CallStatement():
                self._calling(node, node.inputs, node.outputs)
            case (
                ast.Arm(condition=condition, body=body) | ast.While(condition=condition, body=body)
            ):
                self._expression(condition, EXPRESSION, None)
                return (body,)
            case ast.If(arms=arms, otherwise=otherwise):
                return arms if otherwise is None else (*arms, otherwise)
            case ast.Case(subject=subject, arms=whens, otherwise=otherwise):
                self._expression(subject, EXPRESSION, None)
                bodies = tuple(when.body for when in whens)
                return bodies if otherwise is None else (*bodies, otherwise)
            case ast.Repeat(body=body, until=condition):
                self._expression(condition, EXPRESSION, None)
                return (body,)
            case ast.Try(body=body, handler=handler):
                return (body, handler)
            case ast.Split(branches=branches):
                return branches
            case ast.BrokenStatement(body=inside):
                self._hidden()
                return () if inside is None else (inside,)
            case _:
                self._leaf(node)
        return ()

    def _leaf(self, node: ast.Node) -> None:
        match node:
            case ast.Callflow():
                self._calling(node, node.inputs, node.outputs)
            case ast.MapStatement(using=using):
                self._expression(using, EXPRESSION, None)
                self._calling(node, node.inputs, node.collect)
            case ast.Detachflow():
                self._calling(node, node.inputs, None)
            case ast.InterfaceCall(selector=selector):
                self._expression(selector, EXPRESSION, None)
                self._calling(node, node.inputs, node.outputs)
            case ast.Assert(condition=condition, message=message):
                self._expression(condition, EXPRESSION, None)
                self._expression(message, EXPRESSION, None)
            case ast.Lock(value=value) | ast.Unlock(value=value):
                self._expression(value, EXPRESSION, None)
            case ast.WaitForLock(inputs=inputs) | ast.EventStatement(inputs=inputs):
                self._map(inputs, STATEMENT_MAP, node)
            case ast.WaitForEvent(inputs=inputs, outputs=outputs):
                self._map(inputs, STATEMENT_MAP, node)
                if outputs is not None:
                    self._map(outputs, OUTPUT_MAP, node)
            case (
                ast.RaiseError(message=value, inputs=given)
                | ast.Sleep(duration=value, inputs=given)
            ):
                if value is not None:
                    self._expression(value, EXPRESSION, None)
                if given is not None:
                    self._map(given, STATEMENT_MAP, node)
            case _:
                pass

    def _calling(self, node: Calling, inputs: ast.Map, outputs: ast.Map | None) -> None:
        self._survey.callings.append(node)
        place = CHILD_INPUT_MAP if isinstance(node, ast.MapStatement) else INPUT_MAP
        self._map(inputs, place, node)
        if outputs is not None:
            self._map(outputs, OUTPUT_MAP, node)

    def _hidden(self) -> None:
        self._survey.reads_hidden = self._survey.writes_hidden = True

    # -- maps and expressions --------------------------------------------------------------------------------------

    def _map(self, map: ast.Map, place: Place, owner: ast.Node) -> None:
        survey = self._survey
        use = MapUse(map, place, owner)
        survey.maps.append(use)
        if map.block is not None:
            survey.blocks.append(Block(map.block, place, use))
        for item in map.items:
            match item:
                case ast.Assign(target=target, value=value):
                    self._target(item, target, use)
                    self._expression(value, place, use)
                case ast.Copy(names=names, everything=everything):
                    survey.copies.extend(Copied(name, use) for name in names)
                    if everything:
                        survey.everything.append((item, use))
                case ast.BrokenItem():
                    self._hidden()

    def _target(self, item: ast.Assign, target: ast.Path, use: MapUse) -> None:
        keys = target.keys
        first = keys[0] if keys else None
        name = first.name.text if isinstance(first, ast.Field) else None
        self._survey.writes.append(Write(target.root or use.place.implicit, name, item, use))
        for key in keys:
            if isinstance(key, ast.Index):
                self._expression(key.value, use.place, use)

    def _expression(self, root: ast.Expression, place: Place, use: MapUse | None) -> None:
        survey = self._survey
        todo: list[ast.Expression] = [root]
        while todo:
            node = todo.pop()
            match node:
                case ast.Path(keys=keys):
                    survey.reads.append(Read(node, place, use))
                    for key in keys:
                        if isinstance(key, ast.Index):
                            todo.append(key.value)
                case ast.Literal():
                    pass
                case ast.Binary(left=left, right=right):
                    survey.binaries.append(node)
                    todo += (right, left)
                case ast.Call(arguments=arguments):
                    survey.calls.append(node)
                    todo.extend(reversed(arguments))
                case ast.Unary(operand=operand):
                    survey.unaries.append(node)
                    todo.append(operand)
                case ast.Match(subject=subject):
                    survey.matches.append(node)
                    todo.append(subject)
                case ast.ObjectLiteral(entries=entries):
                    survey.objects.append(node)
                    for key_value in reversed(entries):
                        todo += reversed(key_value)
                case ast.CodeBlock():
                    survey.blocks.append(Block(node, place, use))
                case ast.BrokenExpression():
                    survey.reads_hidden = True
