import { existsSync } from "node:fs"
import type { Paths } from "../../../system/config/paths.ts"
import { runProgram } from "../../../system/process/run-program.ts"
import { setUpFile } from "../files.ts"
import type { SetupStep } from "../steps.ts"
import {
  agentLabel,
  crontabLines,
  launchAgent,
  type ServiceCall,
  systemdUnit,
  unitName,
} from "./service-files.ts"

export interface WatcherSetup {
  readonly paths: Pick<Paths, "home" | "data">
  readonly program: string
  /** A data folder that no config file names. */
  readonly dataFolder: string | null
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly remove: boolean
  readonly dryRun: boolean
  /** The watcher of this version runs. */
  readonly isCurrent: boolean
}

/** What a shell's start-up files say of folders; a service would not know it. */
const folderVariables = ["CLAUDE_CONFIG_DIR", "CODEX_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"]

const serviceTimeoutMs = 120_000

/** Installs the watcher as a service of this user, or stops and removes it. */
export async function setUpWatcher(facts: WatcherSetup): Promise<readonly SetupStep[]> {
  const service = serviceOf(facts)
  if (service === null) return facts.remove ? [] : [cronStep(facts)]
  const { name, path, text, start, stop } = service
  if (facts.remove) {
    const plan = await setUpFile({ what: "watcher", name, path, text }, { remove: true, dryRun: true })
    if (facts.dryRun || plan.action !== "removed") return [plan]
    const trouble = await runAll(stop)
    const done = await setUpFile({ what: "watcher", name, path, text }, { remove: true, dryRun: false })
    await runAll(service.reload)
    return [trouble === null || done.action !== "removed" ? done : { ...done, why: trouble }]
  }
  const written = await setUpFile({ what: "watcher", name, path, text }, facts)
  const isOurs = written.action !== "kept" && written.action !== "failed"
  if (facts.dryRun || !isOurs || (written.action === "unchanged" && facts.isCurrent)) return [written]
  const trouble = await runAll(start)
  return [trouble === null ? written : { ...written, action: "failed", why: trouble }]
}

/** The file that a service manager starts the watcher from, whether or not it is there. */
export function watcherFile({ home }: Pick<Paths, "home">, environment: WatcherSetup["environment"]): string {
  if (process.platform === "darwin") return `${home}/Library/LaunchAgents/${agentLabel}.plist`
  const config = environment.XDG_CONFIG_HOME?.startsWith("/")
    ? environment.XDG_CONFIG_HOME
    : `${home}/.config`
  return `${config}/systemd/user/${unitName}`
}

function serviceOf(facts: WatcherSetup) {
  const path = watcherFile(facts.paths, facts.environment)
  const call = callOf(facts)
  const uid = process.getuid?.() ?? 0
  if (process.platform === "darwin") {
    const target = `gui/${uid}/${agentLabel}`
    return {
      name: agentLabel,
      path,
      text: launchAgent(call, `${facts.paths.data}/watch/stderr.log`),
      // one that is loaded is replaced; that none is, is no failure
      start: [
        { command: ["launchctl", "bootout", target], mayFail: true },
        { command: ["launchctl", "bootstrap", `gui/${uid}`, path], mayFail: false },
      ],
      stop: [{ command: ["launchctl", "bootout", target], mayFail: true }],
      reload: [],
    }
  }
  const runtime = facts.environment.XDG_RUNTIME_DIR
  const isThere = Boolean(runtime) && Bun.which("systemctl") !== null && existsSync(`${runtime}/systemd`)
  if (!isThere && !(facts.remove && existsSync(path))) return null
  const systemctl = (...args: string[]) => ({ command: ["systemctl", "--user", ...args], mayFail: false })
  return {
    name: unitName,
    path,
    text: systemdUnit(call),
    start: [systemctl("daemon-reload"), systemctl("enable", unitName), systemctl("restart", unitName)],
    stop: [systemctl("disable", "--now", unitName)],
    reload: [systemctl("daemon-reload")],
  }
}

function callOf({ program, dataFolder, environment }: WatcherSetup): ServiceCall {
  const set = folderVariables.flatMap((name) => {
    const value = environment[name]
    return value?.startsWith("/") ? [[name, value] as const] : []
  })
  return {
    program,
    args: ["watch", ...(dataFolder === null ? [] : ["--data-dir", dataFolder])],
    environment: Object.fromEntries(set),
  }
}

/** null when all went well, else what a program said. */
async function runAll(
  commands: readonly { readonly command: readonly string[]; readonly mayFail: boolean }[],
): Promise<string | null> {
  let trouble: string | null = null
  for (const { command, mayFail } of commands) {
    const { code, stderr } = await runProgram(command, { signal: AbortSignal.timeout(serviceTimeoutMs) })
    if (code !== 0 && !mayFail)
      trouble ??= `${command.join(" ")}: ${stderr.trim().split("\n")[0] || `exit code ${code}`}`
  }
  return trouble
}

function cronStep(facts: WatcherSetup): SetupStep {
  const why =
    "no systemd user manager and no launchd here: add the first line below with crontab -e, and the second to have it run all the time from the next start on"
  const change = crontabLines(callOf(facts))
  return { what: "watcher", name: "the watcher", path: "crontab", action: "kept", why, change }
}
