import { dirname } from "node:path"
import { isOnlyOwnBlock, removeMarkedBlocks } from "../../domain/client-config/ownership-line.ts"
import {
  readTextFile,
  removeEmptyFolders,
  removeTextFile,
  replaceTextFile,
} from "../../system/fs/config-files.ts"
import { errorText, type SetupStep } from "./steps.ts"

/** Takes the line for PATH, which install.sh wrote, out of the shells' start-up files. */
export async function removePathLine(
  home: string,
  zdotdir: string | undefined,
  dryRun: boolean,
): Promise<SetupStep[]> {
  const names = [".profile", ".bashrc", ".bash_profile", ".zshrc", ".config/fish/config.fish"]
  const files = [
    ...names.map((name) => `${home}/${name}`),
    ...(zdotdir?.startsWith("/") ? [`${zdotdir}/.zshrc`] : []),
  ]
  const steps: SetupStep[] = []
  for (const path of new Set(files)) {
    const step = (action: SetupStep["action"], why: string | null = null): SetupStep => {
      return { what: "path", name: "the line for PATH", path, action, why }
    }
    try {
      const text = readTextFile(path, "latin1")
      const after = text === null ? null : removeMarkedBlocks(text)
      if (text === null || after === null || after === text) continue
      const isOurs = isOnlyOwnBlock(text)
      const done =
        dryRun ||
        (isOurs
          ? removeTextFile(path, text, "latin1")
          : await replaceTextFile(path, after, { expected: text, mode: 0o600, encoding: "latin1" }))
      if (isOurs && done && !dryRun) removeEmptyFolders(dirname(path), home)
      steps.push(done ? step("removed") : step("failed", "it was changed just now"))
    } catch (error) {
      steps.push(step("failed", errorText(error)))
    }
  }
  return steps
}
