import { RescueError } from "../../domain/errors.ts"
import { describeCaller } from "../../operations/kill/caller.ts"
import { findLeftovers } from "../../operations/reap/find.ts"
import type { Leftover } from "../../operations/reap/leftover.ts"
import { type ReapReport, reap } from "../../operations/reap/reap.ts"
import { selectLeftovers } from "../../operations/reap/select-leftovers.ts"
import { titlesOfLeftovers } from "../../operations/reap/titles.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { freshContext } from "../../pipeline/fresh-context.ts"
import { allowImmediateExit, forbidImmediateExit } from "../../system/runtime/signals.ts"
import { canPrompt } from "../../system/terminal/screen.ts"
import { askToReap, reapDocument, showLeftovers, showReaped } from "../../view/reap/reap.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { command, dataFlag, jsonFlag, pluginsFlag, worst } from "../framework/command.ts"
import { openEnvironment } from "../framework/environment.ts"
import { systemPrompts } from "../framework/prompts.ts"

export default command(
  "reap",
  "List processes left running by clients that have exited, and ask to end them",
  {
    pid: {
      type: "positional",
      required: false,
      description: "End only these pids, including those not certain to be unused",
    },
    force: { type: "boolean", description: "Do not ask; all safety checks still apply" },
    "dry-run": { type: "boolean", description: "Show what would be ended, and do nothing" },
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  ["session-rescue reap --dry-run", "session-rescue reap", "session-rescue reap 3354"],
  async (parsed, signal) => {
    const { ctx, out, json, warnings, paths } = await openEnvironment(parsed, signal)
    const [force, dryRun] = [parsed.flags.has("force"), parsed.flags.has("dry-run")]
    const caller = await describeCaller(ctx)
    const scan = async () => findLeftovers(await detectAll(freshContext(ctx), null), ctx, caller)
    const { leftovers } = await scan()
    const chosen = await selectLeftovers(parsed.names, leftovers, ctx, caller)
    const titles = json ? new Map() : await titlesOfLeftovers(leftovers, ctx)
    const facts = { now: ctx.now, home: paths.home, titles }
    if (!json) {
      showWarnings(warnings, out)
      showLeftovers(leftovers, facts, out)
    }
    // safety: reap-ask-first
    if (chosen.length > 0 && !force && !dryRun && (json || !canPrompt())) {
      throw new RescueError(
        "REFUSED",
        "cannot ask for confirmation (no terminal); nothing was ended",
        "add --force to end them without a question",
      )
    }
    let left = false // Ctrl-C at the question
    const confirm = async (all: readonly Leftover[], airtight: boolean) => {
      if (force) return true
      const reply = await askToReap(all, airtight, systemPrompts(out, signal))
      left ||= reply === "leave"
      return typeof reply === "object" && reply.answer
    }
    const would = (leftover: Leftover): ReapReport => ({ leftover, outcome: "would-end", reason: null })
    try {
      const ended = dryRun
        ? chosen.map(would) // safety: reap-dry-run
        : await reap(chosen, {
            scan,
            confirm,
            isCalledOff: () => signal.aborted,
            onTerm: forbidImmediateExit,
          })
      if (json) {
        const rest = leftovers.filter((each) => !chosen.includes(each))
        const all = [
          ...ended,
          ...rest.map((leftover) => ({ leftover, outcome: "left" as const, reason: null })),
        ]
        out.print(JSON.stringify(reapDocument(all, { now: ctx.now, dryRun }, warnings), null, 2))
      } else showReaped(ended, leftovers, facts, out)
      const has = (outcome: ReapReport["outcome"]) => ended.some((each) => each.outcome === outcome)
      return worst({
        interrupted: left || (has("declined") && signal.aborted),
        refused: has("refused"),
        failed: has("still-alive"),
      })
    } finally {
      allowImmediateExit()
    }
  },
)
