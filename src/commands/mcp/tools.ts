import type { z } from "zod"
import type { Environment } from "../framework/environment.ts"
import { answerRecent, answerSearch } from "./ask-index.ts"
import { answerShow } from "./ask-session.ts"
import { answerStatus } from "./ask-status.ts"
import { type Given, recentInput, searchInput, showInput, statusInput } from "./inputs.ts"

interface AskTool {
  readonly name: string
  readonly title: string
  /** What makes a model choose it. */
  readonly description: string
  readonly input: z.ZodRawShape
  answer(given: unknown, look: Environment): Promise<object>
}

/** The library has checked what it hands over against `input`. */
function tool<Shape extends z.ZodRawShape>(
  about: Omit<AskTool, "answer" | "input"> & {
    readonly input: Shape
    answer(given: Given<Shape>, look: Environment): Promise<object>
  },
): AskTool {
  return { ...about, answer: (given, look) => about.answer(given as Given<Shape>, look) }
}

export const askTools: readonly AskTool[] = [
  tool({
    name: "status",
    title: "Agent sessions on this machine",
    description:
      "Every session of every coding agent on this machine, the most urgent first: whether it works, waits for its user, hangs or crashed, why that is concluded, and whether it is saved. CURRENT is the session that asks.",
    input: statusInput,
    answer: answerStatus,
  }),
  tool({
    name: "search",
    title: "Search all sessions",
    description:
      "Searches everything said in any session of any agent, also tool output, subagents and what was compacted away. Use it when the user refers to earlier work, for an error that may have been solved before, or for a decision and its reasons. Follow a hit with show and its `part`.",
    input: searchInput,
    answer: answerSearch,
  }),
  tool({
    name: "recent",
    title: "The newest messages",
    description:
      "The newest prompts and answers, the oldest of them first: what was being worked on, as the memory to go on from. Give the folder you work in as `project`.",
    input: recentInput,
    answer: answerRecent,
  }),
  tool({
    name: "show",
    title: "Read one session",
    description:
      "One session's conversation: its last messages, or what surrounds a hit of search (`around`). From the client's own file, or from the export that holds most of it.",
    input: showInput,
    answer: answerShow,
  }),
]
