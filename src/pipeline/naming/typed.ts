import { resolve } from "node:path"
import { readTyped, type Typed } from "../../domain/session/naming.ts"

/** What was typed, read as seen from the folder we are in; `~` counts as the shell would have taken it. */
export function typedHere(name: string, { paths }: { readonly paths: { readonly home: string } }): Typed {
  return readTyped(name, (path) => resolve(path.replace(/^~(?=\/|$)/, paths.home)))
}
