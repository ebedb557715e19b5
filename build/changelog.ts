/**
 * Assembles CHANGELOG.md from the fragments of changelog/unreleased: prints the next section; `--release` writes it for the
 * version of package.json and removes the fragments; `--section VERSION` prints a released one.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { parseArgs } from "node:util"

const sections = ["added", "changed", "deprecated", "removed", "fixed", "security"]

interface Fragment {
  readonly path: string
  readonly section: string
  readonly text: string
}

export function readFragments(folder: string): Fragment[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".md"))
  return names.toSorted().map((name) => {
    const section = name.split("-")[0] ?? ""
    if (!sections.includes(section))
      throw new Error(`${name}: the name begins with none of ${sections.join(", ")}`)
    const text = readFileSync(join(folder, name), "utf8").trim()
    if (text === "") throw new Error(`${name} is empty`)
    return { path: join(folder, name), section, text }
  })
}

/** The body of a release: its sections in the order of Keep a Changelog, one list item a fragment. */
export function assemble(fragments: readonly Fragment[]): string {
  return sections
    .map((section) => [section, fragments.filter((fragment) => fragment.section === section)] as const)
    .filter(([, of]) => of.length > 0)
    .map(([section, of]) => {
      const items = of.map(({ text }) => `- ${text.replaceAll("\n", "\n  ")}`)
      return `### ${section.charAt(0).toUpperCase()}${section.slice(1)}\n\n${items.join("\n")}`
    })
    .join("\n\n")
}

/** The changelog with a new release on top. */
export function addRelease(changelog: string, version: string, date: string, body: string): string {
  if (sectionOf(changelog, version) !== null) throw new Error(`CHANGELOG.md already has ${version}`)
  if (body === "") throw new Error("nothing is unreleased")
  const first = changelog.search(/^## /m)
  const [head, rest] =
    first === -1 ? [changelog, ""] : [changelog.slice(0, first), `\n${changelog.slice(first)}`]
  return `${head.trimEnd()}\n\n## [${version}] - ${date}\n\n${body}\n${rest}`
}

export function sectionOf(changelog: string, version: string): string | null {
  const parts = changelog.split(/^(?=## )/m)
  const found = parts.find((part) => part.startsWith(`## [${version}]`))
  return found === undefined ? null : found.replace(/^## .*\n/, "").trim()
}

function main(root: string): void {
  const { values } = parseArgs({
    options: { release: { type: "boolean", default: false }, section: { type: "string" } },
  })
  const target = join(root, "CHANGELOG.md")
  const changelog = readFileSync(target, "utf8")
  if (values.section !== undefined) {
    const section = sectionOf(changelog, values.section)
    if (section === null) throw new Error(`CHANGELOG.md has no ${values.section}`)
    console.log(section)
    return
  }
  const fragments = readFragments(join(root, "changelog/unreleased"))
  const body = assemble(fragments)
  if (!values.release) {
    console.log(body)
    return
  }
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  writeFileSync(target, addRelease(changelog, version, new Date().toISOString().slice(0, 10), body))
  for (const { path } of fragments) rmSync(path)
  console.log(`${basename(target)} has ${version}`)
}

if (import.meta.main) main(join(import.meta.dir, ".."))
