import { createHash } from "node:crypto"
import { type CommandFile, commandFiles, ownerOf } from "../../session/command-files.ts"
import { readOwnFile, removeEmptyFolder, removeOwnFile, replaceOwnFile } from "../../system/own-files.ts"
import { failure, type SetupFacts, type SetupStep } from "./steps.ts"

/** Writes the client's slash commands into its homes, or takes them away; what others wrote there is left alone. */
export async function setUpCommands(facts: SetupFacts): Promise<readonly SetupStep[]> {
  const steps: SetupStep[] = []
  for (const home of facts.homes) {
    for (const file of commandFiles(facts.program, sha256)) steps.push(await setUpOne(file, home, facts))
    if (facts.remove && !facts.dryRun) removeEmptyFolder(`${home}/commands`)
  }
  return steps
}

async function setUpOne(file: CommandFile, home: string, facts: SetupFacts): Promise<SetupStep> {
  const path = `${home}/commands/${file.name}.md`
  const step = (action: SetupStep["action"], why: string | null = null): SetupStep => {
    return { what: "command", name: `/${file.name}`, path, action, why }
  }
  try {
    const text = readOwnFile(path)
    const owner = text === null ? null : ownerOf(text, sha256)
    if (owner === "theirs")
      return facts.remove ? step("absent") : step("kept", "another command of that name is there")
    if (owner === "changed") return step("kept", "it was changed since it was written here, so it is yours")
    if (facts.remove) {
      if (text === null) return step("absent")
      return facts.dryRun || removeOwnFile(path, text)
        ? step("removed")
        : step("failed", "it was changed just now")
    }
    if (text === file.text) return step("unchanged")
    if (!facts.dryRun && !(await replaceOwnFile(path, file.text, { expected: text, mode: 0o644 })))
      return step("failed", "it was changed just now")
    return step(text === null ? "written" : "updated")
  } catch (error) {
    return step("failed", failure(error))
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex")
}
