import { skillName, skillText } from "../../domain/client-config/skill.ts"
import { removeEmptyFolders, removeFolderIfEmpty } from "../../system/fs/config-files.ts"
import type { SetupAgent } from "./agents.ts"
import { setUpFile, sha256 } from "./files.ts"
import type { SetupFacts, SetupStep } from "./steps.ts"

/** Writes the skill that tells each agent's model when to look something up, or takes it away. */
export async function setUpSkills(
  agents: readonly SetupAgent[],
  facts: Omit<SetupFacts, "homes">,
): Promise<readonly SetupStep[]> {
  const steps: SetupStep[] = []
  for (const { agent, skills } of agents) {
    const path = `${skills}/${skillName}/SKILL.md`
    const name = `${skillName} for ${agent}`
    steps.push(await setUpFile({ what: "skill", name, path, text: skillText(facts.program, sha256) }, facts))
    if (!facts.remove || facts.dryRun) continue
    removeEmptyFolders(`${skills}/${skillName}`, skills)
    removeFolderIfEmpty(skills)
  }
  return steps
}
