import type { Filters } from "../query/filters.ts"

/**
 * Whether the filters select parts: then all matching parts are wanted, and no session of which only the title matches.
 */
export function selectsParts({ role, kind, tool, model, errors, commands, files }: Filters): boolean {
  return (role ?? kind ?? tool ?? model ?? errors ?? commands ?? files) !== undefined
}
