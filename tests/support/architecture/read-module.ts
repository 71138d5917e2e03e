import { parseAst } from 'vitest/node';

export interface ModuleImport {
  /** As it is written. */
  target: string;
  line: number;
  /** Gone when the program runs: `import type`, `export type … from`. */
  isTypeOnly: boolean;
}

export interface ModuleFacts {
  imports: ModuleImport[];
  /** `process.env`, `Date.now`, `new Date()`, `setTimeout`, …, and server actions: `'use server'`. */
  uses: { what: string; line: number }[];
  /** Nothing but `export … from`. */
  isBarrel: boolean;
  /** It says 'use client'. */
  isClient: boolean;
  /** Names of the declarations that it exports. */
  exports: { name: string; line: number }[];
  /** Every function, by its own name or that of the constant or property that it is. */
  functions: { name: string; line: number; lines: number }[];
}

type Node = Record<string, unknown>;

const timers = new Set(['setTimeout', 'setInterval']);

/** What one file of TypeScript or JavaScript imports and uses, read from its syntax tree. */
export function readModule(file: string, text: string): ModuleFacts {
  const lang = file.endsWith('.tsx') ? 'tsx' : file.endsWith('.ts') ? 'ts' : 'js';
  const body: unknown[] = parseAst(text, { lang }, file).body;
  const facts: ModuleFacts = {
    imports: [],
    uses: [],
    isBarrel: isBarrel(body),
    isClient: false,
    exports: [],
    functions: [],
  };
  const lineAt = lineFinder(text);
  const names = new Map<Node, string | null>();
  facts.isClient = body.some((each) => isNode(each) && each.directive === 'use client');
  walk(body, (node) => {
    const line = lineAt(offset(node.start));
    const target = importTarget(node);
    if (target !== null) facts.imports.push({ target, line, isTypeOnly: isTypeOnly(node) });
    const what = use(node) ?? (node.directive === 'use server' ? "'use server'" : null);
    if (what !== null) facts.uses.push({ what, line });
    for (const name of exportedNames(node)) facts.exports.push({ name, line });
    const value = node.init ?? node.value;
    if (isNode(value)) names.set(value, nameOf(node));
    if (!isFunction(node)) return;
    const name = nameOf(node) ?? names.get(node) ?? 'a function';
    facts.functions.push({ name, line, lines: lineAt(offset(node.end)) - line + 1 });
  });
  return facts;
}

function walk(value: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const each of value) walk(each, visit);
    return;
  }
  if (!isNode(value)) return;
  if (typeof value.type === 'string') visit(value);
  for (const each of Object.values(value)) walk(each, visit);
}

function importTarget(node: Node): string | null {
  const isImport =
    node.type === 'ImportDeclaration' ||
    node.type === 'ExportNamedDeclaration' ||
    node.type === 'ExportAllDeclaration' ||
    node.type === 'ImportExpression' ||
    node.type === 'TSImportType';
  if (!isImport || !isNode(node.source)) return null;
  return typeof node.source.value === 'string' ? node.source.value : null;
}

function exportedNames(node: Node): string[] {
  const { declaration } = node;
  if (node.type !== 'ExportNamedDeclaration' || !isNode(declaration)) return [];
  const declarations = Array.isArray(declaration.declarations) ? declaration.declarations : [declaration];
  return declarations.flatMap((each) =>
    isNode(each) && isNode(each.id) && typeof each.id.name === 'string' ? [each.id.name] : [],
  );
}

/** One that has a body: no type, and no overload. */
function isFunction(node: Node): boolean {
  return typeof node.type === 'string' && /Function/.test(node.type) && isNode(node.body);
}

/** Of a declaration, or of what a constant or a property is called. */
function nameOf(node: Node): string | null {
  const name = isNode(node.id) ? node.id.name : isNode(node.key) ? node.key.name : null;
  return typeof name === 'string' ? name : null;
}

function offset(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function isTypeOnly(node: Node): boolean {
  return node.type === 'TSImportType' || node.importKind === 'type' || node.exportKind === 'type';
}

function use(node: Node): string | null {
  if (node.type === 'MemberExpression' || node.type === 'VariableDeclarator') {
    if (isName(node.object, 'process') && isName(node.property, 'env')) return 'process.env';
    if (isName(node.init, 'process') && destructures(node.id, 'env')) return 'process.env';
    if (isName(node.object, 'Date') && isName(node.property, 'now')) return 'Date.now';
    return null;
  }
  if (node.type === 'NewExpression' && isName(node.callee, 'Date')) {
    return Array.isArray(node.arguments) && node.arguments.length === 0 ? 'new Date()' : null;
  }
  if (node.type === 'CallExpression' && isNode(node.callee)) {
    const callee = node.callee.type === 'MemberExpression' ? node.callee.property : node.callee;
    const name = isNode(callee) && typeof callee.name === 'string' ? callee.name : '';
    return timers.has(name) ? name : null;
  }
  const target = importTarget(node);
  if (target === 'timers/promises' || target === 'node:timers/promises') return 'timers/promises';
  return target === 'node:process' || target === 'process' ? 'an import of node:process' : null;
}

function destructures(pattern: unknown, name: string): boolean {
  if (!isNode(pattern) || !Array.isArray(pattern.properties)) return false;
  return pattern.properties.some((each) => isNode(each) && isName(each.key, name));
}

function isBarrel(body: unknown[]): boolean {
  const isReExport = (node: unknown) =>
    isNode(node) &&
    (node.type === 'ExportAllDeclaration' || isNode(node.source)) &&
    node.type !== 'ImportDeclaration';
  return body.length > 0 && body.every(isReExport);
}

function isName(value: unknown, name: string): boolean {
  return isNode(value) && (value.name === name || value.value === name);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let line = 0;
    for (let above = starts.length; line < above; ) {
      const middle = (line + above) >> 1;
      if ((starts[middle] ?? 0) <= offset) line = middle + 1;
      else above = middle;
    }
    return line;
  };
}
