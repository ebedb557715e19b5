import { resolve } from "node:path"
import { isAgent } from "../../domain/agent-name.ts"
import { type ExitCode, exitCodes, RescueError } from "../../domain/errors.ts"
import { isWhole } from "../../domain/export/export.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import { type AgentCounts, countAgents } from "../../operations/sx/count-agents.ts"
import { type CusfFormat, cusfFormats } from "../../operations/sx/write-session.ts"
import { writeSessions } from "../../operations/sx/write-sessions.ts"
import { detectAll } from "../../pipeline/detect.ts"
import type { ExportReport } from "../../pipeline/export-sessions.ts"
import { listSessions } from "../../pipeline/listing/list-sessions.ts"
import { selectNamed } from "../../pipeline/naming/select-sessions.ts"
import { builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import { scanAll } from "../../pipeline/scan.ts"
import { showSx, sxDocument } from "../../view/sx/sx.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { saveSessions } from "../framework/acts.ts"
import { command, dataFlag, jsonFlag, type Parsed, pluginsFlag, worst } from "../framework/command.ts"
import { type Environment, openEnvironment, stringFlag } from "../framework/environment.ts"
import { usageError } from "../framework/flag-values.ts"
import { narrowFlags } from "../framework/narrow-flags.ts"
import { printReport, processAsTyped } from "./cx.ts"

export default command(
  "sx",
  "Save every session of every agent, and write them in one common format",
  {
    agent: { ...narrowFlags.agent, description: "Only these agents: claude,codex; all is the default" },
    session: { type: "string", valueHint: "ID", description: "Only this session, or several with commas" },
    source: { type: "string", valueHint: "FOLDER", description: "Only sessions in this client home" },
    output: { type: "string", valueHint: "FOLDER", description: "Also write each session here, as CUSF" },
    format: {
      type: "string",
      valueHint: "jsonl|json|sqlite",
      description: "Format of what is written (jsonl)",
    },
    process: { type: "boolean", description: "Then process the exports, as cx does" },
    status: { type: "boolean", description: "Only count sessions and exports by agent" },
    list: { type: "boolean", description: "Only list the sessions, and whether they are saved" },
    "dry-run": { type: "boolean", description: "Show what would be saved, and do nothing" },
    ...pluginsFlag,
    ...jsonFlag,
    ...dataFlag,
  },
  [
    "session-rescue sx --status",
    "session-rescue sx --llm codex --dry-run",
    "session-rescue sx --llm all --process",
    "session-rescue sx --session 01e5af14 --output ~/sessions --format json",
  ],
  run,
)

async function run(parsed: Parsed, signal: AbortSignal): Promise<ExitCode> {
  refuseCombinations(parsed)
  const writing = writingFlags(parsed)
  const environment = await openEnvironment(parsed, signal)
  const source = stringFlag(parsed, "source")
  const { out, json, warnings, paths } = environment
  const ctx = source === null ? environment.ctx : { ...environment.ctx, homes: [resolve(source)] }
  const agents = agentsFlag(parsed)
  const found = await findSessions(parsed, agents, { ...environment, ctx })
  const looks = ["status", "list", "dry-run"].find((flag) => parsed.flags.has(flag)) ?? null
  const { listed } =
    looks === null ? { listed: [] } : await listSessions(found, ctx, { all: true, brief: true })
  const view = {
    home: paths.home,
    agents: countAgents(listed, agents, paths).filter(isThere),
    listed,
    looks,
    writing,
  }
  if (looks !== null) {
    const nothing = { exports: [], failures: [], written: [], processed: null, warnings }
    if (json) out.print(JSON.stringify(sxDocument(view, nothing), null, 2))
    else {
      showWarnings(warnings, out)
      showSx(view, nothing, out)
    }
    return exitCodes.done
  }
  return saveAndWrite(found, view, parsed, { ...environment, ctx })
}

/** An agent that was never used here is not listed. */
function isThere({ sessions, pending, archived }: AgentCounts): boolean {
  return sessions + pending + archived > 0
}

async function saveAndWrite(
  found: readonly FoundSession[],
  view: Parameters<typeof sxDocument>[0],
  parsed: Parsed,
  environment: Environment,
): Promise<ExitCode> {
  const { out, json, warnings, ctx } = environment
  const { sessions } = await scanAll(found, ctx)
  const saved = await saveSessions(sessions, environment, { unchanged: "recorded" })
  const { written, failures } =
    view.writing === null
      ? { written: [], failures: [] }
      : await writeSessions(saved, view.writing, environment)
  const typed = { flags: cxFlags(parsed), names: exportNames(saved) }
  const goesOn = parsed.flags.has("process") && !saved.interrupted && typed.names.length > 0
  const processed = goesOn ? await processAsTyped(typed, ctx.signal, environment) : null
  const done = { ...saved, failures: [...saved.failures, ...failures], written, processed, warnings }
  if (json) out.print(JSON.stringify(sxDocument(view, done), null, 2))
  else {
    showWarnings(warnings, out)
    showSx(view, done, out)
    if (processed !== null) printReport(processed, { verbose: false, team: null }, environment)
  }
  const failed = done.failures.length > 0 || saved.exports.some(({ result }) => !isWhole(result))
  return worst({
    interrupted: saved.interrupted || ctx.signal.aborted,
    failed: failed || (processed?.code ?? exitCodes.done) !== exitCodes.done,
  })
}

async function findSessions(
  parsed: Parsed,
  agents: readonly string[],
  { ctx, paths }: Environment,
): Promise<readonly FoundSession[]> {
  const [source, named] = [stringFlag(parsed, "source"), stringFlag(parsed, "session")]
  const all = (await detectAll(ctx, null)).filter(({ agent }) => agents.includes(agent))
  const home = source === null ? null : (ctx.files.real(resolve(source)) ?? resolve(source))
  const found = home === null ? all : all.filter((each) => (ctx.files.real(each.home) ?? each.home) === home)
  if (source !== null && found.length === 0)
    throw new RescueError(
      "NOTHING_FOUND",
      `no sessions found in ${source}`,
      "--source takes a client home, or a copy of one: the folder with projects or sessions in it",
    )
  if (named === null) return found
  return selectNamed(
    named.split(",").map((name) => name.trim()),
    found,
    { paths, ctx, verb: "sx --session" },
  )
}

/** `all`, or names with commas. */
function agentsFlag(parsed: Parsed): readonly string[] {
  const known = builtInDetectPlugins().map(({ agent }) => agent)
  const typed = stringFlag(parsed, "agent")
  if (typed === null || typed === "all") return known
  return typed.split(",").map((word) => {
    const agent = known.find((each) => isAgent(word.trim(), each))
    if (agent !== undefined) return agent
    throw usageError(`unknown agent: "${word.trim()}"`, `known: all, ${known.join(", ")}`)
  })
}

function writingFlags(parsed: Parsed): { readonly folder: string; readonly format: CusfFormat } | null {
  const [output, typed] = [stringFlag(parsed, "output"), stringFlag(parsed, "format")]
  const format = cusfFormats.find((each) => each === (typed ?? "jsonl"))
  if (format === undefined)
    throw usageError(`invalid value for --format: "${typed}"`, `use ${cusfFormats.join(", ")}`)
  if (output === null && typed !== null)
    throw usageError("--format needs --output", "say where to write: --output FOLDER")
  return output === null ? null : { folder: resolve(output), format }
}

function refuseCombinations({ flags, names }: Parsed): void {
  const looks = ["status", "list", "dry-run"].filter((flag) => flags.has(flag))
  if (looks.length > 1)
    throw usageError(`cannot combine ${looks.map((flag) => `--${flag}`).join(" and ")}`, "use one of them")
  const acts = ["process"].filter((flag) => flags.has(flag))
  if (looks[0] !== undefined && acts.length > 0)
    throw usageError(`cannot combine --${looks[0]} and --${acts[0]}`, "use one of them")
  if (names.length > 0) throw usageError("sx takes no names", "use --session ID")
}

function cxFlags({ flags }: Parsed): Parsed["flags"] {
  return new Map([...flags].filter(([flag]) => ["no-plugins", "data-dir", "json"].includes(flag)))
}

/** What was saved now or before and still waits; an archived one is through. */
function exportNames({ exports }: ExportReport): readonly string[] {
  return exports.flatMap(({ result: { path } }) => {
    const [, name] = /\/sessions-export-pending-[^/]+\/([^/]+)\.jsonl$/.exec(path ?? "") ?? []
    return name === undefined ? [] : [name]
  })
}
