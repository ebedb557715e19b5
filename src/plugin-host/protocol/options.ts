import type { OptionKinds } from "../../sdk/contracts.ts"

/**
 * The plugin's declared options from the config file, checked for type; `warn` names unknown and invalid
 * ones.
 */
export function readOptions(
  given: Readonly<Record<string, unknown>>,
  known: OptionKinds,
  warn: (message: string) => void,
): Readonly<Record<string, unknown>> {
  const taken: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(given)) {
    const kind = Object.hasOwn(known, key) ? known[key] : undefined
    if (kind === undefined) {
      const names = Object.keys(known)
      warn(
        `"${key}" is unknown and was ignored (known: ${[...names, "enabled", "order", "timeout"].join(", ")})`,
      )
    } else if (!matchesKind(value, kind)) warn(`"${key}" was left out: it must be ${kindNames[kind]}`)
    else taken[key] = value
  }
  return taken
}

const kindNames = {
  string: "a text",
  number: "a number",
  boolean: "true or false",
  strings: "a list of texts",
}

function matchesKind(value: unknown, kind: OptionKinds[string]): boolean {
  if (kind === "strings") return Array.isArray(value) && value.every((each) => typeof each === "string")
  return typeof value === kind && !Number.isNaN(value)
}
