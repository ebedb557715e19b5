import { commandIn, hookEvents, isOurs, member } from "./hooks-in-settings.ts"
import { removePart } from "./json-edit.ts"
import { type JsonObject, readJsonText } from "./json-parse.ts"

/** One after the other, reading anew each time: what is removed moves what stands behind it. */
export function withoutOurs(text: string, andEmpty: boolean): string {
  for (let rest = text; ; ) {
    const next = withoutFirst(rest, andEmpty)
    if (next === null) return rest
    rest = next
  }
}

function withoutFirst(text: string, andEmpty: boolean): string | null {
  const root = readJsonText(text) as JsonObject
  const hooks = member(root, "hooks")
  if (hooks?.kind !== "object") return null
  for (const [place, { key, value: groups }] of hooks.parts.entries()) {
    if (groups.kind !== "array" || !hookEvents.some((event) => event === key)) continue
    for (const [index, { value: group }] of groups.parts.entries()) {
      const list = group.kind === "object" ? member(group, "hooks") : null
      if (list?.kind !== "array") continue
      const at = list.parts.findIndex(({ value }) => isOurs(commandIn(text, value)))
      if (at === -1) continue
      if (list.parts.length > 1) return removePart(text, list, at)
      if (groups.parts.length > 1 || !andEmpty) return removePart(text, groups, index)
      if (hooks.parts.length > 1) return removePart(text, hooks, place)
      return removePart(
        text,
        root,
        root.parts.findIndex((part) => part.key === "hooks"),
      )
    }
  }
  return null
}
