/** Tokens used: how they are counted, and what they cost by the user's own prices. */

export interface TokenCounts {
  /** Input that was neither read from the cache nor written to it. */
  readonly input: number
  readonly cacheWrite: number
  readonly cacheRead: number
  readonly output: number
}

/** Tokens of a number of answers. */
export interface TokenUse extends TokenCounts {
  readonly answers: number
}

export const noTokens: TokenUse = Object.freeze({
  input: 0,
  cacheWrite: 0,
  cacheRead: 0,
  output: 0,
  answers: 0,
})

export function totalTokens({ input, cacheWrite, cacheRead, output }: TokenCounts): number {
  return input + cacheWrite + cacheRead + output
}

export function addTokens(one: TokenUse, other: TokenUse): TokenUse {
  return {
    input: one.input + other.input,
    cacheWrite: one.cacheWrite + other.cacheWrite,
    cacheRead: one.cacheRead + other.cacheRead,
    output: one.output + other.output,
    answers: one.answers + other.answers,
  }
}

/** Token usage in one record of a conversation. */
export interface AnswerUsage extends TokenCounts {
  /**
   * Identifies the answer: an answer may take several records, of which the largest count is the final one, and its
   * records may have been copied to other files.
   */
  readonly answer: string
  /** Milliseconds since 1970. */
  readonly time: number | null
  readonly model: string | null
  /** The folder that the session worked in. */
  readonly cwd: string | null
}
