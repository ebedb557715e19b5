/** What the tools of the MCP server take. */
import { z } from "zod"
import { states } from "../../domain/session/state.ts"

/** Every limit is on what the model gets at once, however much there is. */
const maxTokens = z
  .number()
  .int()
  .min(200)
  .max(20_000)
  .default(4000)
  .describe("About how many tokens the answer may take; what is left out is counted")
const agent = z.string().optional().describe("Only this agent: claude-code, codex, …")
const project = z
  .string()
  .optional()
  .describe("Only sessions in this folder and below (an absolute path), or whose folder contains this text")
const session = z.string().describe("Session id (its first digits suffice), title, terminal or pid")
const since = z.string().optional().describe("Only from this time on: 2026-11-22, yesterday, 3d, 90m")
const until = z.string().optional().describe("Only up to this time")
const limit = (most: number, usual: number) =>
  z.number().int().min(1).max(most).default(usual).describe("At most this many")

export const statusInput = {
  agent,
  project,
  since,
  state: z
    .string()
    .optional()
    .describe(
      `Only in one of these states, with commas: ${states.join(", ").toLowerCase()}, crashed, asking, working, waiting, closed`,
    ),
  limit: limit(200, 20),
  maxTokens,
}
export const searchInput = {
  query: z
    .string()
    .describe('Words as you would ask a person; also a OR b · "a phrase" · word* · NEAR(a b,5) · -word'),
  agent,
  project,
  session: session.optional(),
  since,
  until,
  role: z.enum(["user", "assistant", "tool", "system"]).optional().describe("Only what this one said"),
  tool: z.string().optional().describe("Only calls and results of this tool, such as Bash"),
  errors: z.boolean().optional().describe("Only what failed"),
  context: z.number().int().min(0).max(5).default(0).describe("Messages before and after each hit"),
  limit: limit(50, 8),
  maxTokens,
}
export const recentInput = {
  agent,
  project,
  session: session.optional(),
  since,
  limit: limit(200, 20),
  maxTokens,
}
export const showInput = {
  session,
  last: z
    .number()
    .int()
    .min(1)
    .max(500)
    .default(10)
    .describe("This number of prompts and answers, from the end"),
  around: z.number().int().min(1).optional().describe("Instead: what surrounds a hit, by its `part`"),
  tools: z.boolean().default(false).describe("Tool calls and results at length, not in one line each"),
  maxTokens,
}

export type Given<Shape extends z.ZodRawShape> = z.infer<z.ZodObject<Shape>>
export type StatusQuestion = Given<typeof statusInput>
export type SearchQuestion = Given<typeof searchInput>
export type RecentQuestion = Given<typeof recentInput>
export type ShowQuestion = Given<typeof showInput>
