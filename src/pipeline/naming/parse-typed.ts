import { resolve } from "node:path"
import { type NameQuery, parseNameQuery } from "../../domain/session/naming.ts"

/** Parses a typed name relative to the working directory; `~` expands as in the shell. */
export function parseName(name: string, { paths }: { readonly paths: { readonly home: string } }): NameQuery {
  return parseNameQuery(name, (path) => resolve(path.replace(/^~(?=\/|$)/, paths.home)))
}
