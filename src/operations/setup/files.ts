import { createHash } from "node:crypto"
import { ownershipOf } from "../../domain/client-config/ownership-line.ts"
import { readTextFile, removeTextFile, replaceTextFile } from "../../system/fs/config-files.ts"
import { errorText, type SetupStep } from "./steps.ts"

export interface OwnFile extends Pick<SetupStep, "what" | "name" | "path"> {
  readonly text: string
}

/** Writes one file of ours, brings it up to date, or takes it away. Another's, or a changed one, is left as it is. */
export async function setUpFile(
  { what, name, path, text: wanted }: OwnFile,
  { remove, dryRun }: { readonly remove: boolean; readonly dryRun: boolean },
): Promise<SetupStep> {
  const step = (action: SetupStep["action"], why: string | null = null) => ({ what, name, path, action, why })
  try {
    const text = readTextFile(path)
    const owner = text === null ? null : ownershipOf(text, sha256)
    if (owner === "theirs")
      return remove ? step("absent") : step("kept", "a different file of that name exists")
    if (owner === "changed") return step("kept", "it was changed since setup wrote it")
    if (remove) {
      if (text === null) return step("absent")
      return dryRun || removeTextFile(path, text)
        ? step("removed")
        : step("failed", "it was changed just now")
    }
    if (text === wanted) return step("unchanged")
    if (!dryRun && !(await replaceTextFile(path, wanted, { expected: text, mode: 0o644 })))
      return step("failed", "it was changed just now")
    return step(text === null ? "written" : "updated")
  } catch (error) {
    return step("failed", errorText(error))
  }
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex")
}
