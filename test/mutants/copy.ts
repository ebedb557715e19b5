/** A copy of this checkout in a temporary folder: mutants live there, never in the checkout itself. */
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { type Mutant, without } from "./mutants.ts"

export const checkout = resolve(import.meta.dir, "../..")

const parts = ["src", "plugins", "test", "build", "build.ts", "package.json", "tsconfig.json", "bunfig.toml"]

export interface Copy {
  readonly folder: string
  /** Where the sandboxes of its tests keep what they need. */
  readonly scratch: string
  /** Takes a step out, and puts it back in. */
  remove(mutant: Mutant): void
  restore(mutant: Mutant): void
}

export function copyCheckout(below: string, name: string): Copy {
  const folder = join(below, name)
  const scratch = join(below, `${name}t`)
  mkdirSync(folder)
  mkdirSync(scratch)
  for (const part of parts) cpSync(join(checkout, part), join(folder, part), { recursive: true })
  symlinkSync(join(checkout, "node_modules"), join(folder, "node_modules")) // read there, never written
  const original = (file: string) => readFileSync(join(checkout, file), "utf8")
  return {
    folder,
    scratch,
    remove: (mutant) => writeFileSync(join(folder, mutant.file), without(mutant, original(mutant.file))),
    restore: ({ file }) => writeFileSync(join(folder, file), original(file)),
  }
}
