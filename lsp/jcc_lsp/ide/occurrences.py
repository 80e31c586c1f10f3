"""Which symbol stands where: every mention of a name in a file, and all mentions of a symbol in the workspace.

Whatever the features ask about names is answered from here. What a code block has for itself is looked for where it is asked about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import chain
from operator import attrgetter

from jcc.frontend import ast
from jcc.frontend.codeblocks import TranslatedBlock
from jcc.frontend.contracts import statement_contract
from jcc.frontend.schemas import BASE_TYPES
from jcc.frontend.survey import survey_around, survey_definition
from jcc.frontend.tables import Calling, MapUse, Survey
from jcc.query import query
from jcc.source import Span
from jcc.workspace import Workspace, analysed, parsed, signature, source
from jcc_lsp.ide.block_variables import block_variables
from jcc_lsp.ide.symbols import LOCAL, Form, Kind, Occurrence, Role, Symbol, place_name


@query
def occurrences_by_symbol(workspace: Workspace, path: str) -> dict[Symbol, tuple[Occurrence, ...]]:
    """Every mention of a name in a file, by what it means."""
    found: dict[Symbol, dict[Span, Occurrence]] = {}
    for number, survey in enumerate(surveys(workspace, path)):
        for occurrence in _Finder(workspace, path, number, survey).all():
            if not occurrence.symbol.name:
                continue  # the name is missing in the text
            places = found.setdefault(occurrence.symbol, {})
            # `v.x += 1` in a block reads and writes in one place: that it writes says more.
            if occurrence.span not in places or occurrence.role is not Role.READ:
                places[occurrence.span] = occurrence
    return {
        symbol: tuple(sorted(places.values(), key=attrgetter("span")))
        for symbol, places in found.items()
    }


@query
def occurrences(workspace: Workspace, path: str) -> tuple[Occurrence, ...]:
    """The same in the order of the text. A `<x>` mentions two symbols in one place."""
    found = chain.from_iterable(occurrences_by_symbol(workspace, path).values())
    return tuple(sorted(found, key=attrgetter("span")))


def surveys(workspace: Workspace, path: str) -> list[Survey]:
    """The survey of each definition in a file. It is made anew where the file is not being edited, for that costs less than to
    check the file."""
    if workspace.is_edited(path):
        return [analysis.model.survey for analysis in analysed(workspace, path)]
    definitions = parsed(workspace, path).file.definitions
    return [survey_definition(definition) for definition in definitions]


def occurrences_at(workspace: Workspace, path: str, offset: int) -> list[Occurrence]:
    """The mentions at an offset; it may be right behind the last character. Behind an edit this costs less than to find all."""
    found: dict[tuple[Span, Symbol], Occurrence] = {}
    for number, analysis in enumerate(analysed(workspace, path)):
        survey = analysis.model.survey
        around = survey.definition.span
        if around.start <= offset <= around.end:
            finder = _Finder(workspace, path, number, survey)
            finder.survey = survey_around(survey.definition, offset)
            own = block_variables(path, number, analysis.model, offset)
            for occurrence in chain(finder.all(), own):
                if occurrence.span.start <= offset <= occurrence.span.end:
                    _add(found, occurrence)
    return sorted(found.values(), key=attrgetter("span"))


def _add(found: dict[tuple[Span, Symbol], Occurrence], occurrence: Occurrence) -> None:
    key = occurrence.span, occurrence.symbol
    if occurrence.symbol.name and (key not in found or occurrence.role is not Role.READ):
        found[key] = occurrence


def find_all(workspace: Workspace, symbol: Symbol) -> Iterator[tuple[str, Occurrence]]:
    """All mentions of a symbol, each with its file."""
    for path in paths_with(workspace, symbol):
        if symbol.kind is Kind.BLOCK_VARIABLE:
            for number, analysis in enumerate(analysed(workspace, path)):
                for occurrence in block_variables(path, number, analysis.model):
                    if occurrence.symbol == symbol:
                        yield path, occurrence
            continue
        for occurrence in occurrences_by_symbol(workspace, path).get(symbol, ()):
            yield path, occurrence


def paths_with(workspace: Workspace, symbol: Symbol) -> Iterator[str]:
    """The files that may mention a symbol: only those are analysed."""
    if symbol.kind in LOCAL:
        yield symbol.owner.partition("@")[2]
        return
    plain = symbol.name.isidentifier() or all(
        part.isidentifier() for part in symbol.name.split(".")
    )
    for path in workspace.jcl_paths:
        # A name with other characters may be written with escapes.
        if not plain or symbol.name in source(workspace, path).text:
            yield path


# -- owners ---------------------------------------------------------------------------------------------------------


@query
def declarer(workspace: Workspace, name: str) -> str:
    """Whose inputs and outputs those of a definition are: its interface's or its own. Seldom another one, however a signature is
    edited: so a file is not looked through for names again because another has changed."""
    found = signature(workspace, name)
    if found is None or found.interface is None:
        return name
    return name if signature(workspace, found.interface) is None else found.interface


# -- one definition -------------------------------------------------------------------------------------------------


class _Finder:
    """Goes through the survey of one definition."""

    def __init__(self, workspace: Workspace, path: str, number: int, survey: Survey) -> None:
        self.blocks: Mapping[ast.CodeBlock, TranslatedBlock] = {}
        if survey.blocks:
            # Only the checked tree has them translated.
            model = analysed(workspace, path)[number].model
            survey, self.blocks = model.survey, model.blocks
        self.workspace = workspace
        self.survey = survey
        self.definition = survey.definition
        self.here = place_name(path, number)
        self._number, self._path, self._all_maps = number, path, survey.maps
        self.declarer = declarer(workspace, self.definition.name.text)

    def all(self) -> Iterator[Occurrence]:
        yield from self._sections()
        yield from self._callees()
        yield from self._statements()
        yield from self._maps()
        yield from self._events()
        for call in self.survey.calls:
            symbol = Symbol(Kind.FUNCTION, call.function.text)
            yield Occurrence(call.function.span, symbol, Role.READ, Form.NAME)

    # -- declarations

    def _sections(self) -> Iterator[Occurrence]:
        definition = self.definition
        if definition.name.text:
            yield _name(Kind.DEFINITION, definition.name, Role.DECLARATION)
        for section in definition.sections:
            match section:
                case ast.InterfaceSection(name=name):
                    yield _name(Kind.DEFINITION, name)
                case ast.InputSection(keyword=keyword, entries=inputs):
                    for entry in inputs:
                        yield self._declared(keyword, entry.name)
                        yield from self._type(entry.type)
                case ast.OutputSection(entries=outputs):
                    for output in outputs:
                        yield self._declared("out", output.name)
                        yield from self._type(output.type)
                case ast.ConstantSection(keyword=keyword, entries=constants):
                    for constant in constants:
                        yield self._declared(keyword, constant.name)
                case ast.RoleSection(roles=roles):
                    for role in roles:
                        yield _name(Kind.ROLE, role)
                case ast.LocksSection(entries=locks):
                    for lock in locks:
                        yield _name(Kind.LOCK, lock.type, Role.DECLARATION)
                case _:
                    pass

    def _declared(self, keyword: str, name: ast.Name) -> Occurrence:
        own = self.definition.name.text
        match keyword:
            case "in":
                symbol = Symbol(Kind.INPUT, name.text, own)
            case "out":
                symbol = Symbol(Kind.OUTPUT, name.text, own)
            case "config":
                symbol = Symbol(Kind.CONFIG, name.text, self.definition.kind)
            case _:
                symbol = Symbol(Kind.ENVIRONMENT, name.text)
        return Occurrence(name.span, symbol, Role.DECLARATION, Form.NAME)

    def _type(self, reference: ast.TypeReference) -> Iterator[Occurrence]:
        if reference.name.text not in BASE_TYPES:
            yield _name(Kind.TYPE, reference.name)

    # -- statements

    def _callees(self) -> Iterator[Occurrence]:
        for node in self.survey.callings:
            for name in callee_names(node):
                yield _name(Kind.DEFINITION, name)

    def _statements(self) -> Iterator[Occurrence]:
        for label in self.survey.of(ast.Label):
            yield _name(Kind.LABEL, label.name, Role.DECLARATION, self.here)
        for goto in self.survey.of(ast.Goto):
            yield _name(Kind.LABEL, goto.label, Role.READ, self.here)
        taken: list[ast.Lock | ast.Unlock | ast.WaitForLock] = [
            *self.survey.of(ast.Lock),
            *self.survey.of(ast.Unlock),
            *self.survey.of(ast.WaitForLock),
        ]
        for statement in taken:
            yield _name(Kind.LOCK, statement.type)

    def _events(self) -> Iterator[Occurrence]:
        """The names of subscriptions, which only their own job knows."""
        for use in self.survey.maps:
            match use.owner:
                case ast.EventStatement(keyword="subscribe"):
                    key, role = "name", Role.DECLARATION
                case ast.EventStatement(keyword="unsubscribe"):
                    key, role = "name", Role.READ
                case ast.WaitForEvent(inputs=inputs) if inputs is use.map:
                    key, role = "events", Role.READ
                case _:
                    continue
            for item in use.map.items:
                if isinstance(item, ast.Assign) and _first_text(item.target) == key:
                    for literal in _strings(item.value):
                        symbol = Symbol(Kind.EVENT, str(literal.value), self.here)
                        yield Occurrence(_inside(literal.span), symbol, role, Form.STRING)

    # -- maps, expressions, code blocks

    def _maps(self) -> Iterator[Occurrence]:
        for path, _, use in self.survey.reads:
            if path.root is not None:
                yield from self._key(path.root, path, use, Role.READ)
        for write in self.survey.writes:
            yield from self._key(write.root, write.item.target, write.use, Role.WRITE)
        for name, use in self.survey.copies:
            for root, role in ((use.place.source, Role.READ), (use.place.implicit, Role.WRITE)):
                symbol = self._symbol(root, name.text, use)
                if symbol is not None:
                    yield Occurrence(name.span, symbol, role, Form.COPY)
        for block in self.survey.blocks:
            for mention in self.blocks[block.block].names:
                symbol = self._symbol(mention.letter, mention.key, block.use)
                if symbol is not None:
                    role = Role.WRITE if mention.write else Role.READ
                    yield Occurrence(mention.span, symbol, role, Form.BLOCK)

    def _key(
        self, root: str, path: ast.Path, use: MapUse | None, role: Role
    ) -> Iterator[Occurrence]:
        """What the first key of a path names."""
        match path.keys[:1]:
            case (ast.Field(name=name),):
                text, span, form = name.text, name.span, Form.NAME
            case (ast.Index(value=ast.Literal(value=str(text), span=quoted)),):
                span, form = _inside(quoted), Form.STRING
            case _:
                return
        symbol = self._symbol(root, text, use)
        if symbol is not None:
            yield Occurrence(span, symbol, role, form)

    def _owner_of(self, use: MapUse) -> str:
        """The owner of what only one map knows: the map by its number."""
        return place_name(self._path, self._number, self._map_numbers[use.map])

    @cached_property
    def _map_numbers(self) -> dict[ast.Map, int]:
        return {use.map: number for number, use in enumerate(self._all_maps)}

    def _symbol(self, root: str, name: str, use: MapUse | None) -> Symbol | None:
        """What `root.name` means in a map, or outside of all."""
        match root:
            case "a":
                return Symbol(Kind.INPUT, name, self.declarer)
            case "v":
                return Symbol(Kind.VARIABLE, name, self.here)
            case "e":
                return Symbol(Kind.ENVIRONMENT, name)
            case "t" if use is not None:
                return Symbol(Kind.TEMPORARY, name, self._owner_of(use))
            case "i" | "o" if use is not None:
                return self._passed(root, name, use.owner)
            case _:
                return None

    def _passed(self, root: str, name: str, owner: ast.Node) -> Symbol | None:
        """What goes into a statement or comes out of it; or out of the definition, at its end."""
        contract = statement_contract(owner)
        if contract is not None:
            kind = Kind.STATEMENT_INPUT if root == "i" else Kind.STATEMENT_OUTPUT
            return Symbol(kind, name, contract.signature.name)
        kind = Kind.INPUT if root == "i" else Kind.OUTPUT
        if owner is self.definition:
            return Symbol(kind, name, self.declarer)
        match owner:
            case ast.InterfaceCall(interface=callee):
                return Symbol(kind, name, declarer(self.workspace, callee.text))
            case ast.CallStatement() | ast.Callflow() | ast.MapStatement() | ast.Detachflow():
                return Symbol(kind, name, declarer(self.workspace, owner.callee.text))
            case _:
                return None


def callee_names(node: Calling) -> tuple[ast.Name, ...]:
    """The names of definitions in a statement that calls."""
    if isinstance(node, ast.InterfaceCall):
        return (node.interface, *node.destinations)
    return (node.callee,)


def _name(kind: Kind, name: ast.Name, role: Role = Role.READ, owner: str = "") -> Occurrence:
    return Occurrence(name.span, Symbol(kind, name.text, owner), role, Form.NAME)


def _inside(quoted: Span) -> Span:
    return Span(quoted.start + 1, quoted.end - 1)


def _first_text(path: ast.Path) -> str | None:
    first = path.keys[0] if path.keys else None
    return first.name.text if isinstance(first, ast.Field) else None


def _strings(value: ast.Expression) -> Iterator[ast.Literal]:
    """The strings that name events: one, or those of an array."""
    match value:
        case ast.Literal(value=str()):
            yield value
        case ast.Call(function=ast.Name(text="array"), arguments=items):
            for item in items:
                yield from _strings(item)
        case _:
            pass
