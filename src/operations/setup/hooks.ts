import { isEmptySettings, registerHooks, unregisterHooks } from "../../domain/client-config/hook-settings.ts"
import {
  findHooks,
  type HookEvent,
  hookEvents,
  isLookingEvent,
  savingEvents,
} from "../../domain/client-config/hooks-in-settings.ts"
import { singleQuote } from "../../domain/shell-quote.ts"
import { hasContent, readTextFile, removeTextFile, replaceTextFile } from "../../system/fs/config-files.ts"
import type { SetupAgent } from "./agents.ts"
import { errorText, type SetupFacts, type SetupStep } from "./steps.ts"

const backupSuffix = ".before-session-rescue"

/** Registers our hooks in the settings of the client's homes, or takes them away; all else in them is kept. */
export async function setUpHooks(
  facts: SetupFacts,
  agents: readonly SetupAgent[] = [],
): Promise<readonly SetupStep[]> {
  const steps: SetupStep[] = []
  for (const home of facts.homes)
    steps.push(...(await setUpHooksIn(`${home}/settings.json`, hookEvents, facts)))
  // Codex asks about each hook that is new: those that save are enough
  for (const { hooks } of agents)
    if (hooks !== undefined)
      steps.push(...(await setUpHooksIn(hooks, savingEvents, facts)).map(withTrustNote))
  return steps
}

/** 0.171.0, observed: a start with a hook that is new or changed waits until a person has reviewed it. */
function withTrustNote(step: SetupStep): SetupStep {
  const isNew = step.what === "hooks" && (step.action === "written" || step.action === "updated")
  return isNew ? { ...step, why: "at its next start Codex asks you to review and trust it" } : step
}

/**
 * What the client's shell runs. A hook must never make the client fail or print, whatever became of this program:
 * a missing one would be an error line in every session, and exit 2 would stop a compaction.
 */
function hookCommand(program: string, event: HookEvent): string {
  const quoted = /^[A-Za-z0-9/._+-]+$/.test(program) ? program : singleQuote(program)
  // a turn waits for its hooks: these go on in the background, with the client's input on a descriptor that & leaves alone
  if (isLookingEvent(event)) return `{ ${quoted} hook ${event} <&3 >/dev/null 2>&1 & } 3<&0`
  return `${quoted} hook ${event} >/dev/null 2>&1 || true`
}

async function setUpHooksIn(
  path: string,
  events: readonly HookEvent[],
  facts: SetupFacts,
): Promise<readonly SetupStep[]> {
  const step = (action: SetupStep["action"], why: string | null = null): SetupStep => {
    return { what: "hooks", name: events.join(", "), path, action, why }
  }
  try {
    const text = readTextFile(path)
    const edit = facts.remove
      ? unregisterHooks(text)
      : registerHooks(text, (event) => hookCommand(facts.program, event), events)
    if ("why" in edit) return [step(facts.remove ? "failed" : "kept", `${edit.why}; it was not changed`)]
    if (edit.text === text || edit.text === null) return [step(facts.remove ? "absent" : "unchanged")]
    if (!hasContent(path, text))
      return [step(facts.remove ? "failed" : "kept", "it is not valid UTF-8; it was not changed")]
    if (facts.remove) return [await removeHooks(path, text ?? "", edit.text, facts.dryRun, step)]
    const backup = await backUpSettings(path, text, facts.dryRun)
    const done = facts.dryRun || (await replaceTextFile(path, edit.text, { expected: text, mode: 0o600 }))
    if (!done) return [step("failed", "it was changed just now; try again")]
    return [...backup, step(findHooks(text).length > 0 ? "updated" : "written")]
  } catch (error) {
    return [step("failed", errorText(error))]
  }
}

/** Once, before the first change: the file as it was without us. */
async function backUpSettings(
  path: string,
  text: string | null,
  dryRun: boolean,
): Promise<readonly SetupStep[]> {
  const backup = path + backupSuffix
  const ownAlone = text !== null && findHooks(text).length > 0 && isEmptySettings(withoutHooks(text))
  if (text === null || ownAlone || readTextFile(backup) !== null) return []
  if (!dryRun) await replaceTextFile(backup, text, { expected: null, mode: 0o600 })
  return [
    {
      what: "backup",
      name: path.slice(path.lastIndexOf("/") + 1),
      path: backup,
      action: "written",
      why: null,
    },
  ]
}

/** A file that did not exist before goes again; the backup goes with what it was made for. */
async function removeHooks(
  path: string,
  text: string,
  after: string,
  dryRun: boolean,
  step: (action: SetupStep["action"], why?: string) => SetupStep,
): Promise<SetupStep> {
  if (dryRun) return step("removed")
  const backup = path + backupSuffix
  const saved = readTextFile(backup)
  const done =
    saved === null && isEmptySettings(after)
      ? removeTextFile(path, text)
      : await replaceTextFile(path, isFrom(saved, text) ? saved : after, { expected: text, mode: 0o600 })
  if (!done) return step("failed", "it was changed just now; try again")
  if (saved !== null) removeTextFile(backup, saved)
  return step("removed")
}

/** Whether a text is this backup with our hooks and nothing else: then the backup is what it was, to the byte. */
function isFrom(backup: string | null, text: string): backup is string {
  if (backup === null) return false
  const own = new Map(findHooks(text).map(({ event, command }) => [event, command]))
  const edit = registerHooks(backup, (event) => own.get(event) ?? "", [...own.keys()])
  return "text" in edit && edit.text === text
}

function withoutHooks(text: string): string {
  const edit = unregisterHooks(text)
  return "why" in edit ? text : (edit.text ?? text)
}
