/** What a person typed, understood. Whatever cannot be understood is taken as words: nothing is a syntax error. */
export type Query =
  | { readonly kind: "phrase"; readonly words: readonly string[]; readonly prefix: boolean }
  | { readonly kind: "near"; readonly phrases: readonly Phrase[]; readonly distance: number }
  | { readonly kind: "all"; readonly of: readonly Query[]; readonly not: readonly Query[] }
  | { readonly kind: "any"; readonly of: readonly Query[] }
export type Phrase = Extract<Query, { kind: "phrase" }>
