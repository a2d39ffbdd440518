"""Lint rules about ``flow.py``, on its syntax tree: what it imports, reaches for, is named after, and points at.

These rules find carelessness and keep flows readable. They are no sandbox: consent is what stands before a stranger's code.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from readdress.recipe.explain import choice
from readdress.recipe.finding import RULES, Finding, shown
from readdress.recipe.lint_locator import bad_locator
from readdress.recipe.lint_text import uncovered
from readdress.recipe.schema import Recipe

IMPORTS = frozenset({"readdress.flow", "re", "typing", "__future__", "datetime", "collections.abc"})
_NAMES = frozenset(
    {"open", "exec", "eval", "compile", "globals", "locals", "vars", "input", "breakpoint", "setattr", "delattr"}
)
_ATTRIBUTES = {
    **dict.fromkeys(
        ("evaluate", "evaluate_handle", "evaluate_all", "eval_on_selector", "eval_on_selector_all"), "script"
    ),
    **dict.fromkeys(("add_init_script", "add_script_tag", "expose_function", "expose_binding"), "script"),
    **dict.fromkeys(("route", "route_web_socket", "route_from_har", "unroute", "unroute_all"), "net"),
    **dict.fromkeys(("request", "set_extra_http_headers"), "net"),
    **dict.fromkeys(("context", "browser", "storage_state", "cookies", "add_cookies", "new_cdp_session"), "browser"),
    **dict.fromkeys(("screenshot", "pdf", "video", "tracing", "set_input_files", "save_as"), "file"),
    **dict.fromkeys(("wait_for_timeout", "sleep", "pause"), "wait"),
}
_INSTEAD = {
    "script": "Use locators: get_by_role, get_by_label, fill, click.",
    "net": "Let the page itself ask its server; requests of the flow go round the allow-list.",
    "browser": "A flow gets the page only; sessions and cookies are not its business.",
    "file": "A flow writes and reads no files: they would hold the person's data.",
    "wait": "Wait for what you need: locator.wait_for(), or a look, which the engine repeats.",
}
_CHANGES = frozenset(
    {"click", "dblclick", "tap", "fill", "clear", "type", "press", "press_sequentially", "check", "uncheck"}
    | {"set_checked", "select_option", "drag_to", "type_secret", "open_link", "code", "ask"}
)
_LOCATORS = frozenset({"locator", "frame_locator", "query_selector", "query_selector_all", "wait_for_selector"})


@dataclass
class FlowLint:
    """What was found in ``flow.py``, and the names of the steps that it acts for and looks at."""

    findings: list[Finding] = field(default_factory=list)
    acts: frozenset[str] = frozenset()
    looks: frozenset[str] = frozenset()


def lint_flow(recipe: Recipe, path: Path) -> FlowLint:
    """Lint ``path`` if it is there. Nothing is executed."""
    if not path.is_file():
        return FlowLint()
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError) as error:
        line = error.lineno or 1 if isinstance(error, SyntaxError) else 1
        rule = RULES["flow-syntax"]
        return FlowLint([Finding("flow-syntax", rule.severity, shown(path), line, f"this is no Python: {error}.", "")])
    reader = _Reader(recipe, path, tree)
    return FlowLint(sorted(reader.run(), key=lambda f: f.line), frozenset(reader.acts), frozenset(reader.looks))


class _Reader:
    def __init__(self, recipe: Recipe, path: Path, tree: ast.Module) -> None:
        self.recipe, self.path, self.tree = recipe, path, tree
        self.steps = list(dict.fromkeys(s.id for r in recipe.route for s in r.step))
        self.acts: dict[str, ast.FunctionDef] = {}
        self.looks: dict[str, ast.FunctionDef] = {}
        self.constants = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }

    def found(self, rule: str, node: ast.AST, message: str, instead: str = "") -> Finding:
        line = getattr(node, "lineno", 1)
        return Finding(rule, RULES[rule].severity, shown(self.path), line, message, instead)

    def run(self) -> Iterator[Finding]:
        for statement in self.tree.body:
            yield from self.top(statement)
        for node in ast.walk(self.tree):
            yield from self.reach(node)
        for name, function in self.looks.items():
            yield from self.look(name, function)
        for statement in self.tree.body:
            if isinstance(statement, ast.FunctionDef):
                yield from self.mails(statement)
        for route in self.recipe.route:
            if route.when and route.when not in self.looks:
                told = f'the route "{route.id}" is recognised by "{route.when}", but no look is marked so.'
                yield self.found("flow-names", self.tree, told, f'Write a function marked @look("{route.when}").')
        if self.recipe.browser == "own" and (self.acts or self.looks):
            told = 'with browser = "own" nothing is automated, but flow.py marks functions.'
            yield self.found("own-browser", self.tree, told, "Take flow.py away.")

    # -- the module -------------------------------------------------------------------------------------------------------

    def top(self, node: ast.stmt) -> Iterator[Finding]:
        if isinstance(node, ast.Import | ast.ImportFrom):
            return
        if isinstance(node, ast.FunctionDef):
            yield from self.marked(node)
            return
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return
        if isinstance(node, ast.Assign | ast.AnnAssign) and (node.value is None or self.quiet(node.value)):
            return
        told = "this would run when flow.py is loaded."
        yield self.found("flow-toplevel", node, told, "Keep only imports, constants and functions at the top.")

    @staticmethod
    def quiet(value: ast.expr) -> bool:
        """Whether a module-level value is computed without calling anything but ``re.compile``."""
        calls = [n for n in ast.walk(value) if isinstance(n, ast.Call | ast.Lambda | ast.Await | ast.NamedExpr)]
        return all(
            isinstance(c, ast.Call) and ast.unparse(c.func) in {"re.compile", "frozenset", "timedelta"} for c in calls
        )

    def marked(self, node: ast.FunctionDef) -> Iterator[Finding]:
        for decorator in node.decorator_list:
            source = ast.unparse(decorator)
            if source == "step":
                yield from self.named(node, node.name, self.acts, f"def {node.name}")
            elif (
                isinstance(decorator, ast.Call)
                and ast.unparse(decorator.func) == "look"
                and len(decorator.args) == 1
                and isinstance(decorator.args[0], ast.Constant)
            ):
                yield from self.named(node, str(decorator.args[0].value), self.looks, source)
            else:
                told = f"@{source} marks neither a step nor a look."
                yield self.found("flow-names", decorator, told, 'Write @step, or @look("step_id").')
        if len(node.decorator_list) > 1:
            told = f"{node.name} is marked more than once, and only one mark would count."
            yield self.found("flow-names", node, told, "Write one function for each step; it may call the other.")
        if node.decorator_list and (len(node.args.args) != 2 or node.args.vararg or node.args.kwonlyargs):
            yield self.found("flow-names", node, f"{node.name} takes other arguments.", "Write def name(page, s):")

    def named(
        self, node: ast.FunctionDef, name: str, into: dict[str, ast.FunctionDef], source: str
    ) -> Iterator[Finding]:
        if name not in (self.recipe.lookable if into is self.looks else self.steps):
            yield self.found("flow-names", node, f'{source}: no step is called "{name}".', choice(name, self.steps))
        elif name in into:
            yield self.found("flow-names", node, f'"{name}" is marked twice.', "Keep one of the two.")
        into.setdefault(name, node)

    # -- what it reaches for ----------------------------------------------------------------------------------------------

    def reach(self, node: ast.AST) -> Iterator[Finding]:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from self.imports(node)
        elif isinstance(node, ast.Name):
            hidden = node.id.startswith("__") and node.id.endswith("__")
            if node.id in _NAMES or hidden:
                yield self.found("flow-forbidden", node, f"a flow has no business with {node.id}.", _INSTEAD["file"])
        elif isinstance(node, ast.Attribute):
            if node.attr.startswith("_"):
                told = f".{node.attr} reaches behind the page."
                yield self.found("flow-forbidden", node, told, "Use the public methods only.")
            elif node.attr in _ATTRIBUTES:
                yield self.found(
                    "flow-forbidden", node, f"a flow must not use .{node.attr}.", _INSTEAD[_ATTRIBUTES[node.attr]]
                )
        elif isinstance(node, ast.Call):
            yield from self.call(node)

    def imports(self, node: ast.Import | ast.ImportFrom) -> Iterator[Finding]:
        if isinstance(node, ast.ImportFrom):
            names = [] if node.module in IMPORTS and not node.level else ["." * node.level + (node.module or "")]
        else:
            names = [a.name for a in node.names if a.name not in IMPORTS]
        for name in names:
            told = f"a flow must not import {name}."
            yield self.found("flow-import", node, told, f"Allowed: {', '.join(sorted(IMPORTS - {'__future__'}))}.")

    def call(self, node: ast.Call) -> Iterator[Finding]:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        first = node.args[0] if node.args else None
        if isinstance(node.func, ast.Name) and name in {"getattr", "hasattr"}:
            asked = node.args[1].value if len(node.args) > 1 and isinstance(node.args[1], ast.Constant) else None
            if not isinstance(asked, str) or asked.startswith("_") or asked in _ATTRIBUTES:
                told = f"{name} with a name that is not written down, or must not be used."
                yield self.found("flow-forbidden", node, told, "Write the attribute out.")
        elif name == "goto" and isinstance(node.func, ast.Attribute):
            url = first or next((k.value for k in node.keywords if k.arg == "url"), None)
            told = self.leaves(url)
            if told:
                yield self.found("flow-forbidden", node, told, 'Go to an address on hosts, or to f"{s.site}/…".')
        elif name == "api" and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "s":
            told = self.outside_api(node)
            if told:
                yield self.found("flow-forbidden", node, told, 'List it in [api] calls, like "GET /user/emails".')
        elif name in _LOCATORS:
            for part in [a for a in node.args if isinstance(a, ast.Constant | ast.JoinedStr | ast.Name)]:
                bad = bad_locator(self.text_of(part) or "")
                if bad:
                    yield self.found(
                        "flow-locator", node, bad, "Use get_by_role, get_by_label or get_by_text, or a stable id."
                    )

    def text_of(self, node: ast.expr | None, hole: str = "x") -> str | None:
        """The text that an expression stands for, as far as it is written down; holes of an f-string become ``hole``."""
        if isinstance(node, ast.Name):
            node = self.constants.get(node.id)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        if isinstance(node, ast.JoinedStr):
            parts = []
            for value in node.values:
                site = isinstance(value, ast.FormattedValue) and ast.unparse(value.value) == "s.site"
                parts.append(str(value.value) if isinstance(value, ast.Constant) else "{site}" if site else hole)
            return "".join(parts)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self.text_of(node.left), self.text_of(node.right)
            left = "{site}" if ast.unparse(node.left) == "s.site" else left
            return None if left is None else left + (right if right is not None else hole)
        return "{site}" if isinstance(node, ast.Attribute) and ast.unparse(node) == "s.site" else None

    def outside_api(self, node: ast.Call) -> str:
        """What is wrong with a call of the service's own interface, ``""`` when nothing is."""
        method, path = (self.text_of(a) for a in (*node.args, None, None)[:2])
        if method is None or path is None:
            return "this calls the interface in a way that is not written down."
        if self.recipe.api is None or not self.recipe.api.allows(method, path):
            return f"{method} {path} is no call that the recipe lists."
        return ""

    def leaves(self, url: ast.expr | None) -> str:
        text = self.text_of(url, hole="\0")
        if text is None:
            return "this goes to an address that is not written down."
        authority = text.split("/", 3)[:3] if "://" in text else [text]
        problem = (
            uncovered(self.recipe, text) if "\0" not in "/".join(authority) else ("the host is not written down.", "")
        )
        return problem[0] if problem else ""

    # -- what looks and acts may do ---------------------------------------------------------------------------------------

    def look(self, name: str, function: ast.FunctionDef) -> Iterator[Finding]:
        if not any(isinstance(n, ast.Return) and n.value is not None for n in ast.walk(function)):
            told = f'the look at "{name}" returns nothing.'
            yield self.found(
                "flow-look", function, told, "Return s.sees_address(…), done(…), not_done(…) or unknown(…)."
            )
        for node in ast.walk(function):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            acts = node.func.attr == "api" and self.text_of(node.args[0] if node.args else None) != "GET"
            if acts or node.func.attr in _CHANGES:
                told = f'the look at "{name}" would change something: .{node.func.attr}().'
                yield self.found("flow-look", node, told, "A look only reads; put this into the step.")

    def mails(self, function: ast.FunctionDef) -> Iterator[Finding]:
        step = function.name if function.name in self.acts and self.acts[function.name] is function else None
        known = [m.id for m in self.recipe.mail]
        if step is not None:
            known = [s.uses for r in self.recipe.route for s in r.step if s.id == step and s.uses]
        for node in ast.walk(function):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            on_step = isinstance(node.func.value, ast.Name) and node.func.value.id == "s"
            if not on_step or node.func.attr not in {"code", "open_link"}:
                continue
            asked = self.text_of(node.args[0])
            if asked not in known:
                told = f's.{node.func.attr} asks for the mail "{asked}", which this step does not use.'
                yield self.found(
                    "flow-mail", node, told, f'Write uses = "{asked}" at the step, or ask for its own mail.'
                )
