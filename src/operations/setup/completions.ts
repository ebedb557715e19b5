import { checksumLine } from "../../domain/client-config/ownership-line.ts"
import { removeEmptyFolders } from "../../system/fs/config-files.ts"
import { setUpFile, sha256 } from "./files.ts"
import type { SetupFacts, SetupStep } from "./steps.ts"

export interface CompletionFacts extends Pick<SetupFacts, "remove" | "dryRun"> {
  readonly home: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The shells that are here, each with its script. */
  readonly scripts: readonly { readonly shell: "bash" | "zsh" | "fish"; readonly script: string }[]
}

/** Writes the shells' completion files where each shell looks for them by itself; zsh has no such place of one's own. */
export async function setUpCompletions(facts: CompletionFacts): Promise<readonly SetupStep[]> {
  const steps: SetupStep[] = []
  for (const { shell, script } of facts.scripts) {
    const { folder, file } = completionPath(shell, facts)
    const text = `${script}# ${checksumLine(script, sha256)}`
    const step = await setUpFile({ what: "completion", name: shell, path: `${folder}/${file}`, text }, facts)
    const line = `in ~/.zshrc, before compinit: fpath=(${folder} $fpath)`
    steps.push(shell === "zsh" && step.why === null && !facts.remove ? { ...step, why: line } : step)
    if (facts.remove && !facts.dryRun) removeEmptyFolders(folder, facts.home)
  }
  return steps
}

function completionPath(shell: "bash" | "zsh" | "fish", { home, environment }: CompletionFacts) {
  const named = (variable: string, otherwise: string) =>
    environment[variable]?.startsWith("/") ? environment[variable] : otherwise
  const data = named("XDG_DATA_HOME", `${home}/.local/share`)
  const bash = named("BASH_COMPLETION_USER_DIR", `${data}/bash-completion`)
  return {
    bash: { folder: `${bash}/completions`, file: "session-rescue" },
    zsh: { folder: `${data}/zsh/site-functions`, file: "_session-rescue" },
    fish: {
      folder: `${named("XDG_CONFIG_HOME", `${home}/.config`)}/fish/completions`,
      file: "session-rescue.fish",
    },
  }[shell]
}
