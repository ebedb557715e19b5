/** What a person typed, understood. Whatever cannot be understood is taken as words: nothing is a syntax error. */
export type Query =
  /** `exact`: it was put in quotes, so its words are not to be looked for one by one. */
  | {
      readonly kind: "phrase"
      readonly words: readonly string[]
      readonly prefix: boolean
      readonly exact?: true
    }
  | { readonly kind: "near"; readonly phrases: readonly Phrase[]; readonly distance: number }
  | { readonly kind: "all"; readonly of: readonly Query[]; readonly not: readonly Query[] }
  | { readonly kind: "any"; readonly of: readonly Query[] }
export type Phrase = Extract<Query, { kind: "phrase" }>
