import { type JsonObject, type JsonPart, readJsonText } from "./json-parse.ts"

/** Events at which the named session is saved: before it is compacted, and when it ends. */
export const savingEvents = ["PreCompact", "SessionEnd"] as const
/**
 * Events at which the watcher's look is made, where no watcher runs. Without StopFailure: a client that does not know an
 * event takes none of the hooks of that file (2.0.60, observed).
 */
const lookingEvents = ["Stop", "Notification", "SessionStart"] as const

/** The client hooks that we register. */
export const hookEvents = [...savingEvents, ...lookingEvents] as const

export type HookEvent = (typeof hookEvents)[number]

export function isLookingEvent(event: string): boolean {
  return lookingEvents.some((each) => each === event)
}

/**
 * Matches every form of our hook command, of this and other versions, including the file names of release
 * binaries.
 */
export const ourCommandPattern =
  /(?:^|\/|^\{ )session-rescue'? hook (?:PreCompact|SessionEnd|Stop|Notification|SessionStart)\b|'? hook (?:PreCompact|SessionEnd) >\/dev\/null 2>&1 \|\| true|'? hook [A-Za-z]+ <&3 >\/dev\/null 2>&1 & \} 3<&0/

/** Our hooks in a settings file, with their commands. */
export function findHooks(
  text: string | null,
): readonly { readonly event: HookEvent; readonly command: string }[] {
  if (text === null || reasonNotEditable(text) !== null) return []
  return hookEvents.flatMap((event) =>
    commandsOf(text, event)
      .filter(isOurCommand)
      .map((command) => ({ event, command })),
  )
}

export function reasonNotEditable(text: string): string | null {
  const root = readJsonText(text)
  if (root === null) return "it is not valid JSON (damaged, or with comments)"
  if (root.kind !== "object") return "it is not a JSON object"
  if (root.parts.filter(({ key }) => key === "hooks").length > 1) return 'it has "hooks" twice'
  const hooks = member(root, "hooks")
  if (hooks !== null && hooks.kind !== "object") return '"hooks" in it is not an object'
  for (const event of hookEvents) {
    const groups = hooks === null ? null : member(hooks, event)
    if (groups !== null && groups.kind !== "array") return `"hooks.${event}" in it is not a list`
    const named = hooks?.kind === "object" ? hooks.parts.filter(({ key }) => key === event) : []
    if (named.length > 1) return `it has "hooks.${event}" twice`
  }
  return null
}

export function commandsOf(text: string, event: HookEvent): string[] {
  const root = readJsonText(text) as JsonObject
  const hooks = member(root, "hooks")
  const groups = hooks?.kind === "object" ? member(hooks, event) : null
  if (groups?.kind !== "array") return []
  return groups.parts.flatMap(({ value: group }) => {
    const list = group.kind === "object" ? member(group, "hooks") : null
    return list?.kind === "array" ? list.parts.map(({ value }) => commandIn(text, value)) : []
  })
}

export function commandIn(text: string, hook: JsonPart): string {
  const command = hook.kind === "object" ? member(hook, "command") : null
  const value: unknown = command === null ? null : JSON.parse(text.slice(command.from, command.to))
  return typeof value === "string" ? value : ""
}

export function isOurCommand(command: string): boolean {
  return ourCommandPattern.test(command)
}

export function member(object: JsonObject, key: string): JsonPart | null {
  return object.parts.find((part) => part.key === key)?.value ?? null
}
