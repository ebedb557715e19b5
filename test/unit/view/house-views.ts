/** The views of the program's own house: doctor, setup, uninstall, plugins and what they did; one text everywhere. */

import { parseSessionId } from "../../../src/domain/session/session-id.ts"
import { advice, broken, type Finding, ok } from "../../../src/operations/doctor/finding.ts"
import type { CheckRow } from "../../../src/operations/plugin-dev/check.ts"
import type { PluginRow } from "../../../src/operations/plugin-dev/inventory.ts"
import type { Leftover } from "../../../src/operations/reap/leftover.ts"
import type { ReapReport } from "../../../src/operations/reap/reap.ts"
import type { SetupStep } from "../../../src/operations/setup/steps.ts"
import type { ActReport } from "../../../src/pipeline/user-acts.ts"
import type { ProcessEntry } from "../../../src/system/process/processes.ts"
import { actDocument, showActs } from "../../../src/view/export/acts.ts"
import {
  newPluginDocument,
  pluginCheckDocument,
  pluginListDocument,
  showNewPlugin,
  showPluginCheck,
  showPlugins,
} from "../../../src/view/plugin-dev/plugins.ts"
import { askToReap, reapDocument, showLeftovers, showReaped } from "../../../src/view/reap/reap.ts"
import { doctorDocument, showDoctor } from "../../../src/view/setup/doctor.ts"
import { setupDocument, showSetup } from "../../../src/view/setup/setup.ts"
import { askToPurge, showUninstall } from "../../../src/view/setup/uninstall.ts"
import { layOutHelp } from "../../../src/view/terminal/help-layout.ts"
import type { SystemOutput } from "../../../src/view/terminal/output.ts"
import type { Prompts } from "../../../src/view/terminal/prompts.ts"
import { sanitize } from "../../../src/view/terminal/sanitize.ts"
import { classified } from "../../fixtures/classified.ts"
import { liveProcess, now, pid } from "../../fixtures/session.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { data, exportEntry, failure, home } from "./saved.ts"
import type { View } from "./views.ts"

const config = `${home}/.config/session-rescue`

function acts(text: string): ActReport {
  const nameless = classified(2, { id: null, process: liveProcess({ pid: pid(4711) }) })
  return {
    results: [
      { session: classified(1), result: { [text]: text, lines: 12 } },
      { session: nameless, result: text },
      { session: classified(3), result: undefined },
    ],
    failures: [
      { session: classified(4), error: failure(text) },
      { session: nameless, error: failure(text) },
    ],
    interrupted: false,
  }
}
const doneActs = (text: string) => ({ ...acts(text), failures: [] })

function rows(text: string): PluginRow[] {
  const about = {
    name: text,
    source: "user",
    why: null,
    fix: null,
    path: `${config}/plugins/${text}`,
  } as const
  return [
    { ...about, stage: "detect", state: "loaded" },
    { ...about, stage: "post-process", state: "refused", why: text, fix: `chmod 700 ${text}` },
    { ...about, stage: "post-process", state: "failed", why: text },
    { ...about, stage: "act", state: "off", why: "switched off in config.toml" },
    { ...about, name: "claude-code", stage: "detect", source: "built-in", state: "loaded", path: null },
  ]
}
const good = (text: string) => rows(text).filter(({ state }) => state === "loaded")
/** Only users' plugins are checked. */
const checks = (text: string): CheckRow[] =>
  rows(text).flatMap((row) => {
    const ok = row.state === "loaded"
    return row.source === "user" ? { ...row, ok, did: ok ? text : null, says: ok ? [text, text] : [] } : []
  })
const plugins = <Row>(rows: readonly Row[], text: string) => ({ rows, folder: `${config}/${text}`, home })

