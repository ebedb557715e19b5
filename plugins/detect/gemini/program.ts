import { isScriptHost } from "session-rescue"

interface Program {
  readonly executable: string | null
  readonly argv: readonly string[]
}

/** npm's `bin/gemini`, the file that leads to, or the package's own entry (0.61.0, observed). */
const scriptPattern = /(^|\/)(gemini|gemini\.js|@google\/gemini-cli\/.*\.m?js)$/

/** A script host that runs the client's script: its launcher looks the same. */
export function isGeminiProgram(program: Program): boolean {
  return isScriptHost(program) && scriptIndex(program) !== -1
}

/** Where the script is among the arguments: the first that is not an option of the script host; -1 when it runs another one. */
function scriptIndex({ argv }: Program): number {
  const at = argv.findIndex((argument, index) => index > 0 && !argument.startsWith("-"))
  return at !== -1 && scriptPattern.test(argv[at] ?? "") ? at : -1
}

/** What a client was started with. */
export interface Arguments {
  /** `--resume ID`; null without one, or for `latest` and numbers, which name no session for good. */
  readonly resumes: string | null
  readonly mode: "interactive" | "headless" | "program"
  /** It runs no session: it lists or deletes some, or manages extensions. */
  readonly isHelper: boolean
}

const subcommands = new Set(["mcp", "extensions", "extension", "skills", "skill", "hooks", "hook", "gemma"])
const helperOptions = /^(--list-sessions|--delete-session(=.*)?|--list-extensions|-l|--version|-v|--help|-h)$/

export function argumentsOf(program: Program): Arguments {
  const given = program.argv.slice(scriptIndex(program) + 1)
  const optionOf = (...names: string[]): string | null => {
    const at = given.findIndex((each) => names.some((name) => each === name || each.startsWith(`${name}=`)))
    if (at === -1) return null
    const joined = given[at]?.split("=").slice(1).join("=") ?? ""
    return joined !== "" ? joined : (given[at + 1] ?? "")
  }
  const isProgram = given.some((each) => /^--(experimental-)?acp$/.test(each))
  const isHeadless = optionOf("-p", "--prompt") !== null
  return {
    resumes: optionOf("-r", "--resume", "--session-id"),
    mode: isProgram ? "program" : isHeadless ? "headless" : "interactive",
    isHelper: subcommands.has(given[0] ?? "") || given.some((each) => helperOptions.test(each)),
  }
}
