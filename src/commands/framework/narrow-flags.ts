import { resolve } from "node:path"
import { type ProjectFilter, parseProjectFilter } from "../../domain/project-filter.ts"
import { states } from "../../domain/session/state.ts"
import type { Narrowing, StateWord } from "../../pipeline/narrowing.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { Parsed } from "./command.ts"
import { stringFlag } from "./environment.ts"
import { timeFlag, usageError, wholeNumberFlag } from "./flag-values.ts"

const needWords = ["crashed", "shrunk", "asking", "working", "waiting", "closed"] as const
/** The words for states alone. */
export const stateNames = states.map((state) => state.toLowerCase())
export const stateWords = [...stateNames, ...needWords]

/** The flags that narrow a list of sessions: one word, one meaning, one help text in every command. */
export const narrowFlags = {
  project: {
    type: "string",
    valueHint: "FOLDER",
    description: "Only sessions in this folder and below, or whose folder contains this text",
  },
  since: {
    type: "string",
    valueHint: "TIME",
    description: "Only sessions active since then: 2026-11-22, yesterday, 3d, 90m",
  },
  state: {
    type: "string",
    valueHint: "STATE",
    description: "Only sessions in this state, or in one of several: hung,crashed",
  },
  agent: {
    type: "string",
    valueHint: "AGENT",
    description: "Only sessions of this agent, such as claude-code or codex",
  },
  saved: { type: "boolean", description: "Only sessions that are saved as they are now" },
  unsaved: { type: "boolean", description: "Only sessions that are not saved as they are now" },
  limit: { type: "string", valueHint: "N", description: "At most N sessions, the newest" },
} as const

export type NarrowingContext = Pick<RunContext, "now" | "paths" | "files">

/** The narrowing that was typed; a flag that a command does not have is not there. */
export function parseNarrowing(parsed: Parsed, ctx: NarrowingContext): Narrowing {
  const has = (flag: string) => parsed.flags.has(flag)
  if (has("saved") && has("unsaved"))
    throw usageError("--saved and --unsaved exclude each other", "give one of them")
  return {
    project: projectFlag(parsed, ctx),
    since: timeFlag(parsed, "since", ctx.now, false),
    states: statesFlag(parsed),
    agent: stringFlag(parsed, "agent"),
    saved: has("saved") ? true : has("unsaved") ? false : null,
    limit: wholeNumberFlag(parsed, "limit", 1),
    typed: typedFlags(parsed),
  }
}

export function projectFlag(parsed: Parsed, { paths, files }: NarrowingContext): ProjectFilter | null {
  const typed = stringFlag(parsed, "project")
  if (typed === null) return null
  const absolute = (path: string) => resolve(path.replace(/^~(?=\/|$)/, paths.home))
  return parseProjectFilter(typed, absolute, files.quiet.real)
}

function statesFlag(parsed: Parsed): readonly StateWord[] | null {
  const typed = stringFlag(parsed, "state")
  if (typed === null) return null
  return typed.split(",").map((word) => {
    const state = [...states, ...needWords].find((each) => each.toLowerCase() === word.trim().toLowerCase())
    if (state !== undefined) return state
    throw usageError(`unknown state: "${word}"`, `use ${stateWords.join(", ")}, or several with commas`)
  })
}

/** As a person would type it again. */
function typedFlags({ flags }: Parsed): string {
  const narrowing = Object.keys(narrowFlags).filter((flag) => flag !== "limit")
  return narrowing
    .flatMap((flag) => {
      const value = flags.get(flag)
      return value === undefined ? [] : [value === true ? `--${flag}` : `--${flag} ${value}`]
    })
    .join(" ")
}
