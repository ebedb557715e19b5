import { commandFiles } from "../../domain/client-config/slash-commands.ts"
import { removeFolderIfEmpty } from "../../system/fs/config-files.ts"
import { setUpFile, sha256 } from "./files.ts"
import type { SetupFacts, SetupStep } from "./steps.ts"

/** Writes the client's slash commands into its homes, or takes them away; what others wrote there is left alone. */
export async function setUpCommands(facts: SetupFacts): Promise<readonly SetupStep[]> {
  const steps: SetupStep[] = []
  for (const home of facts.homes) {
    for (const { name, text } of commandFiles(facts.program, sha256)) {
      const path = `${home}/commands/${name}.md`
      steps.push(await setUpFile({ what: "command", name: `/${name}`, path, text }, facts))
    }
    if (facts.remove && !facts.dryRun) removeFolderIfEmpty(`${home}/commands`)
  }
  return steps
}
