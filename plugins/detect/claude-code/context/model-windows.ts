/**
 * The context windows of the models in tokens, from the client's own table (2.1.332, read in its program; 2.1.197,
 * 2.1.231 and 2.1.280 have the same values). A model that is not listed has an unknown window.
 */
export const standardWindow = 200_000
export const longWindow = 1_000_000

/** Models without the prefix `claude-`, by their window. `optional`: long when the user chose the model with `[1m]`. */
const modelsByWindow = {
  standard: [
    ...["3-opus", "3-sonnet", "3-haiku", "3-5-sonnet", "3-5-haiku", "3-7-sonnet"],
    ...["opus-4-0", "opus-4-1", "opus-4-5", "haiku-4-5"],
  ],
  optional: ["sonnet-4-0", "sonnet-4-5", "sonnet-4-6", "opus-4-6"],
  long: [
    ...["opus-4-7", "opus-4-8", "opus-5", "opus-5-5", "sonnet-5", "sonnet-5-5", "haiku-5-5"],
    ...["fable-5", "fable-5-1", "fable-5-2", "mythos-5", "mythos-5-1", "mythos-5-2"],
  ],
} as const

type WindowKind = keyof typeof modelsByWindow

const kindOf = new Map<string, WindowKind>(
  (Object.keys(modelsByWindow) as WindowKind[]).flatMap((kind) =>
    modelsByWindow[kind].map((name) => [name, kind] as const),
  ),
)

/** `claude-opus-4-5-20251101`, `us.anthropic.claude-opus-4-5-20251101-v1:0`, `claude-opus-4-5@20251101`. */
const idPattern =
  /^(?:[a-z-]+\.)?(?:anthropic[./])?claude-([a-z0-9-]+?)(?:[-@](?:\d{8}|latest|default))?(?:-v\d+(?::\d+)?)?$/

/** Which window a model has, by its id without `[1m]`; null for an unknown model. */
export function windowKind(model: string): WindowKind | null {
  const name = idPattern.exec(model.toLowerCase())?.[1] ?? ""
  return kindOf.get(name) ?? kindOf.get(`${name}-0`) ?? null
}
