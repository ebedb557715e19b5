/**
 * Writes docs/schema/NAME.json, a JSON Schema (draft 2020-12) of each document, from the types of build/documents.ts:
 * `bun run docs`; `--check` only says whether they are fresh. Every key is required unless its type says that it may be
 * absent, and no other key is allowed.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import ts from "typescript"

const root = join(import.meta.dir, "..")
const folder = join(root, "docs/schema")
const entry = join(import.meta.dir, "documents.ts")

type Schema = boolean | { readonly [key: string]: unknown }

const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile)
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
const program = ts.createProgram([entry], options)
const checker = program.getTypeChecker()

function documents(): Map<string, ts.Type> {
  const source = program.getSourceFile(entry)
  const module = source && checker.getSymbolAtLocation(source)
  const symbol = module && checker.getExportsOfModule(module).find(({ name }) => name === "Documents")
  if (symbol === undefined) throw new Error(`${entry} exports no Documents`)
  const properties = checker.getDeclaredTypeOfSymbol(symbol).getProperties()
  return new Map(properties.map((property) => [property.name, checker.getTypeOfSymbol(property)]))
}

const is = (type: ts.Type, flags: ts.TypeFlags) => (type.flags & flags) !== 0

function schemaOf(type: ts.Type, path: string): Schema {
  if (path.split(".").length > 20) throw new Error(`${path}: a type that holds itself`)
  if (is(type, ts.TypeFlags.Any)) throw new Error(`${path} is any`)
  if (is(type, ts.TypeFlags.Unknown)) return true
  if (is(type, ts.TypeFlags.Never)) return false
  if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value }
  if (is(type, ts.TypeFlags.BooleanLiteral)) return { const: checker.typeToString(type) === "true" }
  if (is(type, ts.TypeFlags.StringLike)) return { type: "string" }
  if (is(type, ts.TypeFlags.NumberLike)) return { type: "number" }
  if (is(type, ts.TypeFlags.Null)) return { type: "null" }
  if (type.isUnion()) return unionOf(type, path)
  if (type.isIntersection() && type.types.some((part) => !is(part, ts.TypeFlags.Object)))
    return brandedOf(type, path)
  if (is(type, ts.TypeFlags.Object | ts.TypeFlags.Intersection)) return objectOf(type, path)
  throw new Error(`${path}: no schema for ${checker.typeToString(type)}`)
}

/** A branded string or number: what is printed is the string or number. */
function brandedOf({ types }: ts.IntersectionType, path: string): Schema {
  const [plain] = types.filter((part) => !is(part, ts.TypeFlags.Object))
  if (plain === undefined) throw new Error(`${path}: an intersection of nothing`)
  return schemaOf(plain, path)
}

function unionOf({ types }: ts.UnionType, path: string): Schema {
  const present = types.filter((part) => !is(part, ts.TypeFlags.Undefined))
  const schemas = present.map((part) => schemaOf(part, path))
  if (schemas.includes(true)) return true
  const distinct = [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()]
  const constants = distinct.flatMap((schema) =>
    typeof schema === "object" && "const" in schema ? [schema.const] : [],
  )
  const others = distinct.filter((schema) => typeof schema !== "object" || !("const" in schema))
  const isBoolean = constants.includes(true) && constants.includes(false)
  const values = isBoolean ? constants.filter((value) => typeof value !== "boolean") : constants
  const parts: Schema[] = [
    ...(isBoolean ? [{ type: "boolean" }] : []),
    ...(values.length === 1
      ? [{ const: values[0] }]
      : values.length > 1
        ? [{ enum: values.toSorted() }]
        : []),
    ...others,
  ]
  const [only] = parts
  return parts.length === 1 && only !== undefined ? only : simplify(parts)
}

/** `string | null` as one list of types. */
function simplify(parts: readonly Schema[]): Schema {
  const plain = parts.every((part) => typeof part === "object" && Object.keys(part).join() === "type")
  if (!plain) return { anyOf: parts }
  return { type: parts.map((part) => (typeof part === "object" ? part.type : null)) }
}

function objectOf(type: ts.Type, path: string): Schema {
  if (checker.isTupleType(type)) {
    const items = checker.getTypeArguments(type as ts.TypeReference)
    return {
      type: "array",
      prefixItems: items.map((item) => schemaOf(item, `${path}[]`)),
      minItems: items.length,
      maxItems: items.length,
    }
  }
  if (checker.isArrayType(type)) {
    const [item] = checker.getTypeArguments(type as ts.TypeReference)
    if (item === undefined) throw new Error(`${path}: an array of nothing`)
    return { type: "array", items: schemaOf(item, `${path}[]`) }
  }
  if (type.getCallSignatures().length > 0) throw new Error(`${path} is a function`)
  const index = checker.getIndexTypeOfType(type, ts.IndexKind.String)
  if (index !== undefined) return { type: "object", additionalProperties: schemaOf(index, `${path}.*`) }
  const properties: Record<string, Schema> = {}
  const required: string[] = []
  for (const property of checker.getPropertiesOfType(type)) {
    const { name } = property
    const inner = checker.getTypeOfSymbol(property)
    if (is(inner, ts.TypeFlags.Undefined)) continue // `...(condition ? {} : { key })`: never printed here
    properties[name] = name === "schemaVersion" ? { const: 1 } : schemaOf(inner, `${path}.${name}`)
    if (!mayBeAbsent(property, inner)) required.push(name)
  }
  return { type: "object", properties, required, additionalProperties: false }
}

function mayBeAbsent(property: ts.Symbol, type: ts.Type): boolean {
  const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0
  return isOptional || (type.isUnion() && type.types.some((part) => is(part, ts.TypeFlags.Undefined)))
}

const check = process.argv.includes("--check")
const written = new Map(
  [...documents()].map(([name, type]) => {
    const head = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $comment: 'Generated by build/generate-schemas.ts ("bun run docs"): do not edit.',
      title: `session-rescue: ${name}`,
    }
    const schema = schemaOf(type, name)
    return [`${name}.json`, `${JSON.stringify({ ...head, ...(schema as object) }, null, 2)}\n`]
  }),
)
mkdirSync(folder, { recursive: true })
for (const file of readdirSync(folder)) {
  if (written.has(file)) continue
  if (check) stale(file)
  else rmSync(join(folder, file))
}
for (const [file, text] of written) {
  if (!check) writeFileSync(join(folder, file), text)
  else if (!readdirSync(folder).includes(file) || readFileSync(join(folder, file), "utf8") !== text)
    stale(file)
}

function stale(file: string): void {
  console.error(`docs/schema/${file} is stale: bun run docs`)
  process.exitCode = 1
}
