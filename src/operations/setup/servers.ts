import {
  registerServer,
  type ServerEdit,
  serverName,
  unregisterServer,
} from "../../domain/client-config/mcp-servers.ts"
import { registerServerInToml, unregisterServerInToml } from "../../domain/client-config/mcp-servers-toml.ts"
import { hasContent, readTextFile, removeTextFile, replaceTextFile } from "../../system/fs/config-files.ts"
import type { ServersFile, SetupAgent } from "./agents.ts"
import { errorText, type SetupFacts, type SetupStep } from "./steps.ts"

const serverBackupSuffix = ".before-session-rescue-mcp"

/** Registers this program as an MCP server with each agent, or takes it away; all else in their files is kept. */
export async function setUpServers(
  agents: readonly SetupAgent[],
  facts: Omit<SetupFacts, "homes">,
): Promise<readonly SetupStep[]> {
  const steps: SetupStep[] = []
  for (const { agent, servers } of agents) steps.push(...(await setUpServer(agent, servers, facts)))
  return steps
}

async function setUpServer(
  agent: string,
  file: ServersFile,
  { program, remove, dryRun }: Omit<SetupFacts, "homes">,
): Promise<readonly SetupStep[]> {
  const { path } = file
  const name = `${serverName} for ${agent}`
  const step = (action: SetupStep["action"], why: string | null = null): SetupStep => {
    return { what: "mcp", name, path, action, why }
  }
  try {
    const text = readTextFile(path)
    const edit = remove ? withoutServer(text, file) : withServer(text, file, program)
    if ("why" in edit) return [step(remove ? "failed" : "kept", `${edit.why}; it was not changed`)]
    if (edit.text === text || edit.text === null) return [step(remove ? "absent" : "unchanged")]
    if (!hasContent(path, text))
      return [step(remove ? "failed" : "kept", "it is not valid UTF-8; it was not changed")]
    if (remove) return [await removeServer({ path, text: text ?? "", after: edit.text }, dryRun, step)]
    const backup = await backUp(path, text, file, dryRun)
    const done = dryRun || (await replaceTextFile(path, edit.text, { expected: text, mode: 0o600 }))
    if (!done) return [step("failed", "it was changed just now; try again")]
    const had = withoutServer(text, file)
    const updated = !("why" in had) && had.text !== text
    return [
      ...backup,
      { ...step(updated ? "updated" : "written"), change: changedLines(text ?? "", edit.text) },
    ]
  } catch (error) {
    return [step("failed", errorText(error))]
  }
}

function withServer(text: string | null, file: ServersFile, program: string): ServerEdit {
  if (file.format === "json") return registerServer(text, file.entry(program), file.where)
  return registerServerInToml(text, { command: program, args: ["mcp"] }, Bun.TOML.parse)
}

function withoutServer(text: string | null, file: ServersFile): ServerEdit {
  if (file.format === "json") return unregisterServer(text, file.where)
  return unregisterServerInToml(text, Bun.TOML.parse)
}

/** Once, before the first change: the file as it was without us. */
async function backUp(
  path: string,
  text: string | null,
  file: ServersFile,
  dryRun: boolean,
): Promise<readonly SetupStep[]> {
  const backup = path + serverBackupSuffix
  const had = text === null ? null : withoutServer(text, file)
  if (text === null || had === null || "why" in had || had.text !== text || readTextFile(backup) !== null)
    return []
  if (!dryRun) await replaceTextFile(backup, text, { expected: null, mode: 0o600 })
  const name = path.slice(path.lastIndexOf("/") + 1)
  return [{ what: "backup", name, path: backup, action: "written", why: null }]
}

/** A file that did not exist before goes again; the backup goes with what it was made for. */
async function removeServer(
  { path, text, after }: { readonly path: string; readonly text: string; readonly after: string },
  dryRun: boolean,
  step: (action: SetupStep["action"], why?: string) => SetupStep,
): Promise<SetupStep> {
  if (dryRun) return step("removed")
  const backup = path + serverBackupSuffix
  const saved = readTextFile(backup)
  const isOnlyOurs = saved === null && ["", "{}"].includes(after.trim())
  const done = isOnlyOurs
    ? removeTextFile(path, text)
    : await replaceTextFile(path, after, { expected: text, mode: 0o600 })
  if (!done) return step("failed", "it was changed just now; try again")
  if (saved !== null) removeTextFile(backup, saved)
  return step("removed")
}

/** The lines that differ, as a person reads a change: an edit of ours is in one place. */
function changedLines(before: string, after: string): readonly string[] {
  const [old, fresh] = [before.split("\n"), after.split("\n")]
  let head = 0
  while (head < old.length && old[head] === fresh[head]) head++
  let tail = 0
  while (tail < Math.min(old.length, fresh.length) - head && old.at(-1 - tail) === fresh.at(-1 - tail)) tail++
  return [
    ...old.slice(head, old.length - tail).map((line) => `- ${line}`),
    ...fresh.slice(head, fresh.length - tail).map((line) => `+ ${line}`),
  ].map(shortLine)
}

/** A client may keep all of its settings in one line. */
function shortLine(line: string): string {
  if (line.length <= maxLineChars) return line
  const at = Math.max(2, line.indexOf(`"${serverName}"`) - 40)
  return `${line.slice(0, 2)}…${line.slice(at, at + maxLineChars)}…`
}

const maxLineChars = 160
