/**
 * Writes src/operations/plugin-dev/sdk-types.generated.ts: the types of "session-rescue" as one file that an
 * editor understands without any package. `bun run plugins`; `--check` only reports
 * whether it is up to date.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { basename, resolve } from "node:path"
import ts from "typescript"

const root = resolve(import.meta.dir, "..")
const entry = `${root}/src/sdk/index.ts`
const target = `${root}/src/operations/plugin-dev/sdk-types.generated.ts`

const { config } = ts.readConfigFile(`${root}/tsconfig.json`, ts.sys.readFile)
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
const program = ts.createProgram([entry], {
  ...options,
  noEmit: false,
  declaration: true,
  emitDeclarationOnly: true,
})
const checker = program.getTypeChecker()

interface Statement {
  readonly file: string
  readonly text: string
}

/** All declarations of the files that the SDK reaches, by name. */
function declarations(): Map<string, Statement[]> {
  const all = new Map<string, Statement[]>()
  program.emit(undefined, (path, text) => {
    if (!path.endsWith(".d.ts")) return
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
    for (const statement of source.statements) {
      const name = nameOf(statement)
      if (name === null) continue
      all.set(name, [...(all.get(name) ?? []), { file: path, text: statement.getFullText().trim() }])
    }
  })
  return all
}

function nameOf(statement: ts.Statement): string | null {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations[0]?.name.getText() ?? null
  const named =
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement)
  return named ? (statement.name?.text ?? null) : null
}

/** The exports, each with the file that declares it. */
function exported(): Map<string, ts.Symbol> {
  const source = program.getSourceFile(entry)
  const symbol = source && checker.getSymbolAtLocation(source)
  if (symbol === undefined) throw new Error(`${entry} exports nothing`)
  return new Map(checker.getExportsOfModule(symbol).map((each) => [each.name, each]))
}

const inferred = /InferOutput</

/** Types that a library infers from a schema are written out. */
function writtenOut(name: string, file: string): string | null {
  const source = program.getSourceFile(file.replace(/\.d\.ts$/, ".ts"))
  for (const statement of source?.statements ?? []) {
    if (!ts.isTypeAliasDeclaration(statement) || statement.name.text !== name) continue
    const flags =
      ts.TypeFormatFlags.NoTruncation |
      ts.TypeFormatFlags.InTypeAlias |
      ts.TypeFormatFlags.MultilineObjectLiterals
    const type = checker.typeToString(checker.getTypeAtLocation(statement.name), undefined, flags)
    return `export type ${name} = ${type.replace(/ {4,}/g, "\n$&").replace(/}$/, "\n}")}`
  }
  return null
}

/** `brand` is declared in several files, with a different meaning in each. */
function renamed(name: string, file: string): string {
  const [first = "", ...rest] = basename(file, ".d.ts").split("-")
  return first + [...rest, name].map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join("")
}

function generate(): string {
  const all = declarations()
  const wanted = exported()
  const clashing = new Set([...all].filter(([, each]) => each.length > 1).map(([name]) => name))
  const taken = new Map<string, string>()
  const waiting = [...wanted.keys()].toSorted()
  while (waiting.length > 0) {
    const name = waiting.shift() ?? ""
    if (taken.has(name)) continue
    const places = all.get(name) ?? []
    const statement = places[0]
    if (statement === undefined || places.length > 1) continue
    let text = inferred.test(statement.text)
      ? (writtenOut(name, statement.file) ?? statement.text)
      : statement.text
    const helpers = [...clashing].filter((each) => new RegExp(`\\b${each}\\b`).test(text))
    for (const each of helpers) {
      const own = all.get(each)?.find(({ file }) => file === statement.file)
      if (own === undefined) continue
      const better = renamed(each, own.file)
      text = text.replaceAll(new RegExp(`\\b${each}\\b`, "g"), better)
      taken.set(better, own.text.replaceAll(new RegExp(`\\b${each}\\b`, "g"), better))
    }
    text = text
      .replace(/^((?:\/\*\*[\s\S]*?\*\/\s*)?)export /, "$1")
      .replace(/^((?:\/\*\*[\s\S]*?\*\/\s*)?)declare /, "$1")
    const ambient = /^(?:\/\*\*[\s\S]*?\*\/\s*)?(const|function|class) /.test(text)
    const prefix = `${wanted.has(name) ? "export " : ""}${ambient ? "declare " : ""}`
    taken.set(name, text.replace(/^((?:\/\*\*[\s\S]*?\*\/\s*)?)/, `$1${prefix}`))
    for (const [word] of text.matchAll(/\b[A-Za-z_]\w*\b/g))
      if (all.has(word) && !taken.has(word)) waiting.push(word)
  }
  const body = [...taken].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text)
  const head =
    "// The types of session-rescue's plugins: written by `session-rescue plugin new`, read by your editor."
  const types = `${[head, ...body].join("\n\n")}\n\nexport {}\n`.replace(/^( {4})+/gm, (indent) =>
    indent.slice(indent.length / 2),
  )
  const quoted = types.replace(/[\\`]|\$\{/g, "\\$&")
  return `// Generated by build/generate-sdk-types.ts ("bun run plugins"): do not edit.\n\nexport const sdkTypes = \`${quoted}\`\n`
}

const text = generate()
if (!process.argv.includes("--check")) writeFileSync(target, text)
else if (readFileSync(target, "utf8") !== text) {
  console.error(`${target.slice(root.length + 1)} is stale: bun run plugins`)
  process.exitCode = 1
}
