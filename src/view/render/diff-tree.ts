import { structuredPatch } from "diff"
import type { FileEdit } from "../../domain/conversation/message-part.ts"
import { type Element, element, type Tree } from "./tree.ts"

/** Longer texts are not compared: both are shown. */
const maxCharacters = 100_000
const contextLines = 3
/** A comparison that takes longer is given up. */
const maxEditLength = 2000

/** An edit as its changed lines. */
export function editTree({ path, before, after }: FileEdit): Element {
  return element("div", { class: "edit" }, element("p", { class: "path" }, path), diffBlock(before, after))
}

function diffBlock(before: string, after: string): Element {
  if (before === "") return lineBlock(after.split("\n").map((line) => `+${line}`))
  const isLong = before.length + after.length > maxCharacters
  const patch = isLong
    ? undefined
    : structuredPatch("", "", before, after, undefined, undefined, { context: contextLines, maxEditLength })
  if (patch === undefined)
    return lineBlock([
      ...before.split("\n").map((line) => `-${line}`),
      ...after.split("\n").map((line) => `+${line}`),
    ])
  return lineBlock(
    patch.hunks.flatMap(({ lines }, index) => [
      ...(index === 0 ? [] : ["⋯"]),
      ...lines.filter((line) => !line.startsWith("\\")),
    ]),
  )
}

/** A patch as Codex's tool takes it. */
export function isPatch(text: string): boolean {
  return text.startsWith("*** Begin Patch")
}

export function patchTree(text: string): Element {
  return lineBlock(text.split("\n"))
}

/** Lines with their first sign; runs of equal ones are one element. */
function lineBlock(lines: readonly string[]): Element {
  const children: Tree[] = []
  let run: string[] = []
  let kind = ""
  const flush = () => {
    const text = run.join("\n")
    if (run.length > 0)
      children.push(kind === "" ? `${text}\n` : element("span", { class: kind }, `${text}\n`))
    run = []
  }
  for (const line of lines) {
    const next = line.startsWith("+") ? "added" : line.startsWith("-") ? "removed" : ""
    if (next !== kind) flush()
    kind = next
    run.push(line)
  }
  flush()
  return element("pre", { class: "diff", tabindex: "0" }, ...children)
}
