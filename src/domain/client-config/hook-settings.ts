/** The client's configuration: edits of its hook settings and slash commands. */
import {
  commandIn,
  commandsOf,
  type HookEvent,
  hookEvents,
  isOurCommand,
  member,
  ourCommandPattern,
  reasonNotEditable,
} from "./hooks-in-settings.ts"
import { addItem, addMember, removePart } from "./json-edit.ts"
import { type JsonObject, readJsonText } from "./json-parse.ts"

/** Initial content of a new settings file. */
const emptySettings = "{}\n"

/** `text` is null for a file that does not exist. */
export type HookEdit = { readonly text: string | null } | { readonly why: string }

/**
 * Registers our commands in the text of a settings file and keeps every other byte. Replaces an older command
 * of ours. Refuses text that is damaged, has comments, or has another shape than the client's.
 */
export function registerHooks(
  text: string | null,
  commandOf: (event: HookEvent) => string,
  events: readonly HookEvent[] = hookEvents,
): HookEdit {
  const before = text ?? emptySettings
  const wrong = reasonNotEditable(before)
  if (wrong !== null) return { why: wrong }
  const wanted = (event: HookEvent) => (events.includes(event) ? commandOf(event) : "")
  if (hookEvents.every((event) => commandsOf(before, event).filter(isOurCommand).join() === wanted(event)))
    return { text }
  const cleared = removeOurHooks(before, false)
  const after = events.reduce((soFar, event) => addHook(soFar, event, commandOf(event)), cleared)
  return { text: after }
}

/** Removes our commands, and the containers they leave empty. */
export function unregisterHooks(text: string | null): HookEdit {
  if (text === null || !ourCommandPattern.test(text)) return { text }
  const wrong = reasonNotEditable(text)
  return wrong === null ? { text: removeOurHooks(text, true) } : { why: wrong }
}

/** Whether a settings file holds no settings. */
export function isEmptySettings(text: string): boolean {
  return text.trim() === "{}"
}

function addHook(text: string, event: HookEvent, command: string): string {
  const group = { hooks: [{ type: "command", command }] }
  const root = readJsonText(text) as JsonObject
  const hooks = member(root, "hooks") as JsonObject | null
  if (hooks === null) return addMember(text, root, "hooks", { [event]: [group] })
  const groups = member(hooks, event)
  return groups?.kind === "array" ? addItem(text, groups, group) : addMember(text, hooks, event, [group])
}

/** Removes one hook at a time and parses again after each: a removal shifts later positions. */
function removeOurHooks(text: string, andEmpty: boolean): string {
  for (let rest = text; ; ) {
    const next = removeFirstHook(rest, andEmpty)
    if (next === null) return rest
    rest = next
  }
}

function removeFirstHook(text: string, andEmpty: boolean): string | null {
  const root = readJsonText(text) as JsonObject
  const hooks = member(root, "hooks")
  if (hooks?.kind !== "object") return null
  for (const [place, { key, value: groups }] of hooks.parts.entries()) {
    if (groups.kind !== "array" || !hookEvents.some((event) => event === key)) continue
    for (const [index, { value: group }] of groups.parts.entries()) {
      const list = group.kind === "object" ? member(group, "hooks") : null
      if (list?.kind !== "array") continue
      const at = list.parts.findIndex(({ value }) => isOurCommand(commandIn(text, value)))
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
