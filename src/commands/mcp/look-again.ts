import { openMachine } from "../../pipeline/machine.ts"
import type { Environment } from "../framework/environment.ts"

/** The machine as it is now, for one question: with warnings of its own, and without what an earlier one has read. */
export async function lookAgain<T>(
  { paths, config, ctx, ...environment }: Environment,
  signal: AbortSignal,
  answer: (look: Environment) => Promise<T>,
): Promise<T> {
  const machine = await openMachine(paths, config, { hungAfterMs: ctx.hungAfterMs, signal, warnings: [] })
  try {
    return await answer({
      ...environment,
      ...machine,
      paths,
      config,
      ctx: { ...machine.ctx, plugins: ctx.plugins },
    })
  } finally {
    machine.ctx.knownFacts?.close()
  }
}
