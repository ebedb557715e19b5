import type { Context } from "./context.ts"

/** Where an agent keeps its home: in a variable, else in this folder of the user's home. */
export interface HomePlace {
  readonly homeVariable: string
  readonly homeFolder: string
}

/** The folder that an environment makes the agent's home, whether it exists or not. */
export function homeIn(
  environment: Readonly<Record<string, string>>,
  { homeVariable, homeFolder }: HomePlace,
  userHome: string,
): string {
  const named = environment[homeVariable]
  const path = named?.startsWith("/") ? named : `${environment.HOME ?? userHome}/${homeFolder}`
  return path.length > 1 ? path.replace(/\/+$/, "") : path
}

/**
 * The homes to search, whether they exist or not: the one of this environment, the usual one, and those of the config that
 * hold one of `marks`, names that only this agent makes.
 */
export function namedHomes(ctx: Context, place: HomePlace, marks: readonly string[]): string[] {
  const { environment } = ctx.self
  const own = homeIn({ ...environment, HOME: ctx.paths.home }, place, ctx.paths.home)
  const more = ctx.homes.filter((home) => marks.some((mark) => ctx.files.stat(`${home}/${mark}`) !== null))
  return [own, `${ctx.paths.home}/${place.homeFolder}`, ...more.map((home) => home.replace(/\/+$/, ""))]
}

/** Those that exist; links to the same folder count once. */
export function existingHomes(ctx: Context, named: readonly string[]): string[] {
  const seen = new Map<string, string>()
  for (const home of named) {
    const real = ctx.files.real(home)
    if (real !== null && !seen.has(real)) seen.set(real, home)
  }
  return [...seen.values()]
}