function steps(text: string): SetupStep[] {
  const step = (
    what: SetupStep["what"],
    action: SetupStep["action"],
    why: string | null = null,
  ): SetupStep => {
    const names = { command: `/cx${text}`, hooks: "PreCompact, SessionEnd" } as Record<string, string>
    return { what, name: names[what] ?? text, path: `${home}/.claude/${text}`, action, why }
  }
  return [
    step("command", "written"),
    step("hooks", "updated"),
    { ...step("mcp", "written"), change: [`- ${text}`, `+ ${text}`] },
    step("skill", "written"),
    step("completion", "unchanged"),
    step("backup", "written"),
    step("path", "removed"),
    step("binary", "kept", text),
    step("data", "absent"),
  ]
}
const failing = (text: string): SetupStep[] => [
  ...steps(text),
  {
    ...{ what: "hooks", name: "PreCompact", path: `${home}/${text}` },
    ...{ action: "failed", why: `it is no JSON: ${text}` },
  },
]
const settingUp = (text: string) => ({ steps: steps(text), remove: false, dryRun: false, asked: true })
const removing = (text: string) => ({
  ...{ steps: steps(text).filter(({ what }) => what === "path" || what === "binary") },
  ...{ remove: true, dryRun: false, asked: true },
})
const left = (text: string) => ({ data: `${data}${text}`, config: `${config}${text}` })

const findings = (text: string): Finding[] => [
  ok("binary", `0.1.0: ${home}/.local/bin/${text}`),
  advice("path", "session-rescue is not on PATH", `add this line to your shell's start-up file: ${text}`),
  broken("config", `${config}/config.toml cannot be read: ${text}`, `mend ${config}/${text}`),
  ok("clients", text),
  advice("leftovers", `1 folder of a run that was cut off: ${text}`, `ls -lR '${data}/${text}'`),
  ok("transcripts", "12 sessions checked at both ends"),
]
const purge = (text: string, onlyCopies: number) => ({
  ...{ exports: [exportEntry(text, 1), exportEntry(text, 2, "archived")] },
  ...{ bytes: 117_440_512, onlyCopies, others: onlyCopies },
})

function leftovers(text: string): Leftover[] {
  const entry = (number: number): ProcessEntry => ({
    ...{ pid: pid(number), parent: 1, uid: 1000, name: text.slice(0, 15), letter: "S", terminal: null },
    ...{ foreground: false, startedAt: now - 10_800_000, startMark: "1", cpuMs: 10, memoryBytes: 62_914_560 },
  })
  const below = [1, 2, 3, 4, 5, 6, 7].map((number) => ({ process: entry(4800 + number), command: text }))
  const about = {
    command: `node ${home}/${text}`,
    session: parseSessionId(sessionId(1)),
    why: `its client is gone: ${text}`,
  }
  return [
    { ...about, process: entry(4711), kind: "server", below, standing: "certain", but: null },
    { ...about, process: entry(4712), kind: "hook", below: [], standing: "certain", but: null },
    {
      ...about,
      process: entry(4713),
      kind: "tool",
      below: [],
      standing: "unsure",
      but: `it listens: ${text}`,
    },
    {
      ...{ ...about, kind: "other", below: below.slice(0, 1), standing: "kept", but: `it holds ${text}` },
      ...{ process: { ...entry(4714), memoryBytes: null }, session: null },
    },
  ]
}
const reaped = (text: string): ReapReport[] =>
  leftovers(text).flatMap((leftover, at) => {
    const outcome = (["killed", "ended", "still-alive"] as const)[at]
    return outcome === undefined ? [] : { leftover, outcome, reason: at === 0 ? null : text }
  })

/** Prompts that only show what they would ask. */
const asking = (out: SystemOutput): Prompts => ({
  async confirm(message, yes, no) {
    out.print(`${message}\n  ${yes}\n  ${no}`)
    return "back"
  },
})

const reapFacts = (text: string) => ({
  now,
  home,
  titles: new Map(leftovers(text).flatMap(({ session }) => (session === null ? [] : [[session, text]]))),
})

