import type { Filters } from "../query/filters.ts"

/** Asked for parts of a kind, nobody wants a session of which only the title fits, and everybody all parts of it. */
export function selectsParts({ role, kind, tool, model, errors, commands, files }: Filters): boolean {
  return (role ?? kind ?? tool ?? model ?? errors ?? commands ?? files) !== undefined
}
