import type { Parsed } from "../framework/command.ts"

/** What a client gave, as the flags of the command that means the same: one reading and one wording of mistakes. */
export function typedAs(
  given: Readonly<Record<string, string | number | boolean | undefined>>,
  names: readonly string[] = [],
): Parsed {
  const flags = Object.entries(given).flatMap(([flag, value]) =>
    value === undefined || value === false ? [] : [[flag, value === true ? true : `${value}`] as const],
  )
  return { flags: new Map(flags), names }
}
