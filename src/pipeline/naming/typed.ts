import { resolve } from "node:path"
import { type NameQuery, parseNameQuery } from "../../domain/session/naming.ts"

/** What was typed, read as seen from the folder we are in; `~` counts as the shell would have taken it. */
export function parseName(name: string, { paths }: { readonly paths: { readonly home: string } }): NameQuery {
  return parseNameQuery(name, (path) => resolve(path.replace(/^~(?=\/|$)/, paths.home)))
}