export const houseViews: Readonly<Record<string, View>> = {
  help: (out, text) =>
    out.print(layOutHelp(`  --flag=<WORD>    ${sanitize(text)} and what it is for`, out.columns)),
  act: (out, text) => showActs(acts(text), out),
  "act, interrupted": (out, text) => showActs({ ...doneActs(text), interrupted: true }, out),
  "act, all done": (out, text) => showActs(doneActs(text), out),
  reap: (out, text) => showLeftovers(leftovers(text), reapFacts(text), out),
  "reap's question": (out, text) => {
    void askToReap(leftovers(text), false, asking(out))
    void askToReap(leftovers(text).slice(1, 2), true, asking(out))
  },
  "reap, done": (out, text) => showReaped(reaped(text), leftovers(text), reapFacts(text), out),
  "reap --dry-run": (out, text) =>
    showReaped(
      reaped(text).map((each) => ({ ...each, outcome: "would-end" })),
      leftovers(text),
      reapFacts(text),
      out,
    ),
  "reap, nothing was chosen": (out, text) => showReaped([], leftovers(text), reapFacts(text), out),
  "reap, nothing is left over": (out) => showReaped([], [], reapFacts(""), out),
  doctor: (out, text) => showDoctor(findings(text), home, out),
  "doctor, all well": (out, text) =>
    showDoctor(
      findings(text).filter(({ level }) => level === "ok"),
      home,
      out,
    ),
  "plugin list": (out, text) => showPlugins(plugins(rows(text), text), out),
  "plugin list of what is good": (out, text) => showPlugins(plugins(good(text), text), out),
  "plugin list of the built-in ones": (out, text) => showPlugins(plugins(rows(text).slice(4), text), out),
  "plugin check": (out, text) => showPluginCheck(plugins(checks(text), text), out),
  "plugin check of what is good": (out, text) =>
    showPluginCheck(plugins(checks(text).slice(0, 1), text), out),
  "plugin check of nothing": (out, text) => showPluginCheck(plugins([], text), out),
  "plugin new": (out, text) => {
    const path = `${config}/${text}`
    showNewPlugin({ path, written: [path], kept: [path] }, text, home, out)
  },
  setup: (out, text) => showSetup(settingUp(text), out),
  "setup --dry-run": (out, text) => showSetup({ ...settingUp(text), dryRun: true }, out),
  "setup, a look": (out, text) => showSetup({ ...settingUp(text), dryRun: true, asked: false }, out),
  "setup, failed": (out, text) => showSetup({ ...settingUp(text), steps: failing(text) }, out),
  "setup --remove": (out, text) => showSetup(removing(text), out),
  uninstall: (out, text) => showUninstall(removing(text), { ...left(text), purged: false }, out),
  "uninstall --purge": (out, text) => showUninstall(removing(text), { ...left(text), purged: true }, out),
  "uninstall --dry-run": (out, text) =>
    showUninstall({ ...removing(text), dryRun: true }, { ...left(text), purged: false }, out),
  "uninstall, failed": (out, text) =>
    showUninstall({ ...removing(text), steps: failing(text) }, { ...left(text), purged: false }, out),
  "uninstall's question": (out, text) => {
    for (const onlyCopies of [0, 1, 2]) void askToPurge(purge(text, onlyCopies), left(text), asking(out))
  },
}

export const houseDocuments: Readonly<Record<string, (text: string) => unknown>> = {
  act: (text) => actDocument(acts(text), [text]),
  reap: (text) => reapDocument(reaped(text), { now, dryRun: false }, [text]),
  doctor: (text) => doctorDocument(findings(text), [text]),
  "plugin list": (text) => pluginListDocument(plugins(rows(text), text), [text]),
  "plugin check": (text) => pluginCheckDocument(checks(text), [text]),
  "plugin new": (text) => newPluginDocument({ path: text, written: [text], kept: [text] }),
  setup: (text) => setupDocument({ ...settingUp(text), steps: failing(text) }, [text]),
}
