/** Whether what a row needs is there; when not, the row is skipped, and nobody can miss it. */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { copiesHere, whyNotCopied } from "../fixtures/disk.ts"
import { isolated } from "../guard.ts"
import { skipped } from "./harness/counters.ts"

const script = join(import.meta.dir, "tools.sh")
process.env.PATH = `${process.env.PATH}:/usr/sbin:/sbin`

const table = Bun.spawnSync(["sh", script, "--list"])
  .stdout.toString()
  .trim()
  .split("\n")
  .map((line) => line.split("|"))

/**
 * Names of tools.sh's table; "mounts": the privilege to mount in a namespace of our own; "a disk that copies": one
 * that does not clone large files.
 */
export function able(row: string, ...needs: readonly string[]): boolean {
  const why = needs.flatMap((need) => lacking(need) ?? [])
  if (why.length > 0) skipped(row, why.join("; "))
  return why.length === 0
}

function lacking(need: string): string | null {
  if (need === "mounts") return mounting()
  if (need === "a disk that copies") return copiesHere ? null : whyNotCopied
  const entry = table.find(([name]) => name === need)
  if (entry === undefined) throw new Error(`${need} is not named in test/faults/tools.sh`)
  if (need.startsWith("/") ? existsSync(need) : Bun.which(need) !== null) return null
  return `${need} is missing (package ${entry[1]}; install with: sh test/faults/tools.sh)`
}

function mounting(): string | null {
  if (!isolated) return "no mount namespace of our own (test/sandbox.sh)"
  return process.getuid?.() === 0 ? null : "mounting needs root"
}
