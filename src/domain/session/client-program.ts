/** The program of an agent's client, recognized by its executable and arguments alone. */
export interface ClientProgram {
  readonly executable: string | null
  readonly argv: readonly string[]
}

/**
 * npm, pnpm and bun install `…/@anthropic-ai/claude-code/bin/claude.exe` on every system (observed with
 * 2.1.332); the native installer `…/claude/versions/VERSION`; the desktop app, over SSH and in WSL,
 * `…/ccd-cli/VERSION` (public).
 */
const nativeBinary =
  /(^|\/)(\.?claude(-(un)?wrapped)?(\.exe)?|(claude\/versions|ccd-cli)\/\d+\.\d+\.\d+[^/]*)$/
const scriptHost = /(^|\/)(node|nodejs|bun|deno)[\d.-]*$/
const clientScript = /(@anthropic-ai\/|claude-code|claude-agent-sdk)[^\0]*\/cli\.m?js$/

export function isNativeClient({ executable }: ClientProgram): boolean {
  return nativeBinary.test(executable ?? "")
}

export function isScriptHost({ executable }: ClientProgram): boolean {
  return scriptHost.test(executable ?? "")
}

/** The client's script among the first arguments of a script host. */
export function clientScriptOf({ argv }: ClientProgram): string | undefined {
  return argv.slice(1, 4).find((argument) => clientScript.test(argument))
}

/** 1.x sets its process title: its arguments then read just `claude`. */
function isTitledClient({ argv }: ClientProgram): boolean {
  return argv[0] === "claude"
}

/** Whether a process may be ended as a client, regardless of what other sources say. */
export function isClientProgram(program: ClientProgram): boolean {
  if (isNativeClient(program)) return true
  return isScriptHost(program) && (clientScriptOf(program) !== undefined || isTitledClient(program))
}
