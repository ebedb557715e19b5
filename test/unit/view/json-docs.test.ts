/** docs/json.md names every field that a document has, and no other. */
import { expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { helpDocument, versionDocument } from "../../../src/view/terminal/json.ts"
import { shownDocument } from "./index-views.ts"
import { terminal } from "./stream.ts"
import { documents } from "./views.ts"

const page = readFileSync(join(import.meta.dir, "../../../docs/json.md"), "utf8")
const text = "a-plugin's-own"

/** Every name of a field, at any depth; what a plugin answered is its own affair. */
function fieldsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(fieldsOf)
  if (value === null || typeof value !== "object") return []
  return Object.entries(value).flatMap(([name, inner]) => [name, ...fieldsOf(inner)])
}

const { out, text: shown } = terminal(null)
await shownDocument(text, out)
const printed = {
  show: JSON.parse(shown()),
  completions: { shell: "bash", script: "" },
  help: helpDocument(""),
  version: versionDocument("0.1.0"),
}
const all = [...Object.values(documents).map((document) => document(text)), ...Object.values(printed)]
/** What the table's act plugin of a user answers. */
const answered = [text, "lines"]
const fields = new Set(all.flatMap(fieldsOf).filter((name) => !answered.includes(name)))

test("every field of a document is on the page", () => {
  const missing = [...fields].filter((name) => !new RegExp(`["\`]${name}["\`]`).test(page))
  expect(missing.toSorted()).toEqual([])
})

test("every field on the page is one of a document", () => {
  const named = [...page.matchAll(/[{,]"([a-zA-Z0-9]+)"/g)].map(([, name = ""]) => name)
  expect(named.length).toBeGreaterThan(100)
  expect([...new Set(named)].filter((name) => !fields.has(name)).toSorted()).toEqual([])
})
